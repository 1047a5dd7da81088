"""One job that is disturbed and then run to its end, compared with an undisturbed run of the same."""

import json
import os
import shutil
import tempfile
import uuid
from pathlib import Path

import csv_faults
import databases
from case import comparable, read_rejects

ROUNDS = int(os.environ.get("FREIGHT_FAULT_ROUNDS", "12"))


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
        environment = {"FREIGHT_FAULT": fault} if fault else None
        return self.test.start(
            "run", "job.json", "--json", "--progress", "plain", "--rejects", "rejects.csv",
            "--report", f"report-{uuid.uuid4().hex[:8]}.json", "--storage", self.storage.url, *arguments,
            folder=self.folder, env=environment,
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
