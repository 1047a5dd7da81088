"""SQL databases as sources: from one backend to the other, values unchanged, every record accounted for."""

import json
import unittest

from case import FreightCase, for_each_backend

LITE = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, paid DECIMAL(12,2), ratio REAL,
                     active BOOLEAN, born DATE, seen DATETIME, note TEXT, photo BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
INSERT INTO people SELECT i * 7, 'name ' || i, i + 0.5, i / 4.0, i % 2, '2024-02-29',
  '2024-01-02 03:04:05.123456', CASE WHEN i % 3 THEN 'Zoë "' || i || '" \\ x' END, x'00ff' FROM n;
"""

GREAT = """
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE people (tenant int, id bigint, name text NOT NULL, paid numeric, ratio float8,
  active boolean, born date, at time, seen timestamptz, who uuid, doc jsonb, data bytea,
  tags text[], feeling mood, span interval, PRIMARY KEY (tenant, id));
INSERT INTO people SELECT i % 7, i, 'Zoë ' || i, i + 0.1230, i / 3.0::float8, i % 2 = 0,
  CASE i % 5 WHEN 0 THEN 'infinity'::date ELSE '2024-01-01'::date + i END, '23:59:59.5',
  '2024-01-01 12:00:00.000001+02'::timestamptz + i * '1 minute'::interval, md5(i::text)::uuid,
  jsonb_build_object('n', i, 'list', '[1.50, null, "ü\\n"]'::jsonb), decode(md5(i::text), 'hex'),
  ARRAY['a,b', i::text], 'glad', i * '90 minutes'::interval FROM generate_series(1, 2500) i;
INSERT INTO people (tenant, id, name, paid, ratio, doc) VALUES
  (9, -9223372036854775808, E'tab\\tline\\nend\\\\N', 'NaN', '-Infinity', '"text"'),
  (9, 9223372036854775807, '', 12345678901234567890123.456789012345678900, 1e-300, 'null'),
  (9, 0, '\\N', NULL, NULL, '12');
"""


class SqlSource(FreightCase):
    def sql_job(self, source, target, table="people", **changes):
        options = changes.pop("source_options", {})
        return self.job(
            target,
            table=table,
            source={"type": "sql", "url": source.url, **({} if "query" in options else {"table": "people"}),
                    **options},
            batch={"max_records": 300},
            **changes,
        )  # fmt: skip

    def run_verified(self, job, read, **options):
        report = json.loads(self.run_job(job, "--workers", "4", code=0, **options).stdout)
        self.assert_counts(report, succeeded=read)
        self.assert_verified(report)
        return report

    def test_sqlite_to_a_table_made_on_postgresql(self):
        source, target = self.database("sqlite"), self.database("postgresql")
        source.execute(LITE)
        self.run_verified(self.sql_job(source, target, destination={"create_table": True}), 2500)
        self.assertEqual(
            [("id", "bigint", "NO"), ("name", "text", "NO"), ("paid", "numeric", "YES"),
             ("ratio", "double precision", "YES"), ("active", "boolean", "YES"), ("born", "date", "YES"),
             ("seen", "timestamp with time zone", "YES"), ("note", "text", "YES"), ("photo", "bytea", "YES")],
            target.rows("SELECT column_name, data_type, is_nullable FROM information_schema.columns "
                        "WHERE table_name = 'people' ORDER BY ordinal_position"),
        )  # fmt: skip
        self.assertEqual(
            [("7", "name 1", "1.5", "0.25", "t", "2024-02-29", "2024-01-02 03:04:05.123456+00",
              'Zoë "1" \\ x', "\\x00ff"),
             ("21", "name 3", "3.5", "0.75", "t", "2024-02-29", "2024-01-02 03:04:05.123456+00", None,
              "\\x00ff")],
            target.rows("SELECT * FROM people WHERE id IN (7, 21) ORDER BY id"),
        )  # fmt: skip
        self.assertEqual([("2500", "7", "17500")], target.rows("SELECT count(*), min(id), max(id) FROM people"))

    def test_postgresql_to_postgresql_changes_no_value(self):
        source, target = self.database("postgresql"), self.database("postgresql")
        source.execute(GREAT)
        target.execute(GREAT.split("INSERT")[0])
        self.run_verified(self.sql_job(source, target), 2503)
        everything = "SELECT * FROM people ORDER BY tenant, id"
        self.assertEqual(source.rows(everything), target.rows(everything))

    def test_postgresql_to_a_table_made_on_sqlite(self):
        source, target = self.database("postgresql"), self.database("sqlite")
        source.execute(GREAT)
        self.run_verified(self.sql_job(source, target, destination={"create_table": True}), 2503)
        everything = (
            "SELECT tenant, id, name, paid, {active}, born, at, seen, who, {data}, tags, feeling{cast} "
            "FROM people ORDER BY tenant, id"
        )
        self.assertEqual(
            source.rows(everything.format(active="active::int", data="data", cast="::text")),
            target.rows(everything.format(
                active="active", data="CASE WHEN data IS NOT NULL THEN '\\x' || lower(hex(data)) END", cast=""
            )),
        )

    @for_each_backend
    def test_condition_query_and_limit(self, backend):
        source, target = self.database(backend), self.database("sqlite")
        source.execute(
            "CREATE TABLE people (id int NOT NULL PRIMARY KEY, name varchar(9)); "
            + "".join(f"INSERT INTO people VALUES ({i}, 'n{i}');" for i in range(20))
        )
        mark = {"sqlite": "?", "postgresql": "$"}[backend]
        target.execute("CREATE TABLE people (id BIGINT, name TEXT)")
        options = {"where": f"id >= {mark}1 AND name <> {mark}2", "params": [10, "n12"]}
        self.run_verified(self.sql_job(source, target, source_options=options), 9)
        query = {"query": f"SELECT id + 100 AS id, name FROM people WHERE id < {mark}1", "params": [15],
                 "key": ["id"], "limit": 4}  # fmt: skip
        self.run_verified(self.sql_job(source, target, source_options=query), 4)
        self.assertEqual([("13", "103")], target.rows("SELECT count(*), max(id) FROM people"))

    @for_each_backend
    def test_a_row_beyond_8_mib_goes_over_where_the_source_allows_it(self, backend):
        source, target = self.database(backend), self.database("postgresql" if backend == "sqlite" else "sqlite")
        length = 9 << 20
        source.execute(
            "CREATE TABLE people (id int NOT NULL PRIMARY KEY, name text);"
            f"INSERT INTO people VALUES (1, 'ann'), (2, '{'x' * length}'), (3, 'bob')"
        )
        target.execute("CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT)")
        ended = self.run_job(self.sql_job(source, target), code=3)
        self.assertIn("source.max_record_bytes", ended.report["rejects"][0]["example"]["hint"])
        options = {"max_record_bytes": length + 100}
        job = self.sql_job(source, target, source_options=options, destination={"write_disposition": "merge"})
        self.run_job(job, code=0)
        self.assertEqual(
            [("1", "3"), ("2", str(length)), ("3", "3")],
            target.rows("SELECT id, length(name) FROM people ORDER BY id"),
        )

    @for_each_backend
    def test_a_rejected_row_is_kept_as_json_with_its_columns(self, backend):
        source, target = self.database(backend), self.database("sqlite")
        source.execute(
            "CREATE TABLE people (id int NOT NULL PRIMARY KEY, name varchar(9)); "
            "INSERT INTO people VALUES (1, 'ann'), (2, NULL), (3, 'b\"ob')"
        )
        target.execute("CREATE TABLE people (id BIGINT, name TEXT NOT NULL)")
        ended = self.run_job(self.sql_job(source, target), code=3)
        self.assert_counts(json.loads(ended.stdout), succeeded=2, rejected=1)
        rows, header = self.rejects()
        self.assertEqual(["id", "name"], header[-2:])
        self.assertEqual('{"id":2,"name":null}', rows[0]["raw"])
        self.assertEqual(("1", "2", ""), (rows[0]["ordinal"], rows[0]["id"], rows[0]["name"]))

    @for_each_backend
    def test_errors_say_what_to_do(self, backend):
        source, target = self.database(backend), self.database("sqlite")
        source.execute("CREATE TABLE people (id int NOT NULL PRIMARY KEY, name varchar(9))")
        target.execute("CREATE TABLE people (id BIGINT, name TEXT)")
        for options, code, said in (
            ({"table": "peopel"}, "source_not_found", ("peopel", "did you mean 'people'")),
            ({"key": ["name"]}, "key_not_unique", ("name",)),
            ({"where": "nmae = 'x'"}, "source_unreadable", ("source.where", "line 1, column 1", "name")),
            ({"query": "DELETE FROM people"}, "source_unreadable", ("source.query", "single select")),
            ({"query": "SELECT id, id FROM people"}, "duplicate_header", ("id",)),
        ):
            with self.subTest(**options):
                self.write_job(self.sql_job(source, target, source_options=options))
                self.assert_failed(self.freightd("run", "job.json"), code, *said)

    def test_a_password_is_never_shown(self):
        source, target = self.database("postgresql"), self.database("sqlite")
        source.execute("CREATE TABLE people (id int PRIMARY KEY)")
        target.execute("CREATE TABLE people (id BIGINT)")
        job = self.sql_job(source, target)
        job["source"]["url"] = source.url.replace("://", "://nobody_at_all:s3cr3t@", 1).replace(
            source.url.split("://")[1].split("@")[0] + "@", "", 1
        )
        self.write_job(job)
        ended = self.freightd("run", "job.json")
        self.assertEqual(1, ended.code, str(ended))
        self.assertNotIn("s3cr3t", ended.stdout + ended.stderr)


if __name__ == "__main__":
    unittest.main()
