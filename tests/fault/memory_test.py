"""A file far larger than memory's bound runs within it: 150 MB resident.

FREIGHT_MEMORY_MEGABYTES is the file's size (300); the bound holds for any.
"""

import os
import random
import unittest

from case import FreightCase

BOUND = 150 * 1000 * 1000
SIZE = int(os.environ.get("FREIGHT_MEMORY_MEGABYTES", "300")) * 1000 * 1000


class Memory(FreightCase):
    def write_source(self):
        """Records of 60 to 2 060 bytes, one in a thousand of them rejected; returns their numbers."""
        generator = random.Random(7)
        text = "".join(generator.choice("abcdefghijklmnop éü,") for _ in range(4000))
        records = rejected = written = 0
        with open(self.folder / "source.csv", "wb") as file:
            file.write(b"id,amount,text\n")
            while written < SIZE:
                lines = []
                for _ in range(1000):
                    begin = generator.randrange(2000)
                    end = begin + (2000 if records % 50 == 0 else 100)
                    bad = records % 1000 == 17
                    rejected += bad
                    amount = "none" if bad else f"{records % 9973}.50"
                    lines.append(f'{records},{amount},"{text[begin:end]}"\n')
                    records += 1
                chunk = "".join(lines).encode()
                file.write(chunk)
                written += len(chunk)
        return records, rejected

    def check(self, backend):
        records, rejected = self.write_source()
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, amount TEXT, text TEXT)")
        schema = {
            "fields": [
                {"name": "id", "type": "integer"},
                {"name": "amount", "type": "decimal"},
                {"name": "text", "type": "string"},
            ]
        }
        ended = self.run_job(self.job(database, schema=schema), code=3, timeout=1200)
        self.assert_counts(ended.report, read=records, succeeded=records - rejected, rejected=rejected)
        self.assert_verified(ended.report)
        print(f"{SIZE / 1e6:.0f} MB, {records} records: peak {ended.peak_bytes / 1e6:.0f} MB", flush=True)
        self.assertLess(ended.peak_bytes, BOUND)

    def test_sqlite(self):
        self.check("sqlite")

    def test_postgresql(self):
        self.check("postgresql")


if __name__ == "__main__":
    unittest.main()
