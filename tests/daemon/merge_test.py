"""merge with keys that come again, within a batch and in later ones: one table, however many workers."""

import random
import unittest

import csv_faults
from case import FreightCase, comparable, for_each_backend

RECORDS = 3_000
KEYS = 600
BATCH = 100
COLUMNS = ("region", "number", "name", "amount")
SELECT = f"SELECT {', '.join(COLUMNS)}, note FROM target ORDER BY region, number"
TABLE = (
    "CREATE TABLE target (region VARCHAR(40), number BIGINT, name TEXT, amount TEXT, note TEXT DEFAULT 'none',"
    " PRIMARY KEY (region, number))"
)


def records():
    """Keys of two columns: some come twice in a row, some in every batch, most now and then."""
    generator = random.Random(3)
    made = []
    for ordinal in range(RECORDS):
        number = generator.choice((ordinal // 2, generator.randrange(KEYS), generator.randrange(9)))
        name = generator.choice(("Ada", "Zoë", "Smith, John", None, ""))
        made.append((f"r{number % 7}", str(number), name, f"{ordinal}.{generator.randrange(100):02d}"))
    return made


class Merge(FreightCase):
    def setUp(self):
        super().setUp()
        self.records = records()
        # What is there before: some keys of the source with other values, and some that it has not.
        old = [(f"r{n % 7}", str(n), "old", "0") for n in (*range(0, KEYS, 3), *range(10**6, 10**6 + 50))]
        self.old = {(region, number): (name, amount) for region, number, name, amount in old}

    def run_merge(self, backend, workers, **destination):
        database = self.database(backend)
        values = ", ".join(f"('{r}', {n}, '{name}', '{a}', 'mine')" for (r, n), (name, a) in self.old.items())
        database.execute(f"{TABLE}; INSERT INTO target VALUES {values};")
        lines = [",".join(COLUMNS), *(",".join(map(csv_faults.encode_field, row)) for row in self.records)]
        self.write("source.csv", "\n".join(lines) + "\n")
        job = self.job(
            database,
            batch={"max_records": BATCH},
            destination={"write_disposition": "merge", **destination},
        )
        ended = self.run_job(job, "--workers", workers, code=0, storage=f"sqlite:{backend}{workers}.db")
        self.assertEqual("ok", ended.report["reconciliation"]["accounting"])
        return ended.report, database.rows(SELECT)

    def rows_of(self, merged):
        rows = [(*key, *values, "mine" if key in self.old else "none") for key, values in merged.items()]
        return sorted(rows, key=lambda row: (row[0], int(row[1])))

    def same_with_any_workers(self, backend, expected, **destination):
        first = None
        for workers in (1, 2, 4):
            report, rows = self.run_merge(backend, workers, **destination)
            self.assertEqual(self.rows_of(expected), rows, f"{workers} workers")
            first = first or comparable(report)
            self.assertEqual(first, comparable(report), f"{workers} workers")
        return first

    @for_each_backend
    def test_the_last_record_of_each_key_stays(self, backend):
        expected = dict(self.old)
        expected.update({(region, number): values for region, number, *values in self.records})
        report = self.same_with_any_workers(backend, expected)
        self.assert_counts(report, succeeded=RECORDS)
        self.assertEqual(len(expected) - len(self.old), report["written"]["inserted"])

    @for_each_backend
    def test_with_skip_what_is_there_stays(self, backend):
        expected = dict(self.old)
        skipped = 0
        for begin in range(0, RECORDS, BATCH):
            # Within a batch the last record of a key is the one that is sent; where it is skipped, so
            # are those that it would have overtaken.
            batch = self.records[begin : begin + BATCH]
            skipped += sum((region, number) in expected for region, number, *_ in batch)
            last = {(region, number): values for region, number, *values in batch}
            expected = {**last, **expected}
        report = self.same_with_any_workers(backend, expected, on_conflict="skip")
        self.assert_counts(report, succeeded=RECORDS - skipped, skipped=skipped)
        self.assertEqual(len(expected) - len(self.old), report["written"]["inserted"])


if __name__ == "__main__":
    unittest.main()
