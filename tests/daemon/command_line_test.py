#!/usr/bin/env python3
"""What freightd answers: exit codes, output, errors and options."""

import csv
import fcntl
import json
import os
import signal
import struct
import subprocess
import termios
import unittest

from freightd import program
from people_case import PeopleCase


class ExitCodes(PeopleCase):
    def test_0_when_everything_arrives(self):
        self.write_people(25)
        self.write_job()
        finished = self.run_people()
        self.check_code(finished, 0)
        self.assertEqual(self.rows(), [(number, f"person {number}") for number in range(1, 26)])
        for words in ("people: completed", "read            25", "succeeded       25", "verified"):
            self.assertIn(words, finished.stdout)

    def test_3_when_records_are_rejected(self):
        self.csv.write_text("id,name\n1,Ada\nx,Bob\n3,Eve\n3,Mallory\n")
        self.write_job()
        finished = self.run_people("--rejects", "rejects.csv", "--report", "report.json")
        self.check_code(finished, 3)
        self.assertEqual([row[0] for row in self.rows()], [1, 3])
        self.assertIn("rejected        2", finished.stdout)
        report = json.loads((self.folder / "report.json").read_text())
        self.assertEqual(report["status"], "completed_with_errors")
        self.assertEqual(report["records"]["rejected"], 2)

    def test_1_when_the_job_fails(self):
        self.write_people(5)
        self.write_job(self.people_job(destination={"type": "sql", "url": "sqlite:out.db", "table": "nobody"}))
        finished = self.run_people()
        self.check_code(finished, 1)
        self.check_short_error(finished, "nobody", "table_not_found")

    def test_2_for_a_wrong_spec_with_every_error_at_once(self):
        self.write_job(self.people_job(nmae="x", batch={"max_records": 0}))
        finished = self.run_people()
        self.check_code(finished, 2)
        for words in ("/nmae", "name", "unknown_key", "/batch/max_records"):
            self.assertIn(words, finished.stderr)
        self.assertFalse((self.folder / "freight.db").exists())

    def test_2_for_a_job_file_that_is_not_json_or_not_there(self):
        self.write_job("{ not json")
        self.check_code(self.run_people(), 2)
        missing = self.run_people(job="missing.json")
        self.check_code(missing, 2)
        self.check_short_error(missing, "missing.json")
        folder = self.run_people(job=".")
        self.check_code(folder, 2)
        self.check_short_error(folder, "directory")

    def test_2_for_wrong_usage(self):
        self.write_people(1)
        self.write_job()
        for words in ([], ["wat"], ["run"], ["run", "a.json", "b.json"], ["run", "--wat", "job.json"],
                      ["run", "job.json", "--workers", "0"], ["run", "job.json", "--report", "no/such/folder/r.json"],
                      ["storage"], ["storage", "wat"], ["validate", "--new", "job.json"],
                      ["run", "job.json", "--storage", "mysql://me:secret@host/db"]):
            finished = self.freightd(*words)
            self.check_code(finished, 2)
            self.check_short_error(finished)
            self.assertNotIn("secret", finished.stderr)

    def test_130_when_interrupted_and_the_next_run_goes_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.write_people(50, first=1000 * number)
            self.write_job()
            held = self.hold_destination()
            process = self.start("run", "job.json")
            self.wait_for_lease()
            process.signal(number)
            finished = process.wait()
            self.check_code(finished, 130)
            self.assertIn("run the same command again", finished.stderr)
            held.close()
            again = self.run_people()
            self.check_code(again, 0)
            self.assertIn("going on with job", again.stderr)
        self.assertEqual(len(self.rows()), 100)

    def test_a_second_interrupt_quits_at_once(self):
        self.write_people(50)
        self.write_job()
        self.hold_destination()
        process = self.start("run", "job.json")
        self.wait_for_lease()
        # Both are there when it goes on.
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            process.signal(number)
        finished = process.wait()
        self.check_code(finished, 130)
        # Whoever waits for the batch in flight says how to go on.
        self.assertNotIn("run the same command again", finished.stderr)


class Failures(PeopleCase):
    def check_failure(self, *words):
        finished = self.run_people("--json")
        self.check_code(finished, 1)
        self.check_short_error(finished, *words)
        report = finished.report
        self.assertEqual(report["status"], "failed")
        self.assertIn(report["error"]["code"], words)
        self.assertEqual(self.rows(), [])

    def test_a_source_that_is_not_there(self):
        self.write_job()
        self.check_failure("people.csv", "source_not_found")

    def test_a_source_that_is_a_directory(self):
        self.csv.mkdir()
        self.write_job()
        self.check_failure("people.csv", "source_unreadable")

    def test_an_empty_source(self):
        self.csv.write_text("")
        self.write_job()
        self.check_failure("missing_header")

    def test_a_destination_that_is_freights_own_storage(self):
        self.write_people(3)
        self.write_job(self.people_job(destination={"type": "sql", "url": self.storage, "table": "migration_jobs"}))
        self.check_failure("destination_is_storage")

    def test_a_failed_job_runs_when_its_cause_is_gone(self):
        self.csv.write_text("")
        self.write_job()
        self.check_code(self.run_people(), 1)
        self.write_people(3)
        self.check_code(self.run_people(), 0)
        self.assertEqual(len(self.rows()), 3)


class Output(PeopleCase):
    def test_json_is_the_only_thing_on_stdout(self):
        self.write_people(7)
        self.write_job()
        finished = self.run_people("--json", "--report", "report.json")
        self.check_code(finished, 0)
        report = finished.report
        self.assertEqual(report, json.loads((self.folder / "report.json").read_text()))
        self.assertEqual(report["name"], "people")
        self.assertEqual(report["delivery"], "exactly_once")
        self.assertEqual(report["records"], {"read": 7, "succeeded": 7, "rejected": 0, "skipped": 0, "filtered": 0,
                                             "pending": 0, "with_warnings": 0})
        self.assertEqual(report["written"], {"inserted": 7, "updated": 0, "unchanged": 0})
        self.assertEqual(report["batches"], {"total": 1, "completed": 1, "failed": 0})
        self.assertEqual(report["reconciliation"], {"status": "verified", "accounting": "ok", "source_count": 7,
                                                    "ledger_rows": 7, "destination_delta": 7, "differences": []})
        self.assertEqual(report["passes"], [{"number": 1, "started_at": report["started_at"], "records": 7}])
        self.assertEqual(report["spec"]["batch"], {"max_records": 10, "max_bytes": 8388608})

    def test_rejects_file_has_the_positions_and_the_source_columns(self):
        self.csv.write_bytes(b'id,name\r\n1,Ada\r\nx,"Bob, ""B"""\r\n3\r\n4,caf\xe9\r\n')
        self.write_job()
        self.check_code(self.run_people("--rejects", "rejects.csv"), 3)
        with open(self.folder / "rejects.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0], "ordinal line byte_offset byte_length code category stage column value expected message "
                                  "error_count attempts state raw raw_encoding id name".split())
        by_line = {row[1]: dict(zip(rows[0], row[:16])) | {"columns": row[16:]} for row in rows[1:]}
        self.assertEqual(sorted(by_line), ["3", "4", "5"])
        bob = by_line["3"]
        self.assertEqual((bob["ordinal"], bob["byte_offset"], bob["byte_length"]), ("1", "16", "14"))
        self.assertEqual((bob["code"], bob["category"], bob["column"], bob["value"]), ("type_mismatch", "data", "id", "x"))
        self.assertEqual((bob["raw"], bob["raw_encoding"], bob["state"]), ('x,"Bob, ""B"""', "utf-8", "open"))
        self.assertEqual(bob["columns"], ["x", 'Bob, "B"'])
        self.assertEqual(by_line["4"]["code"], "too_few_fields")
        self.assertEqual(by_line["4"]["columns"], ["3", ""])
        self.assertEqual(by_line["5"]["code"], "invalid_utf8")
        self.assertEqual((by_line["5"]["raw"], by_line["5"]["raw_encoding"]), ("4,caf\\xE9", "escaped"))
        self.assertEqual(by_line["5"]["columns"], ["4", "caf\\xE9"])

    def test_rejects_file_of_a_good_job_is_a_header(self):
        self.write_people(2)
        self.write_job()
        self.check_code(self.run_people("--rejects", "rejects.csv"), 0)
        self.assertEqual(len((self.folder / "rejects.csv").read_text().splitlines()), 1)

    def test_no_password_is_shown(self):
        self.write_people(2)
        self.write_job(self.people_job(destination={"type": "sql", "table": "t",
                                             "url": "postgresql://me:hunter2@127.0.0.1:1/db"}, retry={"max_outage_s": 1}))
        finished = self.run_people("--json", "--report", "report.json")
        self.check_code(finished, 1)
        self.assertIn("destination_unavailable", finished.stderr)
        for text in (finished.stdout, finished.stderr, (self.folder / "report.json").read_text()):
            self.assertNotIn("hunter2", text)

    def test_an_outage_is_told(self):
        self.write_people(2)
        self.write_job(self.people_job(destination={"type": "sql", "table": "t", "url": "postgresql://me@127.0.0.1:1/db"},
                                retry={"max_outage_s": 2}))
        finished = self.run_people()
        self.check_code(finished, 1)
        self.assertIn("waiting: ", finished.stderr)

    def run_on_a_terminal(self, columns, until):
        """What a run shows on a terminal so wide; the destination is held until `until` is seen."""
        self.write_people(50)
        self.write_job()
        held = self.hold_destination()
        terminal, stderr = os.openpty()
        self.addCleanup(os.close, terminal)
        fcntl.ioctl(stderr, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([program(), "run", "job.json", "--storage", self.storage], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=stderr)
        os.close(stderr)
        self.processes.append(process)
        shown = b""
        while until not in shown:
            shown += os.read(terminal, 4096)
        held.close()
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertNotIn(b"\x1b", out)
        return shown

    def test_a_terminal_gets_a_bar(self):
        shown = self.run_on_a_terminal(80, b"0 records/s")
        self.assertIn(b"\r", shown)
        self.assertIn(b"rejected", shown)

    def test_the_bar_fits_a_narrow_terminal(self):
        for columns in (30, 12):
            shown = self.run_on_a_terminal(columns, b"\x1b[K\r")
            lines = [line for line in shown.replace(b"\x1b[K", b"").split(b"\r") if not line.startswith(b"freightd:")]
            self.assertLess(max(len(line.split(b"\n")[0]) for line in lines), columns)
            self.csv.unlink()
            self.destination.unlink()
            with self.connect() as connection:
                connection.execute("CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
            (self.folder / "freight.db").unlink()

    def test_progress_none_is_silent(self):
        self.write_people(50)
        self.write_job()
        finished = self.run_people("--progress", "none")
        self.check_code(finished, 0)
        self.assertEqual(finished.stderr, "")

    def test_a_full_or_closed_stdout_is_an_error(self):
        self.write_people(5)
        self.write_job()
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = subprocess.run([program(), "run", "job.json", "--storage", self.storage], cwd=self.folder,
                                     stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(process.returncode, 1)
        self.assertIn("cannot write to stdout", process.stderr)
        self.assertEqual(len(self.rows()), 5)

    def test_summary_names_the_commonest_rejects(self):
        self.csv.write_text("id,name\n" + "x,Ada\n" * 3 + "1,Bob\n")
        self.write_job()
        finished = self.run_people()
        self.check_code(finished, 3)
        self.assertIn("3", finished.stdout)
        self.assertIn("type_mismatch in id, as in line 2", finished.stdout)


class OptionsOfRun(PeopleCase):
    def test_limit_reads_the_first_records(self):
        self.write_people(30)
        self.write_job()
        self.check_code(self.run_people("--limit", "4"), 0)
        self.assertEqual([row[0] for row in self.rows()], [1, 2, 3, 4])

    def test_set_replaces_parts_of_the_job(self):
        self.write_people(3)
        self.csv.rename(self.folder / "others.csv")
        self.write_job()
        self.check_code(self.run_people("--set", "/source/path=others.csv", "--set", "/batch/max_records=1"), 0)
        self.assertEqual(len(self.rows()), 3)

    def test_the_job_may_come_from_stdin(self):
        self.write_people(3)
        finished = self.freightd("run", "-", stdin=json.dumps(self.people_job()))
        self.check_code(finished, 0)
        self.assertEqual(len(self.rows()), 3)

    def test_paths_are_relative_to_the_job_file(self):
        self.write_people(3)
        self.write_job()
        inner = self.folder / "inner"
        inner.mkdir()
        self.check_code(self.freightd("run", str(self.folder / "job.json"), "--workers", "1"), 0)
        self.assertEqual(len(self.rows()), 3)

    def test_the_storage_defaults_to_a_file_in_the_current_folder(self):
        self.write_people(3)
        self.write_job()
        self.check_code(self.freightd("run", "job.json", env={"FREIGHT_STORAGE": ""}), 0)
        self.assertTrue((self.folder / "freight.db").exists())

    def test_command_line_before_environment_before_file(self):
        self.write_people(3)
        self.write_job()
        (self.folder / "freightd.conf").write_text("storage = sqlite:file.db\nprogress = none\n")
        environment = {"FREIGHT_CONFIG": "freightd.conf", "FREIGHT_STORAGE": ""}
        self.check_code(self.freightd("run", "job.json", env=environment), 0)
        self.assertTrue((self.folder / "file.db").exists())
        environment["FREIGHT_STORAGE"] = "sqlite:environment.db"
        self.freightd("run", "job.json", env=environment)
        self.assertTrue((self.folder / "environment.db").exists())
        self.freightd("run", "job.json", "--storage", "sqlite:line.db", env=environment)
        self.assertTrue((self.folder / "line.db").exists())

    def test_secrets_may_come_from_the_environment(self):
        self.write_people(3)
        self.write_job(self.people_job(destination={"type": "sql", "url": "${env:TARGET}", "table": "people"}))
        target = "sqlite:" + str(self.destination)
        finished = self.freightd("run", "job.json", "--json", env={"TARGET": target})
        self.check_code(finished, 0)
        self.assertEqual(len(self.rows()), 3)
        self.assertEqual(finished.report["spec"]["destination"]["url"], "${env:TARGET}")
        self.check_code(self.freightd("run", "job.json"), 2)


class OtherCommands(PeopleCase):
    def test_validate_reports_and_writes_nothing(self):
        self.csv.write_text("id,name\n1,Ada\nx,Bob\n")
        self.write_job()
        for _ in range(2):
            finished = self.freightd("validate", "job.json", "--json")
            self.check_code(finished, 3)
            report = finished.report
            self.assertEqual(report["mode"], "validate")
            self.assertEqual(report["stages"], ["parse", "map", "validate"])
            self.assertEqual(report["records"]["rejected"], 1)
            self.assertEqual(report["rejects"][0]["code"], "type_mismatch")
        self.assertEqual(self.rows(), [])
        tables = self.connect().execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        self.assertEqual(tables, [("people",)])
        self.check_code(self.run_people(), 3)

    def test_validate_looks_at_what_was_loaded_already(self):
        self.write_people(3)
        self.write_job()
        self.check_code(self.run_people(), 0)
        self.check_code(self.freightd("validate", "job.json"), 0)
        self.assertEqual(len(self.rows()), 3)

    def test_an_interrupted_validation_is_cancelled_and_made_anew(self):
        self.write_people(40_000)
        self.write_job()
        process = self.start("validate", "job.json")
        self.wait_for_lease()
        process.signal(signal.SIGINT)
        finished = process.wait()
        self.check_code(finished, 130)
        self.assertIn("nothing was written", finished.stderr)
        self.assertEqual(self.query_storage("SELECT count(*) FROM migration_jobs WHERE status = 'cancelled'"), [(1,)])
        self.check_code(self.freightd("validate", "job.json", "--set", "/batch/max_records=10000"), 0)

    def test_storage_status_and_upgrade(self):
        missing = self.freightd("storage", "status")
        self.check_code(missing, 1)
        self.check_short_error(missing, "freight.db", "does not exist")
        (self.folder / "freight.db").touch()
        before = self.freightd("storage", "status")
        self.check_code(before, 0)
        self.assertIn("version 0 of ", before.stdout)
        self.assertIn("freightd storage upgrade", before.stdout)
        self.check_code(self.freightd("storage", "upgrade"), 0)
        after = self.freightd("storage", "status")
        self.check_code(after, 0)
        self.assertIn("up to date", after.stdout)

    def test_version(self):
        finished = self.freightd("version")
        self.check_code(finished, 0)
        self.assertRegex(finished.stdout, r"^freightd \d+\.\d+\.\d+\nbackends:.* sqlite")

    def test_spec_prints_the_json_schema(self):
        finished = self.freightd("spec")
        self.check_code(finished, 0)
        schema = json.loads(finished.stdout)
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        self.assertEqual(schema["required"], ["source", "destination"])
        self.assertEqual(finished.stderr, "")

    def test_help_everywhere(self):
        for words in (["--help"], ["run", "--help"], ["validate", "--help"], ["spec", "--help"], ["storage", "--help"], ["version", "--help"]):
            finished = self.freightd(*words)
            self.check_code(finished, 0)
            self.assertIn("usage: freightd", finished.stdout)
            self.assertEqual(finished.stderr, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
