"""kill -9 while a table is replaced: it holds the old rows or the new ones, and running again ends it.

Somebody reads the table all the while, and may never see it empty, half or mixed. FREIGHT_FAULT_ROUNDS
says how often the random tests kill.
"""

import random
import signal
import sqlite3
import subprocess
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from case import FreightCase
from kill_test import fault_points
from scenario import ROUNDS

OLD = 700
TABLE = "CREATE TABLE target (id BIGINT PRIMARY KEY, version TEXT NOT NULL)"
STATE = "SELECT count(*), count(DISTINCT version), min(version), sum(id) FROM target"
FILE_POINTS = set(fault_points("file."))


def state(first, count, version):
    return (count, 1, version, sum(range(first, first + count)))


class SqliteReader:
    """Reads on a connection of its own, again and again."""

    def __init__(self, database):
        self.states = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(database.path,))
        self._thread.start()

    def _read(self, path):
        connection = sqlite3.connect(path, timeout=60)
        while not self._ends.is_set():
            self.states.append(connection.execute(STATE).fetchone())
            time.sleep(0.002)
        connection.close()

    def end(self):
        self._ends.set()
        self._thread.join()
        return self.states


class PostgresqlReader:
    def __init__(self, database):
        self._psql = subprocess.Popen(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", database.url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._psql.stdin.write(f"{STATE} \\watch 0.005\n")
        self._psql.stdin.flush()
        self._lines = []
        self._thread = threading.Thread(target=lambda: self._lines.extend(self._psql.stdout))
        self._thread.start()

    def end(self):
        self._psql.terminate()
        self._thread.join()
        self._psql.communicate()
        rows = [line.strip().split("|") for line in self._lines]
        whole = [row for row in rows if len(row) == 4]
        return [(int(count), int(versions), least, int(ids)) for count, versions, least, ids in whole]


class KillReplace(FreightCase):
    def prepare(self, name, backend, records, batch):
        """A folder with a job that replaces a table of its own. Returns the table's database."""
        database = self.database(backend)
        values = ", ".join(f"({number}, 'old')" for number in range(OLD))
        database.execute(f"{TABLE}; INSERT INTO target VALUES {values};")
        self.new = state(1000, records, "new")
        lines = "".join(f"{number},new\n" for number in range(1000, 1000 + records))
        self.write(f"{name}/source.csv", "id,version\n" + lines)
        job = self.job(
            database, destination={"write_disposition": "replace"}, batch={"max_records": batch}
        )
        self.write_job(job, f"{name}/job.json")
        return database

    def start(self, name, fault=None):
        environment = {"FREIGHT_FAULT": fault} if fault else None
        return super().start(
            "run", "job.json", "--json", "--progress", "none", folder=self.folder / name, env=environment
        )

    def read(self, database):
        return (SqliteReader if database.kind == "sqlite" else PostgresqlReader)(database)

    def check_seen(self, states, said):
        """Old until some moment, and new from then on."""
        old = state(0, OLD, "old")
        self.assertGreater(len(states), 2, said)
        self.assertEqual(set(), set(states) - {old, self.new}, said)
        exchanged = states.index(self.new) if self.new in states else len(states)
        self.assertEqual({old} if exchanged else set(), set(states[:exchanged]), said)
        self.assertLessEqual(set(states[exchanged:]), {self.new}, said)

    def end(self, name, database, said):
        ended = self.start(name).wait()
        self.assertEqual(0, ended.code, f"{said}\n{ended}")
        self.assert_verified(ended.report)
        self.assert_counts(ended.report, succeeded=self.new[0])
        (row,) = database.rows(STATE)
        self.assertEqual(self.new, (int(row[0]), int(row[1]), row[2], int(row[3])), said)
        # Nothing of the staging is left.
        self.assertEqual(["freight_ledger", "target"], database.tables(), said)

    def at_each_fault_point(self, backend):
        # Four batches and the exchange: a commit of the destination each.
        faults = [f"{point}:{passage}" for point in fault_points() for passage in (1, 3, 5)]

        def one(fault):
            name = fault.replace(":", "-")
            database = self.prepare(name, backend, 6000, 1500)
            reader = self.read(database)
            try:
                killed = self.start(name, fault).wait().code == -signal.SIGKILL
                self.end(name, database, f"killed at {fault}")
            finally:
                states = reader.end()
            self.check_seen(states, f"killed at {fault}")
            return fault, killed

        with ThreadPoolExecutor(max_workers=4) as pool:
            killed = dict(pool.map(one, faults))
        reached = {point for point in fault_points() if killed[f"{point}:1"]}
        self.assertEqual(set(), set(fault_points()) - FILE_POINTS - reached)
        # The exchange itself.
        self.assertTrue(killed["destination.before_commit:5"] and killed["destination.after_commit:5"])

    def at_random(self, backend):
        undisturbed = self.prepare("undisturbed", backend, 60_000, 500)
        began = time.monotonic()
        self.end("undisturbed", undisturbed, "undisturbed")
        took = time.monotonic() - began
        database = self.prepare("random", backend, 60_000, 500)
        generator = random.Random(time.time_ns())
        reader = self.read(database)
        try:
            kills = 0
            for _ in range(ROUNDS):
                process = self.start("random")
                time.sleep(generator.uniform(0, took / 3))
                if process.kill().code != -signal.SIGKILL:
                    break
                kills += 1
            self.end("random", database, f"{kills} kills")
        finally:
            states = reader.end()
        self.assertGreater(kills, 0)
        self.check_seen(states, f"{kills} kills")

    def test_sqlite_at_each_fault_point(self):
        self.at_each_fault_point("sqlite")

    def test_postgresql_at_each_fault_point(self):
        self.at_each_fault_point("postgresql")

    def test_sqlite_at_random(self):
        self.at_random("sqlite")

    def test_postgresql_at_random(self):
        self.at_random("postgresql")


if __name__ == "__main__":
    unittest.main()
