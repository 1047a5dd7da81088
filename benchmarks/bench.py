#!/usr/bin/env python3
"""Measures Freight beside its peers. script/bench calls it; see its --help."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

from bulk_rows import Bulk
from job_rows import Jobs
from measuring import Failed, say, table
from migration_rows import Migrations
from rest_rows import Rest


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--freightd", required=True)
    parser.add_argument("--queue", required=True)
    parser.add_argument("--postgresql", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--peers", required=True, type=Path)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--large", type=float, default=1e9)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--batches", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--only", action="append")
    return parser.parse_args()


def select(rows, only):
    if not only:
        return rows
    unknown = set(only) - {row.name for row in rows}
    if unknown:
        sys.exit(f"bench: no row {', '.join(unknown)}; there are {', '.join(row.name for row in rows)}")
    return [row for row in rows if row.name in only]


def leave_out_peers(rows):
    """Those that would have to be installed."""
    for row in rows:
        if row.peer and {"npm", "pgcopydb", "pgloader", "uvicorn"} & set(row.peer.needs):
            row.trouble[row.peer.name] = "left out"


def main():
    options = read_options()
    jobs = Jobs(options)
    bulk = Bulk(options)
    rest = Rest(options)
    migrations = Migrations(options)
    rows = select(bulk.rows() + migrations.rows() + jobs.rows() + rest.rows(), options.only)
    if options.no_peers:
        leave_out_peers(rows)
    load = os.getloadavg()[0]
    failed = False
    try:
        for row in rows:
            say(row.title)
            try:
                row.measure(1 if row.freight.once else options.runs)
            except Failed as failure:
                failed = True
                row.trouble[row.freight.name] = str(failure).splitlines()[0]
                say(f"{row.name}: {failure}")
    finally:
        jobs.close()
        rest.close()
        migrations.close()
        bulk.close()
    print(f"{options.records:,} records of about 100 bytes; medians of {options.runs} runs;"
          f" {os.cpu_count()} processors, load average {load:.1f} before\n")  # fmt: skip
    print(table(rows))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "records": options.records,
        "jobs": options.jobs,
        "batches": options.batches,
        "large_bytes": options.large,
        "runs": options.runs,
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "load_average_before": load,
        "rows": [row.as_json() for row in rows],
    }
    options.output.write_text(json.dumps(document, indent=2) + "\n")
    say(f"written to {options.output}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
