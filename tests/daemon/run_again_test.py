#!/usr/bin/env python3
"""Running a job file again: the same input is never loaded twice, and nothing is lost on the way."""

import json
import signal
import unittest

from freightd import wait_until
from people_case import PeopleCase, PostgresqlStorage


class RunAgain:
    """The cases; run over each storage."""

    def test_completed_does_nothing_and_prints_that_report(self):
        self.write_people(25)
        self.write_job()
        first = self.run_people("--json")
        self.check_code(first, 0)
        again = self.run_people("--json", "--report", "report.json")
        self.check_code(again, 0)
        self.assertEqual(again.report, first.report)
        self.assertEqual(json.loads((self.folder / "report.json").read_text()), first.report)
        self.assertIn("nothing to do", again.stderr)
        self.assertEqual(len(self.rows()), 25)
        self.assertEqual(self.count_jobs(), 1)

    def test_completed_with_rejects_exits_with_3_again(self):
        self.csv.write_text("id,name\n1,Ada\nx,Bob\n")
        self.write_job()
        self.check_code(self.run_people(), 3)
        again = self.run_people("--rejects", "rejects.csv")
        self.check_code(again, 3)
        self.assertEqual(len((self.folder / "rejects.csv").read_text().splitlines()), 2)

    def test_completed_with_another_input_is_a_new_job(self):
        self.write_people(5)
        self.write_job()
        self.check_code(self.run_people(), 0)
        self.write_people(7, first=100)
        self.check_code(self.run_people(), 0)
        self.assertEqual(len(self.rows()), 12)
        self.assertEqual(self.count_jobs(), 2)

    def test_an_input_that_was_loaded_before_the_last_one_is_not_loaded_again(self):
        self.write_people(5)
        self.write_job()
        self.check_code(self.run_people(), 0)
        self.write_people(7, first=100)
        self.check_code(self.run_people(), 0)
        self.write_people(5)
        again = self.run_people()
        self.check_code(again, 0)
        self.assertIn("nothing to do", again.stderr)
        self.assertEqual(len(self.rows()), 12)

    def test_new_makes_a_new_job(self):
        self.write_people(5)
        self.write_job()
        self.check_code(self.run_people(), 0)
        again = self.run_people("--new", "--json")
        self.check_code(again, 3)
        self.assertEqual(again.report["records"]["rejected"], 5)
        self.assertEqual(again.report["rejects"][0]["code"], "unique_violation")
        self.assertEqual(self.count_jobs(), 2)

    def test_rerun_allow_makes_a_new_job(self):
        self.write_people(5)
        self.write_job(self.people_job(rerun="allow", errors={"allow_all_rejected": True}))
        self.check_code(self.run_people(), 0)
        self.check_code(self.run_people(), 3)
        self.assertEqual(self.count_jobs(), 2)

    def test_killed_is_resumed_and_reports_as_if_undisturbed(self):
        self.write_people(95)
        self.write_job()
        held = self.hold_destination()
        process = self.start("run", "job.json")
        self.wait_for_lease()
        process.kill()
        process.wait()
        held.close()
        again = self.run_people("--json")
        self.check_code(again, 0)
        # On PostgreSQL a node counts as alive until its heartbeats have been missed.
        self.assertRegex(again.stderr, "going on with job|another process runs job")
        report = again.report
        self.assertEqual(report["records"]["succeeded"], 95)
        self.assertEqual(report["batches"], {"total": 10, "completed": 10, "failed": 0})
        self.assertEqual(report["reconciliation"]["status"], "verified")
        self.assertEqual(self.rows(), [(number, f"person {number}") for number in range(1, 96)])
        self.assertEqual(self.count_jobs(), 1)

    def test_interrupted_with_another_input_is_source_changed(self):
        self.write_people(8_000)
        self.write_job()
        process = self.start("run", "job.json")
        wait_until(lambda: self.query_storage("SELECT count(*) FROM migration_jobs WHERE fingerprint <> ''")[0][0])
        process.signal(signal.SIGINT)
        self.check_code(process.wait(), 130)
        self.write_people(8_001)
        changed = self.run_people("--json")
        self.check_code(changed, 1)
        self.check_short_error(changed, "source_changed", "--new")
        self.assertEqual(changed.report["error"]["code"], "source_changed")
        self.write_people(8_000)
        self.check_code(self.run_people("--set", "/batch/max_records=10000"), 0)
        self.assertEqual(len(self.rows()), 8_000)

    def test_failed_is_tried_again(self):
        self.write_people(25)
        self.write_job(self.people_job(destination={"type": "sql", "url": "sqlite:out.db", "table": "later"}))
        self.check_code(self.run_people(), 1)
        with self.connect() as connection:
            connection.execute("CREATE TABLE later (id BIGINT PRIMARY KEY, name TEXT)")
        again = self.run_people()
        self.check_code(again, 0)
        self.assertIn("trying again", again.stderr)
        self.assertEqual(self.connect().execute("SELECT count(*) FROM later").fetchone(), (25,))
        self.assertEqual(self.count_jobs(), 1)

    def test_a_job_that_a_live_process_runs_is_joined(self):
        self.write_people(95)
        self.write_job()
        held = self.hold_destination()
        first = self.start("run", "job.json", "--json")
        self.wait_for_lease()
        second = self.start("run", "job.json", "--json")
        second.wait_for_stderr("joining it")
        held.close()
        one, two = first.wait(), second.wait()
        self.check_code(one, 0)
        self.check_code(two, 0)
        self.assertEqual(one.report, two.report)
        self.assertEqual(len(self.rows()), 95)
        self.assertEqual(self.count_jobs(), 1)

    def test_a_joined_job_goes_on_when_the_first_process_dies(self):
        self.write_people(95)
        self.write_job()
        held = self.hold_destination()
        first = self.start("run", "job.json")
        self.wait_for_lease()
        second = self.start("run", "job.json", "--json")
        second.wait_for_stderr("joining it")
        first.kill()
        held.close()
        finished = second.wait()
        self.check_code(finished, 0)
        self.assertEqual(finished.report["records"]["succeeded"], 95)
        self.assertEqual(len(self.rows()), 95)

    def test_processes_that_start_at_the_same_instant_share_one_job(self):
        self.check_code(self.freightd("storage", "upgrade"), 0)
        for round_number in range(3):
            self.write_people(95, first=1000 * round_number)
            self.write_job()
            processes = [self.start("run", "job.json", "--json") for _ in range(4)]
            finished = [process.wait() for process in processes]
            for one in finished:
                self.check_code(one, 0)
                self.assertEqual(one.report, finished[0].report)
            self.assertEqual(self.count_jobs(), round_number + 1)
            self.assertEqual(len(self.rows()), 95 * (round_number + 1))

    def test_processes_that_make_the_storage_at_the_same_instant_share_one_job(self):
        self.write_people(95)
        self.write_job()
        finished = [process.wait() for process in [self.start("run", "job.json") for _ in range(4)]]
        for one in finished:
            self.check_code(one, 0)
        self.assertEqual(self.count_jobs(), 1)
        self.assertEqual(len(self.rows()), 95)

    def test_the_same_load_from_another_folder_and_storage_is_refused(self):
        self.write_people(5)
        self.write_job()
        self.check_code(self.run_people(), 0)
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "people.csv").write_text(self.csv.read_text())
        (elsewhere / "job.json").write_text(json.dumps(self.people_job(
            destination={"type": "sql", "url": "sqlite:../out.db", "table": "people"})))
        arguments = ["run", "elsewhere/job.json", "--storage", "sqlite:elsewhere/freight.db"]
        refused = self.freightd(*arguments)
        self.check_code(refused, 1)
        self.check_short_error(refused, "already_loaded")
        self.assertEqual(len(self.rows()), 5)
        self.check_code(self.freightd(*arguments, "--new"), 3)

    def test_resuming_keeps_the_batch_sizes_of_the_first_run(self):
        self.write_people(95)
        self.write_job()
        held = self.hold_destination()
        process = self.start("run", "job.json")
        self.wait_for_lease()
        process.kill()
        process.wait()
        held.close()
        again = self.run_people("--json", "--set", "/batch/max_records=1000")
        self.check_code(again, 0)
        self.assertEqual(again.report["batches"]["total"], 10)


class RunAgainOnSqlite(RunAgain, PeopleCase):
    def test_killed_before_and_after_each_commit_it_ends_like_an_undisturbed_run(self):
        points = ["submit.after", "planner.before_append", "planner.after_append", "destination.after_ledger_insert",
                  "destination.before_commit", "destination.after_commit",
                  "engine.before_acknowledge", "engine.after_acknowledge", "finish.before", "finish.after"]
        self.write_people(600)
        self.write_job()
        undisturbed = self.run_people("--json", "--storage", "sqlite:other.db", "--set", "/destination/ledger=none")
        self.check_code(undisturbed, 0)
        with self.connect() as connection:
            connection.execute("DELETE FROM people")
        for point in points:
            killed = self.freightd("run", "job.json", "--workers", "1", env={"FREIGHT_FAULT": point})
            self.assertEqual(killed.code, -signal.SIGKILL, f"{point}: {killed.stderr}")
        finished = self.run_people("--json")
        self.check_code(finished, 0)
        self.assertEqual(self.rows(), [(number, f"person {number}") for number in range(1, 601)])
        for key in ("status", "records", "written", "batches"):
            self.assertEqual(finished.report[key], undisturbed.report[key])
        self.assertEqual(finished.report["reconciliation"]["status"], "verified")

    def test_a_job_of_one_batch_ends_like_an_undisturbed_one_wherever_it_is_killed(self):
        records = [{"id": number, "name": f"person {number}"} for number in range(1, 26)]
        source = {"type": "inline", "records": records}
        self.write_job(self.people_job(source=source, batch={"max_records": 100}))
        points = ["destination.before_commit", "destination.after_commit", "engine.before_acknowledge",
                  "engine.after_acknowledge", "finish.before"]
        for point in points:
            killed = self.freightd("run", "job.json", "--workers", "1", env={"FREIGHT_FAULT": point})
            self.assertEqual(killed.code, -signal.SIGKILL, f"{point}: {killed.stderr}")
        finished = self.run_people("--json")
        self.check_code(finished, 0)
        self.assertEqual(self.rows(), [(number, f"person {number}") for number in range(1, 26)])
        self.assertEqual(finished.report["batches"], {"total": 1, "completed": 1, "failed": 0})
        self.assertEqual(finished.report["reconciliation"]["status"], "verified")
        self.assertEqual(self.count_jobs(), 1)


class RunAgainOnPostgresql(RunAgain, PostgresqlStorage, PeopleCase):
    pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
