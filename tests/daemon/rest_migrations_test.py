#!/usr/bin/env python3
"""Migrations over REST: many tables at once, for tenants, on any node."""

import signal
import sqlite3
import unittest
import uuid
from urllib.parse import urlsplit

from case import for_each_backend
from freightd import wait_until
from rest import FINAL, RestCase, in_parallel

LIBRARY = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE book (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES author (id), title TEXT);
CREATE TABLE shelf (id INTEGER PRIMARY KEY, room TEXT);
CREATE INDEX book_author ON book (author);
"""


class MigrationCase(RestCase):
    def library(self, name="library.db", authors=20, books=200):
        """The URL of an SQLite database of three tables."""
        if (self.folder / name).exists():
            return f"sqlite:{self.folder / name}"
        with sqlite3.connect(self.folder / name) as database:
            database.executescript(LIBRARY)
            database.executemany("INSERT INTO author VALUES (?, ?)", [(n, f"Ä{n}") for n in range(1, authors + 1)])
            database.executemany("INSERT INTO book VALUES (?, ?, ?)",
                                 [(n, n % authors + 1, f"T{n}") for n in range(1, books + 1)])  # fmt: skip
            database.executemany("INSERT INTO shelf VALUES (?, ?)", [(n, None) for n in range(1, 4)])
        return f"sqlite:{self.folder / name}"

    def connect(self, name, database, client=None):
        """A named connection to a PostgreSQL database."""
        parts = urlsplit(database.url)
        body = {"type": "postgresql", "host": parts.hostname, "port": parts.port, "database": parts.path[1:],
                "user": parts.username, "password": parts.password or "x"}  # fmt: skip
        answer = (client or self.client).put(f"connections/{name}", body)
        self.assertIn(answer.status, (200, 201), str(answer))

    def spec(self, source, destination, **changes):
        """`source` and `destination`: URLs, or names of connections."""
        def side(place, **more):
            return {"type": "sql", "url" if ":" in place else "connection": place, **more}

        return {
            "name": "library",
            "defaults": {"source": side(source), "destination": side(destination, create_table=True)},
            "tables": ["*"],
            **changes,
        }

    def begin(self, spec, client=None):
        answer = (client or self.client).post("migrations", spec)
        self.assertEqual(201, answer.status, str(answer))
        self.assertEqual(f"/api/v1/migrations/{answer.json['id']}", answer.headers["location"])
        return answer.json["id"]

    def migration(self, migration_id, client=None):
        answer = (client or self.client).get(f"migrations/{migration_id}")
        self.assertEqual(200, answer.status, str(answer))
        return answer.json

    def wait(self, migration_id, statuses=FINAL, client=None):
        seen = {}

        def there():
            seen.update(self.migration(migration_id, client))
            return seen["status"] in statuses

        wait_until(there, 120, lambda: f"not {statuses}: {seen}")
        return seen

    def states(self, migration):
        return {table["from"]: table["state"] for table in migration["tables"]}

    def slow_tenant(self, rate=1):
        """Whose records move one by one, with slow_spec(), until let_go()."""
        return self.tenant(f"slow {uuid.uuid4()}", limits={"records_per_second": rate})

    def slow_spec(self, source, destination):
        spec = self.spec(source, destination)
        spec["defaults"]["batch"] = {"max_records": 1}
        return spec

    def let_go(self, client):
        answer = self.admin.send("PATCH", f"admin/tenants/{client.tenant_id}", {"limits": {"records_per_second": None}})
        self.assertEqual(200, answer.status, str(answer))

    def expect_equal(self, database):
        for table in ("author", "book", "shelf"):
            with sqlite3.connect(self.folder / "library.db") as source:
                rows = source.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            self.assertEqual([tuple(map(str, row)) for row in rows],
                             [tuple(map(str, row)) for row in database.rows(f"SELECT * FROM {table} ORDER BY 1")])  # fmt: skip


class Life(MigrationCase):
    @for_each_backend
    def test_a_database_moves_to_a_named_connection_with_a_job_for_each_table(self, backend):
        self.serve(self.database(backend))
        target = self.database("postgresql")
        self.connect("crm", target)
        begun = self.client.post("migrations", self.spec(self.library(), "crm"))
        self.assertEqual(201, begun.status, str(begun))
        ended = self.wait(begun.json["id"])
        self.assertEqual(("completed", []), (ended["status"], ended["actions"]), ended)
        self.assertEqual({"author": "completed", "book": "completed", "shelf": "completed"}, self.states(ended))
        self.assertEqual((3, 3, 0, 223), (ended["progress"]["tables_total"], ended["progress"]["tables_completed"],
                                          ended["progress"]["tables_failed"], ended["progress"]["records"]["succeeded"]))  # fmt: skip
        self.assertEqual([("index", "added"), ("foreign_key", "added")],
                         [(one["kind"], one["state"]) for one in ended["constraints"]])  # fmt: skip
        self.expect_equal(target)
        jobs = self.client.get("jobs", migration_id=ended["id"]).json["items"]
        self.assertEqual({table["job_id"] for table in ended["tables"]}, {job["id"] for job in jobs})
        self.assertEqual({ended["id"]}, {job["migration_id"] for job in jobs})
        by_name = {job["name"]: job for job in jobs}
        self.assertLessEqual(by_name["library/author"]["finished_at"], by_name["library/book"]["created_at"])
        report = self.client.get(f"migrations/{ended['id']}/report").json
        self.assertEqual(("completed", 223, 3), (report["migration"]["status"], report["migration"]["records"], len(report["tables"])))
        self.server.process.kill()

    def test_lists_have_pages_and_filters_and_belong_to_a_tenant(self):
        self.serve()
        source = self.library()
        ids = [self.wait(self.begin(self.spec(source, f"sqlite:{self.folder / name}")))["id"]
               for name in ("a.db", "b.db", "c.db")]  # fmt: skip
        page = self.client.get("migrations", limit=2, total="true").json
        self.assertEqual((ids[::-1][:2], 3), ([item["id"] for item in page["items"]], page["total"]))
        self.assertNotIn("spec", page["items"][0])
        rest = self.client.get("migrations", cursor=page["next_cursor"]).json
        self.assertEqual((ids[:1], None), ([item["id"] for item in rest["items"]], rest["next_cursor"]))
        self.assertEqual([], self.client.get("migrations", status="failed").json["items"])
        self.assert_problem(self.client.get("migrations", cursor="x"), 400)
        other = self.tenant("other")
        self.assertEqual([], other.get("migrations").json["items"])
        for method, path in (("GET", ""), ("GET", "/report"), ("PUT", "/cancel"), ("PUT", "/pause"),
                             ("PUT", "/resume"), ("POST", "/retry")):  # fmt: skip
            theirs = self.assert_problem(other.send(method, f"migrations/{ids[0]}{path}"), 404)
            nobodys = self.assert_problem(other.send(method, f"migrations/{uuid.uuid4()}{path}"), 404)
            self.assertEqual(theirs["detail"], nobodys["detail"])
        reader = self.tenant("reader", scopes=["read"])
        self.assert_problem(reader.post("migrations", self.spec(source, "crm")), 403)

    def test_events_tell_how_a_migration_goes_on(self):
        self.serve()
        stream = self.client.events("events?types=migration", headers={"Last-Event-ID": "0"})
        migration = self.begin(self.spec(self.library(), f"sqlite:{self.folder / 'out.db'}"))
        told = []
        for event in stream:
            if event is None:
                continue
            told.append(event[2])
            if event[2]["status"] == "completed":
                break
        self.assertEqual({(migration, None, "migration")},
                         {(one["migration_id"], one["job_id"], one["type"]) for one in told})  # fmt: skip
        self.assertEqual(["pending", "running"], [one["status"] for one in told[:2]])
        self.assertEqual((3, 3), (told[-1]["tables"], told[-1]["tables_completed"]))

    def test_pause_holds_the_jobs_too_and_resume_lets_them_go_on(self):
        self.serve()
        client = self.slow_tenant()
        target = f"sqlite:{self.folder / 'out.db'}"
        migration = self.begin(self.slow_spec(self.library(), target), client)
        wait_until(lambda: client.get("jobs", migration_id=migration).json["items"], 60)
        paused = client.put(f"migrations/{migration}/pause")
        self.assertEqual((202, "paused", ["resume", "cancel"]),
                         (paused.status, paused.json["status"], paused.json["actions"]), str(paused))  # fmt: skip
        self.assertEqual(202, client.put(f"migrations/{migration}/pause").status)
        problem = self.assert_problem(client.post(f"migrations/{migration}/retry"), 409, "invalid_state")
        self.assertEqual(("paused", ["resume", "cancel"]), (problem["migration_status"], problem["actions"]))

        def none_at_work():
            jobs = client.get("jobs", migration_id=migration).json["items"]
            return all(job["status"] in FINAL | {"paused"} for job in jobs)

        wait_until(none_at_work, 60)
        self.assertEqual(202, client.put(f"migrations/{migration}/resume").status)
        self.let_go(client)
        self.assertEqual("completed", self.wait(migration, client=client)["status"])
        self.assert_problem(client.put(f"migrations/{migration}/pause"), 409, "invalid_state")
        self.assert_problem(client.put(f"migrations/{migration}/cancel"), 409, "invalid_state")
        self.assert_problem(client.post(f"migrations/{migration}/retry"), 409, "invalid_state")

    def test_a_cancelled_migration_ends_its_jobs_and_can_be_tried_again(self):
        self.serve()
        client = self.slow_tenant()
        target = self.database("sqlite")
        migration = self.begin(self.slow_spec(self.library(), target.url), client)
        wait_until(lambda: client.get("jobs", migration_id=migration).json["items"], 60)
        cancelled = client.put(f"migrations/{migration}/cancel")
        self.assertEqual(202, cancelled.status, str(cancelled))
        ended = self.wait(migration, client=client)
        self.assertEqual(("cancelled", ["retry"]), (ended["status"], ended["actions"]), ended)
        jobs = client.get("jobs", migration_id=migration).json["items"]
        self.assertEqual(set(), {job["status"] for job in jobs} - FINAL)
        self.assertEqual(200, client.put(f"migrations/{migration}/cancel").status)
        self.let_go(client)
        self.assertEqual(202, client.post(f"migrations/{migration}/retry").status)
        self.assertEqual("completed", self.wait(migration, client=client)["status"])
        self.expect_equal(target)

    @for_each_backend
    def test_what_failed_is_tried_again_and_what_depends_on_it_then_runs(self, backend):
        self.serve(self.database(backend))
        target = self.database("sqlite")
        target.execute("CREATE TABLE author (id INTEGER PRIMARY KEY)")
        migration = self.begin(self.spec(self.library(), target.url))
        ended = self.wait(migration)
        self.assertEqual("failed", ended["status"], ended)
        self.assertEqual({"author": "failed", "book": "skipped", "shelf": "completed"}, self.states(ended))
        message = {table["from"]: table["message"] for table in ended["tables"]}
        self.assertIn("name", message["author"])
        self.assertIn("author", message["book"])
        target.execute("ALTER TABLE author ADD COLUMN name TEXT")
        retried = self.client.post(f"migrations/{migration}/retry")
        self.assertEqual(202, retried.status, str(retried))
        ended = self.wait(migration)
        self.assertEqual("completed", ended["status"], ended)
        self.expect_equal(target)
        self.server.process.kill()


class Steering(MigrationCase):
    def test_a_migration_whose_job_a_limit_pauses_pauses_itself_and_both_go_on(self):
        self.serve()
        target = self.database("sqlite")
        target.execute("CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (id > 5))")
        spec = self.spec(self.library(), target.url)
        spec["defaults"] |= {"errors": {"max_rejects": 2, "on_limit": "pause"}, "batch": {"max_records": 5}}
        migration = self.begin(spec)
        paused = self.wait(migration, {"paused"} | FINAL)
        self.assertEqual("paused", paused["status"], paused)
        message = {table["from"]: table["message"] for table in paused["tables"]}
        self.assertIn("reject", message["author"])
        self.assertEqual(202, self.client.put(f"migrations/{migration}/resume").status)
        ended = self.wait(migration)
        self.assertEqual("completed_with_errors", ended["status"], ended)
        self.assertEqual({None}, {table["message"] for table in ended["tables"]}, ended)

    def test_of_many_at_a_time_one_is_begun_and_no_row_is_doubled(self):
        self.serve(self.database("postgresql"))
        target = self.database("postgresql")
        target.execute("CREATE TABLE author (id INTEGER, name TEXT)")
        self.connect("crm", target)
        spec = self.spec(self.library(), "crm", tables=["author"])
        other = self.spec(self.library(), "crm", tables=["auth*"])
        answers = in_parallel([lambda one=one: self.client.post("migrations", one) for one in (spec, spec, other, spec, other)])
        self.assertEqual(2, sum(answer.status == 201 for answer in answers), [str(answer) for answer in answers])
        for answer in answers:
            if answer.status == 201:
                self.assertEqual("completed", self.wait(answer.json["id"])["status"])
            else:
                self.assert_problem(answer, 409, "already_loaded")
        self.assertEqual([("20",)], [tuple(map(str, row)) for row in target.rows("SELECT count(*) FROM author")])

    def test_a_retry_without_the_password_is_refused_and_says_what_to_do(self):
        storage = self.database("postgresql")
        self.serve(storage)
        database = self.database("postgresql")
        database.execute("CREATE TABLE author (id INTEGER)")
        parts = urlsplit(database.url)
        url = f"postgresql://{parts.username}:hidden@{parts.hostname}:{parts.port}{parts.path}"
        spec = self.spec(self.library(), url, tables=["author"])
        migration = self.begin(spec)
        self.assertEqual("failed", self.wait(migration)["status"])
        # The server that has it takes it up again.
        self.assertEqual(202, self.client.post(f"migrations/{migration}/retry").status)
        self.assertEqual("failed", self.wait(migration)["status"])
        self.server.process.signal(signal.SIGTERM)
        self.server.process.wait()
        self.serve(storage)
        problem = self.assert_problem(self.client.post(f"migrations/{migration}/retry"), 409, "missing_secret")
        self.assertIn("send it again", problem["detail"])
        database.execute("ALTER TABLE author ADD COLUMN name TEXT")
        self.assertEqual("completed", self.wait(self.begin(spec))["status"])

    def test_what_is_cancelled_after_its_jobs_have_ended_says_what_was_loaded(self):
        self.serve()
        client = self.slow_tenant(5)
        migration = self.begin(self.slow_spec(self.library(), f"sqlite:{self.folder / 'out.db'}"), client)
        wait_until(lambda: self.migration(migration, client)["progress"]["tables_completed"] > 0, 60)
        client.put(f"migrations/{migration}/cancel")
        ended = self.wait(migration, client=client)
        self.assertEqual("cancelled", ended["status"])
        self.assertIn("completed", self.states(ended).values())

    def test_a_suspended_tenants_migration_waits_and_goes_on(self):
        self.serve()
        client = self.slow_tenant()
        migration = self.begin(self.slow_spec(self.library(), f"sqlite:{self.folder / 'out.db'}"), client)
        wait_until(lambda: client.get("jobs", migration_id=migration).json["items"], 60)
        for status in ("suspended", "active"):
            answer = self.admin.send("PATCH", f"admin/tenants/{client.tenant_id}", {"status": status})
            self.assertEqual(200, answer.status, str(answer))
        self.let_go(client)
        self.assertEqual("completed", self.wait(migration, client=client)["status"])

    @for_each_backend
    def test_a_kill_between_the_id_and_the_job_costs_nothing(self, backend):
        storage = self.database(backend)
        self.serve(storage, "--lease", "1s", env={"FREIGHT_FAULT": "migration.before_submit"})
        target = self.database("sqlite")
        migration = self.begin(self.spec(self.library(), target.url))
        self.server.process.wait()
        self.serve(storage, "--lease", "1s", describe=False)
        self.assertEqual("completed", self.wait(migration)["status"])
        self.expect_equal(target)
        self.server.process.kill()

    def test_more_tables_than_a_tenant_may_have_jobs_go_over_one_after_the_other(self):
        self.serve()
        client = self.tenant("few", limits={"max_queued_jobs": 1})
        target = self.database("sqlite")
        ended = self.wait(self.begin(self.spec(self.library(), target.url, order="none"), client), client=client)
        self.assertEqual("completed", ended["status"], ended)
        self.expect_equal(target)


class Nodes(MigrationCase):
    @for_each_backend
    def test_after_a_kill_the_next_server_goes_on_where_it_stopped(self, backend):
        storage = self.database(backend)
        self.serve(storage, "--lease", "1s")
        client = self.slow_tenant(20)
        target = self.database("sqlite")
        migration = self.begin(self.slow_spec(self.library(), target.url), client)
        wait_until(lambda: self.migration(migration, client)["progress"]["tables_completed"] > 0, 60)
        self.server.process.signal(signal.SIGKILL)
        self.server.process.wait()
        self.serve(storage, "--lease", "1s", describe=False)
        client.server = self.server
        self.let_go(client)
        self.assertEqual("completed", self.wait(migration, client=client)["status"])
        self.expect_equal(target)
        self.assertEqual([("200",)], [tuple(map(str, row)) for row in target.rows("SELECT count(*) FROM book")])
        self.server.process.kill()

    def test_a_worker_goes_on_with_what_a_dead_server_drove(self):
        storage = self.database("postgresql")
        self.serve(storage, "--lease", "1s")
        client = self.slow_tenant(40)
        target, source = self.database("postgresql"), self.database("postgresql")
        self.wait(self.begin(self.spec(self.library(), source.url)))
        self.connect("from", source, client)
        self.connect("to", target, client)
        migration = self.begin(self.slow_spec("from", "to"), client)
        wait_until(lambda: client.get("jobs", migration_id=migration).json["items"], 60)
        worker = self.start("worker", "--storage", storage.url, "--lease", "1s", "--allow-host", "127.0.0.1",
                            "--master-key-file", self.folder / "master.key")  # fmt: skip
        worker.wait_for_stderr("working for")
        self.server.process.signal(signal.SIGKILL)
        self.server.process.wait()
        target_rows = lambda: target.rows("SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated")  # noqa: E731
        wait_until(target_rows, 90)
        self.expect_equal(target)
        worker.kill()


class Refusals(MigrationCase):
    def refused(self, spec, *pointers, code="invalid_spec"):
        problem = self.assert_problem(self.client.post("migrations", spec), 422, code)
        found = {error["pointer"] for error in problem["errors"]}
        self.assertLessEqual(set(pointers), found, problem)

    def test_what_is_wrong_is_named_by_its_pointer(self):
        self.serve()
        source, target = self.library(), f"sqlite:{self.folder / 'out.db'}"
        self.assert_problem(self.client.post("migrations", b"{", {"Content-Type": "application/json"}), 400)
        self.assert_problem(self.client.post("migrations", b"{}", {"Content-Type": "text/plain"}), 415)
        self.refused({}, "/name", "/defaults", "/tables")
        self.refused(self.spec(source, target, tables=[], order="size", nam=1), "/tables", "/order", "/nam")
        self.refused(self.spec(source, target, tables=["*", {"from": "book", "batch": {"max": 1}}]), "/tables/1/batch/max")
        self.refused(self.spec(source, "nothing"), "/defaults/destination/connection")
        self.refused(self.spec("/etc/passwd:", target), "/defaults/source/url")
        self.refused({**self.spec(source, target), "defaults": {"source": {"type": "inline", "records": []},
                                                               "destination": {"type": "null"}}},
                     "/defaults/source/type", "/defaults/destination/type")  # fmt: skip
        self.assertEqual([], self.client.get("migrations").json["items"])

    def test_tenants_reach_only_what_they_may(self):
        self.serve()
        source, target = self.library(), f"sqlite:{self.folder / 'out.db'}"
        self.refused(self.spec("sqlite:/etc/shop.db", target), "/defaults/source/url", code="not_allowed")
        self.refused(self.spec(source, "postgresql://u@10.0.0.1/x"), "/defaults/destination/url", code="not_allowed")
        self.refused(self.spec(source, f"sqlite:{self.folder / 'freight.db'}"), "/defaults/destination",
                     code="destination_is_storage")  # fmt: skip
        # A password is neither kept nor shown.
        database = self.database("postgresql")
        parts = urlsplit(database.url)
        url = f"postgresql://{parts.username}:hidden@{parts.hostname}:{parts.port}{parts.path}"
        migration = self.wait(self.begin(self.spec(source, url)))
        self.assertEqual("completed", migration["status"], migration)
        self.assertNotIn("hidden", self.client.get(f"migrations/{migration['id']}").text)
        self.assertNotIn(b"hidden", (self.folder / "freight.db").read_bytes())

    def test_the_same_migration_is_not_begun_twice_at_a_time(self):
        self.serve()
        client = self.slow_tenant()
        spec = self.slow_spec(self.library(), f"sqlite:{self.folder / 'out.db'}")
        first = self.begin(spec, client)
        problem = self.assert_problem(client.post("migrations", {**spec, "name": "other"}), 409, "already_loaded")
        self.assertEqual(first, problem["migration_id"])
        self.let_go(client)
        self.wait(first, client=client)
        # Then it may be: what is there is found, and nothing is doubled.
        again = self.wait(self.begin(spec, client), client=client)
        self.assertEqual("completed", again["status"], again)
        with sqlite3.connect(self.folder / "out.db") as database:
            self.assertEqual((200,), database.execute("SELECT count(*) FROM book").fetchone())

    def test_a_source_without_tables_ends_the_migration_with_its_reason(self):
        self.serve()
        sqlite3.connect(self.folder / "empty.db").execute("CREATE VIEW v AS SELECT 1").close()
        ended = self.wait(self.begin(self.spec(f"sqlite:{self.folder / 'empty.db'}", f"sqlite:{self.folder / 'out.db'}")))
        self.assertEqual(("failed", "source_not_found"), (ended["status"], ended["error"]["code"]), ended)


if __name__ == "__main__":
    unittest.main()
