"""Many files as one source: a folder, a pattern or a list of them in one job."""

import gzip
import json
import os
import signal
import unittest

from case import REJECT_COLUMNS, FreightCase, read_rejects
from rest import RestCase

SCHEMA = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}]}
TABLE = "CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)"


class ManyFilesCase(FreightCase):
    def files(self, contents):
        for name, content in contents.items():
            self.write(f"in/{name}", content)

    def load(self, path="in/*.csv", code=0, kind="sqlite", **changes):
        """Loads into a new table."""
        self.target = self.database(kind)
        self.target.execute(TABLE)
        storage = changes.pop("storage", None)
        source = {"type": "csv", "path": path, **changes.pop("source_options", {})}
        ended = self.run_job(self.job(self.target, source=source, **changes), code=code, storage=storage)
        return ended.report if ended.code in (0, 3) else ended

    def ids(self):
        return [row[0] for row in self.target.rows("SELECT id FROM target ORDER BY id")]


class Naming(ManyFilesCase):
    def test_a_pattern_a_folder_and_a_list_read_the_same_files_each_once(self):
        self.files({"a.csv": "id,name\n1,a\n", "b b.csv": "id,name\n2,b\n", "é*.csv": "id,name\n3,c\n",
                    "no.txt": "x", ".hidden.csv": "x"})  # fmt: skip
        for path in ("in/*.csv", "in", "in/", ["in/a.csv", "in/b*", "in/é*.csv", "in/a.csv"], "i?/[!x]*.csv"):
            with self.subTest(path=path):
                report = self.load(path)
                self.assert_verified(report)
                self.assertEqual(["1", "2", "3"], self.ids())

    def test_a_name_with_a_star_in_it_is_that_file_alone(self):
        self.files({"*.csv": "id,name\n1,a\n", "b.csv": "id,name\n2,b\n"})
        self.load("in/*.csv")
        self.assertEqual(["1"], self.ids())

    def test_what_is_named_and_not_there_is_one_error_that_names_it(self):
        self.files({"a.csv": "id,name\n1,a\n", "deep/b.txt": "x"})
        for path, said in (("in/*.tsv", "in/*.tsv matches no file"), ("in/deep", "in/deep holds no file"),
                           (["in/a.csv", "in/z.csv"], "in/z.csv does not exist")):  # fmt: skip
            with self.subTest(path=path):
                self.assert_failed(self.load(path, code=1), "source_not_found", said)
                self.assertEqual([], self.ids())

    def test_what_cannot_be_read_ends_the_job_before_anything_is_written(self):
        self.files({"a.csv": "id,name\n1,a\n", "c.csv/x": ""})
        self.assert_failed(self.load(code=1), "source_unreadable", "in/c.csv is a directory")
        self.assertEqual([], self.ids())
        self.files({"d/a.csv": "id,name\n1,a\n"})
        os.symlink("nowhere", self.folder / "in/d/b.csv")
        self.assert_failed(self.load("in/d", code=1), "source_not_found", "in/d/b.csv does not exist")
        self.assertEqual([], self.ids())

    def test_an_array_of_paths_is_checked_like_the_rest_of_a_spec(self):
        for path, pointer in (([], "/source/path"), (["a.csv", 7], "/source/path/1"), ([""], "/source/path/0"),
                              (["-"], "/source/path/0")):  # fmt: skip
            with self.subTest(path=path):
                self.assert_failed(self.load(path, code=2), pointer, exit_code=2)

    def test_a_destination_among_the_files_is_refused(self):
        self.files({"a.csv": "id,name\n1,a\n"})
        for path in ("in/*.csv", "in"):
            job = self.job(source=path, destination={"type": "csv", "path": "in/out.csv"})
            self.assert_failed(self.run_job(job), "is a source of the job as well", exit_code=2)


class Reading(ManyFilesCase):
    def test_columns_are_matched_by_name_and_rejects_name_their_file(self):
        self.files({"a.csv": "id,name\n1,a\nx,b\n", "b.csv": "Name,ID,more\nc,3,-\nd,y,-\n",
                    "c.csv.gz": gzip.compress(b"id,name\n5,e\nz,f\n")})  # fmt: skip
        for kind in ("sqlite", "postgresql"):
            with self.subTest(kind):
                report = self.load(
                    "in/*", 3, kind, schema=SCHEMA, storage=f"sqlite:{kind}.db",
                    mapping=[{"to": "id", "from": "id"}, {"to": "name", "system": "source"}],
                )  # fmt: skip
                self.assert_verified(report)
                path = [str(self.folder / "in" / name) for name in ("a.csv", "b.csv", "c.csv.gz")]
                self.assertEqual([("1", path[0]), ("3", path[1]), ("5", path[2])],
                                 self.target.rows("SELECT id, name FROM target ORDER BY id"))  # fmt: skip
                rejects, header = read_rejects(self.folder / "rejects.csv")
                self.assertEqual(["file", *REJECT_COLUMNS, "id", "name", "more"], header)
                self.assertEqual(
                    [(path[0], "1", "3", "x", "b"), (path[1], "3", "3", "y", "d"), (path[2], "5", "3", "z", "f")],
                    [(row["file"], row["ordinal"], row["line"], row["id"], row["name"]) for row in rejects],
                )
                self.assertEqual(["12", "19", "12"], [row["byte_offset"] for row in rejects])
                self.assertEqual(path[0], report["rejects"][0]["example"]["file"])

    def test_a_corrected_rejects_file_is_replayed_and_can_be_loaded(self):
        self.files({"a.csv": "id,name\n1,a\nx,b\n", "b.csv": "name,id\nc,3\nd,y\n"})
        report = self.load(code=3, schema=SCHEMA)
        fixed = (self.folder / "rejects.csv").read_text().replace(",x,b\n", ",2,b\n").replace(",y,d\n", ",4,d\n")
        self.write("fixed.csv", fixed)
        loaded = self.load("fixed.csv", schema=SCHEMA)
        self.assert_counts(loaded, succeeded=2)
        self.assertEqual([("2", "b"), ("4", "d")], self.target.rows("SELECT id, name FROM target ORDER BY id"))
        ended = self.freightd("replay", report["job_id"], "--from", "fixed.csv", "--json", "--progress", "none")
        self.assertEqual(0, ended.code, str(ended))
        self.assert_counts(ended.report, succeeded=4)

    def test_rejects_are_replayed_from_their_files(self):
        self.files({"a.csv": "id,name\n1,a\n2,b\n", "b.csv": "name,id\nc,2\nd,4\n"})
        report = self.load(code=3, schema=SCHEMA)
        self.target.execute("DELETE FROM target WHERE id = 2")
        ended = self.freightd("replay", report["job_id"], "--json", "--progress", "none")
        self.assertEqual(0, ended.code, str(ended))
        self.assertEqual(4, ended.report["records"]["succeeded"])
        self.assertEqual(["1", "2", "4"], self.ids())

    def test_a_header_that_differs_in_one_file_of_ten_is_named(self):
        self.files({f"{n}.csv": f"id,name\n{n},a\n" for n in range(10)})
        self.files({"7.csv": "id,naem\n7,a\n"})
        for changes in ({}, {"schema": SCHEMA}):
            ended = self.load(code=1, **changes)
            self.assert_failed(ended, "missing_header", "7.csv has no column \"name\"", "0.csv has")
            self.assertEqual([], self.ids())
        self.load(schema={**SCHEMA, "missing_columns": "null"})
        self.assertEqual([("7", None)], self.target.rows("SELECT id, name FROM target WHERE id = 7"))

    def test_a_limit_speaks_of_all_files_and_footers_of_each(self):
        self.files({"a.csv": "id,name\n1,a\n2,b\ntotal,2\n", "b.csv": "id,name\n3,c\n4,d\ntotal,2\n"})
        footers = {"dialect": {"footer_rows": 1}}
        self.assert_verified(self.load(source_options=footers))
        self.assertEqual(["1", "2", "3", "4"], self.ids())
        self.assert_verified(self.load(source_options={**footers, "limit": 3}))
        self.assertEqual(["1", "2", "3"], self.ids())

    def test_json_and_jsonl_files_bring_their_own_keys(self):
        self.files({"a.jsonl": '{"id":1}\n\n{"id":2,"name":"b"}\n', "b.jsonl": '{"name":"c","id":3}\n{"id":"x"}\n',
                    "a.json": '[{"id":1},{"id":2,"name":"b"}]', "b.json": '[{"name":"c","id":3},\n{"id":"x"}]'})  # fmt: skip
        for kind in ("jsonl", "json"):
            with self.subTest(kind):
                report = self.load("in", 3, schema=SCHEMA, source_options={"type": kind})
                self.assert_verified(report)
                self.assertEqual([("1", None), ("2", "b"), ("3", "c")],
                                 self.target.rows("SELECT id, name FROM target ORDER BY id"))  # fmt: skip
                reject = self.rejects()[0][0]
                self.assertEqual((str(self.folder / f"in/b.{kind}"), "3", "2"),
                                 (reject["file"], reject["ordinal"], reject["line"]))  # fmt: skip

    def test_a_preview_names_the_file(self):
        self.files({"a.csv": "id,name\n1,a\n"})
        self.write_job(self.job(source="in"))
        ended = self.freightd("preview", "job.json", "--json")
        self.assertEqual(str(self.folder / "in/a.csv"), json.loads(ended.stdout)["records"][0]["file"])


class RunningAgain(ManyFilesCase):
    def test_a_job_that_was_killed_goes_on_and_loads_every_record_once(self):
        self.files({f"{n:03}.csv": "id,name\n" + "".join(f"{n * 10 + i},x\n" for i in range(10)) for n in range(200)})
        for kind in ("sqlite", "postgresql"):
            target = self.database(kind)
            target.execute(TABLE)
            self.write_job(self.job(target, source="in"))
            storage = ("--storage", f"sqlite:again_{kind}.db")
            for point in ("planner.after_append:2", "destination.after_commit:50", "planner.before_append"):
                killed = self.freightd("run", "job.json", *storage, env={"FREIGHT_FAULT": point})
                self.assertEqual(-signal.SIGKILL, killed.code, str(killed))
            ended = self.freightd("run", "job.json", "--json", "--progress", "none", *storage)
            self.assertEqual(0, ended.code, str(ended))
            self.assert_verified(ended.report)
            self.assertEqual(2000, len(target.rows("SELECT id FROM target")))
            again = self.freightd("run", "job.json", *storage)
            self.assertIn("nothing to do", again.stderr)

    def test_files_that_change_or_come_while_they_are_read_are_told_at_the_end(self):
        for change, said in (("append", "a.csv was changed"), ("add", "c.csv was added"), ("remove", "b.csv was taken away")):
            with self.subTest(change):
                self.files({"a.csv": "id,name\n1,a\n", "b.csv": "id,name\n2,b\n"})
                (self.folder / "in" / "c.csv").unlink(missing_ok=True)
                target = self.database("sqlite")
                target.execute(TABLE)
                self.write_job(self.job(target, source="in", rerun="allow"))
                process = self.start("run", "job.json", "--progress", "none",
                                     env={"FREIGHT_FAULT": "stop:destination.after_commit:2"})  # fmt: skip
                process.wait_until_stopped()
                if change == "append":
                    with open(self.folder / "in" / "a.csv", "a") as file:
                        file.write("3,c\n")
                elif change == "add":
                    self.write("in/c.csv", "id,name\n3,c\n")
                else:
                    (self.folder / "in" / "b.csv").unlink()
                process.go_on()
                ended = process.wait()
                self.assertEqual(1, ended.code, str(ended))
                self.assertIn("source_changed", ended.stdout + ended.stderr)
                self.assertIn(said if change != "append" else "a.csv", ended.stdout + ended.stderr)

    def test_an_empty_file_among_others_without_headers_has_no_records(self):
        self.files({"a.csv": "1,x\n", "b.csv": "", "c.csv": "3,z\n"})
        report = self.load(source_options={"dialect": {"header": False}}, mapping=[
            {"to": "id", "from": "column_1"}, {"to": "name", "from": "column_2"}])  # fmt: skip
        self.assert_verified(report)
        self.assertEqual(["1", "3"], self.ids())

    def test_a_row_left_as_it_was_is_no_correction_whatever_the_order_of_its_file(self):
        self.files({"a.csv": "id,name\n1,a\nx,b\n", "b.csv": "name,id\nc,3\nd,4,zz\n"})
        report = self.load(code=3, schema=SCHEMA)
        fixed = (self.folder / "rejects.csv").read_text().replace(",x,b\n", ",2,b\n")
        self.write("fixed.csv", fixed)
        ended = self.freightd("replay", report["job_id"], "--from", "fixed.csv", "--json", "--progress", "none")
        self.assertEqual(3, ended.code, str(ended))
        self.assertEqual(["1", "2", "3"], self.ids())

    def test_another_file_makes_it_another_input(self):
        self.files({"a.csv": "id,name\n1,a\n"})
        first = self.load()
        job = json.loads((self.folder / "job.json").read_text())
        self.files({"b.csv": "id,name\n2,b\n"})
        ended = self.run_job({**job, "errors": {"allow_all_rejected": True}})
        self.assertNotEqual(first["job_id"], ended.report["job_id"])
        self.assertEqual(["1", "2"], self.ids())


class Proposing(ManyFilesCase):
    def test_the_types_of_a_folder_or_pattern_are_decided_over_its_files(self):
        self.files({"day-1.csv": "id,amount\n1,1\n", "day-2.csv": "id,amount\n2,2.50\n"})
        for number, (source, table, to) in enumerate((("in", "sales", "#sales"), ("in/day-*.csv", "day", ""))):
            target = self.database("sqlite")
            ended = self.freightd("run", "--from", source, "--to", target.url + to, "--json", "--progress", "none",
                                  "--save", f"saved{number}.json")  # fmt: skip
            self.assertEqual(0, ended.code, str(ended))
            saved = json.loads((self.folder / f"saved{number}.json").read_text())
            self.assertEqual(table, saved["destination"]["table"])
            self.assertEqual(["integer", "decimal"], [field["type"] for field in saved["schema"]["fields"]])
            self.assertEqual([("1", "1"), ("2", "2.50")], target.rows(f'SELECT id, amount FROM "{table}" ORDER BY id'))


class OverRest(RestCase):
    def test_a_pattern_reaches_no_file_outside_the_allowed_folders(self):
        self.write("in/a.csv", "id,name\n1,a\n")
        self.serve()
        os.symlink("/etc/passwd", self.folder / "in/b.csv")
        (self.folder / "links").mkdir()
        os.symlink("/etc", self.folder / "links/etc")
        for path in (f"{self.folder}/in/*.csv", f"{self.folder}/in", [f"{self.folder}/in/a.csv", "/etc/*.conf"],
                     f"{self.folder}/links/*/pass*", f"{self.folder}/links/e*/nothing*", "/etc/pass*",
                     f"{self.folder}/../*/*.csv", "/*/passwd"):  # fmt: skip
            with self.subTest(path=path):
                answer = self.client.post("jobs", self.spec(path))
                self.assert_problem(answer, 422, "not_allowed")
                self.assertNotIn("passwd", str(answer.json))

    def spec(self, path):
        return {"source": {"type": "csv", "path": path}, "destination": {"type": "null"}, "schema": SCHEMA}

    def test_dead_letters_batches_and_records_name_their_file(self):
        self.write("in/a.csv", "id,name\n1,a\n")
        path = self.write("in/b.csv", "id,name\nx,b\n")
        self.serve()
        job = self.client.run(self.spec(f"{self.folder}/in/*.csv"))
        self.assertEqual("completed_with_errors", job["status"], job)
        letters = self.client.get(f"jobs/{job['id']}/dead-letters").json["items"]
        self.assertEqual([str(path)], [letter["file"] for letter in letters])
        batches = self.client.get(f"jobs/{job['id']}/batches").json["items"]
        self.assertEqual({str(self.folder / "in/a.csv"), str(path)}, {batch["file"] for batch in batches})
        record = self.client.get(f"jobs/{job['id']}/records/1").json
        self.assertEqual(str(path), record["file"])


if __name__ == "__main__":
    unittest.main()
