"""Rejects whose cells are hard to tell: from standard input, cut, or not kept at all."""

import csv
import unittest

from case import FreightCase, for_each_backend

ROWS = b"id,n\n1,a\n2,b,c\n3,x\n4,oops,\n"
TABLE = "CREATE TABLE target (id integer PRIMARY KEY, n text, z text)"
FIELDS = {"fields": [{"name": "id", "type": "integer"}, {"name": "n"}]}
THREE_FIELDS = {"fields": [*FIELDS["fields"], {"name": "z"}]}


class Rejects(FreightCase):
    def cells(self, *names):
        return [tuple(reject[name] for name in names) for reject in self.rejects()[0]]

    def fix(self, **cells):
        """Writes cells over those of every row, as a person does."""
        rejects, header = self.rejects()
        for reject in rejects:
            reject.update(cells)
        with open(self.folder / "fixed.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rejects)

    @for_each_backend
    def test_of_standard_input_have_their_cells_and_load_once_corrected(self, backend):
        database = self.database(backend)
        database.execute(TABLE)
        job = {**self.job(database, source="-"), "schema": FIELDS}
        ended = self.run_job(job, code=3, stdin=ROWS)
        self.assertEqual([("2", "b"), ("4", "oops")], self.cells("id", "n"), str(ended))
        self.fix(raw="", n="mended")
        fixed = {**self.job(database, source="fixed.csv"), "schema": FIELDS}
        ended = self.run_job(fixed, "--new", code=0)
        rows = database.rows("SELECT id, n FROM target ORDER BY id")
        self.assertEqual(["a", "mended", "x", "mended"], [row[1] for row in rows], str(ended))

    def test_of_a_dialect_from_the_environment_have_their_cells(self):
        database = self.database("sqlite")
        database.execute(TABLE)
        self.write("source.csv", ROWS.replace(b",", b";"))
        job = self.job(database)
        job["source"]["dialect"] = {"delimiter": "${env:DL}"}
        self.run_job(job, code=3, env={"DL": ";"})
        self.assertEqual([("2", "b"), ("4", "oops")], self.cells("id", "n"))

    def check_unknown(self, database, job):
        """A cell that is empty only because it was not kept is never loaded as NULL."""
        self.assertEqual([("", "", "")], self.cells("id", "n", "z"))
        self.fix(id="77")
        name = self.rejects()[0][0]["ordinal"]
        replayed = self.freightd("replay", self.first["job_id"], "--from", "fixed.csv")
        self.assert_failed(replayed, "invalid_value", "not kept whole", f"record {name}", '"n"', exit_code=2)
        fixed = {**job, "source": {"type": "csv", "path": "fixed.csv"}}
        ended = self.freightd("run", self.write_job(fixed, "again.json"), "--json", "--rejects", "left.csv")
        self.assertEqual(1, ended.report["records"]["rejected"], str(ended))
        self.assertIn("not kept whole", (self.folder / "left.csv").read_text())
        self.assertEqual([("1", "a", "b")], database.rows("SELECT id, n, z FROM target"))
        # With every cell filled in there is nothing to guess.
        self.fix(id="77", n="short", z="tail")
        replayed = self.freightd("replay", self.first["job_id"], "--from", "fixed.csv")
        self.assertEqual(0, replayed.code, str(replayed))
        self.assertEqual([("1", "a", "b"), ("77", "short", "tail")],
                         database.rows("SELECT id, n, z FROM target ORDER BY id"))  # fmt: skip

    @for_each_backend
    def test_of_a_record_that_was_cut_are_not_loaded_by_half(self, backend):
        database = self.database(backend)
        database.execute(TABLE)
        self.write("source.csv", f"id,n,z\nx,{'é' * 70_000},tail\n1,a,b\n")
        job = {**self.job(database), "schema": THREE_FIELDS}
        self.first = self.run_job(job, code=3).report
        self.check_unknown(database, job)

    @for_each_backend
    def test_of_a_record_whose_text_is_not_kept_are_not_loaded_by_half(self, backend):
        database = self.database(backend)
        database.execute(TABLE)
        self.write("source.csv", "id,n,z\nx,abc,tail\n1,a,b\n")
        job = {**self.job(database), "schema": THREE_FIELDS, "errors": {"store_raw": False}}
        self.first = self.run_job(job, code=3).report
        self.check_unknown(database, job)


class Sources(FreightCase):
    """A replay that cannot begin leaves the job as it is."""

    def check_untouched(self, job_id, *said, exit_code=1, **options):
        ended = self.freightd("replay", job_id, **options)
        self.assert_failed(ended, *said, exit_code=exit_code)
        report = self.freightd("report", job_id, "--json").report
        self.assertEqual(("completed_with_errors", None), (report["status"], report["error"]))

    def test_that_are_gone_or_changed_cost_a_replay_and_not_the_job(self):
        database = self.database("sqlite")
        database.execute(TABLE)
        self.write("source.csv", ROWS)
        first = self.run_job({**self.job(database), "schema": FIELDS}, code=3).report
        (self.folder / "source.csv").rename(self.folder / "away.csv")
        self.check_untouched(first["job_id"], "source_not_found", "source.csv")
        self.write("source.csv", ROWS + b"5,y\n")
        self.check_untouched(first["job_id"], "source_changed", "put the old source back")
        (self.folder / "away.csv").rename(self.folder / "source.csv")
        ended = self.freightd("replay", first["job_id"], "--json")
        self.assertEqual(2, ended.report["passes"][-1]["records"], str(ended))

    def test_of_an_environment_that_is_not_set_are_named(self):
        database = self.database("sqlite")
        database.execute(TABLE)
        self.write("source.csv", ROWS)
        job = {**self.job(database, source="${env:NAME_OF_FILE}"), "schema": FIELDS}
        first = self.run_job(job, code=3, env={"NAME_OF_FILE": "source.csv"}).report
        self.check_untouched(first["job_id"], "NAME_OF_FILE", "set what it was run with", exit_code=2)


class Limits(FreightCase):
    """A limit that ended a job is not got round by typing the command again."""

    def begun(self, backend):
        database = self.database(backend)
        database.execute(TABLE)
        self.write("source.csv", "id,n\n1,a\n" + "".join(f"x{number},b\n" for number in range(5)))
        job = {**self.job(database), "schema": FIELDS, "errors": {"max_rejects": 2}}
        first = self.run_job(job, code=1)
        self.assertEqual("too_many_rejects", first.report["error"]["code"], str(first))
        return database, job, first.report["job_id"]

    @for_each_backend
    def test_of_rejects_hold_when_the_job_is_run_again(self, backend):
        database, job, job_id = self.begun(backend)
        for _ in range(2):
            again = self.freightd("run", "job.json", "--progress", "none")
            self.assert_failed(again, "too_many_rejects", "max_rejects", f"freightd retry {job_id}", "--new")

    @for_each_backend
    def test_of_rejects_that_are_raised_let_the_job_go_on(self, backend):
        database, job, _ = self.begun(backend)
        self.run_job({**job, "errors": {"max_rejects": 5}}, code=3)
        self.assertEqual([("1", "a")], database.rows("SELECT id, n FROM target"))

    @for_each_backend
    def test_of_rejects_begin_anew_by_a_retry(self, backend):
        database, _, job_id = self.begun(backend)
        retried = self.freightd("retry", job_id)
        self.assertEqual(3, retried.code, str(retried))
        self.assertEqual([("1", "a")], database.rows("SELECT id, n FROM target"))


if __name__ == "__main__":
    unittest.main()
