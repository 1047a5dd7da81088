#!/usr/bin/env python3
"""Uploads, connections, and what tenants may reach."""

import hashlib
import os
import sqlite3
import unittest
from urllib.parse import urlsplit

from case import for_each_backend
from rest import Client, RestCase, inline_spec


class Uploads(RestCase):
    @for_each_backend
    def test_a_file_comes_back_with_its_hash_is_listed_read_and_deleted(self, backend):
        self.serve(self.database(backend))
        content = b"id,name,amount\n" + b"".join(b"%d,Ann,1.5\n" % n for n in range(200_000))
        answer = self.client.send("POST", "uploads?filename=big.csv", content)
        self.assertEqual(201, answer.status)
        self.assertEqual((len(content), hashlib.sha256(content).hexdigest()), (answer.json["bytes"], answer.json["sha256"]))
        upload = answer.json["upload_id"]
        self.assertEqual(f"/api/v1/uploads/{upload}", answer.headers["location"])
        self.assertEqual(answer.json, self.client.get(f"uploads/{upload}").json)
        self.client.upload("x", "other")
        page = self.client.get("uploads", limit=1, total="true").json
        self.assertEqual((2, upload), (page["total"], page["items"][0]["upload_id"]))
        self.assertEqual("other", self.client.get("uploads", cursor=page["next_cursor"]).json["items"][0]["filename"])
        spec = self.people_spec(upload, database=self.folder / f"{backend}.db")
        waiting = self.client.submit({**spec, "run_at": "2999-01-01T00:00:00Z"})
        self.assert_problem(self.client.delete(f"uploads/{upload}"), 409, "in_use")
        self.client.put(f"jobs/{waiting}/cancel")
        job = self.client.run({**spec, "name": "again", "labels": {"a": "b"}})
        self.assertEqual(("completed", 200_000), (job["status"], job["progress"]["succeeded"]), job)
        self.assertEqual(204, self.client.delete(f"uploads/{upload}").status)
        self.assert_problem(self.client.get(f"uploads/{upload}"), 404)
        self.assert_problem(self.client.post("jobs", {**spec, "rerun": "allow"}), 422, "invalid_spec")
        self.server.process.kill()

    def test_another_node_reads_what_was_uploaded_to_the_first(self):
        database = self.database("postgresql")
        self.serve(database)
        upload = self.client.upload(self.people("1,Ann,1"))
        first = self.server
        first.process.signal(15)
        first.process.wait()
        (self.folder / "elsewhere").mkdir()
        process = self.start("worker", "--storage", database.url, "--master-key-file", self.folder / "master.key",
                             "--blob-dir", self.folder / "nothing", folder=self.folder / "elsewhere")  # fmt: skip
        process.wait_for_stderr("working for")
        process.kill()
        worker = self.start("worker", "--storage", database.url, "--health-listen", "127.0.0.1:0",
                            folder=self.folder / "elsewhere")  # fmt: skip
        worker.wait_for_stderr("listening on")
        self.serve(database, "--allow-path", self.folder)
        job = self.client.run(self.people_spec(upload, destination={"type": "null"}))
        self.assertEqual("completed", job["status"], job)

    def test_an_idempotency_key_that_is_none_is_refused_alike_for_jobs_and_uploads(self):
        self.serve(self.database("postgresql"))
        for key in (b"\xff\xfe", b"x" * 256, b""):
            sent = {"Idempotency-Key": key}
            self.assert_problem(self.client.send("POST", "uploads?filename=a", b"x", sent), 400, "invalid_parameter")
            self.assert_problem(self.client.post("jobs", inline_spec(), sent), 400, "invalid_parameter")
        self.assertEqual([], self.client.get("uploads").json["items"])

    def test_an_upload_that_breaks_off_leaves_nothing(self):
        self.serve()
        with self.server.socket() as connection:
            connection.sendall(b"POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
                               b"Authorization: Bearer " + self.server.tenant_key.encode() + b"\r\n\r\nabc")  # fmt: skip
        self.client.upload("whole")
        folder = self.folder / "freight-uploads"
        self.assertEqual(1, len(self.client.get("uploads").json["items"]))
        from freightd import wait_until

        wait_until(lambda: len(os.listdir(folder)) == 1, 10, lambda: str(os.listdir(folder)))

    def test_an_empty_file_and_odd_names(self):
        self.serve(self.database("postgresql"))
        empty = self.client.upload("")
        job = self.client.run(inline_spec(source={"type": "csv", "upload": empty}))
        self.assertEqual("failed", job["status"])
        self.assertEqual("missing_header", job["error"]["code"], job["error"])
        self.assertEqual("ß ü.csv", self.client.get(f"uploads/{self.client.upload('x', 'ß ü.csv')}").json["filename"])
        for name in ("../x", "a/b", "a\\b", "", "x" * 300, "a\nb"):
            self.assertIn(self.client.send("POST", "uploads?filename=" + __import__("urllib.parse").parse.quote(name), b"x").status, (400,))

    def test_a_file_over_the_limit_is_refused(self):
        self.serve(None, "--upload-limit", "1000")
        self.assert_problem(self.client.send("POST", "uploads", b"x" * 1001), 413, "payload_too_large")
        self.assertEqual(201, self.client.send("POST", "uploads", b"x" * 1000).status)


class Connections(RestCase):
    def describe_target(self):
        """A database of the test, as a connection describes it, and its name and password."""
        target = self.database("postgresql")
        parts = urlsplit(target.url)
        return target, {"type": "postgresql", "host": parts.hostname, "port": parts.port, "database": target.name,
                        "user": parts.username, "password": parts.password or "none", "tls": "disable"}  # fmt: skip

    @for_each_backend
    def test_a_connection_is_sealed_write_only_and_moves_records(self, backend):
        storage = self.database(backend)
        self.serve(storage)
        target, description = self.describe_target()
        secret = "s3cret-" + os.urandom(8).hex()
        made = self.client.put("connections/crm", {**description, "password": secret})
        self.assertEqual(201, made.status, str(made))
        for answer in (made, self.client.get("connections/crm"), self.client.get("connections")):
            self.assertNotIn(secret, answer.text)
        shown = self.client.get("connections/crm").json
        self.assertEqual((None, True), (shown["password"], shown["has_secret"]))
        stored = storage.rows(f"SELECT settings, sealed FROM {'freight.' if backend == 'postgresql' else ''}connections")
        self.assertNotIn(secret, str(stored))
        self.assertTrue(stored[0][1].startswith("v1:"))
        # What was read may be written again as it is: the secret stays.
        self.assertEqual(200, self.client.put("connections/crm", shown).status)
        self.assertTrue(self.client.get("connections/crm").json["has_secret"])
        self.client.put("connections/crm", description)
        checked = self.client.post("connections/crm/check").json
        self.assertEqual((True, None), (checked["ok"], checked["error"]), checked)
        target.execute("CREATE TABLE people (id bigint PRIMARY KEY, name text)")
        job = self.client.run(inline_spec([{"id": 1, "name": "Ann"}], destination={
            "type": "sql", "connection": "crm", "table": "people"}))  # fmt: skip
        self.assertEqual("completed", job["status"], job)
        self.assertEqual([("1", "Ann")], target.rows("SELECT id, name FROM people"))
        self.assertNotIn("url", job["spec"]["destination"])
        back = self.client.run(inline_spec(source={"type": "sql", "connection": "crm", "table": "people", "key": ["id"]}))
        self.assertEqual(("completed", 1), (back["status"], back["progress"]["succeeded"]), back)
        self.assertEqual(204, self.client.delete("connections/crm").status)
        self.assert_problem(self.client.get("connections/crm"), 404)
        self.assertNotIn(secret, self.server.process.stderr_so_far())
        self.server.process.kill()

    def test_a_description_that_is_wrong_names_the_key(self):
        self.serve()
        good = {"type": "postgresql", "host": "db.example.com", "database": "d", "user": "u"}
        for change, pointer in (({"host": "/var/run"}, "/host"), ({"host": "a,b"}, "/host"), ({"port": 0}, "/port"), ({"tls": "maybe"}, "/tls"),
                                ({"user": None}, "/user"), ({"sslkey": "/etc/key"}, "/sslkey"), ({"type": "ftp"}, "/type"),
                                ({"password": 1}, "/password")):  # fmt: skip
            problem = self.assert_problem(self.client.put("connections/c", {**good, **change}), 422)
            self.assertEqual(pointer, problem["errors"][0]["pointer"], problem)
        http = {"type": "http", "base_url": "https://api.example.com/v1", "headers": {"X-Token": "hush"}, "auth": {"type": "bearer"}}
        shown = self.client.put("connections/h", http)
        self.assertEqual((201, None, True), (shown.status, shown.json["headers"], shown.json["has_secret"]))
        self.assertNotIn("hush", shown.text)
        self.assert_problem(self.client.put("connections/h", {**http, "base_url": "http://u:p@h/"}), 422)
        checked = self.client.post("connections/h/check").json
        self.assertEqual((False, "unsupported_connector"), (checked["ok"], checked["error"]["code"]))
        for name in ("a%2Fb", "a%20b", "x" * 101):
            self.assert_problem(self.client.put(f"connections/{name}", good), 404)

    def test_a_wrong_master_key_says_so_and_reveals_nothing(self):
        keys = [self.write(f"{n}.key", os.urandom(32).hex() + "\n") for n in range(2)]
        self.serve(None, "--master-key-file", keys[0])
        _, description = self.describe_target()
        self.client.put("connections/crm", description)
        self.server.process.signal(15)
        self.server.process.wait()
        self.serve(None, "--master-key-file", keys[1])
        self.assertEqual("missing_secret", self.client.post("connections/crm/check").json["error"]["code"])
        self.server.process.signal(15)
        self.server.process.wait()
        # Rotation: the new key first, the old one still there; resealed, it is not needed any more.
        both = self.write("both.key", keys[1].read_text() + keys[0].read_text())
        ended = self.freightd("reseal", "--storage", f"sqlite:{self.folder / 'freight.db'}", "--master-key-file", both)
        self.assertEqual(0, ended.code, str(ended))
        self.serve(None, "--master-key-file", keys[1])
        self.assertTrue(self.client.post("connections/crm/check").json["ok"])


class Reach(RestCase):
    def serve_strictly(self):
        """A server whose operator allows nothing."""
        key_file = self.folder / "admin.key"
        process = self.start("serve", "--storage", f"sqlite:{self.folder / 'freight.db'}", "--listen", "127.0.0.1:0",
                             "--admin-key-file", key_file)  # fmt: skip
        from rest import Server

        self.server = Server(process, self.folder, key_file).describe()
        self.client = Client(self.server, self.server.tenant_key)

    def refused(self, spec, pointer, code="not_allowed"):
        problem = self.assert_problem(self.client.post("jobs", spec), 422, code)
        self.assertEqual((pointer, code), (problem["errors"][0]["pointer"], problem["errors"][0]["code"]))

    def test_raw_paths_and_urls_are_refused_unless_the_operator_allows_them(self):
        self.serve_strictly()
        sql = lambda url: {"type": "sql", "url": url, "table": "t"}
        self.refused(inline_spec(source={"type": "csv", "path": "/etc/passwd"}), "/source/path")
        self.refused(inline_spec(source={"type": "jsonl", "path": "x"}), "/source/path")
        self.refused(inline_spec(destination={"type": "csv", "path": "/tmp/x.csv"}), "/destination/path")
        self.refused(inline_spec(destination=sql("sqlite:/tmp/x.db")), "/destination/url")
        self.refused(inline_spec(destination=sql("postgresql://u:p@db.example.com/d")), "/destination/url")
        self.refused(inline_spec(source={**sql("postgresql://u@127.0.0.1/d"), "key": ["id"]}), "/source/url")

    def test_what_is_allowed_is_no_way_around(self):
        self.serve()
        outside = self.folder.parent / f"{self.folder.name}-outside"
        outside.mkdir()
        self.addCleanup(outside.rmdir)
        os.symlink(outside, self.folder / "link")
        for path in (f"{self.folder}/../{outside.name}/x.csv", f"{self.folder}/link/x.csv", f"{self.folder}-outside/x.csv"):
            self.refused(inline_spec(destination={"type": "csv", "path": path}), "/destination/path")
        sql = lambda url: inline_spec(destination={"type": "sql", "url": url, "table": "t"})
        for url in ("postgresql://u@127.0.0.1/d?host=/tmp", "postgresql://u@127.0.0.1/d?hostaddr=10.0.0.1",
                    "postgresql://u@127.0.0.1/d?sslkey=/etc/x", "postgresql://u@%2Ftmp/d", "postgresql:///d",
                    "postgresql://u@127.0.0.1,10.0.0.1/d"):  # fmt: skip
            answer = self.client.post("jobs", sql(url))
            self.assert_problem(answer, 422)
        self.refused(sql(f"sqlite:{self.folder / 'freight.db'}"), "/destination", "destination_is_storage")
        storage = {"type": "sql", "url": f"sqlite:{self.folder / 'freight.db'}", "table": "api_keys", "key": ["prefix"]}
        self.refused(inline_spec(source=storage), "/source", "destination_is_storage")

    def test_hosts_inside_are_refused_by_name_by_address_and_by_what_the_name_leads_to(self):
        self.serve_strictly()
        good = {"type": "postgresql", "database": "d", "user": "u"}
        for host in ("127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "::1",
                     "fd00::1", "fe80::1", "::ffff:127.0.0.1", "100.64.0.1", "224.0.0.1"):  # fmt: skip
            problem = self.assert_problem(self.client.put("connections/c", {**good, "host": host}), 422)
            self.assertEqual(("/host", "not_allowed"), (problem["errors"][0]["pointer"], problem["errors"][0]["code"]), host)
        # Names that a resolver turns into such addresses, and other ways to write one.
        for host in (os.uname().nodename, "127.1", "2130706433"):
            if self.client.put("connections/c", {**good, "host": host}).status == 422:
                continue
            checked = self.client.post("connections/c/check").json
            self.assertFalse(checked["ok"])
            self.assertIn(checked["error"]["code"], ("not_allowed", "destination_unavailable"), checked)


if __name__ == "__main__":
    unittest.main()
