#!/usr/bin/env python3
"""What script/bench calls, with little to measure: it runs to its end and says what it found."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import databases
from case import FreightCase

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench.py"


class Bench(FreightCase):
    def bench(self, *arguments):
        output = self.folder / "bench.json"
        freightd = Path(os.environ["FREIGHTD"])
        done = subprocess.run(
            [sys.executable, BENCH, "--freightd", freightd, "--queue", freightd.parent / "bench_queue",
             "--postgresql", self.database("postgresql").url, "--work", self.folder,
             "--peers", self.folder / "peers", "--output", output, "--no-peers", "--runs", "1",
             "--records", "2000", "--jobs", "100", "--large", "2e6", "--batches", "2000", *arguments],
            capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, {row["name"]: row for row in json.loads(output.read_text())["rows"]}

    def test_each_row_has_a_figure_and_stands_beside_its_peer_or_says_why_not(self):
        bulk = ("csv-postgresql", "csv-postgresql-bad", "csv-sqlite", "jsonl-postgresql",
                "postgresql-postgresql", "csv-null", "memory", "log-size", "fate",
                "claim")  # fmt: skip
        left_out = ("csv-pgloader", "migration", "migration-postgresql", "jobs-postgresql", "jobs-sqlite")
        chosen = [argument for name in (*bulk, *left_out) for argument in ("--only", name)]
        table, rows = self.bench(*chosen)
        self.assertEqual(set(rows), {*bulk, *left_out})
        for name in bulk:
            self.assertGreater(rows[name]["reached"]["median"], 0, name)
            self.assertIn(rows[name]["title"], table)
        for name in left_out:
            self.assertGreater(rows[name]["figures"].popitem()[1][0], 0, name)
            self.assertEqual(list(rows[name]["trouble"].values()), ["left out"])
            self.assertIsNone(rows[name]["reached"])

    def test_a_row_that_is_not_there_is_named(self):
        done = subprocess.run([sys.executable, BENCH, "--freightd", "-", "--queue", "-", "--postgresql", "-",
                               "--work", ".", "--peers", ".", "--output", "-", "--only", "speed"],
                              capture_output=True, text=True)  # fmt: skip
        self.assertEqual(done.returncode, 1)
        self.assertIn("no row speed", done.stderr)


if __name__ == "__main__":
    databases.server_url()
    unittest.main(verbosity=2)
