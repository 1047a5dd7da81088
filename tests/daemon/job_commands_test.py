#!/usr/bin/env python3
"""What can be asked of jobs on the command line after, and while, they are run."""

import csv
import io
import json
import signal
import subprocess
import unittest

from freightd import program, wait_until
from people_case import PeopleCase, PostgresqlStorage


class JobCommandsCase(PeopleCase):
    def run_rejecting(self):
        """A job of three records of which the second is rejected; gives its id."""
        self.csv.write_text("id,name\n1,Ada\nx,Bob\n3,Cy\n")
        self.write_job()
        finished = self.run_people("--json")
        self.check_code(finished, 3)
        return finished.report["job_id"]

    def interrupt_a_run(self):
        """A job whose `run` was ended by Ctrl-C; gives its id."""
        self.write_people(50)
        self.write_job()
        held = self.hold_destination()
        process = self.start("run", "job.json")
        self.wait_for_lease()
        process.signal(signal.SIGINT)
        self.check_code(process.wait(), 130)
        held.close()
        return self.only_job()["id"]

    def jobs(self):
        finished = self.freightd("jobs", "--json")
        self.check_code(finished, 0)
        return json.loads(finished.stdout)

    def only_job(self):
        (job,) = self.jobs()
        return job

    def check_refused(self, words, code, *said):
        finished = self.freightd(*words)
        self.check_code(finished, code)
        self.check_short_error(finished, *said)
        self.assertEqual(finished.stdout, "")


class Steering(JobCommandsCase):
    def test_an_interrupted_job_is_shown_as_such_until_somebody_works_for_it(self):
        job = self.interrupt_a_run()
        self.assertIn("  interrupted  ", self.freightd("jobs").stdout)
        self.assertEqual((self.only_job()["status"], self.only_job()["interrupted"]), ("running", True))
        held = self.hold_destination()
        process = self.start("run", "job.json")
        self.wait_for_lease()
        self.assertIn("  running  ", self.freightd("jobs").stdout)
        self.assertFalse(self.only_job()["interrupted"])
        process.kill()
        # With PostgreSQL a dead process is noticed when its lease has run out.
        wait_until(lambda: "  interrupted  " in self.freightd("jobs").stdout, 30)
        held.close()
        self.check_code(self.run_people(), 0)
        self.assertEqual((self.only_job()["id"], self.only_job()["status"]), (job, "completed"))

    def test_a_job_is_paused_resumed_cancelled_and_deleted(self):
        job = self.interrupt_a_run()
        paused = self.freightd("pause", job)
        self.check_code(paused, 0)
        self.assertIn("freightd resume " + job, paused.stderr)
        self.assertEqual(self.only_job()["status"], "paused")
        self.assertIn("was paused before", self.freightd("pause", job).stderr)
        self.check_code(self.freightd("resume", job), 0)
        self.assertNotEqual(self.only_job()["status"], "paused")
        self.check_refused(["delete", job], 1, "cannot be deleted", "pause, cancel", "invalid_state")
        self.check_code(self.freightd("cancel", job), 0)
        self.assertEqual(self.only_job()["status"], "cancelled")
        self.assertIn("was cancelled before", self.freightd("cancel", job).stderr)
        self.check_refused(["pause", job], 1, "is cancelled and cannot be paused", "retry, delete")
        self.check_refused(["resume", job], 1, "is cancelled and cannot be resumed")
        self.check_code(self.freightd("delete", job), 0)
        self.assertEqual(self.jobs(), [])
        self.check_refused(["delete", job], 1, "there is no job", "not_found")

    def test_a_job_that_is_run_elsewhere_ends_when_it_is_cancelled(self):
        self.write_people(50)
        self.write_job()
        held = self.hold_destination()
        process = self.start("run", "job.json")
        self.wait_for_lease()
        self.check_code(self.freightd("cancel", self.only_job()["id"]), 0)
        held.close()
        self.check_code(process.wait(), 1)
        self.assertEqual(self.only_job()["status"], "cancelled")

    def test_a_cancelled_job_leaves_no_half_file(self):
        self.write_people(50)
        self.write_job(self.people_job(destination={"type": "csv", "path": "out.csv"}))
        process = self.start("run", "job.json", env={"FREIGHT_FAULT": "stop:engine.before_acknowledge"})
        process.wait_until_stopped()
        process.kill()
        self.assertNotEqual([path.name for path in self.folder.glob("*out.csv*")], [])
        self.check_code(self.freightd("cancel", self.only_job()["id"]), 0)
        self.assertEqual([path.name for path in self.folder.glob("*out.csv*")], [])

    def test_a_job_is_named_by_the_beginning_of_its_id(self):
        job = self.run_rejecting()
        self.assertIn(job, self.freightd("report", job[:-4]).stdout)
        self.check_code(self.run_people("--new"), 3)
        self.check_refused(["report", job[:4]], 2, "several jobs", "freightd jobs")
        self.check_refused(["report", job[:3]], 1, "there is no job '" + job[:3] + "'")
        self.check_refused(["report", "ffffffff"], 1, "there is no job 'ffffffff'", "freightd jobs")
        self.assertIn(job, self.freightd("report", job).stdout)


class SteeringOnPostgresql(PostgresqlStorage, Steering):
    pass


class Retry(JobCommandsCase):
    def test_the_rejected_records_are_tried_again(self):
        self.csv.write_text("id,name\n1,Ada\n2,Bob\n")
        self.write_job()
        with self.connect() as connection:
            connection.execute("INSERT INTO people VALUES (2, 'in the way')")
        first = self.run_people("--json")
        self.check_code(first, 3)
        job = first.report["job_id"]
        self.check_code(self.freightd("retry", job, "--scope", "failed_batches"), 3)
        with self.connect() as connection:
            connection.execute("DELETE FROM people WHERE id = 2")
        again = self.freightd("retry", job, "--json")
        self.check_code(again, 0)
        self.assertEqual(again.report["records"]["succeeded"], 2)
        self.assertIn("1 rejected records", again.stderr)
        self.assertEqual(self.rows(), [(1, "Ada"), (2, "Bob")])
        nothing = self.freightd("retry", job)
        self.check_code(nothing, 0)
        self.assertIn("nothing to try again", nothing.stderr)

    def test_what_a_cancelled_job_left_undone_is_done(self):
        job = self.interrupt_a_run()
        self.check_refused(["retry", job], 1, "is running", "once it has ended")
        self.check_code(self.freightd("cancel", job), 0)
        self.check_refused(["retry", job, "--scope", "wat"], 2, "failed_batches, rejected_records or all")
        self.check_refused(["retry", job, "--scope", "rejected_records"], 1, "--scope all")
        self.check_code(self.freightd("retry", job, "--scope", "failed_batches"), 0)
        self.assertEqual(len(self.rows()), 50)


class Log(JobCommandsCase):
    def log(self, *words):
        finished = self.freightd("log", *words)
        self.check_code(finished, 0)
        return finished.stdout.splitlines()

    def test_it_tells_of_job_batches_and_records(self):
        job = self.run_rejecting()
        lines = self.log(job)
        for text in ("job_submitted", "batch 0", "record 0  succeeded",
                     'record 1  rejected  type_mismatch in id: "x" is not an integer'):
            self.assertTrue(any(text in line for line in lines), (text, lines))
        self.assertEqual(len(self.log(job, "--scope", "record")), 3)
        (rejected,) = self.log(job, "--status", "rejected")
        self.assertEqual(self.log(job, "--code", "type_mismatch"), [rejected])
        self.assertEqual(self.log(job, "--limit", "2"), lines[:2])
        self.assertEqual(self.log(job, "--newest-first"), lines[::-1])
        self.assertEqual(self.log(job, "--since", "2999-01-01T00:00:00Z"), [])

    def test_it_is_exported_as_csv_and_jsonl(self):
        job = self.run_rejecting()
        rows = list(csv.DictReader(io.StringIO("\n".join(self.log(job, "--scope", "record", "--format", "csv")))))
        self.assertEqual(sorted(row["ordinal"] for row in rows), ["0", "1", "2"])
        self.assertEqual(self.log(job, "--format", "jsonl", "--scope", "record", "-o", "log.jsonl"), [])
        entries = [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]
        self.assertEqual([str(entry["ordinal"]) for entry in entries], [row["ordinal"] for row in rows])
        self.assertEqual(len(self.log(job, "--format", "jsonl", "--limit", "1")), 1)
        self.assertEqual(self.log(job, "--format", "jsonl", "--limit", "0"), [])

    def test_a_wrong_filter_says_what_it_takes(self):
        job = self.run_rejecting()
        for option, value, said in (("scope", "wat", "job, batch or record"), ("status", "wat", "rejected"),
                                    ("level", "wat", "debug, info"), ("code", "wat", "codes"), ("batch", "1", "id"),
                                    ("since", "yesterday", "2026-01-31T08:00:00Z"), ("format", "xml", "csv or jsonl")):
            self.check_refused(["log", job, "--" + option, value], 2, "--" + option, value, said)


class Json(JobCommandsCase):
    def json(self, *words):
        finished = self.freightd(*words, "--json")
        self.check_code(finished, 0)
        return json.loads(finished.stdout)

    def test_lists_and_states_are_json_for_programs(self):
        version = self.json("version")
        self.assertIn("sqlite", version["backends"])
        upgraded = self.json("storage", "upgrade")
        self.assertEqual(upgraded["version"], upgraded["latest"])
        self.assertEqual(self.json("storage", "status"), upgraded)
        self.assertEqual(len(upgraded["migrations"]), upgraded["latest"])
        self.assertEqual(self.json("jobs"), [])
        tenant = self.json("tenant", "create", "ACME")
        self.assertEqual((tenant["name"], tenant["status"]), ("ACME", "active"))
        self.assertEqual(self.json("tenant", "suspend", tenant["id"])["status"], "suspended")
        self.assertEqual([one["name"] for one in self.json("tenant", "list")], ["ACME"])
        key = self.json("key", "create", "ACME", "--scopes", "read")
        self.assertTrue(key["key"].startswith("frt_"))
        (listed,) = self.json("key", "list", "ACME")
        self.assertEqual(listed, {name: key[name] for name in listed})
        for number in range(3):
            self.write_people(1, first=number)
            self.write_job()
            self.check_code(self.run_people("--new"), 0)
        jobs = self.json("jobs")
        self.assertEqual([job["status"] for job in jobs], ["completed"] * 3)
        self.assertEqual(self.json("jobs", "--limit", "2"), jobs[:2])


class NoStorage(JobCommandsCase):
    def test_commands_that_look_make_no_database(self):
        id = "019f0000-0000-7000-8000-000000000000"
        for words in (["jobs"], ["report", id], ["rejects", id], ["log", id], ["replay", id], ["retry", id],
                      ["cancel", id], ["pause", id], ["resume", id], ["delete", id], ["tenant", "list"],
                      ["tenant", "suspend", id], ["key", "list", "ACME"], ["key", "revoke", id],
                      ["erase", "ACME", "--key", "1"], ["prune", "--retain-jobs", "1d"], ["reseal"]):
            with self.subTest(words):
                self.check_refused(words, 1, "there is no storage of Freight at sqlite:", "freightd storage upgrade")
        self.assertEqual([path.name for path in self.folder.glob("freight*")], [])

    def test_a_database_without_freights_tables_is_left_alone(self):
        for name in ("empty.db", "out.db"):
            path = self.folder / name
            path.touch()
            before = path.read_bytes()
            self.check_refused(["jobs", "--storage", f"sqlite:{path}"], 1, "there is no storage of Freight")
            self.assertEqual(path.read_bytes(), before)


class NoPostgresqlStorage(PostgresqlStorage, JobCommandsCase):
    def test_commands_that_look_make_no_schema(self):
        for words in (["jobs"], ["tenant", "list"], ["prune", "--retain-jobs", "1d"]):
            self.check_refused(words, 1, "there is no storage of Freight at postgresql://", "freightd storage upgrade")
        self.assertEqual(self.storage_database.rows("SELECT 1 FROM pg_namespace WHERE nspname = 'freight'"), [])


class Words(JobCommandsCase):
    def test_what_is_misspelt_gets_the_nearest(self):
        self.check_refused(["vaildate"], 2, "'vaildate'", "the nearest is 'validate'")
        self.check_refused(["zzzzzz"], 2, "'zzzzzz'", "freightd --help")
        self.check_refused(["run", "--wokers", "3", "job.json"], 2, "--wokers", "the nearest is --workers")
        self.check_refused(["jobs", "--zzzzzz"], 2, "--zzzzzz", "--help")
        (self.folder / "freightd.conf").write_text("storge = sqlite:x.db\n")
        self.check_refused(["jobs", "--config", "freightd.conf"], 2, "storge", "the nearest is --storage")

    def test_help_of_a_command(self):
        for words in (["help", "run"], ["run", "--help"]):
            finished = self.freightd(*words)
            self.check_code(finished, 0)
            self.assertIn("--workers", finished.stdout)
        self.check_refused(["help", "rnu"], 2, "the nearest is 'run'")
        self.check_refused(["help", "run", "jobs"], 2, "usage: freightd help")

    def test_output_that_nobody_reads_ends_quietly(self):
        self.write_people(2000)
        self.write_job()
        self.check_code(self.run_people(), 0)
        job = self.only_job()["id"]
        for words, code in ((["spec"], 0), (["jobs"], 0), (["log", job], 0), (["rejects", job], 0), (["report", job], 0)):
            self.assertEqual(self.run_unread(*words), (code, ""))
        self.csv.write_text("id,name\nx,Ada\n9001,Bob\n")
        self.assertEqual(self.run_unread("run", "job.json", "--progress", "none"), (3, ""))

    def run_unread(self, *words):
        """Exit status and stderr of a command whose stdout is a pipe that was closed."""
        process = subprocess.Popen(["bash", "-c", '"$@" | :; exit ${PIPESTATUS[0]}', "-", program(), *words],
                                   cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True,
                                   env={"FREIGHT_STORAGE": self.storage, "PATH": "/usr/bin:/bin"})
        out, err = process.communicate(timeout=120)
        self.assertEqual(out, "")
        return process.returncode, err


if __name__ == "__main__":
    unittest.main(verbosity=2)
