"""kill -9 while a table is replaced: it holds the old rows or the new ones, and running again ends it.

Somebody reads the table all the while, and may never see it empty, half or mixed. FREIGHT_FAULT_ROUNDS
says how often the random tests kill.
"""

import contextlib
import signal
import threading
import time
import unittest
from types import SimpleNamespace

from case import FreightCase
from scenario import SQL_POINTS, environment, kill_at_points, kill_at_random

OLD = 700
TABLE = "CREATE TABLE target (id BIGINT PRIMARY KEY, version TEXT NOT NULL)"
STATE = "SELECT count(*), count(DISTINCT version), min(version), sum(id) FROM target"


def state(first, count, version):
    return (count, 1, version, sum(range(first, first + count)))


class Reader:
    """Reads in a session of its own, again and again."""

    def __init__(self, database):
        self.states = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(database,))
        self._thread.start()

    def _read(self, database):
        with contextlib.closing(database.connect()) as connection:
            while not self._ends.wait(0.01):
                cursor = connection.cursor()
                cursor.execute(STATE)
                count, versions, least, ids = cursor.fetchone()
                self.states.append((count, versions, least, int(ids)))

    def end(self):
        self._ends.set()
        self._thread.join()
        return self.states


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
        return super().start(
            "run", "job.json", "--json", "--progress", "none",
            folder=self.folder / name, env=environment(fault),
        )  # fmt: skip

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
        def one(fault):
            name = fault.replace(":", "-")
            database = self.prepare(name, backend, 6000, 1500)
            reader = Reader(database)
            try:
                killed = self.start(name, fault).wait().code == -signal.SIGKILL
                self.end(name, database, f"killed at {fault}")
            finally:
                states = reader.end()
            self.check_seen(states, f"killed at {fault}")
            return killed

        # Four batches and the exchange: a commit of the destination each.
        killed = kill_at_points(SQL_POINTS, (1, 3, 5), one)
        self.assertEqual(set(), {point for point in SQL_POINTS if f"{point}:1" not in killed})
        # The exchange itself.
        self.assertLess({"destination.before_commit:5", "destination.after_commit:5"}, killed)

    def at_random(self, backend):
        undisturbed = self.prepare("undisturbed", backend, 20_000, 500)
        began = time.monotonic()
        self.end("undisturbed", undisturbed, "undisturbed")
        took = time.monotonic() - began
        readers = []

        def make():
            name = f"random{len(readers)}"
            database = self.prepare(name, backend, 20_000, 500)
            readers.append(Reader(database))
            return SimpleNamespace(name=name, database=database, start=lambda: self.start(name))

        try:
            scenario, kills = kill_at_random(make, took)
            self.end(scenario.name, scenario.database, f"{kills} kills")
        finally:
            states = [reader.end() for reader in readers]
        self.assertGreater(kills, 0)
        for seen in states:
            self.check_seen(seen, f"{kills} kills")

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
