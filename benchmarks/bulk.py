#!/usr/bin/env python3
"""One CSV file into one table: Freight and a peer take turns. script/bench calls it; see its --help."""

import argparse
import json
import os
import platform
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

TABLE = (
    "CREATE TABLE bulk (id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL,"
    " city text NOT NULL, amount numeric(12,2) NOT NULL, created_at timestamp NOT NULL)"
)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def write_records(path, count):
    """About 100 bytes a record, the same for the same count."""
    generator = random.Random(20261123)
    first = ("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hanna", "Ivo", "Jamila")
    last = ("Lovelace", "Zimmermann", "Rossi", "Petrov", "Yilmaz", "Haddad", "Kovac", "Virtanen")
    cities = ("Zurich", "Geneva", "Winterthur", "Lausanne", "St. Gallen", "Bellinzona", "Neuchatel")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("id,name,email,city,amount,created_at\n")
        for begin in range(0, count, 10_000):
            lines = []
            for identity in range(begin + 1, min(begin + 10_000, count) + 1):
                given, family = generator.choice(first), generator.choice(last)
                lines.append(
                    f"{identity},{given} {family},{given}.{family}.{identity}@example.org,"
                    f"{generator.choice(cities)},{generator.randrange(10**6)}.{generator.randrange(100):02d},"
                    f"20{generator.randrange(10, 26)}-{generator.randrange(1, 13):02d}-"
                    f"{generator.randrange(1, 29):02d} {generator.randrange(24):02d}:"
                    f"{generator.randrange(60):02d}:{generator.randrange(60):02d}\n"
                )
            file.write("".join(lines))


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Postgresql:
    name = "PostgreSQL"
    peer = "psql \\copy"
    peer_program = "psql"

    def __init__(self, url, _work):
        self.url = url

    def reset(self):
        self._psql("DROP TABLE IF EXISTS bulk, freight_ledger")
        self._psql(TABLE)
        # So that no run pays for the pages of the one before.
        self._psql("CHECKPOINT")

    def run_peer(self, source):
        self._psql(f"\\copy bulk FROM '{source}' WITH (FORMAT csv, HEADER)")

    def count(self):
        return int(self._psql("SELECT count(*) FROM bulk"))

    def version(self):
        return self._psql("SHOW server_version").strip()

    def _psql(self, command):
        return run(["psql", "--no-psqlrc", "--quiet", "-At", "-v", "ON_ERROR_STOP=1", "-c", command, self.url])


class Sqlite:
    name = "SQLite"
    peer = "sqlite3 .import"
    peer_program = "sqlite3"

    def __init__(self, _url, work):
        self.path = work / "bulk.db"
        self.url = f"sqlite:{self.path}"

    def reset(self):
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()
        with sqlite3.connect(self.path) as connection:
            connection.execute(TABLE)
        connection.close()
        os.sync()

    def run_peer(self, source):
        run(["sqlite3", "-bail", str(self.path), f".import --csv --skip 1 {source} bulk"])

    def count(self):
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute("SELECT count(*) FROM bulk").fetchone()[0]
        finally:
            connection.close()

    def version(self):
        return run(["sqlite3", "--version"]).split()[0]


def run_freight(options, target, source):
    storage = options.work / "freight"
    shutil.rmtree(storage, ignore_errors=True)
    storage.mkdir()
    job = {
        "name": "bulk",
        "source": {"type": "csv", "path": str(source)},
        "destination": {"type": "sql", "url": target.url, "table": "bulk"},
    }
    (storage / "job.json").write_text(json.dumps(job))
    workers = ["--workers", str(options.workers)] if options.workers else []
    run([options.freightd, "run", "job.json", "--progress", "none", *workers], cwd=storage)


def timed(target, records, action):
    target.reset()
    began = time.monotonic()
    action()
    seconds = time.monotonic() - began
    found = target.count()
    if found != records:
        sys.exit(f"bench: {found} rows instead of {records}")
    return seconds


def measure(options, target, source):
    """Freight and its peer in turns, so that what disturbs the machine disturbs both."""
    contenders = {"freightd": lambda: run_freight(options, target, source)}
    if shutil.which(target.peer_program):
        contenders[target.peer] = lambda: target.run_peer(source)
    else:
        say(f"{target.peer_program} is not installed, so nothing stands beside Freight")
    seconds = {name: [] for name in contenders}
    for number in range(1, options.runs + 1):
        for name, action in contenders.items():
            taken = timed(target, options.records, action)
            seconds[name].append(taken)
            say(f"{target.name}, run {number} of {options.runs}: {name} {options.records / taken:,.0f} records/s")
    return seconds


def summarise(target, records, seconds):
    rates = {name: [records / taken for taken in times] for name, times in seconds.items()}
    summary = {
        name: {"median": statistics.median(rate), "minimum": min(rate), "maximum": max(rate)}
        for name, rate in rates.items()
    }
    result = {"destination": target.name, "version": target.version(), "records_per_second": summary}
    if target.peer in rates:
        result["ratio"] = summary["freightd"]["median"] / summary[target.peer]["median"]
        pairs = [ours / theirs for ours, theirs in zip(rates["freightd"], rates[target.peer])]
        result["ratio_minimum"], result["ratio_maximum"] = min(pairs), max(pairs)
    else:
        result["missing_peer"] = target.peer
    return result


def print_table(results):
    print(f"{'destination':<12} {'program':<16} {'records/s':>11}  {'min - max':>23}  {'Freight / peer':>20}")
    for result in results:
        for name, rate in result["records_per_second"].items():
            ratio = ""
            if name == "freightd" and "ratio" in result:
                ratio = f"{result['ratio']:.2f} ({result['ratio_minimum']:.2f} - {result['ratio_maximum']:.2f})"
            spread = f"{rate['minimum']:,.0f} - {rate['maximum']:,.0f}"
            print(f"{result['destination']:<12} {name:<16} {rate['median']:>11,.0f}  {spread:>23}  {ratio:>20}")
        if "missing_peer" in result:
            print(f"{result['destination']:<12} {result['missing_peer']:<16} {'not installed':>11}")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--freightd", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--postgresql")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    return parser.parse_args()


def main():
    options = read_options()
    source = options.work / "bulk.csv"
    say(f"writing {options.records:,} records")
    write_records(source, options.records)
    size = source.stat().st_size
    load_before = os.getloadavg()
    kinds = {"postgresql": Postgresql, "sqlite": Sqlite}
    results = []
    for name, kind in kinds.items():
        if options.only in (None, name):
            target = kind(options.postgresql, options.work)
            results.append(summarise(target, options.records, measure(options, target, source)))
    print(f"{options.records:,} records, {size / options.records:.0f} bytes each; medians of {options.runs} runs;"
          f" {os.cpu_count()} processors, load average {load_before[0]:.1f} before")  # fmt: skip
    print_table(results)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "records": options.records,
        "bytes": size,
        "runs": options.runs,
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "load_average_before": load_before,
        "results": results,
    }
    options.output.write_text(json.dumps(document, indent=2) + "\n")
    say(f"written to {options.output}")


if __name__ == "__main__":
    main()
