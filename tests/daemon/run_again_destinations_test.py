"""Running a job again: from the same or another folder, at once, after a change, after a failure."""

import os
import shutil
import signal
import unittest

from case import FreightCase, comparable, for_each_backend

RECORDS = 20_000


def keyless(database):
    database.execute("CREATE TABLE target (id BIGINT, name TEXT)")
    return database


class RunningAgain(FreightCase):
    def prepare(self, backend, records=RECORDS, folder="", **changes):
        lines = "".join(f"{n},name {n}\n" for n in range(records))
        self.write(f"{folder}source.csv", f"id,name\n{lines}broken\n")
        self.target = keyless(self.database(backend))
        return self.job(self.target, batch={"max_records": 1000}, **changes)

    def assert_rows(self, rows, distinct=None):
        self.assertEqual(
            [(str(rows), str(rows if distinct is None else distinct))],
            self.target.rows("SELECT count(*), count(DISTINCT id) FROM target"),
        )

    @for_each_backend
    def test_completed_job_does_nothing_and_shows_its_report(self, backend):
        job = self.prepare(backend)
        first = self.run_job(job, code=3)
        again = self.run_job(job, code=3)
        self.assertEqual(first.report, again.report)
        self.assertIn("already", again.stderr)
        self.assert_rows(RECORDS)
        self.assertEqual(1, len(self.rejects()[0]))

    @for_each_backend
    def test_from_another_folder_is_refused(self, backend):
        job = self.prepare(backend)
        shutil.rmtree(self.folder / "other", ignore_errors=True)
        self.run_job(job, code=3)
        other = self.folder / "other"
        other.mkdir()
        os.rename(self.folder / "source.csv", other / "copy.csv")
        self.write_job({**job, "source": {"type": "csv", "path": "copy.csv"}}, "other/job.json")
        ended = self.freightd("run", "job.json", "--progress", "none", folder=other)
        self.assert_failed(ended, "already_loaded", str(RECORDS), "--new", "freightd replay")
        self.assertNotIn("emptied", ended.stderr)
        self.assert_rows(RECORDS)
        self.target.execute("CREATE TABLE kept AS SELECT * FROM target; DELETE FROM target")
        ended = self.freightd("run", "job.json", "--progress", "none", folder=other)
        self.assert_failed(ended, "already_loaded", "has been emptied since", "--new")
        self.target.execute("INSERT INTO target SELECT * FROM kept")
        ended = self.freightd("run", "job.json", "--new", folder=other)
        self.assertEqual(3, ended.code, str(ended))
        self.assert_rows(2 * RECORDS, RECORDS)

    @for_each_backend
    def test_half_loaded_from_another_folder_is_refused_and_goes_on_from_there(self, backend):
        job = self.prepare(backend)
        job["batch"] = {"max_records": 100}
        self.write_job(job)
        killed = self.freightd("run", "job.json", "--progress", "none", env={"FREIGHT_FAULT": "destination.after_commit:3"})
        self.assertEqual(-9, killed.code, str(killed))
        loaded = int(self.target.rows("SELECT count(*) FROM target")[0][0])
        self.assertGreater(loaded, 0)
        other = self.folder / "other"
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        shutil.copy(self.folder / "source.csv", other / "source.csv")
        self.write_job(job, "other/job.json")
        ended = self.freightd("run", "job.json", "--progress", "none", folder=other)
        self.assert_failed(ended, "partly_loaded", str(loaded), "--new")
        self.assert_rows(loaded)
        self.run_job(job, code=3)
        self.assert_rows(RECORDS)

    @for_each_backend
    def test_new_and_rerun_allow_make_a_new_job(self, backend):
        job = self.prepare(backend, records=1000)
        first = self.run_job(job, code=3).report
        second = self.run_job(job, "--new", code=3).report
        third = self.run_job({**job, "rerun": "allow"}, code=3).report
        self.assertEqual(3, len({report["job_id"] for report in (first, second, third)}))
        self.assert_rows(3000, 1000)

    @for_each_backend
    def test_two_processes_at_once(self, backend):
        job = self.prepare(backend, records=60_000)
        self.write_job(job)
        storages = {"sqlite": self.database("sqlite").url, "postgresql": self.database("postgresql").url}
        for kind, storage in storages.items():
            with self.subTest(storage=kind):
                self.target.execute("DELETE FROM target; DROP TABLE IF EXISTS freight_ledger")
                arguments = ("run", "job.json", "--json", "--progress", "none", "--storage", storage)
                processes = [self.start(*arguments) for _ in range(3)]
                ended = [process.wait() for process in processes]
                for one in ended:
                    self.assertEqual(3, one.code, str(one))
                self.assertEqual(1, len({one.report["job_id"] for one in ended}))
                self.assertEqual(comparable(ended[0].report), comparable(ended[1].report))
                self.assert_counts(ended[0].report, succeeded=60_000, rejected=1)
                self.assert_verified(ended[0].report)
                self.assert_rows(60_000)

    @for_each_backend
    def test_changed_file_after_completion_is_a_new_job(self, backend):
        job = self.prepare(backend, records=10)
        first = self.run_job(job, code=3).report
        self.write("source.csv", "id,name\n100,new\n")
        second = self.run_job(job, code=0).report
        self.assertNotEqual(first["job_id"], second["job_id"])
        self.assert_counts(second, succeeded=1)
        self.assert_rows(11)

    def interrupted(self, job):
        self.write_job(job)
        killed = self.freightd(
            "run", "job.json", "--progress", "none", env={"FREIGHT_FAULT": "destination.after_commit:2"}
        )
        self.assertEqual(-signal.SIGKILL, killed.code, str(killed))

    @for_each_backend
    def test_changed_file_of_an_unfinished_job_is_refused(self, backend):
        job = self.prepare(backend, records=150_000)
        self.interrupted(job)
        content = (self.folder / "source.csv").read_bytes()
        self.write("source.csv", content + b"150001,one more\n")
        ended = self.run_job(job)
        self.assert_failed(ended, "source_changed", "--new")
        self.write("source.csv", content)
        self.run_job(job, code=3)
        self.assert_rows(150_000)

    def stopped_after_a_batch(self):
        process = self.start(
            "run", "job.json", "--workers", "1", "--progress", "none",
            env={"FREIGHT_FAULT": "stop:destination.after_commit"},
        )  # fmt: skip
        process.wait_until_stopped()
        return process

    @for_each_backend
    def test_file_that_changes_while_it_is_read(self, backend):
        job = self.prepare(backend, records=150_000)
        self.write_job(job)
        process = self.stopped_after_a_batch()
        with open(self.folder / "source.csv", "r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(b"150001,one more\n")
        process.go_on()
        self.assert_failed(process.wait(), "source_changed", "source.csv")

    @for_each_backend
    def test_bytes_that_change_in_the_middle(self, backend):
        # What was planned and not yet read: the last batches, changed without any other trace.
        job = self.prepare(backend, records=200_000)
        self.write_job(job)
        process = self.stopped_after_a_batch()
        size = (self.folder / "source.csv").stat().st_size
        times = (self.folder / "source.csv").stat()
        with open(self.folder / "source.csv", "r+b") as file:
            content = file.read()
            file.seek(size // 8)
            file.write(content[size // 8 : size - 2 * 1024 * 1024].replace(b"name", b"eman"))
        os.utime(self.folder / "source.csv", ns=(times.st_atime_ns, times.st_mtime_ns))
        process.go_on()
        self.assert_failed(process.wait(), "source_changed", "source.csv")

    @for_each_backend
    def test_failed_job_is_taken_up_again(self, backend):
        job = self.prepare(backend, records=100)
        job["destination"]["table"] = "later"
        failed = self.run_job(job, code=1).report
        self.target.execute("CREATE TABLE later (id BIGINT, name TEXT)")
        ended = self.run_job(job, code=3)
        self.assertEqual(failed["job_id"], ended.report["job_id"])
        self.assert_counts(ended.report, succeeded=100, rejected=1)
        self.assertEqual([("100",)], self.target.rows("SELECT count(*) FROM later"))

    @for_each_backend
    def test_another_mapping_is_another_job(self, backend):
        job = self.prepare(backend, records=100)
        self.run_job(job, code=3)
        mapped = {**job, "mapping": [{"to": "id", "from": "id"}, {"to": "name", "const": "same"}]}
        self.run_job(mapped, code=3)
        self.assert_rows(200, 100)

    @for_each_backend
    def test_resumed_with_the_batch_sizes_it_was_submitted_with(self, backend):
        job = self.prepare(backend, records=150_000)
        self.interrupted(job)
        ended = self.run_job({**job, "batch": {"max_records": 7777}}, code=3)
        self.assertEqual(151, ended.report["batches"]["total"])
        self.assert_rows(150_000)


if __name__ == "__main__":
    unittest.main()
