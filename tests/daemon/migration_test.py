"""Migrations: many tables in one command, with their keys, indexes and order."""

import json
import signal
import sqlite3
import unittest

import databases
from case import BACKENDS, FreightCase
from freightd import wait_until

# Mixed case, a key of two columns, a table that refers to itself, two that refer to each other.
SHOP = """
CREATE TABLE Artist (ArtistId INTEGER NOT NULL PRIMARY KEY, Name NVARCHAR(120));
CREATE TABLE Album (AlbumId INTEGER NOT NULL PRIMARY KEY, Title TEXT NOT NULL UNIQUE,
  ArtistId INTEGER NOT NULL REFERENCES Artist (ArtistId) ON DELETE CASCADE);
CREATE TABLE Track (TrackId INTEGER NOT NULL PRIMARY KEY, Name TEXT DEFAULT 'none',
  AlbumId INTEGER REFERENCES Album, Price NUMERIC(10,2) NOT NULL DEFAULT 0.99 CHECK (Price >= 0));
CREATE TABLE PlaylistTrack (PlaylistId INTEGER NOT NULL, TrackId INTEGER NOT NULL,
  PRIMARY KEY (PlaylistId, TrackId), FOREIGN KEY (TrackId) REFERENCES Track (TrackId));
CREATE TABLE Employee (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES Employee (id), born DATE);
CREATE TABLE department (id INTEGER PRIMARY KEY, head INTEGER REFERENCES staff (id));
CREATE TABLE staff (id INTEGER PRIMARY KEY, department INTEGER REFERENCES department (id));
CREATE INDEX AlbumArtist ON Album (ArtistId);
CREATE UNIQUE INDEX TrackName ON Track (Name, AlbumId);
"""
TABLES = ("Album", "Artist", "Employee", "PlaylistTrack", "Track", "department", "staff")


def fill(path, artists=50):
    connection = sqlite3.connect(path)
    connection.executescript(SHOP)
    many = connection.executemany
    many("INSERT INTO Artist VALUES (?, ?)", [(i, f'Ärtist "{i}"') for i in range(1, artists + 1)])
    many("INSERT INTO Album VALUES (?, ?, ?)", [(i, f"A,{i}", i % artists + 1) for i in range(1, 101)])
    many("INSERT INTO Track VALUES (?, ?, ?, ?)",
         [(i, f"T{i}", None if i % 9 == 0 else i % 100 + 1, i / 4) for i in range(1, 501)])  # fmt: skip
    many("INSERT INTO PlaylistTrack VALUES (?, ?)", [(i % 7, i) for i in range(1, 501)])
    many("INSERT INTO Employee VALUES (?, ?, ?)", [(i, i // 2 or None, "1962-02-18") for i in range(1, 20)])
    many("INSERT INTO department VALUES (?, ?)", [(i, i) for i in range(1, 10)])
    many("INSERT INTO staff VALUES (?, ?)", [(i, i) for i in range(1, 10)])
    connection.commit()
    connection.close()
    return f"sqlite:{path}"


def keys_and_indexes(database):
    """What stands in the catalog: pairs of tables that refer to each other, and columns of indexes."""
    if database.kind == "sqlite":
        references = database.rows(
            'SELECT m.name, f."table" FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f'
            " WHERE m.type = 'table'"
        )
        indexes = database.rows("SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index' AND sql <> ''")
    else:
        references = database.rows(
            "SELECT c.relname, r.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
            " JOIN pg_class r ON r.oid = k.confrelid WHERE k.contype = 'f' AND k.convalidated"
        )
        indexes = database.rows(
            "SELECT c.relname, i.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid"
            " JOIN pg_class i ON i.oid = x.indexrelid WHERE c.relname !~ '^freight' AND NOT EXISTS"
            " (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))"
            " AND c.relnamespace = 'public'::regnamespace"
        )
    return sorted(set(references)), sorted(set(indexes))


REFERENCES = [
    ("Album", "Artist"), ("Employee", "Employee"), ("PlaylistTrack", "Track"), ("Track", "Album"),
    ("department", "staff"), ("staff", "department"),
]  # fmt: skip
INDEXES = [("Album", "AlbumArtist"), ("Track", "TrackName")]


class Migrations(FreightCase):
    def setUp(self):
        super().setUp()
        self.source = databases.SqliteDatabase(self.folder / "shop.db")
        fill(self.source.path)

    def contents(self, database, table):
        order = "1, 2" if table == "PlaylistTrack" else "1"
        rows = database.rows(f'SELECT * FROM "{table}" ORDER BY {order}')
        if table != "Track":
            return rows
        return [(key, name, album, float(price)) for key, name, album, price in rows]

    def expect_equal(self, database, tables=TABLES):
        for table in tables:
            self.assertEqual(self.contents(self.source, table), self.contents(database, table), table)

    def migrate(self, *arguments, code=0):
        report = self.folder / "migration.json"
        ended = self.freightd("run", *arguments, "--report", str(report), "--progress", "none")
        self.assertEqual(code, ended.code, str(ended))
        return json.loads(report.read_text()) if code in (0, 1, 3) else ended

    def spec(self, database, **changes):
        destination = {"type": "sql", "url": database.url, "create_table": True}
        destination.update(changes.pop("destination", {}))
        return self.write_job(
            {
                "name": "shop",
                "defaults": {"source": {"type": "sql", "url": self.source.url}, "destination": destination},
                "tables": ["*"],
                **changes,
            },
            "migration.json5",
        )

    def states(self, report):
        return {table["from"]: table["state"] for table in report["tables"]}

    def test_a_database_moves_in_one_command_with_its_keys_and_indexes(self):
        for kind in BACKENDS:
            with self.subTest(kind):
                target = self.database(kind)
                report = self.migrate("--from", self.source.url, "--to", target.url)
                self.assertEqual("completed", report["migration"]["status"])
                self.expect_equal(target)
                self.assertEqual((REFERENCES, INDEXES), keys_and_indexes(target))
                # And on from there, into the other kind and its own.
                for next_kind in BACKENDS:
                    further = self.database(next_kind)
                    self.migrate("--from", target.url, "--to", further.url)
                    self.expect_equal(further)
                    self.assertEqual((REFERENCES, INDEXES), keys_and_indexes(further))

    def test_what_a_table_is_made_of_goes_along(self):
        target = self.database("postgresql")
        self.migrate("--from", self.source.url, "--to", target.url)
        refused = (
            ('INSERT INTO "Track" VALUES (9001, NULL, 1, -1)', "check"),
            ('INSERT INTO "Album" VALUES (9001, NULL, 1)', "null"),
            ('INSERT INTO "Album" VALUES (9001, \'A,1\', 1)', "unique"),
            ('INSERT INTO "Album" VALUES (9001, \'new\', 999)', "foreign key"),
        )
        for statement, reason in refused:
            with self.subTest(reason), self.assertRaisesRegex(Exception, reason):
                target.execute(statement)
        # The next number is free, and the defaults stand.
        target.execute('INSERT INTO "Track" ("AlbumId") VALUES (1)')
        self.assertEqual([("501", "none", "0.99")], target.rows(
            'SELECT "TrackId", "Name", "Price" FROM "Track" WHERE "TrackId" > 500'))  # fmt: skip

    def test_running_again_does_nothing_and_going_on_after_a_kill_ends_equal(self):
        for kind in BACKENDS:
            with self.subTest(kind):
                target = self.database(kind)
                path = self.spec(target, defaults={
                    "source": {"type": "sql", "url": self.source.url},
                    "destination": {"type": "sql", "url": target.url, "create_table": True},
                    "batch": {"max_records": 20}})  # fmt: skip
                for fault in ("destination.after_commit:5", "finish.before:2", "finish.after:3"):
                    killed = self.freightd("run", path, env={"FREIGHT_FAULT": fault})
                    self.assertEqual(-signal.SIGKILL, killed.code, str(killed))
                self.migrate(path)
                self.expect_equal(target)
                self.assertEqual((REFERENCES, INDEXES), keys_and_indexes(target))
                again = self.migrate(path)
                self.assertEqual("completed", again["migration"]["status"])
                self.assertEqual({"present"}, {one["state"] for one in again["constraints"]})
                self.expect_equal(target)

    def test_a_foreign_key_that_rows_break_is_named_with_their_keys(self):
        self.source.execute("INSERT INTO Album VALUES (900, 'lost', 777), (901, 'lost too', 778)")
        for kind in BACKENDS:
            with self.subTest(kind):
                target = self.database(kind)
                report = self.migrate("--from", self.source.url, "--to", target.url, code=3)
                self.assertEqual("completed_with_errors", report["migration"]["status"])
                failed = [one for one in report["constraints"] if one["state"] == "failed"]
                self.assertEqual(["Album"], [one["table"] for one in failed])
                self.assertEqual("ArtistId -> Artist", failed[0]["subject"])
                self.assertEqual([["777"], ["778"]], sorted(failed[0]["violations"]))
                self.expect_equal(target)
                # Mended, the same command ends well.
                target.execute('INSERT INTO "Artist" VALUES (777, NULL), (778, NULL)')
                report = self.migrate("--from", self.source.url, "--to", target.url)
                self.assertEqual("completed", report["migration"]["status"])

    def test_a_table_whose_parent_failed_is_skipped_unless_that_is_to_be_ignored(self):
        entry = {
            "from": "Artist",
            "schema": {"fields": [{"name": "ArtistId", "type": "boolean"}]},
            "errors": {"max_rejects": 0},
        }
        for choice, album in (("continue", "skipped"), ("ignore", "completed")):
            with self.subTest(choice):
                target = self.database("sqlite")
                path = self.spec(target, tables=["*", entry], on_table_failure=choice)
                report = self.migrate(path, code=1)
                states = self.states(report)
                self.assertEqual(("failed", album, "completed"),
                                 (states["Artist"], states["Album"], states["staff"]))  # fmt: skip
                self.assertEqual("failed", report["migration"]["status"])

    def test_a_table_that_cannot_be_made_costs_only_itself_and_its_children(self):
        source, target = self.database("postgresql"), self.database("postgresql")
        source.execute(
            "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE a (id int PRIMARY KEY, m mood);"
            "CREATE TABLE b (id int REFERENCES a (id)); CREATE TABLE c (id int);"
            "INSERT INTO a VALUES (1, 'ok'); INSERT INTO b VALUES (1); INSERT INTO c VALUES (1), (2)"
        )
        report = self.migrate("--from", source.url, "--to", target.url, code=1)
        self.assertEqual({"a": "failed", "b": "skipped", "c": "completed"}, self.states(report))
        target.execute("CREATE TYPE mood AS ENUM ('ok')")
        report = self.migrate("--from", source.url, "--to", target.url)
        self.assertEqual([("1", "ok")], target.rows("SELECT * FROM a"))
        self.assertEqual([("b", "a")], keys_and_indexes(target)[0])

    def test_patterns_exceptions_and_new_names(self):
        target = self.database("postgresql")
        path = self.spec(
            target,
            tables=["*", {"from": "Artist", "to": "artists", "destination": {"write_disposition": "merge"}}],
            exclude=["s*", "dep*"],
        )
        validated = self.freightd("validate", path)
        self.assertEqual(0, validated.code, str(validated))
        self.assertIn("Artist -> artists, which is made", validated.stdout)
        self.assertEqual([], target.tables())
        beside = self.freightd("validate", self.spec(databases.SqliteDatabase(self.folder / "none.db")))
        self.assertEqual(0, beside.code, str(beside))
        self.assertFalse((self.folder / "none.db").exists())
        path = self.spec(
            target,
            tables=["*", {"from": "Artist", "to": "artists", "destination": {"write_disposition": "merge"}}],
            exclude=["s*", "dep*"],
        )
        report = self.migrate(path, "--only", "Artist")
        self.assertEqual("left_out", self.states(report)["Album"])
        self.assertEqual(["artists", "freight_ledger"], target.tables())
        self.migrate(path)
        self.assertEqual(self.contents(self.source, "Artist"), target.rows("SELECT * FROM artists ORDER BY 1"))
        self.expect_equal(target, ("Album", "Track"))
        self.assertIn(("Album", "artists"), keys_and_indexes(target)[0])
        self.assertNotIn("staff", target.tables())

    def test_an_empty_mapping_of_a_table_is_none_whatever_the_defaults_have(self):
        target = self.database("postgresql")
        spec = self.spec(
            target,
            defaults={"source": {"type": "sql", "url": self.source.url},
                      "destination": {"type": "sql", "url": target.url, "create_table": True},
                      "mapping": [{"to": "wrong", "from": "ArtistId"}]},
            tables=[{"from": "Artist", "to": "artists", "mapping": [],
                     "destination": {"write_disposition": "merge"}}],
        )  # fmt: skip
        for _ in range(2):
            ended = self.freightd("run", spec, "--progress", "none")
            self.assertEqual(0, ended.code, str(ended))
            rows = target.rows('SELECT "ArtistId", "Name" FROM artists ORDER BY 1')
            self.assertEqual([("1", 'Ärtist "1"'), ("2", 'Ärtist "2"')], rows[:2])
            self.assertEqual(50, len(rows))

    def test_what_is_wrong_with_a_migration_is_said_at_once(self):
        target = self.database("sqlite")
        refused = (
            ({"tables": ["Artst"]}, "has no table 'Artst'", "Did you mean 'Artist'?"),
            ({"tables": ["x*"]}, "no table of the source matches x*"),
            ({"tables": [{"from": "*", "to": "t"}]}, "/tables/0/to"),
            ({"tables": [{"form": "Artist"}]}, "/tables/0/from"),
            ({"tables": ["Artist", {"from": "Album", "to": "Artist"}]}, "would both go to Artist"),
            ({"tables": [], "nam": 1}, "/tables: must hold", '/nam: is no key of the migration'),
            ({"order": "size"}, "/order"),
            ({"tables": [{"from": "Artist", "batch": {"max": 1}}]}, "/tables/0/batch/max"),
            ({"tables": [{"from": "Artist", "destination": {"url": "sqlite:other.db"}}]}, "another migration"),
            ({"defaults": {"source": {"url": self.source.url}, "destination": {"type": "null"}}}, "database"),
        )
        for changes, *words in refused:
            with self.subTest(changes):
                ended = self.freightd("run", self.spec(target, **changes))
                self.assertIn(ended.code, (1, 2), str(ended))
                for word in words:
                    self.assertIn(word, ended.stderr)
                self.assertEqual([], target.tables())

    def test_init_prints_a_migration_that_run_takes(self):
        target = self.database("sqlite")
        shown = self.freightd("init", self.source.url, "--to", target.url)
        self.assertEqual(0, shown.code, str(shown))
        self.assertIn("Album: 3 columns, 1 index, refers to Artist", shown.stderr)
        self.assertEqual(list(TABLES), sorted(json.loads(shown.stdout)["tables"]))
        self.migrate(self.write("init.json", shown.stdout))
        self.expect_equal(target)

    def test_one_table_of_a_database_goes_to_another_name(self):
        target = self.database("sqlite")
        self.migrate("--from", f"{self.source.url}#Artist", "--to", f"{target.url}#people", "--save",
                     str(self.folder / "saved.json"))  # fmt: skip
        self.assertEqual(self.contents(self.source, "Artist"), target.rows("SELECT * FROM people ORDER BY 1"))
        self.migrate(self.folder / "saved.json")

    def test_two_hundred_tables_with_a_circle_go_over(self):
        script = "".join(
            f"CREATE TABLE t{i} (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t{(i + 1) % 200 if i % 50 else i} (id));"
            f"INSERT INTO t{i} VALUES (1, 1), (2, 1);"
            for i in range(200)
        )
        source = databases.SqliteDatabase(self.folder / "many.db")
        source.execute(script)
        target = self.database("postgresql")
        report = self.migrate("--from", source.url, "--to", target.url)
        self.assertEqual("completed", report["migration"]["status"])
        self.assertEqual(400, report["migration"]["records"])
        self.assertEqual(200, len(keys_and_indexes(target)[0]))

    def test_an_interrupted_migration_says_what_is_left(self):
        target = self.database("sqlite")
        path = self.spec(target, defaults={
            "source": {"type": "sql", "url": self.source.url},
            "destination": {"type": "sql", "url": target.url, "create_table": True},
            "batch": {"max_records": 1}})  # fmt: skip
        process = self.start("run", path, "--progress", "none")
        wait_until(lambda: target.path.exists() and "Track" in target.tables())
        process.signal(signal.SIGINT)
        ended = process.wait()
        self.assertEqual(130, ended.code, str(ended))
        self.assertIn("interrupted", ended.stdout)
        self.migrate(path)
        self.expect_equal(target)


if __name__ == "__main__":
    unittest.main()
