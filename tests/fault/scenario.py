"""One job that is disturbed and then run to its end, compared with an undisturbed run of the same."""

import json
import os
import random
import re
import shutil
import signal
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import csv_faults
import databases
from case import comparable, read_rejects

ROUNDS = int(os.environ.get("FREIGHT_FAULT_ROUNDS", "4"))

SOURCES = Path(__file__).resolve().parents[2] / "libfreight" / "src"

# What these tests mostly wait for is that the leases of the dead run out.
LEASE_SECONDS = 2


def environment(fault=None):
    """Of a process that dies at the fault point, if any."""
    return {"FREIGHT_LEASE": f"{LEASE_SECONDS}s", **({"FREIGHT_FAULT": fault} if fault else {})}


def fault_points(prefix=""):
    """Every name that the library passes to fault_point()."""
    names = set()
    for path in SOURCES.rglob("*.[ch]pp"):
        names.update(re.findall(r'fault_point\(\s*"([^"]+)"\s*\)', path.read_text()))
    return {name for name in names if name.startswith(prefix)}


# Not on the way of the other.
# Those of migrations are reached by migrations alone, and tested with them.
SQL_POINTS = fault_points() - fault_points("file.") - fault_points("migration.")
FILE_POINTS = fault_points() - fault_points("destination.") - fault_points("migration.")


def kill_at_points(points, passages, one, at_once=4):
    """Calls one("point:passage"), which says whether the process was killed there, for each point and
    passage; of those that are not passed once, no further passage. Returns all that were killed."""
    killed = set()
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        for passage in passages:
            faults = [f"{point}:{passage}" for point in sorted(points)]
            killed |= {fault for fault, died in zip(faults, pool.map(one, faults)) if died}
            points = {point for point in points if f"{point}:{passages[0]}" in killed}
    return killed


def kill_at_random(make, took, pause=0.0, look=lambda scenario: None):
    """Kills runs of what make() prepares at random moments, each within a third of the time that an
    undisturbed run takes, and has a look after each. Returns the scenario and the number of kills."""
    scenario, kills, latest = make(), 0, took / 3
    for _ in range(ROUNDS):
        process = scenario.start()
        time.sleep((pause if kills else 0) + random.uniform(0, latest))
        if process.kill().code == -signal.SIGKILL:
            kills += 1
            look(scenario)
        elif kills:
            break
        else:
            # It was quicker than the run before: begin anew, and kill it earlier.
            scenario, latest = make(), latest / 2
    return scenario, kills


class Scenario:
    """A folder with a storage of one backend, a destination of another, and a job between them."""

    def __init__(self, test, source, destination, storage, keyed=False, server_url=None, **changes):
        self.test = test
        self.folder = Path(tempfile.mkdtemp(prefix="freight-fault-"))
        self.folder.chmod(0o755)
        test.addCleanup(shutil.rmtree, self.folder)
        self.server_url = server_url
        self.target = self._database(destination, "target")
        tables = csv_faults.TABLES if keyed else csv_faults.KEYLESS_TABLES
        self.target.execute(tables[destination])
        self.storage = self._database(storage, "storage")
        test.write(
            self.folder / "job.json",
            json.dumps(test.job(self.target, source=source, schema=csv_faults.SCHEMA, **changes)),
        )

    def _database(self, kind, name):
        if kind == "sqlite":
            return databases.SqliteDatabase(self.folder / f"{name}.db")
        database = databases.PostgresqlDatabase(self.server_url or databases.server_url())
        self.test.addCleanup(database.drop)
        return database

    def start(self, *arguments, fault=None):
        return self.test.start(
            "run", "job.json", "--json", "--progress", "plain", "--rejects", "rejects.csv",
            "--report", f"report-{uuid.uuid4().hex[:8]}.json", "--storage", self.storage.url, *arguments,
            folder=self.folder, env=environment(fault),
        )  # fmt: skip

    def run(self, *arguments, fault=None, timeout=240):
        return self.start(*arguments, fault=fault).wait(timeout)

    def rows(self):
        return int(self.target.rows("SELECT count(*) FROM target")[0][0])

    def outcome(self, ended):
        """All that two runs of a job must have in common."""
        rejects, _ = read_rejects(self.folder / "rejects.csv")
        for reject in rejects:
            del reject["attempts"]
        return {"report": comparable(ended.report), "rejects": rejects}
