"""What is written is what was read: the same number, instant or text, or the record is rejected."""

import decimal
import json
import struct
import unittest

import databases
from case import FreightCase, for_each_backend

COLUMNS = {
    "postgresql": (
        "smallint", "bigint", "numeric", "numeric(20,2)", "real", "double precision", "text", "varchar(6)",
        "boolean", "date", "time", "time(0)", "timestamp", "timestamp(0)", "timestamptz(3)", "uuid", "jsonb",
    ),
    "sqlite": ("INTEGER", "BIGINT", "NUMERIC", "DECIMAL(10,2)", "REAL", "DOUBLE", "TEXT", "BLOB", "DATE"),
}
FLOATS = {"real": 6, "double precision": 15, "REAL": 15, "DOUBLE": 15}
NUMBERS = (
    "0", "-1", "007", "1.50", "1e5", "0.1", "0.30000000000000004", "16777217", "9007199254740992", "9007199254740993",
    "9223372036854775807", "9223372036854775808", "12345678901234567890", "12345678901234567.89", "0.123456789012345678",
    "1e400", "1627300615",
)
TIMES = (
    "2024-12-31", "2024-12-31 00:00:00", "2024-12-31 23:59:59", "2024-12-31 23:59:59.9996", "2024-12-31T23:59:59.123456Z",
    "2024-12-31 23:59:59+02:00", "23:59:59", "23:59:59.5", "23:59:59.1234567",
)  # fmt: skip


def number(text):
    """The number that a text is, or None."""
    try:
        value = decimal.Decimal(text.strip())
    except decimal.InvalidOperation:
        return None
    return value if value.is_finite() else None


def is_json_number(text):
    return not text.lstrip("-").startswith("0") or text in ("0",) or text.startswith("0.")


def instant(text):
    """Date, time to the last digit and offset, as far as the text has them."""
    text = text.replace("T", " ").replace("Z", "+00").strip()
    date, _, rest = text.partition(" ") if "-" in text[:5] else ("", "", text)
    for sign in "+-":
        rest, _, offset = rest.partition(sign) if sign in rest else (rest, "", "")
        if offset:
            break
    time = rest.rstrip("0").rstrip(".:0") if rest else ""
    return date, time, offset.replace(":", "").rstrip("0")


def same(value, found, column, untyped):
    if "time" in column or "date" in column.lower() and column != "DATE":
        return instant(value) == instant(found) or "timestamptz" in column
    if column == "boolean":
        return found == {"0": "f", "1": "t"}.get(value)
    one, other = number(value), number(found)
    if one is None or other is None:
        return value == found
    if column in FLOATS and untyped and "e" not in value and "." in value:
        with decimal.localcontext() as context:
            context.prec = FLOATS[column]
            return +one == +other
    return one == other


class Lossless(FreightCase):
    def check(self, backend, values, untyped, write):
        for column in COLUMNS[backend]:
            with self.subTest(column=column):
                database = self.database(backend)
                database.execute(f"CREATE TABLE target (id integer, v {column})")
                errors = {"allow_all_rejected": True}
                ended = self.run_job(
                    {**self.job(database, errors=errors), **write(values)}, storage=f"sqlite:{self._databases}.db"
                )
                self.assertIn(ended.code, (0, 3), str(ended))
                rejected = {int(row["ordinal"]): row["code"] for row in self.rejects()[0]} if ended.code == 3 else {}
                rows = {int(id): found for id, found in database.rows("SELECT id, v FROM target")}
                for id, value in enumerate(values):
                    self.assertNotEqual(id in rows, id in rejected, value)
                    if id in rows:
                        self.assertTrue(same(value, rows[id], column, untyped), f"{value} became {rows[id]}")
                    else:
                        self.assertIn(rejected[id], ("out_of_range", "type_mismatch", "too_long", "destination_rejected"))

    def as_csv(self, values):
        self.write("source.csv", "id,v\n" + "".join(f"{id},{value}\n" for id, value in enumerate(values)))
        return {}

    def as_jsonl(self, values):
        lines = [f'{{"id": {id}, "v": {value}}}\n' for id, value in enumerate(values)]
        self.write("source.jsonl", "".join(lines))
        return {"source": {"type": "jsonl", "path": "source.jsonl"}}

    @for_each_backend
    def test_untyped_texts_are_kept_or_rejected(self, backend):
        self.check(backend, NUMBERS + TIMES, True, self.as_csv)

    @for_each_backend
    def test_numbers_of_json_are_kept_or_rejected(self, backend):
        self.check(backend, [value for value in NUMBERS if is_json_number(value)], False, self.as_jsonl)


class NumbersAndDates(FreightCase):
    def epochs(self, kind):
        values = [86400 * 365 * year + 11 for year in range(20)]
        if kind == "jsonl":
            self.write("source.jsonl", "".join(json.dumps({"id": i, "v": v}) + "\n" for i, v in enumerate(values)))
            return {"type": "jsonl", "path": "source.jsonl"}
        source = databases.SqliteDatabase(self.folder / "source.db")
        source.drop()
        rows = ", ".join(f"({i}, {v})" for i, v in enumerate(values))
        source.execute(f"CREATE TABLE s (id INTEGER PRIMARY KEY, v DATETIME); INSERT INTO s VALUES {rows}")
        return {"type": "sql", "url": source.url, "table": "s"}

    def test_an_epoch_without_a_format_lands_in_no_date_or_time(self):
        for kind in ("jsonl", "sql"):
            for column in ("date", "time", "timestamp", "timestamptz"):
                with self.subTest(kind=kind, column=column):
                    database = self.database("postgresql")
                    database.execute(f"CREATE TABLE target (id integer, v {column})")
                    job = {**self.job(database, errors={"allow_all_rejected": True}), "source": self.epochs(kind)}
                    self.run_job(job, code=3, storage=f"sqlite:{kind}{column}.db")
                    self.assertEqual([], database.rows("SELECT id FROM target"))
                    rejects = self.rejects()[0]
                    self.assertEqual({"type_mismatch"}, {row["code"] for row in rejects})
                    self.assertEqual(20, len(rejects))

    def test_with_its_format_an_epoch_is_a_time(self):
        database = self.database("postgresql")
        database.execute("CREATE TABLE target (id integer, v timestamptz)")
        fields = [{"name": "id", "type": "integer"}, {"name": "v", "type": "datetime", "format": "epoch_s"}]
        self.run_job({**self.job(database), "source": self.epochs("sql"), "schema": {"fields": fields}}, code=0)
        self.assertEqual([("1970-01-01 00:00:11+00",)], database.rows("SELECT v FROM target WHERE id = 0"))


class Losses(FreightCase):
    COLUMNS = {"postgresql": "double precision", "sqlite": "REAL"}

    def load(self, backend, type, value, code, **destination):
        self.write("source.csv", f"id,v\n1,{value}\n")
        database = self.database(backend)
        database.execute(f"CREATE TABLE target (id integer, v {self.COLUMNS[backend]})")
        fields = [{"name": "id", "type": "integer"}, {"name": "v", "type": type}]
        job = {**self.job(database, destination=destination), "schema": {"fields": fields}}
        return database, self.run_job(job, code=code, storage=f"sqlite:{self._databases}.db")

    @for_each_backend
    def test_a_field_whose_type_a_binary_float_cannot_hold_fails_the_job(self, backend):
        for type in ("integer", "decimal"):
            with self.subTest(type=type):
                database, ended = self.load(backend, type, "1", 1)
                self.assert_failed(ended, "lossy_column", "v")
                self.assertEqual([], database.rows("SELECT id FROM target"))

    @for_each_backend
    def test_are_counted_warnings_when_they_are_allowed(self, backend):
        for type, value in (("integer", "9007199254740993"), ("decimal", "12345678901234567.89")):
            with self.subTest(type=type):
                database, ended = self.load(backend, type, value, 0, lossy="allow")
                self.assert_counts(ended.report, succeeded=1, with_warnings=1)
                kept = struct.unpack("d", struct.pack("d", float(value)))[0]
                self.assertEqual(kept, float(database.rows("SELECT v FROM target")[0][0]))
                self.assertEqual([], self.load(backend, type, "5", 0, lossy="allow")[1].report["rejects"])

    def test_of_a_fraction_of_a_second_are_refused_or_counted(self):
        for lossy, code in (("refuse", 3), ("allow", 0)):
            with self.subTest(lossy=lossy):
                self.write("source.csv", "id,v\n1,2024-12-31 23:59:59.9\n2,2024-12-31 23:59:59.000\n")
                database = self.database("postgresql")
                database.execute("CREATE TABLE target (id integer, v timestamp(0))")
                job = self.job(database, destination={"lossy": lossy})
                ended = self.run_job(job, code=code, storage=f"sqlite:{lossy}.db")
                rows = database.rows("SELECT v FROM target ORDER BY id")
                self.assertEqual(("2024-12-31 23:59:59",), rows[-1])
                self.assertEqual(lossy == "allow", ("2025-01-01 00:00:00",) in rows)
                self.assertEqual(1 if lossy == "allow" else 0, ended.report["records"]["with_warnings"])


if __name__ == "__main__":
    unittest.main()
