"""Writes CSV files with planted faults, and knows for each fault where it lies.

The expectations come from how the file was put together, never from reading it, so they are an oracle
for a program that does.
"""

import random
from dataclasses import dataclass

COLUMNS = ("id", "name", "email", "city", "amount", "born", "note")

SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True}},
        {"name": "name", "type": "string", "constraints": {"required": True, "maxLength": 40}},
        {"name": "email", "type": "string", "constraints": {"pattern": "^[^@ ]+@[^@ ]+\\.[a-z]+$"}},
        {"name": "city", "type": "string"},
        {"name": "amount", "type": "decimal"},
        {"name": "born", "type": "date"},
        {"name": "note", "type": "string"},
    ],
    "primaryKey": ["id"],
}

TABLES = {
    "sqlite": "CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,"
    " city TEXT, amount TEXT, born TEXT, note TEXT)",
    "postgresql": "CREATE TABLE target (id bigint PRIMARY KEY, name text NOT NULL,"
    " email text NOT NULL, city text, amount numeric, born date, note text)",
}

KEYLESS_TABLES = {kind: ddl.replace(" PRIMARY KEY", "") for kind, ddl in TABLES.items()}

# kind: (code, stage, column); a fault of the parser belongs to no column that could be relied on.
KINDS = {
    "type": ("type_mismatch", "validate", "amount"),
    "required": ("required", "validate", "name"),
    "too_long": ("too_long", "validate", "name"),
    "pattern": ("pattern_mismatch", "validate", "email"),
    "too_many": ("too_many_fields", "parse", None),
    "too_few": ("too_few_fields", "parse", None),
    "utf8": ("invalid_utf8", "parse", None),
    "nul": ("nul_byte", "parse", None),
    "quote": ("misplaced_quote", "parse", None),
    "duplicate": ("unique_violation", "write", "id"),
}

SELECT = "SELECT id, name, email, city, amount, born, note FROM target ORDER BY id"

CITIES = ("Bern", "Zürich", "Genève", "Saint Gallen, SG", "東京", 'La "Perla"', "São Paulo", "Łódź")
NOTES = ("", None, "two\nlines", "carriage\r\nreturn", "🚂🚃🚃", "007", " spaces ", "\ta tab", "a\rb")


@dataclass(frozen=True)
class Fault:
    kind: str
    ordinal: int
    line: int
    byte_offset: int
    byte_length: int
    code: str
    stage: str
    column: str | None
    value: str | None
    raw: bytes


@dataclass
class Oracle:
    records: int
    # Rows as they must stand in the table, ordered by id.
    good: list
    # In the order of their ordinals.
    faults: list


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def encode_field(text, always_quote=False):
    """As RFC 4180 has it; None is nothing at all, an empty string a pair of quotes."""
    if text is None:
        return ""
    if always_quote or text == "" or any(character in text for character in ',"\r\n'):
        return quoted(text)
    return text


def good_record(generator, identity):
    name = generator.choice(("Ada", "Zoë", "Łukasz", "Nguyễn", "O'Neil", "Smith, John", "李"))
    return [
        str(identity),
        f"{name} {identity % 977:03d}",
        f"p{identity}@example.org",
        generator.choice(CITIES),
        f"{generator.randrange(-10**6, 10**6)}.{generator.randrange(100):02d}",
        f"{generator.randrange(1900, 2026)}-{generator.randrange(1, 13):02d}-{generator.randrange(1, 29):02d}",
        generator.choice(NOTES),
    ]


def faulty_line(kind, generator, record, earlier_identity):
    """The bytes of a record of the kind, and the value that is wrong where it has one."""
    fields = [encode_field(field) for field in record]
    value = None
    if kind == "type":
        fields[4] = value = generator.choice(("abc", "1.2.3", "12,5", "1e", "--1"))
        fields[4] = encode_field(value)
    elif kind == "required":
        fields[1] = ""
    elif kind == "too_long":
        value = "é" * 41
        fields[1] = value
    elif kind == "pattern":
        fields[2] = value = "nobody at example.org"
    elif kind == "too_many":
        fields += ["one", "two"]
    elif kind == "too_few":
        fields = fields[:5]
    elif kind == "quote":
        fields[1] = generator.choice(('Jo"hn', '"John"ny'))
    elif kind == "duplicate":
        fields[0] = value = str(earlier_identity)
    line = ",".join(fields).encode()
    if kind == "utf8":
        line = line.replace(b"@example", b"@ex\xfcmple")
    elif kind == "nul":
        line = line.replace(b"@example", b"@ex\x00mple")
    return line, value


def generate(path, records, faults_each, line_end="\n", bom=False, seed=1, kinds=tuple(KINDS)):
    """Writes `records` records, `faults_each` of every kind among them at seeded places."""
    generator = random.Random(seed)
    # A duplicate follows its original closely and within one thousand, so that both are in one batch.
    places = [ordinal for ordinal in range(records) if ordinal % 1000 >= 10]
    chosen = generator.sample(places, faults_each * len(kinds))
    planned = dict(zip(chosen, [kind for kind in kinds for _ in range(faults_each)]))
    end = line_end.encode()

    oracle = Oracle(records, [], [])
    pieces = [b"\xef\xbb\xbf" if bom else b"", ",".join(COLUMNS).encode(), end]
    offset = sum(map(len, pieces))
    line = 2
    for ordinal in range(records):
        record = good_record(generator, ordinal + 1)
        kind = planned.get(ordinal)
        if kind is None:
            raw = ",".join(map(encode_field, record)).encode()
            oracle.good.append(tuple(record))
        else:
            raw, value = faulty_line(kind, generator, record, oracle.good[-1][0])
            code, stage, column = KINDS[kind]
            oracle.faults.append(
                Fault(kind, ordinal, line, offset, len(raw), code, stage, column, value, raw)
            )
        pieces += (raw, end)
        offset += len(raw) + len(end)
        # A lone carriage return is data; a break inside quotes is a line of its own.
        line += 1 + raw.count(b"\n")
    path.write_bytes(b"".join(pieces))
    return oracle


def assert_rejects(test, oracle, rejects):
    """Compares the rows of a rejects file with the faults that were planted."""
    from case import raw_bytes

    test.assertEqual([fault.ordinal for fault in oracle.faults], [int(r["ordinal"]) for r in rejects])
    for fault, reject in zip(oracle.faults, rejects):
        found = {
            "line": int(reject["line"]),
            "byte_offset": int(reject["byte_offset"]),
            "byte_length": int(reject["byte_length"]),
            "code": reject["code"],
            "stage": reject["stage"],
            "raw": raw_bytes(reject),
        }
        expected = {key: getattr(fault, key) for key in found}
        if fault.column is not None:
            expected["column"] = fault.column
            found["column"] = reject["column"]
        if fault.value is not None:
            expected["value"] = fault.value
            found["value"] = reject["value"]
        test.assertEqual(expected, found, f"{fault.kind} at ordinal {fault.ordinal}: {reject}")


def assert_good_records(test, oracle, database):
    """Exactly the good records are in the table, unchanged, and nothing else."""
    rows = database.rows(SELECT)
    if rows == oracle.good:
        return
    missing = set(oracle.good) - set(rows)
    strange = set(rows) - set(oracle.good)
    test.fail(
        f"{len(rows)} rows, expected {len(oracle.good)}; {len(missing)} missing, such as"
        f" {sorted(missing)[:3]}; {len(strange)} unexpected, such as {sorted(map(str, strange))[:3]}"
    )
