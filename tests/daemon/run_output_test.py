"""What a run prints and writes, and what an interrupted one leaves."""

import json
import signal
import sqlite3
import unittest

from case import REPORT_KEYS, FreightCase

SCHEMA = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}], "primaryKey": ["id"]}
TABLE = "CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)"


class CommandLine(FreightCase):
    def setUp(self):
        super().setUp()
        self.target = self.database("sqlite")
        self.target.execute(TABLE)

    def prepare(self, lines, **changes):
        self.write("source.csv", "id,name\n" + "".join(f"{line}\n" for line in lines))
        return self.write_job(self.job(self.target, schema=SCHEMA, **changes))

    def count(self):
        return int(self.target.rows("SELECT count(*) FROM target")[0][0])


class Output(CommandLine):
    def test_json_prints_the_report_and_nothing_else_on_stdout(self):
        self.prepare(["1,a", "x,b", "3,c"])
        ended = self.freightd("run", "job.json", "--json", "--report", "report.json")
        report = ended.report
        self.assertEqual(set(), REPORT_KEYS - set(report))
        self.assertEqual(report, json.loads((self.folder / "report.json").read_text()))
        for key in ("started_at", "finished_at"):
            self.assertRegex(report[key], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertGreaterEqual(report["duration_ms"], 0)
        self.assertRegex(report["job_id"], r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        (group,) = report["rejects"]
        self.assertEqual(("type_mismatch", "id", 1), (group["code"], group["column"], group["count"]))
        self.assertEqual((3, "x"), (group["example"]["line"], group["example"]["value"]))
        self.assertIn("message", group["example"])
        self.assertEqual(1, len(report["passes"]))
        self.assertEqual((1, 3), (report["passes"][0]["number"], report["passes"][0]["records"]))

    def test_the_resolved_spec_has_its_defaults_and_an_absolute_path(self):
        self.prepare(["1,a"])
        spec = self.freightd("run", "job.json", "--json").report["spec"]
        self.assertEqual(str(self.folder / "source.csv"), spec["source"]["path"])
        self.assertEqual({"max_records": 10000, "max_bytes": 8388608}, spec["batch"])
        self.assertEqual(6, spec["retry"]["max_attempts"])
        self.assertEqual("append", spec["destination"]["write_disposition"])
        self.assertEqual("freight_ledger", spec["destination"]["ledger"])

    def test_report_of_a_failed_job(self):
        self.prepare(["1,a"], destination={"table": "nothing"})
        ended = self.freightd("run", "job.json", "--json", "--report", "report.json")
        self.assertEqual(1, ended.code)
        self.assertEqual("failed", ended.report["status"])
        self.assertEqual("failed", json.loads((self.folder / "report.json").read_text())["status"])
        self.assertIn("table_not_found", ended.stdout)

    def test_file_that_cannot_be_written(self):
        self.prepare(["1,a"])
        for option in ("--report", "--rejects"):
            with self.subTest(option=option):
                ended = self.freightd("run", "job.json", option, "nowhere/file")
                self.assertIn(ended.code, (1, 2), str(ended))
                self.assertIn("nowhere/file", ended.stderr)
                self.assertEqual(0, self.count(), "known before the first record moves")

    def test_plain_progress_while_the_destination_is_locked(self):
        self.prepare([f"{n},x" for n in range(20_000)], batch={"max_records": 1000})
        connection = sqlite3.connect(self.target.path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        process = self.start("run", "job.json", "--json")
        process.wait_for_stderr("records/s", timeout=30)
        self.assertIsNone(process.poll())
        connection.execute("COMMIT")
        connection.close()
        ended = process.wait()
        self.assertEqual(0, ended.code, str(ended))
        self.assert_counts(ended.report, succeeded=20_000)
        self.assertNotIn("\r", ended.stderr)


class Options(CommandLine):
    def test_unknown_key_in_the_configuration_file(self):
        self.prepare(["1,a"])
        self.write("freight.conf", "storge=sqlite:from_file.db\n")
        ended = self.freightd("run", "job.json", "--config", "freight.conf")
        self.assertEqual(2, ended.code, str(ended))
        self.assertIn("storge", ended.stderr)

class Validate(CommandLine):
    def test_validate_writes_nothing_and_reports_the_same_rejects(self):
        self.prepare(["1,a", "x,b", "3,c,d"])
        ended = self.freightd("validate", "job.json", "--json", "--rejects", "rejects.csv")
        self.assertEqual(3, ended.code, str(ended))
        self.assertEqual(0, self.count())
        self.assertEqual(["target"], self.target.tables())
        self.assert_counts(ended.report, succeeded=1, rejected=2)
        self.assertIn("validate", ended.report["stages"])
        self.assertNotIn("write", ended.report["stages"])
        found = [(r["ordinal"], r["code"]) for r in self.rejects()[0]]
        self.assertEqual([("1", "type_mismatch"), ("2", "too_many_fields")], found)
        self.assertEqual(3, self.freightd("run", "job.json").code)
        self.assertEqual(1, self.count())

    def test_validate_checks_the_destination(self):
        self.prepare(["1,a"], destination={"table": "nothing"})
        self.assert_failed(self.freightd("validate", "job.json"), "table_not_found")

class StorageCommands(CommandLine):
    def test_status_and_upgrade_on_postgresql(self):
        database = self.database("postgresql")
        for action in ("upgrade", "status", "upgrade"):
            ended = self.freightd("storage", action, "--storage", database.url)
            self.assertEqual(0, ended.code, str(ended))
            self.assertIn("up to date", ended.stdout)
        schemas = database.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'freight'")
        self.assertEqual([("freight",)], schemas)
        self.assertEqual([], database.tables())


class Interruption(CommandLine):
    def test_interrupted_then_resumed(self):
        records = 120_000
        self.prepare([f"{n},x" for n in range(records)], batch={"max_records": 500})
        process = self.start(
            "run", "job.json", "--workers", "1", "--progress", "none",
            env={"FREIGHT_FAULT": "stop:destination.after_commit"},
        )  # fmt: skip
        process.wait_until_stopped()
        # The next batch waits for this, and so for the signal.
        held = sqlite3.connect(self.target.path, isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        process.signal(signal.SIGINT)
        process.go_on()
        ended = process.wait()
        held.close()
        self.assertEqual(130, ended.code, str(ended))
        self.assertIn("run the same command again", ended.stderr)
        self.assertLess(self.count(), records)
        self.assertEqual(0, self.count() % 500)
        self.assertIn(f"{self.count()} records are done and safe", ended.stderr)

        ended = self.freightd("run", "job.json", "--json")
        self.assertEqual(0, ended.code, str(ended))
        self.assert_counts(ended.report, succeeded=records)
        self.assert_verified(ended.report)
        self.assertEqual(records, self.count())


if __name__ == "__main__":
    unittest.main()
