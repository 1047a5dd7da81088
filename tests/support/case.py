"""The base of tests that drive freightd: a temporary folder, databases, job files, expectations."""

import csv
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import databases
from freightd import Process

BACKENDS = ("sqlite", "postgresql")

REJECT_COLUMNS = (
    "ordinal,line,byte_offset,byte_length,code,category,stage,column,value,expected,message,"
    "error_count,attempts,state,raw,raw_encoding"
).split(",")

REPORT_KEYS = {
    "job_id", "name", "status", "delivery", "records", "written", "batches", "batch_attempts",
    "retries", "reconciliation", "rejects", "warnings", "unmapped_columns", "unfilled_columns",
    "passes", "started_at", "finished_at", "duration_ms", "records_per_second", "spec",
}  # fmt: skip


class FreightCase(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="freight-test-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder)
        self._databases = 0
        self.processes = []
        self.addCleanup(self.end_processes)

    def end_processes(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()

    # What a job works with

    def database(self, kind):
        """A new empty database of the kind, gone after the test."""
        self._databases += 1
        if kind == "sqlite":
            return databases.SqliteDatabase(self.folder / f"database{self._databases}.db")
        database = databases.PostgresqlDatabase(databases.server_url())
        self.addCleanup(database.drop)
        return database

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_job(self, spec, name="job.json"):
        return self.write(name, json.dumps(spec, ensure_ascii=False))

    def job(self, database=None, table="target", source="source.csv", **changes):
        """A spec of a CSV file into a table (or into nothing), with sections replaced or added."""
        destination = {"type": "null"}
        if database is not None:
            destination = {"type": "sql", "url": database.url, "table": table}
        if isinstance(source, (str, Path)):
            source = {"type": "csv", "path": str(source)}
        destination.update(changes.pop("destination", {}))
        source = {**source, **changes.pop("source_options", {})}
        return {"name": "test", "source": source, "destination": destination, **changes}

    # Running

    def start(self, *arguments, env=None, folder=None, **options):
        process = Process(arguments, folder or self.folder, env, **options)
        self.processes.append(process)
        return process

    def freightd(self, *arguments, env=None, folder=None, timeout=240, **options):
        return self.start(*arguments, env=env, folder=folder, **options).wait(timeout)

    def run_job(self, spec, *arguments, code=None, storage=None, **options):
        """Runs a spec with --json and a rejects file. Asserts the exit code when one is given."""
        self.write_job(spec)
        storage_option = ("--storage", storage) if storage else ()
        ended = self.freightd(
            "run", "job.json", "--json", "--progress", "none", "--rejects", "rejects.csv",
            *storage_option, *arguments, **options,
        )  # fmt: skip
        if code is not None:
            self.assertEqual(code, ended.code, str(ended))
        return ended

    def rejects(self, name="rejects.csv"):
        return read_rejects(self.folder / name)

    # Expectations

    def assert_counts(self, report, **expected):
        counts = dict.fromkeys(("succeeded", "rejected", "skipped", "filtered", "pending"), 0)
        counts["with_warnings"] = 0
        counts.update(expected)
        counts.setdefault("read", sum(counts[k] for k in ("succeeded", "rejected", "skipped", "filtered")))
        self.assertEqual(counts, report["records"])

    def assert_verified(self, report):
        reconciliation = report["reconciliation"]
        self.assertEqual("verified", reconciliation["status"], reconciliation)
        self.assertEqual("ok", reconciliation["accounting"])
        self.assertEqual(report["records"]["read"], reconciliation["source_count"])
        self.assertEqual([], reconciliation["differences"])

    def assert_failed(self, ended, code, *said, exit_code=1):
        """One clear error: the code's name and the facts on stderr, in one or two lines."""
        self.assertEqual(exit_code, ended.code, str(ended))
        self.assertIn(code, ended.stderr, str(ended))
        for text in said:
            self.assertIn(text.lower(), ended.stderr.lower(), str(ended))
        # gcov complains of each file when the program runs as a user that may not write its counts.
        lines = [line for line in ended.stderr.splitlines() if not line.startswith("profiling:")]
        errors = [line for line in lines if line.strip()]
        self.assertLessEqual(len(errors), 3, str(ended))
        for trace in ("terminate called", "what():", "Sanitizer", "Assertion"):
            self.assertNotIn(trace, ended.stderr, str(ended))


def read_rejects(path):
    """The rows of a rejects file by column name, and its header."""
    csv.field_size_limit(1 << 30)
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        return [dict(zip(header, row)) for row in lines], header


def raw_bytes(reject):
    """The raw text of a row of a rejects file as the bytes that stood in the source."""
    if reject["raw_encoding"] == "utf-8":
        return reject["raw"].encode()
    out = bytearray()
    data = reject["raw"].encode()
    at = 0
    while at < len(data):
        if data[at : at + 2] == b"\\\\":
            out += b"\\"
            at += 2
        elif data[at : at + 2] == b"\\x":
            out.append(int(data[at + 2 : at + 4], 16))
            at += 4
        else:
            out.append(data[at])
            at += 1
    return bytes(out)


def comparable(report):
    """A report without what may differ between two runs of one job: times, attempts and ids."""
    kept = {
        key: value
        for key, value in report.items()
        if key not in ("job_id", "started_at", "finished_at", "duration_ms", "records_per_second",
                       "batch_attempts", "retries", "passes", "spec")
    }  # fmt: skip
    kept["passes"] = [{k: v for k, v in p.items() if k != "started_at"} for p in report["passes"]]
    return kept


def for_each_backend(test):
    """Runs a test method once for each destination backend, given its name."""

    def run(self):
        for backend in BACKENDS:
            with self.subTest(backend=backend):
                test(self, backend)

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run
