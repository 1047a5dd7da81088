"""What cannot work ends with one clear error, the right exit code, nothing half-written, no secret."""

import json
import os
import sqlite3
import subprocess
import unittest

import databases
from case import FreightCase, for_each_backend
from cluster import ClusterCase

SECRET = "s3cret-w0rd"


class Sources(FreightCase):
    def test_source_that_does_not_exist(self):
        self.assert_failed(self.run_job(self.job()), "source_not_found", "source.csv")

    def test_directory_as_a_file(self):
        (self.folder / "source.csv").mkdir()
        self.assert_failed(self.run_job(self.job()), "source_unreadable", "source.csv", "directory")

    def test_unreadable_source(self):
        self.write("source.csv", "a\n1\n").chmod(0)
        self.folder.chmod(0o777)
        # Nothing is unreadable to root.
        options = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        ended = self.run_job(self.job(), **options)
        self.assert_failed(ended, "source_unreadable", "source.csv", "permission denied")

    def test_nothing_stays_behind_of_a_destination_that_was_not_there(self):
        database = self.database("sqlite")
        self.assert_failed(self.run_job(self.job(database, destination={"create_table": True})), "source_not_found")
        if database.path.exists():
            self.assertEqual([], database.tables())


class Destinations(FreightCase):
    def setUp(self):
        super().setUp()
        self.write("source.csv", "id,name\n1,Ada\n2,Bob\n")

    @for_each_backend
    def test_unknown_table(self, backend):
        database = self.database(backend)
        database.execute("CREATE TABLE customers (id BIGINT, name TEXT)")
        ended = self.run_job(self.job(database, table="customer"))
        self.assert_failed(ended, "table_not_found", "customer")
        self.assertEqual(["customers"], [t for t in database.tables() if not t.startswith("sqlite_")])

    @for_each_backend
    def test_destination_that_has_no_room_left(self, backend):
        if backend == "sqlite":
            return  # full_disk_test.py does it with a real disk
        database = self.database(backend)
        database.execute(
            "CREATE TABLE target (id bigint, name text);"
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;"
            "CREATE TRIGGER full_disk BEFORE INSERT ON target FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        self.assert_failed(self.run_job(self.job(database)), "destination_full")
        self.assertEqual([], database.rows("SELECT id FROM target"))

    def test_sqlite_file_in_a_folder_that_does_not_exist(self):
        job = self.job(destination={"type": "sql", "url": "sqlite:nowhere/out.db", "table": "t"})
        ended = self.run_job(job)
        self.assertEqual(1, ended.code, str(ended))
        self.assertIn("nowhere", ended.stderr)

    def test_sqlite_file_that_is_none(self):
        self.write("out.db", "This is a text, and not a short one: SQLite reads a hundred bytes of it." * 20)
        job = self.job(destination={"type": "sql", "url": "sqlite:out.db", "table": "t"})
        ended = self.run_job(job)
        self.assertEqual(1, ended.code, str(ended))
        self.assertIn("out.db", ended.stderr)

    def test_storage_as_destination(self):
        for table in ("migration_jobs", "mine"):
            job = self.job(destination={"type": "sql", "url": "sqlite:freight.db", "table": table})
            with self.subTest(table=table):
                ended = self.run_job(job)
                self.assertNotEqual(0, ended.code, str(ended))
                if table == "migration_jobs":
                    self.assert_failed(ended, "destination_is_storage")

    def test_storage_as_destination_on_postgresql(self):
        database = self.database("postgresql")
        job = self.job(database, table="freight.migration_jobs")
        self.assert_failed(self.run_job(job, storage=database.url), "destination_is_storage")
        # Another schema of the same database is another matter.
        database.execute("CREATE TABLE target (id bigint, name text)")
        self.run_job(self.job(database), storage=database.url, code=0)
        self.assertEqual([("2",)], database.rows("SELECT count(*) FROM target"))

    def test_no_right_to_write_to_a_sqlite_file(self):
        database = self.database("sqlite")
        database.execute("CREATE TABLE target (id BIGINT, name TEXT)")
        database.path.chmod(0o444)
        self.folder.chmod(0o755)
        options = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        work = self.folder / "work"
        work.mkdir()
        work.chmod(0o777)
        self.write("job.json", json.dumps(self.job(database, source=str(self.folder / "source.csv"))))
        ended = self.freightd("run", str(self.folder / "job.json"), folder=work, **options)
        self.assertEqual(1, ended.code, str(ended))
        self.assertEqual([], database.rows("SELECT id FROM target"))


class Servers(ClusterCase):
    """On a server of its own, because it changes who may get in."""

    def setUp(self):
        super().setUp()
        self.write("source.csv", "id,name\n1,Ada\n2,Bob\n")
        self.target = self.cluster.database()
        self.target.execute("CREATE TABLE target (id bigint, name text)")

    def with_url(self, url, **destination):
        return self.job(destination={"type": "sql", "url": url, "table": "target", **destination})

    def test_wrong_password(self):
        databases.run_sql(self.cluster.url, f"CREATE ROLE keeper LOGIN PASSWORD '{SECRET}'")
        self.cluster.require_password("keeper")
        wrong = "wr0ng-" + SECRET
        ended = self.run_job(self.with_url(databases.with_user(self.target.url, "keeper", wrong)))
        self.assert_failed(ended, "destination_denied", "keeper")
        self.assert_nowhere(wrong, ended)

        storage = databases.with_user(self.target.url, "keeper", wrong)
        ended = self.run_job(self.job(), storage=storage)
        self.assert_failed(ended, "storage_denied")
        self.assert_nowhere(wrong, ended)

        # With the right one it works, and leaves no trace of it either.
        self.target.execute("GRANT ALL ON TABLE target TO keeper; GRANT CREATE ON SCHEMA public TO keeper")
        good = self.with_url(databases.with_user(self.target.url, "keeper", SECRET))
        ended = self.run_job(good, "--report", "report.json", code=0)
        self.assert_nowhere(SECRET, ended)

    def test_secret_from_the_environment_is_stored_nowhere(self):
        databases.run_sql(self.cluster.url, f"CREATE ROLE envoy LOGIN PASSWORD '{SECRET}'")
        self.cluster.require_password("envoy")
        self.target.execute("GRANT ALL ON TABLE target TO envoy; GRANT CREATE ON SCHEMA public TO envoy")
        url = databases.with_user(self.target.url, "envoy", "${env:TARGET_PASSWORD}")
        ended = self.run_job(self.with_url(url), env={"TARGET_PASSWORD": SECRET}, code=0)
        self.assert_nowhere(SECRET, ended)
        ended = self.run_job(self.with_url(url), "--new")
        self.assert_failed(ended, "missing_environment", "TARGET_PASSWORD", exit_code=2)

    def assert_nowhere(self, secret, ended):
        """Neither in what was printed nor in any file of the folder but the job's own."""
        self.assertNotIn(secret, ended.stdout + ended.stderr)
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "job.json":
                self.assertNotIn(secret.encode(), path.read_bytes(), path)

    def test_no_right_to_create_the_ledger(self):
        databases.run_sql(self.cluster.url, "CREATE ROLE writer LOGIN")
        self.target.execute("GRANT INSERT, SELECT ON target TO writer")
        url = databases.with_user(self.target.url, "writer")
        ended = self.run_job(self.with_url(url))
        self.assertEqual(1, ended.code, str(ended))
        for text in ("ledger_denied", "CREATE TABLE", "GRANT", "freight_ledger"):
            self.assertIn(text, ended.stderr)
        self.assertEqual([], self.target.rows("SELECT id FROM target"))
        self.assertEqual(["target"], self.target.tables())
        ended = self.run_job(self.with_url(url, ledger="none"), code=0)
        self.assertEqual("at_least_once", ended.report["delivery"])
        self.assertEqual([("2",)], self.target.rows("SELECT count(*) FROM target"))

    def test_no_right_to_write_to_the_table(self):
        databases.run_sql(self.cluster.url, "CREATE ROLE reader LOGIN")
        self.target.execute("GRANT SELECT ON target TO reader; GRANT CREATE ON SCHEMA public TO reader")
        ended = self.run_job(self.with_url(databases.with_user(self.target.url, "reader")))
        self.assert_failed(ended, "destination_denied", "target")

    def test_database_that_does_not_exist(self):
        ended = self.run_job(self.with_url(databases.with_database(self.cluster.url, "nowhere")))
        self.assertEqual(1, ended.code, str(ended))
        self.assertIn("nowhere", ended.stderr)


class Specs(FreightCase):
    def assert_spec_refused(self, content, *said, commands=("run", "validate")):
        self.write("job.json", content if isinstance(content, (str, bytes)) else json.dumps(content))
        for command in commands:
            ended = self.freightd(command, "job.json")
            self.assertEqual(2, ended.code, str(ended))
            for text in said:
                self.assertIn(text, ended.stderr, str(ended))
            self.assertEqual("", ended.stdout)
            self.assertFalse((self.folder / "freight.db").exists(), "a spec error leaves no storage")

    def test_spec_that_is_not_json(self):
        self.assert_spec_refused("name: test\n", "invalid_json_document", "job.json")
        self.assert_spec_refused('{"source": {', "invalid_json_document")
        self.assert_spec_refused(b"\xff\xfe{}", "invalid_json_document")
        self.assert_spec_refused("", "invalid_json_document")

    def test_spec_that_is_not_an_object(self):
        self.assert_spec_refused("[]", "wrong_type")

    def test_spec_that_does_not_exist(self):
        ended = self.freightd("run", "nowhere.json")
        self.assertEqual(2, ended.code, str(ended))
        self.assertIn("nowhere.json", ended.stderr)

    def test_directory_as_a_spec(self):
        (self.folder / "job.json").mkdir()
        ended = self.freightd("run", "job.json")
        self.assertEqual(2, ended.code, str(ended))

    def test_every_error_at_once_with_its_pointer(self):
        self.assert_spec_refused(
            '{"source": {"type": "csv", "paht": "x.csv", "dialect": {"delimiter": 5}},'
            ' "destination": {"type": "sql", "url": "sqlite:x.db", "table": "t", "create_tabel": true},'
            ' "batch": {"max_records": 0}, "priority": 99, "priority": 5, "retry": {"jitter": "some"}}',
            "/source/paht",
            '"path"',
            "/source/dialect/delimiter",
            "/destination/create_tabel",
            "create_table",
            "/batch/max_records",
            "/priority",
            "duplicate_key",
            "/retry/jitter",
        )

    def test_what_this_version_cannot_do_is_refused(self):
        good = {
            "source": {"type": "csv", "path": "x.csv"},
            "destination": {"type": "sql", "url": "sqlite:x.db", "table": "t"},
        }
        changes = [
            ({"source": {"type": "http", "url": "x"}}, "/source/type"),
            ({"source": {"type": "csv", "upload": "x"}}, "/source/upload"),
            ({"destination": {"type": "http", "url": "x"}}, "/destination/type"),
            ({"destination": {"type": "sql", "connection": "x", "table": "t"}}, "/destination/connection"),
        ]
        for change, pointer in changes:
            with self.subTest(pointer=pointer):
                self.assert_spec_refused({**good, **change}, "unsupported_", pointer)

    def test_settings_that_do_not_go_together_are_refused(self):
        csv = {"type": "csv", "path": "x.csv"}
        sql = {"type": "sql", "url": "sqlite:x.db", "table": "t"}
        specs = [
            ({"destination": {**sql, "on_conflict": "update"}}, "/destination/on_conflict"),
            ({"destination": {**sql, "key": ["id"]}}, "/destination/key"),
            ({"destination": csv}, "/destination/path"),
            ({"destination": sql, "rehearse": True}, "/rehearse"),
            ({"destination": sql, "filter": {"field": "a", "eq": 1, "ne": 2}}, "/filter"),
            ({"destination": sql, "mapping": [{"to": "a", "template": "{b"}]}, "/mapping/0/template"),
        ]
        for members, pointer in specs:
            with self.subTest(pointer=pointer):
                # What `validate` itself makes of the mode goes with a rehearsal.
                commands = ("run",) if pointer == "/rehearse" else ("run", "validate")
                self.assert_spec_refused(
                    {"source": csv, **members}, "invalid_value", pointer, commands=commands)

    def test_pattern_that_is_none(self):
        schema = {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "("}}]}
        self.assert_spec_refused(
            {"source": {"type": "csv", "path": "x"}, "destination": {"type": "null"}, "schema": schema},
            "invalid_pattern",
            "/schema/fields/0/constraints/pattern",
        )


class Storages(FreightCase):
    def setUp(self):
        super().setUp()
        self.write("source.csv", "id\n1\n")

    def test_scheme_that_no_backend_knows(self):
        ended = self.run_job(self.job(), storage=f"mysql://root:{SECRET}@localhost/x")
        self.assert_failed(ended, "unsupported_storage", exit_code=2)
        self.assertNotIn(SECRET, ended.stderr)

    def test_file_that_is_no_database(self):
        self.write("freight.db", "This is a text, and not a short one: SQLite reads a hundred bytes of it." * 20)
        self.assert_failed(self.run_job(self.job()), "storage_failed", "freight.db")

    def test_folder_that_does_not_exist(self):
        ended = self.run_job(self.job(), storage="sqlite:nowhere/freight.db")
        self.assertEqual(1, ended.code, str(ended))
        self.assertIn("nowhere/freight.db", ended.stderr)

    def test_schema_of_a_newer_freight(self):
        self.run_job(self.job(), code=0)
        connection = sqlite3.connect(self.folder / "freight.db")
        (table,) = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE name LIKE '%migrations'")
        ]
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        copied = ", ".join("version + 1000" if name == "version" else name for name in names)
        connection.execute(f"INSERT INTO {table} SELECT {copied} FROM {table} LIMIT 1")
        connection.commit()
        connection.close()
        self.assert_failed(self.run_job(self.job()), "newer_format")

    def test_server_that_does_not_answer(self):
        done = subprocess.run(
            ["python3", "-c", "import socket\nwith socket.socket() as s: s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        url = f"postgresql://someone:{SECRET}@127.0.0.1:{done.stdout.strip()}/x"
        process = self.start("storage", "status", "--storage", url)
        ended = process.wait(60)
        self.assert_failed(ended, "storage_unavailable", "127.0.0.1")
        self.assertNotIn(SECRET, ended.stderr)


if __name__ == "__main__":
    unittest.main()
