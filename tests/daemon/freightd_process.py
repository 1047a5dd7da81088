"""Runs the real freightd in a folder of its own, for the tests beside this file."""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import uuid

FREIGHTD = os.environ["FREIGHTD"]
TIMEOUT_S = 60


class Finished:
    """What a process left behind."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)


class FreightdTest(unittest.TestCase):
    """A folder with a CSV file, a job that loads it into a SQLite table, and freightd to run it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="freightd-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.destination = self.folder / "out.db"
        self.csv = self.folder / "people.csv"
        self.storage = "sqlite:" + str(self.folder / "freight.db")
        with self.connect() as connection:
            connection.execute("CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        self.processes = []
        self.addCleanup(self.end_processes)

    def end_processes(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()

    # What is to be loaded

    def write_people(self, count, first=1):
        lines = ["id,name"] + [f"{number},person {number}" for number in range(first, first + count)]
        self.csv.write_text("\n".join(lines) + "\n")

    def job(self, **changes):
        spec = {
            "name": "people",
            "source": {"type": "csv", "path": "people.csv"},
            "schema": {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}]},
            "destination": {"type": "sql", "url": "sqlite:out.db", "table": "people"},
            "batch": {"max_records": 10},
        }
        spec.update(changes)
        return spec

    def write_job(self, spec=None, name="job.json"):
        path = self.folder / name
        path.write_text(spec if isinstance(spec, str) else json.dumps(spec or self.job()))
        return path

    # What was loaded

    def connect(self):
        return sqlite3.connect(self.destination, timeout=20, isolation_level=None)

    def rows(self):
        connection = self.connect()
        try:
            return connection.execute("SELECT id, name FROM people ORDER BY id").fetchall()
        finally:
            connection.close()

    def hold_destination(self):
        """Keeps everybody else from writing until the connection is closed."""
        connection = self.connect()
        connection.execute("BEGIN IMMEDIATE")
        self.addCleanup(connection.close)
        return connection

    # Running

    def start(self, *arguments, environment=None, stdin=None):
        process = subprocess.Popen(
            [FREIGHTD, *map(str, arguments)],
            cwd=self.folder,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "FREIGHT_STORAGE": self.storage, **(environment or {})},
            text=True,
        )
        self.processes.append(process)
        return process

    def finish(self, process, stdin=None):
        out, err = process.communicate(stdin, timeout=TIMEOUT_S)
        return Finished(process.returncode, out, err)

    def freightd(self, *arguments, environment=None, stdin=None):
        return self.finish(self.start(*arguments, environment=environment, stdin=stdin), stdin)

    def run_job(self, *options, job="job.json"):
        return self.freightd("run", job, *options)

    def wait_for_lease(self):
        """Until a process works for a job: from then on it is being run."""
        self.wait_until(lambda: self.query_storage("SELECT count(*) FROM batch_queue WHERE node_id IS NOT NULL")[0][0])

    def wait_until(self, condition):
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not happen")
            time.sleep(0.05)

    # The storage

    def query_storage(self, statement):
        if not (self.folder / "freight.db").exists():
            return [[0]]
        connection = sqlite3.connect(self.folder / "freight.db", timeout=20)
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.OperationalError:  # The schema is not there yet.
            return [[0]]
        finally:
            connection.close()

    def count_jobs(self):
        return self.query_storage("SELECT count(*) FROM migration_jobs")[0][0]

    # Checks

    def check_code(self, finished, code):
        self.assertEqual(finished.code, code, f"stdout:\n{finished.out}\nstderr:\n{finished.err}")

    def check_short_error(self, finished, *words):
        """One or two lines on stderr that say what they must."""
        lines = finished.err.strip().splitlines()
        self.assertIn(len(lines), (1, 2), finished.err)
        for word in words:
            self.assertIn(word, finished.err)


class PostgresqlStorage:
    """Lets a FreightdTest keep Freight's state in a PostgreSQL database of its own."""

    def setUp(self):
        super().setUp()
        self.server = os.environ["FREIGHT_TEST_POSTGRESQL"]
        self.database = "freightd_test_" + uuid.uuid4().hex
        self.psql(self.server, f"CREATE DATABASE {self.database}")
        self.addCleanup(self.psql, self.server, f"DROP DATABASE {self.database} WITH (FORCE)")
        self.storage = self.server.rsplit("/", 1)[0] + "/" + self.database
        self.addCleanup(self.end_processes)

    @staticmethod
    def psql(url, statement):
        run = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", url, "-c", statement],
            capture_output=True, text=True, timeout=TIMEOUT_S)
        return run.stdout if run.returncode == 0 else ""

    def query_storage(self, statement):
        for table in ("migration_jobs", "batch_queue"):
            statement = statement.replace(table, "freight." + table)
        rows = self.psql(self.storage, statement).strip().splitlines()
        return [[int(value) for value in row.split("\t")] for row in rows] or [[0]]


def interrupt(process):
    process.send_signal(signal.SIGINT)
