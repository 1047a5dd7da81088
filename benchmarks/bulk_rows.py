"""Bulk loads: Freight beside what people would take instead."""

import json
import os
import shutil
import sqlite3
import subprocess
import time

import bulk_data
from measuring import Contender, Failed, Row, run

SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "name", "type": "string"},
        {"name": "email", "type": "string"},
        {"name": "city", "type": "string"},
        {"name": "amount", "type": "decimal"},
        {"name": "created_at", "type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
    ]
}


def resident_peak(pid):
    """In bytes. What wait4() says would be that of the Python process that began it, if it is more."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            found = [line.split()[1] for line in status if line.startswith("VmHWM:")]
    except OSError:
        found = []
    return int(found[0]) * 1024 if found else 0


class Bulk:
    def __init__(self, options):
        self.options = options
        self.records = options.records
        self.work = options.work
        self.url = options.postgresql
        self.sqlite = self.work / "bulk.db"
        self.files = {}

    def rows(self):
        copy = Contender("psql \\copy", self.copy, ("psql",))
        csv = Contender("freightd", lambda: self.load(self.csv(), self.records))
        clean = Contender("freightd, clean", csv.measure)
        return [
            Row("csv-postgresql", "CSV -> PostgreSQL", "records/s", csv, copy, 1.1, 1.4),
            Row("csv-pgloader", "CSV -> PostgreSQL", "records/s", csv,
                Contender("pgloader", self.pgloader, ("pgloader",), once=True), 15, 18),
            Row("csv-postgresql-bad", "CSV with 1 % bad -> PostgreSQL", "records/s",
                Contender("freightd", self.load_bad), clean, 0.5, 0.8),
            Row("csv-sqlite", "CSV -> SQLite", "records/s", Contender("freightd", self.load_sqlite),
                Contender("sqlite3 .import", self.import_sqlite, ("sqlite3",)), 1.0, 1.3),
            Row("jsonl-postgresql", "JSONL -> PostgreSQL", "records/s",
                Contender("freightd", self.load_jsonl), Contender("freightd, CSV", csv.measure), 0.7, 0.9),
            Row("postgresql-postgresql", "PostgreSQL -> PostgreSQL", "records/s",
                Contender("freightd", self.load_table),
                Contender("psql to psql", self.pipe_table, ("psql",)), 0.8, 1.2),
            Row("csv-null", "CSV -> null, one core", "MB/s", Contender("freightd", self.read_only),
                None, 250, 500, absolute=True),
            Row("memory", f"memory, {self.options.large / 1e9:g} GB of CSV -> null", "MB",
                Contender("freightd", self.memory, once=True), None, 150, 64, absolute=True, at_most=True),
            Row("log-size", "storage after that, 1 000 rejects", "MB",
                Contender("freightd", self.log_size, once=True), None, 10, 1, absolute=True, at_most=True),
            Row("fate", "one record's outcome there by ordinal, p99", "ms",
                Contender("freightd library", self.fate, once=True), None, 5, 1, absolute=True, at_most=True),
        ]  # fmt: skip

    # Input

    def file(self, name, write):
        path = self.work / name
        if name not in self.files:
            self.files[name] = write(path)
        return path

    def csv(self):
        return self.file("bulk.csv", lambda path: bulk_data.write_csv(path, self.records))

    def large(self):
        return self.file(
            "large.csv", lambda path: bulk_data.write_large_csv(path, self.csv(), self.options.large)
        )

    # Freight

    def freight(self, source, destination, codes=(0,), prefix=(), options=(), **more):
        """Runs the job with a new storage and returns what it took."""
        folder = self.work / "freight"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        job = {"name": "bulk", "source": source, "destination": destination, **more}
        (folder / "job.json").write_text(json.dumps(job))
        workers = ["--workers", self.options.workers] if self.options.workers else []
        command = [*prefix, self.options.freightd, "run", "job.json", "--progress", "none", *workers, *options]
        began = time.monotonic()
        run(command, codes, cwd=folder)
        return time.monotonic() - began

    def load(self, path, expected, codes=(0,), kind="csv", **more):
        self.reset()
        seconds = self.freight({"type": kind, "path": str(path)}, self.table(), codes, **more)
        return self.rate(seconds, expected)

    def table(self):
        return {"type": "sql", "url": self.url, "table": "bulk"}

    def load_bad(self):
        path = self.file("bad.csv", lambda path: bulk_data.write_bad_csv(path, self.records))
        # The number does not fit the table's column either, but the schema finds it first.
        return self.load(path, self.files["bad.csv"], (3,), schema=SCHEMA)

    def load_jsonl(self):
        path = self.file("bulk.jsonl", lambda path: bulk_data.write_jsonl(path, self.records))
        return self.load(path, self.records, kind="jsonl")

    def load_table(self):
        self.fill_source()
        self.reset()
        source = {"type": "sql", "url": self.source_url(), "table": "bulk", "key": ["id"]}
        return self.rate(self.freight(source, self.table()), self.records)

    def load_sqlite(self):
        self.reset_sqlite()
        destination = {"type": "sql", "url": f"sqlite:{self.sqlite}", "table": "bulk"}
        seconds = self.freight({"type": "csv", "path": str(self.csv())}, destination)
        return self.sqlite_rate(seconds)

    def read_only(self):
        """On one core, start and end of the program included."""
        source = {"type": "csv", "path": str(self.csv())}
        seconds = self.freight(source, {"type": "null"}, prefix=("taskset", "-c", "0"), schema=SCHEMA)
        return self.csv().stat().st_size / seconds / 1e6

    def memory(self):
        """The most that was resident."""
        source = {"type": "csv", "path": str(self.large())}
        folder = self.work / "large"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "job.json").write_text(
            json.dumps({"source": source, "destination": {"type": "null"}, "schema": SCHEMA})
        )
        process = subprocess.Popen(
            [self.options.freightd, "run", "job.json", "--progress", "none", "--storage", "sqlite:freight.db"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        most = 0
        while process.poll() is None:
            most = max(most, resident_peak(process.pid))
            time.sleep(0.01)
        if process.returncode != 3:
            raise Failed(f"freightd ended with {process.returncode}")
        return most / 1e6

    def large_storage(self):
        """Of the job that memory() has run."""
        storage = self.work / "large" / "freight.db"
        if not storage.exists():
            self.memory()
        return storage

    def fate(self):
        answer = run([self.options.queue, "fate", f"sqlite:{self.large_storage()}", 2000])
        return json.loads(answer)["p99"]

    def log_size(self):
        storage = self.large_storage()
        connection = sqlite3.connect(storage)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
        return storage.stat().st_size / 1e6

    # Peers

    def copy(self):
        self.reset()
        return self.timed(
            ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c",
             f"\\copy bulk FROM '{self.csv()}' WITH (FORMAT csv, HEADER)", self.url]
        )  # fmt: skip

    def pgloader(self):
        self.reset()
        columns = ", ".join(bulk_data.COLUMNS)
        script = self.work / "bulk.load"
        script.write_text(
            f"LOAD CSV FROM '{self.csv()}' ({columns}) INTO {self.url} TARGET TABLE bulk ({columns})\n"
            "WITH skip header = 1, fields optionally enclosed by '\"', fields terminated by ',';\n"
        )
        return self.timed(["pgloader", "--root-dir", self.work / "pgloader", script])

    def pipe_table(self):
        self.fill_source()
        self.reset()
        script = (
            f"psql -qX -c 'COPY bulk TO STDOUT' '{self.source_url()}' |"
            f" psql -qX -v ON_ERROR_STOP=1 -c 'COPY bulk FROM STDIN' '{self.url}'"
        )
        return self.timed(["bash", "-o", "pipefail", "-c", script])

    def import_sqlite(self):
        self.reset_sqlite()
        began = time.monotonic()
        run(["sqlite3", "-bail", self.sqlite, f".import --csv --skip 1 {self.csv()} bulk"])
        return self.sqlite_rate(time.monotonic() - began)

    # Tables

    def reset(self):
        # The checkpoint: no run pays for the pages of the one before.
        self.psql(self.url, "DROP TABLE IF EXISTS bulk, freight_ledger", bulk_data.TABLE.format(name="bulk"),
                  "CHECKPOINT")  # fmt: skip

    def source_url(self):
        return f"{self.url}_source"

    def source_name(self):
        return self.source_url().rpartition("/")[2]

    def close(self):
        if "source table" in self.files:
            self.psql(self.url, f"DROP DATABASE {self.source_name()}")

    def fill_source(self):
        if "source table" in self.files:
            return
        self.psql(self.url, f"CREATE DATABASE {self.source_name()}")
        self.files["source table"] = True
        self.psql(
            self.source_url(),
            bulk_data.TABLE.format(name="bulk"),
            f"\\copy bulk FROM '{self.csv()}' WITH (FORMAT csv, HEADER)",
            "VACUUM ANALYZE bulk",
        )

    def reset_sqlite(self):
        for path in self.work.glob(f"{self.sqlite.name}*"):
            path.unlink()
        with sqlite3.connect(self.sqlite) as connection:
            connection.execute(bulk_data.TABLE.format(name="bulk"))
        connection.close()
        os.sync()

    def psql(self, url, *commands):
        arguments = [argument for command in commands for argument in ("-c", command)]
        return run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", *arguments, url])

    def timed(self, command):
        began = time.monotonic()
        run(command)
        return self.rate(time.monotonic() - began, self.records)

    def rate(self, seconds, expected):
        found = int(self.psql(self.url, "SELECT count(*) FROM bulk"))
        return self.checked(found, expected) / seconds

    def sqlite_rate(self, seconds):
        connection = sqlite3.connect(self.sqlite)
        try:
            found = connection.execute("SELECT count(*) FROM bulk").fetchone()[0]
        finally:
            connection.close()
        return self.checked(found, self.records) / seconds

    def checked(self, found, expected):
        if found != expected:
            raise Failed(f"{found} rows instead of {expected}")
        return found
