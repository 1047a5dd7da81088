"""Bytes stay bytes: between databases, and through files as hexadecimal digits or base64."""

import base64
import itertools
import json
import unittest

import databases
from case import FreightCase, for_each_backend

BYTES = [b"", b"\x00\xff\x10", b"plain text", bytes(range(256)), "ä€😀".encode(), b"\\x00"]
MADE = {
    "postgresql": ("CREATE TABLE {} (id integer PRIMARY KEY, data bytea)",),
    "sqlite": (
        "CREATE TABLE {} (id INTEGER PRIMARY KEY, data BLOB)",
        "CREATE TABLE {} (id INTEGER PRIMARY KEY, data BLOB) STRICT",
        "CREATE TABLE {} (id INTEGER PRIMARY KEY, data ANY) STRICT",
    ),
}


def literal(database, data):
    return f"'\\x{data.hex()}'" if database.kind == "postgresql" else f"X'{data.hex()}'"


def hex_of(database):
    return "encode(data, 'hex')" if database.kind == "postgresql" else "lower(hex(data))"


class BinaryValues(FreightCase):
    def filled(self, backend, statement):
        database = self.database(backend)
        database.execute(statement.format("source"))
        rows = ", ".join(f"({id}, {literal(database, data)})" for id, data in enumerate(BYTES))
        database.execute(f"INSERT INTO source VALUES {rows}, (99, NULL)")
        return database

    def assert_bytes(self, database, table="target", expected=(*BYTES, None)):
        rows = database.rows(f"SELECT {hex_of(database)} FROM {table} ORDER BY id")
        wanted = [None if data is None else data.hex() for data in expected]
        self.assertEqual(wanted, [None if hex == "" and want is None else hex for (hex,), want in zip(rows, wanted)])
        self.assertEqual(len(wanted), len(rows))
        if database.kind == "sqlite":
            types = {row[0] for row in database.rows(f"SELECT typeof(data) FROM {table} WHERE data IS NOT NULL")}
            self.assertEqual({"blob"}, types)

    def copy(self, source, destination, **changes):
        job = self.job(destination, source={"type": "sql", "url": source.url, "table": "source"}, destination=changes)
        return self.run_job(job, code=0, storage=f"sqlite:{self._databases}.db")

    def test_are_the_same_bytes_from_any_database_in_any_other(self):
        made = [(backend, statement) for backend, statements in MADE.items() for statement in statements]
        for (source, made_source), (target, made_target) in itertools.product(made, made):
            for disposition in ("append", "merge", "replace"):
                with self.subTest(source=made_source, target=made_target, disposition=disposition):
                    destination = self.database(target)
                    destination.execute(made_target.format("target"))
                    self.copy(self.filled(source, made_source), destination, write_disposition=disposition)
                    self.assert_bytes(destination)

    def test_get_a_binary_column_where_the_table_is_made(self):
        for source, target in itertools.product(MADE, MADE):
            with self.subTest(source=source, target=target):
                destination = self.database(target)
                self.copy(self.filled(source, MADE[source][0]), destination, create_table=True)
                self.assert_bytes(destination)

    @for_each_backend
    def test_stand_in_files_as_hexadecimal_digits_and_come_back(self, backend):
        for type in ("csv", "jsonl"):
            with self.subTest(type=type):
                database = self.filled(backend, MADE[backend][0])
                source = {"type": "sql", "url": database.url, "table": "source"}
                self.run_job(self.job(source=source, destination={"type": type, "path": f"out.{type}"}), code=0)
                written = (self.folder / f"out.{type}").read_text()
                self.assertIn("\\x00ff10" if type == "csv" else "\\\\x00ff10", written)
                fields = [{"name": "id", "type": "integer"}, {"name": "data", "type": "binary"}]
                database.execute(MADE[backend][0].format("target"))
                job = {**self.job(database, source={"type": type, "path": f"out.{type}"}), "schema": {"fields": fields}}
                self.run_job(job, code=0)
                self.assert_bytes(database)

    @for_each_backend
    def test_are_read_from_text_in_the_fields_format(self, backend):
        data = b"\x00\xffabc\x10"
        formats = {
            None: ("\\x" + data.hex(), "\\x" + data.hex().upper()),
            "hex": (data.hex(), "0x" + data.hex(), "\\x" + data.hex().upper()),
            "base64": (base64.b64encode(data).decode(),) * 2,
        }
        for format, texts in formats.items():
            with self.subTest(format=format):
                self.write("source.csv", "id,data\n" + "".join(f"{id},{text}\n" for id, text in enumerate(texts)))
                with open(self.folder / "source.csv", "a") as file:
                    file.write("7,no bytes\n8,\\x0\n")
                database = self.database(backend)
                database.execute(MADE[backend][0].format("target"))
                field = {"name": "data", "type": "binary", **({"format": format} if format else {})}
                schema = {"fields": [{"name": "id", "type": "integer"}, field]}
                self.run_job({**self.job(database), "schema": schema}, code=3, storage=f"sqlite:{format}.db")
                self.assert_bytes(database, expected=[data] * len(texts))
                self.assertEqual({"type_mismatch"}, {row["code"] for row in self.rejects()[0]})

    def test_are_replayed_as_bytes(self):
        source = self.filled("sqlite", MADE["sqlite"][0])
        for backend in MADE:
            with self.subTest(backend=backend):
                database = self.database(backend)
                database.execute(MADE[backend][0].replace("data", "data").format("target"))
                database.execute("INSERT INTO target VALUES (1, NULL)")
                job = self.job(database, source={"type": "sql", "url": source.url, "table": "source"})
                ended = self.run_job(job, code=3, storage=f"sqlite:{backend}.db")
                database.execute("DELETE FROM target WHERE id = 1")
                replayed = self.freightd("replay", ended.report["job_id"], "--storage", f"sqlite:{backend}.db")
                self.assertEqual(0, replayed.code, str(replayed))
                self.assert_bytes(database)

    def test_text_into_a_strict_blob_column_is_rejected_before_it_is_written(self):
        self.write("source.csv", "id,data\n1,text\n")
        database = self.database("sqlite")
        database.execute(MADE["sqlite"][1].format("target"))
        job = self.job(database, errors={"allow_all_rejected": True})
        ended = self.run_job(job, code=3)
        self.assertEqual("type_mismatch", json.loads(json.dumps(ended.report["rejects"]))[0]["code"])


if __name__ == "__main__":
    unittest.main()
