#!/usr/bin/env python3
"""Migrations whose tables are files: one table a file."""

import gzip
import json
import unittest

from case import BACKENDS, FreightCase
from rest import FINAL, RestCase
from freightd import wait_until

PEOPLE = "id,name\n" + "".join(f"{n},Ä{n}\n" for n in range(1, 101))
VISITS = "".join(json.dumps({"visit": n, "at": f"2026-01-{n:02}"}) + "\n" for n in range(1, 21))
# What is made of lines that name their own fields is said by a schema.
VISIT_FIELDS = {"fields": [{"name": "visit", "type": "integer"}, {"name": "at", "type": "date"}]}
CITIES = "code;city\n" + "".join(f"{n:03};C{n}\n" for n in range(1, 31))


class Folders(FreightCase):
    def fill(self, **more):
        self.write("in/people.csv", PEOPLE)
        self.write("in/visits.jsonl", VISITS)
        self.write("in/cities 2026.csv.gz", gzip.compress(CITIES.encode()))
        self.write("in/notes.txt", "no table")
        for name, content in more.items():
            self.write(f"in/{name}", content)

    def counts(self, target):
        tables = ("cities_2026", "people", "visits")
        return [int(target.rows(f"SELECT count(*) FROM {table}")[0][0]) for table in tables]

    def test_each_file_of_a_folder_becomes_a_table(self):
        self.fill()
        for kind in BACKENDS:
            with self.subTest(kind):
                target = self.database(kind)
                ended = self.freightd("run", "--from", "in/", "--to", target.url, "--json", "--progress", "none")
                self.assertEqual(0, ended.code, str(ended))
                self.assertNotIn("of 3 tables", ended.stderr)
                report = json.loads(ended.stdout)
                self.assertEqual(["cities_2026", "people", "visits"], [table["to"] for table in report["tables"]])
                self.assertEqual(("completed", 150), (report["migration"]["status"], report["migration"]["records"]))
                self.assertEqual([30, 100, 20], self.counts(target))
                self.assertEqual([("1", "Ä1")], [tuple(map(str, row)) for row in target.rows("SELECT * FROM people WHERE id = 1")])
                # And again there is nothing to do.
                again = self.freightd("run", "--from", "in", "--to", target.url, "--progress", "none")
                self.assertEqual(0, again.code, str(again))
                self.assertEqual([30, 100, 20], self.counts(target))

    def test_init_prints_a_migration_that_run_takes_from_elsewhere(self):
        self.fill()
        target = self.database("sqlite")
        shown = self.freightd("init", "in", "--to", target.url)
        self.assertEqual(0, shown.code, str(shown))
        self.assertIn("visits.jsonl:", shown.stderr)
        self.assertIn("cities 2026.csv.gz:", shown.stderr)
        migration = json.loads(shown.stdout)
        self.assertEqual(["in/cities 2026.csv.gz", "in/people.csv", "in/visits.jsonl"],
                         [table["from"] for table in migration["tables"]])  # fmt: skip
        self.write("migration.json", shown.stdout)
        (self.folder / "elsewhere").mkdir()
        checked = self.freightd("validate", "../migration.json", folder=self.folder / "elsewhere")
        self.assertEqual(0, checked.code, str(checked))
        ended = self.freightd("run", "../migration.json", "--only", "people", folder=self.folder / "elsewhere")
        self.assertEqual(0, ended.code, str(ended))
        self.assertEqual(["freight_ledger", "people"], target.tables())
        ended = self.freightd("run", "../migration.json", folder=self.folder / "elsewhere")
        self.assertEqual(0, ended.code, str(ended))
        self.assertEqual([30, 100, 20], self.counts(target))

    def test_patterns_and_exceptions(self):
        self.fill(**{"tmp_1.csv": PEOPLE})
        target = self.database("sqlite")
        migration = {
            "name": "exports",
            "defaults": {"source": {"type": "csv"},
                         "destination": {"type": "sql", "url": target.url, "create_table": True}},
            "tables": ["in/*.csv", {"from": "in/people.csv", "to": "persons"},
                       {"from": "in/visits.jsonl", "source": {"type": "jsonl"}, "schema": VISIT_FIELDS}],
            "exclude": ["tmp_*"],
        }  # fmt: skip
        ended = self.freightd("run", self.write_job(migration, "m.json"), "--progress", "none")
        self.assertEqual(0, ended.code, str(ended))
        self.assertEqual(["freight_ledger", "persons", "visits"], target.tables())
        for tables, said in ((["in/*.tsv"], "matches no file"), (["in/none.csv"], "none.csv"),
                             (["in/people.csv", "in/tmp_1.csv", {"from": "in/visits.jsonl", "to": "People"}], "would both go to")):  # fmt: skip
            with self.subTest(tables):
                path = self.write_job({**migration, "tables": tables, "exclude": []}, "refused.json")
                refused = self.freightd("run", path, "--progress", "none")
                self.assertIn(refused.code, (1, 2), str(refused))
                self.assertIn(said, refused.stdout + refused.stderr)

    def test_one_file_that_cannot_be_read_is_one_error_and_nothing_is_begun(self):
        self.fill()
        (self.folder / "in" / "z.csv").symlink_to("nowhere.csv")
        target = self.database("sqlite")
        ended = self.freightd("run", "--from", "in", "--to", target.url)
        self.assertNotEqual(0, ended.code, str(ended))
        self.assertIn("z.csv", ended.stderr)
        self.assertEqual([], target.tables())

    def test_a_column_with_two_readings_is_named_with_its_table(self):
        self.fill(**{"dates.csv": "id,born\n" + "".join(f"{n},0{n % 9 + 1}/0{n % 7 + 1}/1990\n" for n in range(1, 50))})
        target = self.database("sqlite")
        ended = self.freightd("run", "--from", "in", "--to", target.url)
        self.assertEqual(2, ended.code, str(ended))
        self.assertIn("/tables/1/schema/fields/1", ended.stderr)
        self.assertIn("undecided_type", ended.stderr)
        self.assertEqual([], target.tables())

    def test_a_folder_without_files_says_what_it_looks_for(self):
        (self.folder / "empty").mkdir()
        ended = self.freightd("run", "--from", "empty", "--to", "sqlite:out.db")
        self.assertNotEqual(0, ended.code, str(ended))
        self.assertIn("holds no files to load", ended.stderr)
        self.assertIn("*.jsonl", ended.stderr)


class Uploads(RestCase):
    def test_uploads_go_to_a_table_each(self):
        self.serve()
        target = self.folder / "out.db"
        migration = {
            "name": "exports",
            "defaults": {"source": {"type": "csv"},
                         "destination": {"type": "sql", "url": f"sqlite:{target}", "create_table": True}},
            "tables": [{"from": "people", "source": {"upload": self.client.upload(PEOPLE)}},
                       {"from": "visits", "source": {"type": "jsonl", "upload": self.client.upload(VISITS)},
                        "schema": VISIT_FIELDS}],
        }  # fmt: skip
        begun = self.client.post("migrations", migration)
        self.assertEqual(201, begun.status, str(begun))
        seen = {}

        def ended():
            seen.update(self.client.get(f"migrations/{begun.json['id']}").json)
            return seen["status"] in FINAL

        wait_until(ended, 60, lambda: str(seen))
        self.assertEqual(("completed", 120), (seen["status"], seen["progress"]["records"]["succeeded"]), seen)
        for tables, pointer in (([{"from": "x", "source": {"upload": "nothing"}}], "/tables/0/source/upload"),
                                (["/etc/*.csv"], "/tables/0/source/path"), (["/etc/passwd"], "/tables/0/source/path")):  # fmt: skip
            with self.subTest(pointer):
                problem = self.assert_problem(self.client.post("migrations", {**migration, "tables": tables}), 422)
                self.assertIn(pointer, [error["pointer"] for error in problem["errors"]], problem)


if __name__ == "__main__":
    unittest.main()
