"""CSV to SQLite to PostgreSQL to JSONL to CSV: the same values at the end, whatever they are."""

import csv
import json
import random
import re
import unittest
from datetime import datetime, timedelta, timezone

import csv_faults
from case import FreightCase

RECORDS = 100_000

TYPES = {
    "id": "integer",
    "text": "string",
    "big": "integer",
    "amount": "decimal",
    "ratio": "number",
    "flag": "boolean",
    "day": "date",
    "clock": "time",
    "moment": "datetime",
    "key": "uuid",
    "document": "json",
}

TEXTS = (
    None, "", " ", "a", "  both  ", "\ttab\t", ",", '"', '""',
    "'", "\\", "\\N", "\\.", "\\x41", "NULL", "null", "NaN", "-",
    "two\nlines", "two\r\nlines", "\r", "\n", "a\r", "#",
    "=1+1", "%s", "{}", "$1", ":name", "0x", "\x01\x1f\x7f",
    "مرحبا بالعالم", "שלום עולם", "\u202eright to left\u202c",
    "नमस्ते दुनिया", "สวัสดีชาวโลก", "გამარჯობა", "Γειά σου", "Здравствуй",
    "你好，世界", "こんにちは、世界", "안녕하세요", "𠜎𠜱𠝹", "e\u0301", "\u00e9", "a\u0308\u0323",
    "Z\u0351\u036b\u0343\u036a\u0302", "👩‍👩‍👧‍👦", "🇨🇭", "👍🏽", "𝄞",
    "\u200b", "\ufeff", "\u2028", "\u2029", "\u00a0", "\ufffd", "\uffff",
    "\U0010ffff", "x" * 2000, "é" * 2000, '"quoted", and\n"more"',
)  # fmt: skip

INTEGERS = (
    None, "0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993", "4294967296",
)  # fmt: skip

DECIMALS = (
    None, "0", "0.00", "0.10", "-0.10",
    "1." + "0" * 20, "9" * 40, "-" + "9" * 40, "0." + "9" * 40, "1" * 20 + "." + "2" * 20,
    "0." + "0" * 39 + "1", "12345678901234567890.123456789", "466061.60", "100000000000000000000",
)  # fmt: skip

NUMBERS = (
    None, "0", "0.1", "-2.5", "1e+300", "5e-324", "1.7976931348623157e+308", "0.30000000000000004", "123456789",
)  # fmt: skip

DAYS = (None, "0001-01-01", "9999-12-31", "2024-02-29", "1970-01-01", "1582-10-10", "1900-03-01")

CLOCKS = (None, "00:00:00", "23:59:59", "23:59:59.999999", "12:34:56.000001")

MOMENTS = (
    None, datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999),
    datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2024, 2, 29, 12),
)  # fmt: skip

MICROSECONDS = 3_652_050 * 86_400 * 10**6

OFFSETS = ("Z", "+00:00", "+05:30", "-11:45", "+14:00", "-02")

DOCUMENTS = (
    None, {}, [], 0, -1, True, False, [None], {"": ""}, {"a": {"b": [1, 2.5, "ж", {"c": None}]}}, [[[[[[]]]]]],
    {"k" * 300: "v" * 300}, ["\u0001 \\ \" / 👍"], {"big": 9223372036854775807},
)  # fmt: skip


CELL = re.compile(r'(?:("(?:[^"]|"")*")|([^",\n]*))(,|\n)')


def offset_of(text):
    if text == "Z":
        return timedelta()
    hours, _, minutes = text[1:].partition(":")
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -size if text[0] == "-" else size


def moment_text(generator, moment):
    """A moment (in UTC), as some clock of the world shows it."""
    if moment is None:
        return None
    offset = generator.choice(OFFSETS)
    try:
        local = moment + offset_of(offset)
    except OverflowError:
        offset, local = "Z", moment
    return local.isoformat(sep=generator.choice("T ")) + offset


def uuid_text(generator):
    digits = f"{generator.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def generate(records):
    """What stands in the file, and what every reader of it must see, as lists of values."""
    generator = random.Random(7)
    written, meant = [], []
    for identity in range(records):
        moment = generator.choice(MOMENTS)
        if generator.random() < 0.5:
            moment = datetime(1, 1, 2) + timedelta(microseconds=generator.randrange(MICROSECONDS))
        text = generator.choice(TEXTS)
        if generator.random() < 0.3:
            text = "".join(map(str, generator.choices(TEXTS[1:-3], k=4)))
        document = generator.choice(DOCUMENTS)
        same = [
            str(identity),
            text,
            generator.choice(INTEGERS),
            generator.choice(DECIMALS),
            generator.choice(NUMBERS),
            generator.choice((None, "true", "false")),
            generator.choice(DAYS),
            generator.choice(CLOCKS),
        ]
        key = generator.choice((None, uuid_text(generator)))
        escaped = generator.random() < 0.5
        json_text = None if document is None else json.dumps(document, ensure_ascii=escaped)
        written.append([*same, moment_text(generator, moment), key, json_text])
        ratio = None if same[4] is None else float(same[4])
        meant.append([*same[:4], ratio, *same[5:], moment, key, document])
    return written, meant


def value_of(name, text):
    """What a cell of a CSV file, or a value of a JSON line, means."""
    if text is None:
        return None
    if name == "moment":
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
    if name == "document":
        return json.loads(text)
    if name == "ratio":
        return float(text)
    return text


def read_csv(path):
    """The rows of a file, with None for nothing, which Python's reader does not tell from an empty text."""
    rows, row = [], []
    for quoted, bare, end in CELL.findall(path.read_bytes().decode()):
        row.append(quoted[1:-1].replace('""', '"') if quoted else bare or None)
        if end == "\n":
            rows.append(row)
            row = []
    return rows


class RoundTrip(FreightCase):
    def leg(self, source, destination, **changes):
        spec = {"name": "leg", "source": source, "destination": destination, **changes}
        ended = self.run_job(spec, code=0, timeout=300)
        self.assert_verified(ended.report)
        self.assert_counts(ended.report, succeeded=RECORDS)

    def assert_same(self, meant, rows):
        self.assertEqual(list(TYPES), rows[0])
        self.assertEqual(len(meant), len(rows) - 1)
        for expected, row in zip(meant, rows[1:]):
            found = [value_of(name, cell) for name, cell in zip(TYPES, row)]
            if found != expected:
                self.assertEqual(expected, found)

    def test_every_value_comes_through_four_legs(self):
        written, meant = generate(RECORDS)
        lines = [",".join(TYPES), *(",".join(map(csv_faults.encode_field, row)) for row in written)]
        self.write("one.csv", "\n".join(lines) + "\n")
        fields = [{"name": name, "type": kind} for name, kind in TYPES.items()]
        schema = {"fields": fields, "primaryKey": ["id"]}
        tables = [
            {"type": "sql", "url": self.database(kind).url, "table": "target"} for kind in ("sqlite", "postgresql")
        ]
        made = [{**table, "create_table": True} for table in tables]
        self.leg({"type": "csv", "path": "one.csv"}, made[0], schema=schema)
        self.leg(tables[0], made[1], schema=schema)
        # Here the catalog alone says what everything is.
        self.leg(tables[1], {"type": "jsonl", "path": "three.jsonl"})
        self.leg({"type": "jsonl", "path": "three.jsonl"}, {"type": "csv", "path": "four.csv"}, schema=schema)
        self.assert_same(meant, read_csv(self.folder / "four.csv"))


if __name__ == "__main__":
    unittest.main()
