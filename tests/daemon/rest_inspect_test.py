#!/usr/bin/env python3
"""POST /inspect: what an upload or a table holds, and a job that loads it."""

import gzip
import json
import os
import random
import sqlite3
import time
import unittest
import uuid
from urllib.parse import urlsplit

from case import for_each_backend
from rest import RestCase, in_parallel

GERMAN = "Nr;Name;Betrag;Seit\n" + "".join(f"{n};Müller {n};1.234,{n:02};{n:02}.12.2020\n" for n in range(1, 29))


class InspectCase(RestCase):
    def inspect(self, **body):
        answer = self.client.post("inspect", body)
        self.assertEqual(200, answer.status, str(answer))
        return answer.json

    def refused(self, body, pointer, code=None, client=None):
        problem = self.assert_problem((client or self.client).post("inspect", body), 422, code)
        self.assertIn(pointer, [error["pointer"] for error in problem["errors"]], problem)
        return problem


class Uploads(InspectCase):
    @for_each_backend
    def test_the_job_that_is_proposed_for_an_upload_loads_it(self, backend):
        self.serve(self.database(backend))
        upload = self.client.upload(GERMAN.encode("windows-1252"), "Kunden Nord.csv")
        target = {"type": "sql", "url": f"sqlite:{self.folder / f'{backend}.db'}", "table": "kunden", "create_table": True}
        found = self.inspect(upload=upload, destination=target)
        self.assertEqual(("csv", "windows-1252", ";", True, 28, True),
                         (found["format"], found["encoding"], found["dialect"]["delimiter"], found["dialect"]["header"],
                          found["sampled_records"], found["whole"]))  # fmt: skip
        columns = {column["name"]: column for column in found["columns"]}
        self.assertEqual(["integer", "string", "decimal", "date"], [column["type"] for column in found["columns"]])
        self.assertIn("28 of 28", columns["Betrag"]["evidence"])
        self.assertEqual("%d.%m.%Y", columns["Seit"]["readings"][0]["format"])
        job = found["job"]
        self.assertEqual(("Kunden_Nord", {"type": "csv", "upload": upload}, target),
                         (job["name"], {key: job["source"][key] for key in ("type", "upload")}, job["destination"]))  # fmt: skip
        self.assertNotIn("path", job["source"])
        self.assertNotIn(str(self.folder), json.dumps({**found, "job": {**job, "destination": None}}))
        ended = self.client.run(job)
        self.assertEqual(("completed", 28), (ended["status"], ended["progress"]["succeeded"]), ended)
        with sqlite3.connect(self.folder / f"{backend}.db") as database:
            self.assertEqual((1, "Müller 1", "1234.01", "2020-12-01"), database.execute("SELECT * FROM kunden ORDER BY 1").fetchone())
        self.server.process.kill()

    @for_each_backend
    def test_a_compressed_upload_is_looked_at_and_loaded(self, backend):
        self.serve(self.database(backend))
        # Packed it is more than what is looked at.
        marks = random.Random(1).randbytes(24_000_000).hex()
        lines = "".join(f"{n},x{marks[n * 48 : n * 48 + 48]}\n" for n in range(1_000_000))
        upload = self.client.upload(gzip.compress(f"id,mark\n{lines}".encode(), 1), "marks.csv.gz")
        found = self.inspect(upload=upload)
        self.assertEqual(("marks", False), (found["job"]["name"], found["whole"]))
        self.assertEqual(["integer", "string"], [column["type"] for column in found["columns"]])
        ended = self.client.run({**found["job"], "source": {**found["job"]["source"], "limit": 1000}})
        self.assertEqual(("completed", 1000), (ended["status"], ended["progress"]["succeeded"]), ended)
        self.server.process.kill()

    def test_without_a_destination_the_job_only_reads(self):
        self.serve()
        upload = self.client.upload('{"id": 1, "tags": ["a"]}\n{"id": 2}\n', "x.jsonl")
        found = self.inspect(upload=upload)
        self.assertEqual(("jsonl", None, {"type": "null"}), (found["format"], found["dialect"], found["job"]["destination"]))
        self.assertEqual([("id", "integer"), ("tags", "json")], [(column["name"], column["type"]) for column in found["columns"]])
        self.assertEqual("completed", self.client.run(found["job"])["status"])

    def test_a_json_array_is_loaded_from_where_it_was_found(self):
        self.serve()
        for text, pointer in (('[{"id": 1},\n{"id": 2}]', None), ('{"n": 2, "rows": [{"id": 1}, {"id": 2}]}', "/rows")):
            with self.subTest(pointer=pointer):
                found = self.inspect(upload=self.client.upload(text, "x.json"))
                self.assertEqual(("json", None), (found["format"], found["dialect"]))
                self.assertEqual(pointer, found["job"]["source"].get("records_pointer"))
                ended = self.client.run(found["job"])
                self.assertEqual(("completed", 2), (ended["status"], ended["progress"]["succeeded"]), ended)

    def test_a_column_with_two_readings_is_left_to_the_caller(self):
        self.serve()
        rows = "".join(f"{n % 12 + 1:02}/{n % 11 + 1:02}/2020\n" for n in range(50))
        found = self.inspect(upload=self.client.upload("day\n" + rows))
        self.assertEqual("undecided", found["columns"][0]["type"])
        self.assertTrue(any(finding["question"] for finding in found["findings"]))
        problem = self.assert_problem(self.client.post("jobs", found["job"]), 422)
        self.assertEqual("undecided_type", problem["errors"][0]["code"])

    @for_each_backend
    def test_what_is_no_table_of_text_is_a_problem_at_the_upload_and_names_no_path(self, backend):
        self.serve(self.database(backend))
        hostile = {"empty": b"", "blank": b"\n\n", "cut_gzip": gzip.compress(GERMAN.encode())[:-20],
                   "binary": os.urandom(100_000), "nul": b"a,b\n1,\0\n", "array": b'[{"a": 1',
                   "half_an_object": b'{"a":\n', "one_line": b"x" * 2_000_000, "zip": b"PK\x03\x04" + os.urandom(50),
                   "wide": b"a," * 100_000 + b"b\n" + b"1," * 100_000 + b"2\n",
                   "keys": json.dumps({str(n): n for n in range(3000)}).encode() + b"\n",
                   "ragged": b'"a\n' * 10}  # fmt: skip
        for name, content in hostile.items():
            with self.subTest(name=name):
                answer = self.client.post("inspect", {"upload": self.client.upload(content, f"{name}.csv")})
                self.assertNotIn(str(self.folder), answer.text)
                self.assertNotIn("freight-uploads", answer.text)
                if name == "ragged" and answer.status == 200:
                    continue
                problem = self.assert_problem(answer, 422)
                self.assertIn(problem["code"], ("source_unreadable", "missing_header"))
                self.assertEqual("/upload", problem["errors"][0]["pointer"])
        self.assertEqual("ok", self.client.get("health").json["status"])
        self.server.process.kill()

    def test_all_that_is_wrong_with_a_body_is_said_at_once(self):
        self.serve()
        upload = self.client.upload("a\n1\n")
        for wrong in (str(uuid.uuid4()), "x", ""):
            self.refused({"upload": wrong}, "/upload", "not_found")
        self.refused({"upload": upload}, "/upload", "not_found", self.tenant("stranger"))
        self.refused({}, "/upload", "missing_key")
        self.refused({"upload": 1}, "/upload", "wrong_type")
        self.refused({"table": "t"}, "/connection", "missing_key")
        self.refused({"upload": upload, "table": "t"}, "/upload")
        body = {"upload": "x", "Upload": "y", "destination": {"type": "sql", "connection": "none", "tabel": "t"}}
        problem = self.refused(body, "/upload")
        pointers = {error["pointer"] for error in problem["errors"]}
        self.assertEqual({"/upload", "/Upload", "/destination/tabel", "/destination/table"}, pointers, problem)
        body = {"upload": upload, "destination": {"type": "sql", "connection": "none", "table": "t"}}
        self.refused(body, "/destination/connection", "not_found")
        self.refused({"upload": upload, "destination": {"type": "csv", "path": "/etc/x.csv"}}, "/destination/path", "not_allowed")
        self.assert_problem(self.client.post("inspect", "{", {"Content-Type": "application/json"}), 400)
        self.assert_problem(self.client.post("inspect", "{}", {"Content-Type": "text/csv"}), 415)
        self.assert_problem(self.client.post("inspect?x=1", {"upload": upload}), 400)

    @for_each_backend
    def test_a_large_upload_is_looked_at_in_a_few_seconds_while_others_are_answered(self, backend):
        self.serve(self.database(backend))
        content = b"id,name,born\n" + b"".join(b"%d,Name %d,2001-02-%02d\n" % (n, n, n % 28 + 1) for n in range(700_000))
        upload = self.client.upload(content)
        before = sorted((self.folder / "freight-uploads").iterdir())
        begun = time.monotonic()
        answers = in_parallel([lambda: self.client.post("inspect", {"upload": upload})] * 3
                              + [lambda: self.client.get("jobs") for _ in range(20)])  # fmt: skip
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual({200}, {answer.status for answer in answers})
        found = answers[0].json
        self.assertEqual((len(content), False), (found["size"], found["whole"]))
        self.assertEqual(0, found["faulty_records"])
        self.assertEqual(["integer", "string", "date"], [column["type"] for column in found["columns"]])
        # Nothing of the look is left beside what uploads are.
        self.assertEqual(before, sorted((self.folder / "freight-uploads").iterdir()))
        self.server.process.kill()


class Tables(InspectCase):
    def target(self):
        target = self.database("postgresql")
        parts = urlsplit(target.url)
        self.client.put("connections/crm", {"type": "postgresql", "host": parts.hostname, "port": parts.port, "database": target.name,
                                            "user": parts.username, "password": parts.password or "none", "tls": "disable"})  # fmt: skip
        return target

    def test_a_table_is_described_from_its_catalog_and_the_job_copies_it(self):
        self.serve()
        target = self.target()
        target.execute("CREATE SCHEMA shop; CREATE TABLE shop.people (id bigint PRIMARY KEY, name text NOT NULL, born date, at point);"
                       " INSERT INTO shop.people VALUES (1, 'Ann', '2001-02-03', NULL)")  # fmt: skip
        found = self.inspect(connection="crm", table="shop.people",
                             destination={"type": "sql", "url": f"sqlite:{self.folder / 'o.db'}", "table": "p", "create_table": True})  # fmt: skip
        self.assertEqual(("sql", ["id"]), (found["format"], found["primary_key"]))
        self.assertEqual([("id", "integer", "bigint", True), ("name", "string", "text", True), ("born", "date", "date", False)],
                         [(c["name"], c["type"], c["native_type"], c["required"]) for c in found["columns"]][:3])  # fmt: skip
        self.assertEqual(("people", {"type": "sql", "connection": "crm", "table": "shop.people"}),
                         (found["job"]["name"], found["job"]["source"]))  # fmt: skip
        self.assertEqual("completed", self.client.run(found["job"])["status"])

    def test_a_table_that_cannot_be_looked_at_is_a_problem_at_its_pointer(self):
        self.serve()
        self.refused({"connection": "crm", "table": "t"}, "/connection", "not_found")
        self.target()
        self.refused({"connection": "crm", "table": "nosuch"}, "/table", "source_not_found")
        self.refused({"connection": "crm", "table": "nosuch"}, "/connection", "not_found", self.tenant("stranger"))
        self.client.put("connections/away", {"type": "postgresql", "host": "127.0.0.1", "port": 1, "database": "d", "user": "u"})
        problem = self.refused({"connection": "away", "table": "t"}, "/connection", "source_unavailable")
        self.assertNotIn(str(self.folder), problem["detail"])

    def test_freights_own_tables_are_refused(self):
        storage = self.database("postgresql")
        self.serve(storage)
        parts = urlsplit(storage.url)
        self.client.put("connections/own", {"type": "postgresql", "host": parts.hostname, "port": parts.port, "database": storage.name,
                                            "user": parts.username, "password": parts.password or "none", "tls": "disable"})  # fmt: skip
        self.refused({"connection": "own", "table": "freight.api_keys"}, "/table", "destination_is_storage")


if __name__ == "__main__":
    unittest.main()
