"""Values arrive unchanged on both backends: numbers, texts, NULL, dates; and what is refused."""

import unittest

from case import FreightCase, for_each_backend

EXACT = {
    "largest": ("bigint", "integer", "9223372036854775807"),
    "smallest": ("bigint", "integer", "-9223372036854775808"),
    "tenth": ("numeric", "decimal", "0.1"),
    "long": ("numeric", "decimal", "12345678901234567890.123456789"),
    "zeros": ("numeric", "decimal", "466061.60"),
    "code": ("text", "string", "00123"),
    "emoji": ("text", "string", "👩‍👩‍👧‍👦 é 𝄞"),
    "empty": ("text", "string", ""),
    "nothing": ("text", "string", None),
    "backslash": ("text", "string", "\\N"),
    "control": ("text", "string", "a\tb\\nc\vd\x7f"),
    "day": ("date", "date", "2024-02-29"),
}


def sqlite_type(name):
    return {"bigint": "BIGINT"}.get(name, "TEXT")


class Values(FreightCase):
    @for_each_backend
    def test_unchanged_with_a_schema(self, backend):
        self.exact(backend, with_schema=True)

    @for_each_backend
    def test_unchanged_without_a_schema(self, backend):
        self.exact(backend, with_schema=False)

    def exact(self, backend, with_schema):
        database = self.database(backend)
        columns = ", ".join(
            f'"{name}" {native if backend == "postgresql" else sqlite_type(native)}'
            for name, (native, _, _) in EXACT.items()
        )
        database.execute(f"CREATE TABLE target ({columns})")
        cells = ['""' if value == "" else value or "" for _, _, value in EXACT.values()]
        self.write("source.csv", ",".join(EXACT) + "\n" + ",".join(cells) + "\n")
        schema = {"fields": [{"name": name, "type": kind} for name, (_, kind, _) in EXACT.items()]}
        self.run_job(self.job(database, **({"schema": schema} if with_schema else {})), code=0)
        names = ", ".join(f'"{name}"' for name in EXACT)
        self.assertEqual(
            [tuple(value for _, _, value in EXACT.values())], database.rows(f"SELECT {names} FROM target")
        )

    @for_each_backend
    def test_created_table_keeps_every_type(self, backend):
        fields = {
            "i": ("integer", "-42", "-42"),
            "n": ("number", "1.5", "1.5"),
            "d": ("decimal", "12345678901234567890.123456789", "12345678901234567890.123456789"),
            "b": ("boolean", "Yes", {"sqlite": "1", "postgresql": "t"}),
            "day": ("date", "2024-02-29", "2024-02-29"),
            "u": (
                "uuid",
                "0189F7E2-1B3C-7D4E-8F90-123456789ABC",
                "0189f7e2-1b3c-7d4e-8f90-123456789abc",
            ),
            "s": ("string", "007", "007"),
        }
        self.write("source.csv", ",".join(fields) + "\n" + ",".join(v for _, v, _ in fields.values()))
        schema = {"fields": [{"name": n, "type": t} for n, (t, _, _) in fields.items()]}
        database = self.database(backend)
        self.run_job(self.job(database, schema=schema, destination={"create_table": True}), code=0)
        expected = tuple(e[backend] if isinstance(e, dict) else e for _, _, e in fields.values())
        self.assertEqual([expected], database.rows(f"SELECT {', '.join(fields)} FROM target"))

    @for_each_backend
    def test_datetimes_become_utc(self, backend):
        self.write(
            "source.csv",
            "id,at\n1,2024-03-31T23:30:00-02:30\n2,2024-03-31 23:30:00.123456Z\n3,2024-03-31T23:30\n",
        )
        schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "at", "type": "datetime"}]}
        database = self.database(backend)
        database.execute(
            f"CREATE TABLE target (id BIGINT, at {'TEXT' if backend == 'sqlite' else 'timestamptz'})"
        )
        self.run_job(self.job(database, schema=schema), code=0)
        at = "at" if backend == "sqlite" else "at AT TIME ZONE 'UTC'"
        found = [row[0].replace("T", " ") for row in database.rows(f"SELECT {at} FROM target ORDER BY id")]
        expected = ("2024-04-01 02:00:00", "2024-03-31 23:30:00.123456", "2024-03-31 23:30:00")
        for begin, text in zip(expected, found):
            self.assertTrue(text.startswith(begin), (begin, text))

    @for_each_backend
    def test_values_beyond_a_type_are_rejected_not_changed(self, backend):
        database = self.database(backend)
        database.execute("CREATE TABLE target (n BIGINT)")
        good = ("9223372036854775807", "-9223372036854775808", "0", "+5", "-0", "0007")
        bad = {
            "9223372036854775808": "out_of_range",
            "-9223372036854775809": "out_of_range",
            "1e3": "type_mismatch",
            "1.0": "type_mismatch",
            "0x10": "type_mismatch",
            "1 2": "type_mismatch",
            "١": "type_mismatch",
        }
        self.write("source.csv", "n\n" + "\n".join([*good, *bad]) + "\n")
        schema = {"fields": [{"name": "n", "type": "integer"}]}
        self.run_job(self.job(database, schema=schema), code=3)
        self.assertEqual(sorted(map(int, good)), sorted(int(row[0]) for row in database.rows("SELECT n FROM target")))
        self.assertEqual(bad, {r["value"]: r["code"] for r in self.rejects()[0]})

    @for_each_backend
    def test_without_a_schema_only_what_the_server_refuses_is_refused(self, backend):
        database = self.database(backend)
        # An ordinary SQLite column takes any text, whatever its declared type.
        database.execute(
            "CREATE TABLE target (id BIGINT PRIMARY KEY, amount numeric(8,2), name TEXT)"
            if backend == "postgresql"
            else "CREATE TABLE target (id INTEGER PRIMARY KEY, amount TEXT, name TEXT) STRICT"
        )
        self.write("source.csv", "id,amount,name\n1,10.25,x\nabc,1,y\n3,0.5,z\n")
        self.run_job(self.job(database), code=3)
        self.assertEqual([("1", "x"), ("3", "z")], database.rows("SELECT id, name FROM target ORDER BY id"))
        (reject,), _ = self.rejects()
        self.assertEqual(("1", "id", "abc"), (reject["ordinal"], reject["column"], reject["value"]))

    def test_postgresql_columns_refuse_what_they_cannot_hold(self):
        database = self.database("postgresql")
        database.execute(
            "CREATE TABLE target (id smallint, price numeric(6,2), name varchar(5), flag boolean NOT NULL)"
        )
        lines = {
            "1,1.25,é🚂345,t": None,
            "70000,1,x,t": ("out_of_range", "id"),
            "2,1.255,x,t": ("out_of_range", "price"),
            "3,99999.00,x,t": ("out_of_range", "price"),
            "4,1,sixsix,t": ("too_long", "name"),
            "5,1,x,": ("not_null_violation", "flag"),
            "6,1,x,perhaps": ("type_mismatch", "flag"),
            "7,1,x,f": None,
        }
        self.write("source.csv", "id,price,name,flag\n" + "\n".join(lines) + "\n")
        schema = {
            "fields": [
                {"name": "id", "type": "integer"},
                {"name": "price", "type": "decimal"},
                {"name": "name", "type": "string"},
                {"name": "flag", "type": "boolean"},
            ]
        }
        self.run_job(self.job(database, schema=schema), code=3)
        found = {r["raw"]: (r["code"], r["column"]) for r in self.rejects()[0]}
        self.assertEqual({line: fault for line, fault in lines.items() if fault}, found)
        self.assertEqual([("1",), ("7",)], database.rows("SELECT id FROM target ORDER BY id"))

    def test_sqlite_column_that_would_lose_digits_is_refused(self):
        database = self.database("sqlite")
        database.execute("CREATE TABLE target (id BIGINT, amount NUMERIC)")
        self.write("source.csv", "id,amount\n1,12345678901234567890.123456789\n")
        schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "amount", "type": "decimal"}]}
        ended = self.run_job(self.job(database, schema=schema))
        self.assert_failed(ended, "lossy_column", "amount")
        self.assertEqual([], database.rows("SELECT id FROM target"))

    @for_each_backend
    def test_what_is_missing(self, backend):
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT, text TEXT, number BIGINT)")
        self.write("source.csv", 'id,text,number\n1,,\n2,"",""\n3,NA,NA\n4,"NA","NA"\n5, ,5\n')
        schema = {
            "fields": [
                {"name": "id", "type": "integer"},
                {"name": "text", "type": "string"},
                {"name": "number", "type": "integer"},
            ],
            "missingValues": ["", "NA"],
        }
        self.run_job(self.job(database, schema=schema), code=0)
        self.assertEqual(
            [("1", None, None), ("2", "", None), ("3", None, None), ("4", None, None), ("5", " ", "5")],
            database.rows("SELECT id, text, number FROM target ORDER BY id"),
        )

    @for_each_backend
    def test_on_error_null_is_a_warning(self, backend):
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT, born TEXT)")
        self.write("source.csv", "id,born\n1,2024-02-29\n2,2023-02-29\n")
        schema = {
            "fields": [{"name": "id", "type": "integer"}, {"name": "born", "type": "date", "on_error": "null"}]
        }
        ended = self.run_job(self.job(database, schema=schema), code=0)
        self.assert_counts(ended.report, succeeded=2, with_warnings=1)
        self.assertEqual([("1", "2024-02-29"), ("2", None)], database.rows("SELECT id, born FROM target ORDER BY id"))

    @for_each_backend
    def test_mapping(self, backend):
        database = self.database(backend)
        database.execute(
            "CREATE TABLE target (customer BIGINT, email TEXT, country TEXT, imported_by TEXT, untouched TEXT DEFAULT 'd')"
        )
        self.write("source.csv", "id,mail,ctry\n1,  Ada@Example.ORG ,CH\n2,x@y,??\n3,,\n4,z@z,DE\n")
        mapping = [
            {"to": "customer", "from": "id"},
            {"to": "email", "from": "mail", "transform": ["trim", "lower"], "default": "none"},
            {"to": "country", "from": "ctry", "lookup": {"CH": "Switzerland", "DE": "Germany"}, "default": "unknown"},
            {"to": "imported_by", "const": "freight"},
        ]
        self.run_job(self.job(database, mapping=mapping), code=0)
        self.assertEqual(
            [
                ("1", "ada@example.org", "Switzerland", "freight", "d"),
                ("2", "x@y", "unknown", "freight", "d"),
                ("3", "none", "unknown", "freight", "d"),
                ("4", "z@z", "Germany", "freight", "d"),
            ],
            database.rows("SELECT customer, email, country, imported_by, untouched FROM target ORDER BY customer"),
        )
        del mapping[2]["default"]
        self.run_job(self.job(database, mapping=mapping), code=3)
        self.assertEqual([("1", "lookup_miss")], [(r["ordinal"], r["code"]) for r in self.rejects()[0]])

    @for_each_backend
    def test_inline_records(self, backend):
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT, amount TEXT)")
        records = [
            {"id": 9223372036854775807, "name": "🚂", "amount": "1.10"},
            {"id": 2, "name": "", "amount": None},
            {"id": "x", "name": "bad", "amount": "1"},
            {"id": 3, "name": None},
        ]
        schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}, {"name": "amount", "type": "decimal"}]}
        source = {"type": "inline", "records": records}
        ended = self.run_job(self.job(database, source=source, schema=schema), code=3)
        self.assert_counts(ended.report, succeeded=3, rejected=1)
        self.assertEqual(
            [("2", "", None), ("3", None, None), ("9223372036854775807", "🚂", "1.10")],
            database.rows("SELECT id, name, amount FROM target ORDER BY id"),
        )


if __name__ == "__main__":
    unittest.main()
