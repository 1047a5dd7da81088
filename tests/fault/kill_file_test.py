"""kill -9 while a file is written: the finished file is that of an undisturbed run, byte for byte.

FREIGHT_FAULT_ROUNDS says how often the random tests kill.
"""

import json
import shutil
import signal
import tempfile
import time
import unittest
import uuid
from pathlib import Path

import csv_faults
import databases
from case import FreightCase, comparable
from scenario import (
    FILE_POINTS,
    LEASE_SECONDS,
    environment,
    fault_points,
    kill_at_points,
    kill_at_random,
)

OLD = b"what was there before\n"


class FileScenario:
    """A folder with a storage and a job that replaces a file in it."""

    def __init__(self, test, source, kind, storage, batch):
        self.test = test
        self.folder = Path(tempfile.mkdtemp(prefix="freight-fault-"))
        self.folder.chmod(0o755)
        test.addCleanup(shutil.rmtree, self.folder)
        self.target = self.folder / "out" / f"target.{kind}"
        self.target.parent.mkdir()
        self.target.write_bytes(OLD)
        if storage == "sqlite":
            self.storage = f"sqlite:{self.folder / 'storage.db'}"
        else:
            database = databases.PostgresqlDatabase(databases.server_url())
            test.addCleanup(database.drop)
            self.storage = database.url
        job = test.job(source=source, schema=csv_faults.SCHEMA, batch={"max_records": batch})
        job["destination"] = {"type": kind, "path": str(self.target)}
        test.write(self.folder / "job.json", json.dumps(job))

    def start(self, *arguments, fault=None):
        return self.test.start(
            "run", "job.json", "--json", "--progress", "none", "--workers", "3",
            "--report", f"report-{uuid.uuid4().hex[:8]}.json", "--storage", self.storage, *arguments,
            folder=self.folder, env=environment(fault),
        )  # fmt: skip

    def run(self, *arguments, fault=None):
        return self.start(*arguments, fault=fault).wait(240)


class KillFile(FreightCase):
    def source(self, records):
        path = self.folder / f"source-{records}.csv"
        kinds = tuple(kind for kind in csv_faults.KINDS if kind != "duplicate")
        return path, csv_faults.generate(path, records, 3, kinds=kinds, seed=records)

    def undisturbed(self, oracle, *setting):
        scenario = FileScenario(self, *setting)
        ended = scenario.run()
        self.assertEqual(3, ended.code, str(ended))
        self.assert_verified(ended.report)
        self.assertEqual(len(oracle.good), ended.report["records"]["succeeded"])
        self.assertEqual([scenario.target], list(scenario.target.parent.iterdir()))
        return scenario.target.read_bytes(), comparable(ended.report)

    def check_end(self, scenario, undisturbed, said):
        ended = scenario.run()
        self.assertEqual(3, ended.code, f"{said}\n{ended}")
        content, report = undisturbed
        self.assertEqual(content, scenario.target.read_bytes(), said)
        # Behind the renaming a crash leaves nothing of the ledger to compare with.
        found = comparable(ended.report)
        if found["reconciliation"]["ledger_rows"] is None:
            found["reconciliation"]["ledger_rows"] = report["reconciliation"]["ledger_rows"]
        self.assertEqual(report, found, said)
        self.assertEqual([scenario.target], list(scenario.target.parent.iterdir()), said)

    def at_random(self, kind, storage):
        source, oracle = self.source(20_000)
        setting = (source, kind, storage, 500)
        began = time.monotonic()
        undisturbed = self.undisturbed(oracle, *setting)
        took = time.monotonic() - began

        def look(scenario):
            self.assertIn(scenario.target.read_bytes(), (OLD, undisturbed[0]))

        # On PostgreSQL a dead node's leases run on for a while, in which nothing moves.
        pause = LEASE_SECONDS if storage == "postgresql" else 0
        scenario, kills = kill_at_random(lambda: FileScenario(self, *setting), took, pause, look)
        self.assertGreater(kills, 0)
        self.check_end(scenario, undisturbed, f"{kills} kills")


class FileAtEachFaultPoint(KillFile):
    def test_every_point_on_the_way_of_a_file(self):
        source, oracle = self.source(6000)
        setting = (source, "csv", "sqlite", 1500)
        undisturbed = self.undisturbed(oracle, *setting)

        def one(fault):
            scenario = FileScenario(self, *setting)
            killed = scenario.run(fault=fault).code == -signal.SIGKILL
            self.check_end(scenario, undisturbed, f"killed at {fault}")
            return killed

        killed = kill_at_points(FILE_POINTS, (1, 3), one)
        self.assertEqual(set(), {point for point in fault_points("file.") if f"{point}:1" not in killed})


class FileAtRandom(KillFile):
    def test_csv_with_sqlite(self):
        self.at_random("csv", "sqlite")

    def test_jsonl_with_sqlite(self):
        self.at_random("jsonl", "sqlite")

    def test_csv_with_postgresql(self):
        self.at_random("csv", "postgresql")


if __name__ == "__main__":
    unittest.main()
