"""`"mapping_rest": "by_name"`: fields that no entry of the mapping names go to the columns of their names."""

import itertools
import json
import unittest

import databases
from case import FreightCase, for_each_backend

TABLES = {
    "sqlite": "CREATE TABLE target (id INTEGER PRIMARY KEY, full_name TEXT, city TEXT, origin TEXT)",
    "postgresql": "CREATE TABLE target (id bigint PRIMARY KEY, full_name text, city text, origin text)",
}
RECORDS = [
    {"number": number, "first": f"f{number}", "last": f"l{number}", "city": f"c{number}", "origin": "field"}
    for number in range(1, 8)
]
ROWS = [(str(number), f"f{number} l{number}", f"c{number}", "entry") for number in range(1, 8)]
MAPPING = [
    {"to": "id", "from": "number"},
    {"to": "full_name", "template": "{first} {last}"},
    {"to": "origin", "const": "entry"},
]


class MappingRest(FreightCase):
    def csv(self, records=RECORDS):
        lines = [",".join(str(value) for value in record.values()) for record in records]
        self.write("source.csv", "\r\n".join([",".join(records[0]), *lines]))
        return {"type": "csv", "path": "source.csv"}

    def jsonl(self, records=RECORDS):
        self.write("source.jsonl", "".join(json.dumps(record) + "\n" for record in records))
        return {"type": "jsonl", "path": "source.jsonl"}

    def inline(self, records=RECORDS):
        return {"type": "inline", "records": records}

    def sql(self, records=RECORDS):
        source = databases.SqliteDatabase(self.folder / "source.db")
        source.drop()
        values = ", ".join(str(tuple(record.values())) for record in records)
        columns = ", ".join(records[0]).replace("number", "number INTEGER PRIMARY KEY")
        source.execute(f"CREATE TABLE s ({columns}); INSERT INTO s VALUES {values}")
        return {"type": "sql", "url": source.url, "table": "s"}

    def job_of(self, database, source, **changes):
        job = self.job(database, source=source, **changes)
        return {**job, "mapping": MAPPING, "mapping_rest": "by_name", "batch": {"max_records": 2}}

    @for_each_backend
    def test_goes_to_its_columns_from_every_source_and_whatever_is_done_with_the_rows(self, backend):
        sources = (self.csv, self.jsonl, self.inline, self.sql)
        for source, disposition in itertools.product(sources, ("append", "merge", "replace")):
            with self.subTest(source=source.__name__, disposition=disposition):
                database = self.database(backend)
                database.execute(TABLES[backend])
                job = self.job_of(database, source(), destination={"write_disposition": disposition})
                storage = f"sqlite:{self.folder}/{self._databases}.db"
                for changes, rows in (({"mode": "validate"}, []), ({}, ROWS)):
                    ended = self.run_job({**job, **changes}, code=0, storage=storage)
                    self.assert_counts(ended.report, succeeded=7)
                    self.assertEqual(["origin"], ended.report["unmapped_columns"])
                    self.assertEqual(rows, database.rows("SELECT * FROM target ORDER BY id"))

    @for_each_backend
    def test_makes_a_table_with_it(self, backend):
        database = self.database(backend)
        self.run_job(self.job_of(database, self.csv(), destination={"create_table": True}), code=0)
        rows = database.rows("SELECT id, full_name, city, origin FROM target ORDER BY id")
        self.assertEqual(ROWS, rows)

    def test_goes_into_files_whole(self):
        for source in (self.csv, self.jsonl, self.inline, self.sql):
            with self.subTest(source=source.__name__):
                destination = {"type": "jsonl", "path": f"{source.__name__}.out"}
                job = {**self.job_of(None, source()), "destination": destination}
                self.run_job(job, "--new", code=0)
                lines = (self.folder / destination["path"]).read_text().splitlines()
                self.assertEqual(
                    {"id": "3", "full_name": "f3 l3", "origin": "entry", "city": "c3"},
                    {key: str(value) for key, value in json.loads(lines[2]).items()},
                )

    def test_without_a_column_is_refused_as_without_a_mapping(self):
        more = [{**record, "beyond": "x"} for record in RECORDS]
        database = self.database("sqlite")
        database.execute(TABLES["sqlite"])
        for source in (self.csv, self.sql):
            self.assert_failed(self.run_job(self.job_of(database, source(more))), "unknown_column", "beyond")
        self.assertEqual([], database.rows("SELECT * FROM target"))
        for source in (self.jsonl, self.inline):
            records = [*RECORDS[:6], more[6]]
            ended = self.run_job(self.job_of(database, source(records)), "--new", code=3)
            self.assert_counts(ended.report, succeeded=6, rejected=1)
            self.assertEqual("unknown_column", ended.report["rejects"][0]["code"])
            database.execute("DELETE FROM target")


if __name__ == "__main__":
    unittest.main()
