"""kill -9 at random and at each fault point, then run to the end: each good record exactly once.

FREIGHT_FAULT_ROUNDS says how often the random tests kill.
"""

import signal
import time
import unittest

import csv_faults
from case import FreightCase
from scenario import LEASE_SECONDS, SQL_POINTS, Scenario, kill_at_points, kill_at_random

KEYLESS_KINDS = tuple(kind for kind in csv_faults.KINDS if kind != "duplicate")


def without_later_passes(report):
    """Whoever runs a job that has ended tries again what the destination refused: a process that is
    killed between its job's end and its own leaves that to the next."""
    return {**report, "batches": None, "passes": report["passes"][:1]}


class Kill(FreightCase):
    def source(self, records, keyed):
        path = self.folder / f"source-{records}-{keyed}.csv"
        kinds = tuple(csv_faults.KINDS) if keyed else KEYLESS_KINDS
        return path, csv_faults.generate(path, records, 3, kinds=kinds, seed=records)

    def check_end(self, scenario, oracle, undisturbed, said=""):
        """Runs to the end and compares everything with what was planted and with the other run."""
        ended = scenario.run()
        self.assertEqual(3, ended.code, f"{said}\n{ended}")
        csv_faults.assert_good_records(self, oracle, scenario.target)
        outcome = scenario.outcome(ended)
        self.assertEqual(*(without_later_passes(one["report"]) for one in (undisturbed, outcome)), said)
        self.assertEqual(undisturbed["rejects"], outcome["rejects"], said)
        self.assert_verified(ended.report)

    def undisturbed(self, oracle, *arguments, **options):
        scenario = Scenario(self, *arguments, **options)
        ended = scenario.run()
        self.assertEqual(3, ended.code, str(ended))
        csv_faults.assert_good_records(self, oracle, scenario.target)
        return scenario.outcome(ended)

    def at_each_fault_point(self, destination, storage, passages):
        self.assertTrue(SQL_POINTS)
        source, oracle = self.source(6000, keyed=False)
        setting = {"destination": destination, "storage": storage, "batch": {"max_records": 1500}}
        undisturbed = self.undisturbed(oracle, source, **setting)

        def one(fault):
            scenario = Scenario(self, source, **setting)
            killed = scenario.run(fault=fault).code == -signal.SIGKILL
            self.check_end(scenario, oracle, undisturbed, f"killed at {fault}")
            return killed

        # Mostly waiting for the leases of the dead, so that many can wait at once.
        killed = kill_at_points(SQL_POINTS, passages, one, 4 if storage == "sqlite" else 12)
        return {point for point in SQL_POINTS if f"{point}:1" in killed}

    def at_random(self, destination, storage, keyed):
        source, oracle = self.source(20_000, keyed)
        setting = {
            "destination": destination,
            "storage": storage,
            "keyed": keyed,
            "batch": {"max_records": 500},
        }
        began = time.monotonic()
        undisturbed = self.undisturbed(oracle, source, **setting)
        took = time.monotonic() - began
        # On PostgreSQL a dead node's leases run on for a while, in which nothing moves.
        pause = LEASE_SECONDS if storage == "postgresql" else 0
        scenario, kills = kill_at_random(lambda: Scenario(self, source, **setting), took, pause)
        self.assertGreater(kills, 0)
        self.check_end(scenario, oracle, undisturbed, f"{kills} kills")


class AtEachFaultPoint(Kill):
    # Not every point lies on the way of every pair of backends; together the pairs pass them all.
    reached = {}

    def check(self, destination, storage):
        passages = (1, 3) if destination == storage else (1,)
        self.reached[destination, storage] = self.at_each_fault_point(destination, storage, passages)

    def test_1_sqlite_to_sqlite(self):
        self.check("sqlite", "sqlite")

    def test_1_postgresql_with_sqlite(self):
        self.check("postgresql", "sqlite")

    def test_1_sqlite_with_postgresql(self):
        self.check("sqlite", "postgresql")

    def test_1_postgresql_with_postgresql(self):
        self.check("postgresql", "postgresql")

    def test_2_every_point_was_reached(self):
        if len(self.reached) < 4:
            self.skipTest("only where all the pairs ran")
        # Those of files: kill_file_test.py.
        self.assertEqual(SQL_POINTS, set.union(*self.reached.values()))


class AtRandom(Kill):
    def test_sqlite_with_sqlite(self):
        self.at_random("sqlite", "sqlite", keyed=False)

    def test_sqlite_with_sqlite_keyed(self):
        self.at_random("sqlite", "sqlite", keyed=True)

    def test_postgresql_with_sqlite(self):
        self.at_random("postgresql", "sqlite", keyed=False)

    def test_postgresql_with_sqlite_keyed(self):
        self.at_random("postgresql", "sqlite", keyed=True)

    def test_sqlite_with_postgresql(self):
        self.at_random("sqlite", "postgresql", keyed=False)

    def test_postgresql_with_postgresql(self):
        self.at_random("postgresql", "postgresql", keyed=False)


class OneOfTwo(Kill):
    """Two processes at the job; one is killed, the other goes on and ends it alone."""

    def check(self, destination, storage):
        source, oracle = self.source(20_000, keyed=False)
        setting = {"destination": destination, "storage": storage, "batch": {"max_records": 500}}
        undisturbed = self.undisturbed(oracle, source, **setting)
        scenario = Scenario(self, source, **setting)
        first, second = scenario.start(), scenario.start()
        while scenario.rows() == 0:
            self.assertIsNone(second.poll())
        first.kill()
        ended = second.wait()
        self.assertEqual(3, ended.code, str(ended))
        csv_faults.assert_good_records(self, oracle, scenario.target)
        self.assertEqual(undisturbed, scenario.outcome(ended))

    def test_sqlite_with_sqlite(self):
        self.check("sqlite", "sqlite")

    def test_postgresql_with_postgresql(self):
        self.check("postgresql", "postgresql")


if __name__ == "__main__":
    unittest.main()
