"""A table copied into a table: what the destination computes, and what a new table cannot have as the old one."""

import json
import unittest

from case import FreightCase, for_each_backend

GENERATED = "CREATE TABLE {} (id INTEGER PRIMARY KEY, price INTEGER, twice INTEGER GENERATED ALWAYS AS (price * 2) STORED)"
PLAIN = "CREATE TABLE {} (id INTEGER PRIMARY KEY, price INTEGER, twice INTEGER)"


class GeneratedColumns(FreightCase):
    def copy(self, source, target, **changes):
        origin = {"type": "sql", "url": source.url, "table": "people", **changes.pop("source_options", {})}
        return self.job(target, source=origin, **changes)

    def tables(self, backend, source=PLAIN, target=GENERATED):
        origin, destination = self.database(backend), self.database(backend)
        origin.execute(source.format("people") + ";INSERT INTO people (id, price) VALUES (1, 5), (2, NULL)")
        destination.execute(target.format("target"))
        return origin, destination

    @for_each_backend
    def test_a_column_that_the_destination_computes_is_left_out_with_a_note(self, backend):
        source, target = self.tables(backend)
        source.execute("UPDATE people SET twice = 77")
        for disposition in ("append", "merge", "replace"):
            with self.subTest(disposition=disposition):
                target.execute("DROP TABLE target;" + GENERATED.format("target"))
                job = self.copy(source, target, destination={"write_disposition": disposition})
                report = json.loads(self.run_job(job, code=0).stdout)
                self.assert_counts(report, succeeded=2)
                self.assertEqual(1, len(report["warnings"]), report["warnings"])
                self.assertIn('"twice" is left out', report["warnings"][0])
                self.assertEqual(
                    [("1", "5", "10"), ("2", None, None)], target.rows("SELECT * FROM target ORDER BY id")
                )

    @for_each_backend
    def test_validation_notes_it_too(self, backend):
        source, target = self.tables(backend)
        report = json.loads(self.run_job(self.copy(source, target, mode="validate"), code=0).stdout)
        self.assertIn('"twice" is left out', report["warnings"][0])

    @for_each_backend
    def test_a_column_that_the_source_computes_is_read_like_any_other(self, backend):
        source, target = self.tables(backend, source=GENERATED, target=PLAIN)
        report = json.loads(self.run_job(self.copy(source, target), code=0).stdout)
        self.assertEqual([], report["warnings"])
        self.assertEqual([("1", "5", "10"), ("2", None, None)], target.rows("SELECT * FROM target ORDER BY id"))

    @for_each_backend
    def test_the_same_generated_column_on_both_sides_is_computed_anew(self, backend):
        source, target = self.tables(backend, source=GENERATED)
        self.run_job(self.copy(source, target), code=0)
        self.assertEqual([("1", "5", "10"), ("2", None, None)], target.rows("SELECT * FROM target ORDER BY id"))

    @for_each_backend
    def test_a_mapping_that_fills_it_is_refused(self, backend):
        source, target = self.tables(backend)
        mapping = [{"to": name, "from": name} for name in ("id", "price", "twice")]
        ended = self.run_job(self.copy(source, target, mapping=mapping))
        self.assert_failed(ended, "destination_failed", "twice", "leave it out of the mapping")

    @for_each_backend
    def test_a_query_that_brings_it_is_refused(self, backend):
        source, target = self.tables(backend)
        job = self.job(target, source={"type": "sql", "url": source.url, "query": "SELECT * FROM people"})
        self.assert_failed(self.run_job(job), "destination_failed", "twice")


class MadeTables(FreightCase):
    def warnings(self, source, target, **changes):
        """Of a run that makes the table, after a validation that says the same."""
        origin = {"type": "sql", "url": source.url, "table": "people"}
        job = self.job(target, source=origin, destination={"create_table": True}, **changes)
        expected = json.loads(self.run_job({**job, "mode": "validate"}, code=0).stdout)["warnings"]
        report = json.loads(self.run_job(job, code=0).stdout)
        self.assertEqual(expected, report["warnings"])
        return report["warnings"]

    def people(self):
        source = self.database("postgresql")
        source.execute(
            "CREATE TYPE mood AS ENUM ('sad', 'glad');"
            "CREATE TABLE people (id bigint PRIMARY KEY, name varchar(9), code char(2), tags text[], feeling mood,"
            " span interval, seen timestamp, known timestamptz(3), at timetz, born date, doc json);"
            "INSERT INTO people (id, seen, tags) VALUES (1, '2024-01-02 03:04:05', '{a}')"
        )
        return source

    def test_postgresql_says_which_columns_became_text_and_which_got_a_zone(self):
        text, zone = self.warnings(self.people(), self.database("postgresql"))
        self.assertIn('"tags" (text[]), "feeling" (mood), "span" (interval), "at" (time with time zone).', text)
        self.assertIn("text", text.split(":")[0])
        self.assertIn('"seen" (timestamp without time zone).', zone)
        self.assertIn("time zone", zone.split("(")[0])

    def test_sqlite_says_which_columns_became_text(self):
        (text,) = self.warnings(self.people(), self.database("sqlite"))
        for name in ("tags", "feeling", "span", "seen", "known", "at", "born", "doc"):
            self.assertIn(f'"{name}" (', text)
        for name in ("id", "name", "code"):
            self.assertNotIn(f'"{name}" (', text)

    def test_a_type_that_the_schema_gives_is_not_spoken_of(self):
        schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "seen", "type": "datetime"}]}
        self.assertEqual([], self.warnings(self.people(), self.database("postgresql"), schema=schema))

    def test_from_sqlite_a_datetime_gets_a_zone(self):
        source = self.database("sqlite")
        source.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name NVARCHAR(20), paid NUMERIC(9,2), seen DATETIME)")
        (zone,) = self.warnings(source, self.database("postgresql"))
        self.assertIn('"seen" (DATETIME).', zone)

    @for_each_backend
    def test_a_table_that_is_there_needs_no_such_warning(self, backend):
        target = self.database(backend)
        target.execute("CREATE TABLE target (id bigint PRIMARY KEY, seen text, tags text)")
        job = self.job(
            target,
            source={"type": "sql", "url": self.people().url, "query": "SELECT id, seen, tags FROM people", "key": ["id"]},
            destination={"create_table": True},
        )
        self.assertEqual([], json.loads(self.run_job(job, code=0).stdout)["warnings"])


if __name__ == "__main__":
    unittest.main()
