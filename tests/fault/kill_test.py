"""kill -9 at random and at each fault point, then run to the end: each good record exactly once.

FREIGHT_FAULT_ROUNDS says how often the random tests kill.
"""

import random
import re
import signal
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import csv_faults
from case import FreightCase
from scenario import ROUNDS, Scenario

SOURCES = Path(__file__).resolve().parents[2] / "libfreight" / "src"
BACKENDS = ("sqlite", "postgresql")
KEYLESS_KINDS = tuple(kind for kind in csv_faults.KINDS if kind != "duplicate")


def fault_points(prefix=""):
    """Every name that the library passes to fault_point()."""
    names = set()
    for path in SOURCES.rglob("*.[ch]pp"):
        names.update(re.findall(r'fault_point\(\s*"([^"]+)"\s*\)', path.read_text()))
    return sorted(name for name in names if name.startswith(prefix))


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
        self.assertEqual(undisturbed["report"], outcome["report"], said)
        self.assertEqual(undisturbed["rejects"], outcome["rejects"], said)
        self.assert_verified(ended.report)

    def undisturbed(self, oracle, *arguments, **options):
        scenario = Scenario(self, *arguments, **options)
        ended = scenario.run()
        self.assertEqual(3, ended.code, str(ended))
        csv_faults.assert_good_records(self, oracle, scenario.target)
        return scenario.outcome(ended)

    def at_each_fault_point(self, destination, storage, passages):
        points = fault_points()
        self.assertTrue(points)
        source, oracle = self.source(6000, keyed=False)
        setting = {"destination": destination, "storage": storage, "batch": {"max_records": 1500}}
        undisturbed = self.undisturbed(oracle, source, **setting)

        def one(fault):
            scenario = Scenario(self, source, **setting)
            killed = scenario.run(fault=fault).code == -signal.SIGKILL
            self.check_end(scenario, oracle, undisturbed, f"killed at {fault}")
            return fault, killed

        faults = [f"{point}:{passage}" for point in points for passage in passages]
        # Mostly waiting for the leases of the dead, so that many can wait at once.
        with ThreadPoolExecutor(max_workers=4 if storage == "sqlite" else 12) as pool:
            killed = dict(pool.map(one, faults))
        return {point for point in points if killed[f"{point}:1"]}

    def at_random(self, destination, storage, keyed):
        generator = random.Random(f"{destination} {storage} {keyed} {time.time_ns()}")
        source, oracle = self.source(60_000, keyed)
        setting = {
            "destination": destination,
            "storage": storage,
            "keyed": keyed,
            "batch": {"max_records": 500},
        }
        began = time.monotonic()
        undisturbed = self.undisturbed(oracle, source, **setting)
        took = time.monotonic() - began
        scenario = Scenario(self, source, **setting)
        kills, latest = 0, took / 3
        for _ in range(ROUNDS):
            # On PostgreSQL a dead node's leases run on for some seconds, in which nothing moves.
            waits = 5.0 if storage == "postgresql" and kills > 0 else 0.0
            process = scenario.start()
            time.sleep(waits + generator.uniform(0, latest))
            if process.kill().code == -signal.SIGKILL:
                kills += 1
            elif kills > 0:
                break
            else:
                # It was quicker than the run before: begin anew, and kill it earlier.
                scenario, latest = Scenario(self, source, **setting), latest / 2
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
        elsewhere = set(fault_points("file."))
        self.assertEqual(set(fault_points()) - elsewhere, set.union(*self.reached.values()))


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
        source, oracle = self.source(60_000, keyed=False)
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
