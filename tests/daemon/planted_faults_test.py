"""A file of 100 000 records with 50 planted faults of ten kinds, into either backend.

Exactly the good records arrive, unchanged, and each reject names its place, code and raw text.
"""

import itertools
import unittest

import csv_faults
from case import REJECT_COLUMNS, REPORT_KEYS, FreightCase

RECORDS = 100_000
FAULTS_EACH = 5


class PlantedFaults(FreightCase):
    def check(self, backend, line_end, bom):
        oracle = csv_faults.generate(
            self.folder / "source.csv", RECORDS, FAULTS_EACH, line_end, bom, seed=len(line_end) * 2 + bom
        )
        database = self.database(backend)
        database.execute(csv_faults.TABLES[backend])
        ended = self.run_job(
            self.job(database, schema=csv_faults.SCHEMA, batch={"max_records": 5000}), code=3
        )

        csv_faults.assert_good_records(self, oracle, database)
        rejects, header = self.rejects()
        self.assertEqual([*REJECT_COLUMNS, *csv_faults.COLUMNS], header)
        csv_faults.assert_rejects(self, oracle, rejects)
        self.check_report(oracle, ended.report)

    def check_report(self, oracle, report):
        self.assertEqual(set(), REPORT_KEYS - set(report))
        self.assertEqual("completed_with_errors", report["status"])
        self.assertEqual("exactly_once", report["delivery"])
        self.assert_counts(report, read=RECORDS, succeeded=len(oracle.good), rejected=len(oracle.faults))
        self.assertEqual({"inserted": len(oracle.good), "updated": 0, "unchanged": 0}, report["written"])
        self.assertEqual({"total": 20, "completed": 20, "failed": 0}, report["batches"])
        self.assert_verified(report)
        self.assertEqual(len(oracle.good), report["reconciliation"]["ledger_rows"])
        self.assertEqual(len(oracle.good), report["reconciliation"]["destination_delta"])
        counts = {}
        for group in report["rejects"]:
            counts[group["code"]] = counts.get(group["code"], 0) + group["count"]
        expected = {}
        for fault in oracle.faults:
            expected[fault.code] = expected.get(fault.code, 0) + 1
        self.assertEqual(expected, counts)
        first = {}
        for fault in oracle.faults:
            first.setdefault(fault.code, fault)
        for group in report["rejects"]:
            if group["count"] == expected[group["code"]]:
                self.assertEqual(first[group["code"]].line, group["example"]["line"], group)


def add_test(backend, line_end_name, bom):
    line_end = {"lf": "\n", "crlf": "\r\n"}[line_end_name]
    name = f"test_{backend}_{line_end_name}_{'with' if bom else 'without'}_bom"
    setattr(PlantedFaults, name, lambda self: self.check(backend, line_end, bom))


for combination in itertools.product(("sqlite", "postgresql"), ("lf", "crlf"), (True, False)):
    add_test(*combination)

if __name__ == "__main__":
    unittest.main()
