"""A whole database in one command: Freight beside what people would take instead."""

import shutil
import sqlite3
import time

from measuring import Contender, Failed, Row, run

TABLES = 10
# As the readers of both sides write a row, whatever they call its types.
SUM = "SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t"


class Migrations:
    def __init__(self, options):
        self.options = options
        self.work = options.work
        self.url = options.postgresql
        self.source = self.work / "shop.db"
        # Of all tables: three million with the million of the other rows.
        self.each = options.records * 3 // TABLES
        self.sums = {}
        self.databases = []

    def rows(self):
        return [
            Row("migration", "SQLite of 10 tables -> PostgreSQL", "records/s",
                Contender("freightd", self.freight),
                Contender("pgloader", self.pgloader, ("pgloader",), once=True), 5, 8),
            Row("migration-postgresql", "PostgreSQL of 10 tables -> PostgreSQL", "records/s",
                Contender("freightd", self.freight_between),
                Contender("pgcopydb clone", self.pgcopydb, ("pgcopydb",)), 0.67, 1.0),
        ]  # fmt: skip

    # Input

    def fill(self):
        if self.source.exists():
            return
        connection = sqlite3.connect(self.source)
        for number in range(TABLES):
            parent = f"REFERENCES t{number - 1} (id)" if number else ""
            connection.executescript(
                f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, parent INTEGER {parent}, name TEXT NOT NULL,"
                " email TEXT, city TEXT, amount INTEGER);"
                f"CREATE INDEX t{number}_parent ON t{number} (parent);"
                f"CREATE INDEX t{number}_city ON t{number} (city, amount);"
            )
            rows = (
                (i, i % self.each + 1 if number else None, f"Name {i * 7919 % 100_003}", f"person{i}@example.org",
                 f"City {i % 997}", i * 31 % 1_000_000)
                for i in range(1, self.each + 1)
            )  # fmt: skip
            connection.executemany(f"INSERT INTO t{number} VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.commit()
        connection.close()

    # Both

    def freight(self):
        self.fill()
        target = self.database("freight")
        return self.rate(self.migrated(f"sqlite:{self.source}", target), target)

    def pgloader(self):
        self.fill()
        target = self.database("pgloader")
        began = time.monotonic()
        run(["pgloader", "--root-dir", self.work / "pgloader", f"sqlite://{self.source}",
             target.replace("postgresql://", "pgsql://")])  # fmt: skip
        return self.rate(time.monotonic() - began, target)

    def freight_between(self):
        target = self.database("copy")
        return self.rate(self.migrated(self.postgresql_source(), target), target)

    def pgcopydb(self):
        target = self.database("clone")
        folder = self.work / "pgcopydb"
        shutil.rmtree(folder, ignore_errors=True)
        began = time.monotonic()
        run(["pgcopydb", "clone", "--dir", folder, "--source", self.postgresql_source(), "--target", target])
        return self.rate(time.monotonic() - began, target)

    def migrated(self, source, target):
        folder = self.work / "freight"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        workers = ["--workers", self.options.workers] if self.options.workers else []
        began = time.monotonic()
        run([self.options.freightd, "run", "--from", source, "--to", target, "--progress", "none", *workers],
            cwd=folder)  # fmt: skip
        return time.monotonic() - began

    # Databases

    def database(self, name):
        """A new empty one."""
        full = f"bench_migration_{name}"
        self.psql(self.url, f"DROP DATABASE IF EXISTS {full}", f"CREATE DATABASE {full}", "CHECKPOINT")
        self.databases.append(full)
        return self.url.rpartition("/")[0] + f"/{full}"

    def postgresql_source(self):
        url = self.url.rpartition("/")[0] + "/bench_migration_source"
        if "bench_migration_source" not in self.databases:
            self.fill()
            self.migrated(f"sqlite:{self.source}", self.database("source"))
            self.psql(url, "DROP TABLE freight_ledger", "VACUUM ANALYZE")
        return url

    def rate(self, seconds, target):
        """Every row has to be there, on both sides the same."""
        sums = [self.psql(target, SUM.format(table=f"t{number}")).strip() for number in range(TABLES)]
        if any(not text.startswith(f"{self.each}|") for text in sums):
            raise Failed(f"not {self.each} rows in each table: {sums}")
        expected = self.sums.setdefault("all", sums)
        if sums != expected:
            raise Failed("the contents differ from those of the run before")
        return self.each * TABLES / seconds

    def psql(self, url, *commands):
        arguments = [argument for command in commands for argument in ("-c", command)]
        return run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", *arguments, url])

    def close(self):
        for name in set(self.databases):
            self.psql(self.url, f"DROP DATABASE IF EXISTS {name}")
