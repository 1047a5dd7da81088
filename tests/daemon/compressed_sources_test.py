"""Compressed files and standard input: the records, positions and counts of the text that is packed."""

import ctypes
import ctypes.util
import gzip
import io
import json
import signal
import sqlite3
import unittest
import zipfile

import csv_faults
from case import FreightCase, raw_bytes
from freightd import wait_until


def packed_by_zip(data, *names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("people.csv",):
            archive.writestr(name, data)
    return file.getvalue()


def packed_by_zstd(data):
    library = ctypes.CDLL(ctypes.util.find_library("zstd"))
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    library.ZSTD_compress.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int,
    ]  # fmt: skip
    room = library.ZSTD_compressBound(len(data))
    packed = ctypes.create_string_buffer(room)
    size = library.ZSTD_compress(packed, room, data, len(data), 3)
    return packed.raw[:size]


PACKINGS = {"gzip": gzip.compress, "zstd": packed_by_zstd, "zip": packed_by_zip}
PEOPLE = b"id,name\n1,Ann\n2,Bob\n"


class CompressedSources(FreightCase):
    def rows(self, table="people", database="crm.db"):
        with sqlite3.connect(self.folder / database) as connection:
            return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()

    def loads(self, *arguments, stdin=None, code=0):
        ended = self.freightd("run", *arguments, "--json", "--progress", "none", stdin=stdin)
        self.assertEqual(code, ended.code, str(ended))
        return ended

    def spooled(self):
        return [path.name for path in self.folder.iterdir() if "spool" in path.name]

    def test_rejects_have_the_places_of_the_text_in_every_packing(self):
        path = self.folder / "source.csv"
        oracle = csv_faults.generate(path, 3000, 9, kinds=("type", "too_few", "quote", "utf8"))
        text = path.read_bytes()
        for number, (compression, pack) in enumerate(PACKINGS.items()):
            for named in ("auto", compression):
                with self.subTest(compression=compression, named=named):
                    database = self.database("sqlite")
                    database.execute(csv_faults.TABLES["sqlite"])
                    self.write("packed", pack(text))
                    job = self.job(
                        database, source="packed", schema=csv_faults.SCHEMA, batch={"max_records": 100},
                        source_options={"compression": named},
                    )  # fmt: skip
                    ended = self.run_job(job, "--storage", f"sqlite:{number}{named}.db", code=3)
                    self.assert_verified(ended.report)
                    csv_faults.assert_good_records(self, oracle, database)
                    for reject in self.rejects()[0]:
                        offset, length = int(reject["byte_offset"]), int(reject["byte_length"])
                        self.assertEqual(text[offset : offset + length], raw_bytes(reject))
                    self.assertEqual([], self.spooled())

    def test_lines_of_json_are_unpacked_too(self):
        text = b"".join(json.dumps({"id": i, "name": f"n{i}"}).encode() + b"\n" for i in range(1000))
        for compression, pack in PACKINGS.items():
            self.write(f"{compression}.jsonl", pack(text))
            self.loads("--from", f"{compression}.jsonl", "--to", f"sqlite:crm.db#{compression}")
            self.assertEqual([(i, f"n{i}") for i in range(1000)], self.rows(compression))

    def test_a_compressed_file_in_one_line_names_its_table_without_its_endings(self):
        self.write("people.csv.gz", gzip.compress(PEOPLE))
        ended = self.loads("--from", "people.csv.gz", "--to", "sqlite:crm.db")
        self.assertEqual([(1, "Ann"), (2, "Bob")], self.rows())
        self.assertIn("compression: gzip", ended.stderr)

    def test_the_same_text_is_the_same_input_packed_or_not(self):
        self.write("people.csv", PEOPLE)
        job = self.job(self.database("sqlite"), source="people.csv", destination={"create_table": True})
        self.run_job(job, code=0)
        self.write("people.csv", gzip.compress(PEOPLE))
        self.assertIn("nothing to do", self.run_job(job, code=0).stderr)

    def test_standard_input_is_a_source_packed_or_not(self):
        for name, pack in {"none": bytes, **PACKINGS}.items():
            with self.subTest(packing=name):
                self.loads("--from", "-", "--to", f"sqlite:crm.db#{name}_people", stdin=pack(PEOPLE))
                self.assertEqual([(1, "Ann"), (2, "Bob")], self.rows(f"{name}_people"))
        self.assertEqual([], self.spooled())

    def test_the_same_standard_input_is_not_loaded_twice_and_another_is(self):
        self.write_job(self.job(self.database("sqlite"), source="-", destination={"create_table": True}))
        first = self.loads("job.json", stdin=PEOPLE)
        again = self.loads("job.json", stdin=gzip.compress(PEOPLE))
        self.assertIn("nothing to do", again.stderr)
        self.assertEqual(first.report["job_id"], again.report["job_id"])
        other = self.loads("job.json", stdin=PEOPLE + b"3,Cy\n4,Di\n5,Ed,too many\n", code=3)
        self.assertEqual(4, other.report["records"]["succeeded"])

    def test_it_is_previewed_and_validated_from_standard_input(self):
        self.write_job(self.job(source="-"))
        preview = self.freightd("preview", "job.json", "--json", stdin=PEOPLE)
        self.assertEqual(0, preview.code, str(preview))
        self.assertEqual({"id": "1", "name": "Ann"}, json.loads(preview.stdout)["records"][0]["mapped"])
        validated = self.freightd("validate", "job.json", "--json", stdin=PEOPLE)
        self.assertEqual(2, validated.report["records"]["succeeded"])

    def test_a_run_that_was_killed_goes_on_with_the_same_input(self):
        path = self.folder / "source.csv"
        oracle = csv_faults.generate(path, 20_000, 4, kinds=("type",))
        packed = gzip.compress(path.read_bytes(), 1)
        for source, stdin in (("source.csv.gz", None), ("-", packed)):
            with self.subTest(source=source):
                self.write("source.csv.gz", packed)
                database = self.database("sqlite")
                database.execute(csv_faults.TABLES["sqlite"])
                self.write_job(
                    self.job(database, source=source, schema=csv_faults.SCHEMA, batch={"max_records": 100})
                )
                storage = ("--storage", f"sqlite:{'stdin' if stdin else 'file'}.db")
                process = self.start("run", "job.json", "--progress", "none", *storage, stdin=stdin)
                wait_until(lambda: process.poll() or database.rows("SELECT 1 FROM target LIMIT 1"))
                self.assertEqual(-signal.SIGKILL, process.kill().code)
                self.assertEqual([], self.spooled())
                ended = self.loads("job.json", *storage, stdin=stdin, code=3)
                self.assertIn("going on with job", ended.stderr)
                self.assert_verified(ended.report)
                csv_faults.assert_good_records(self, oracle, database)

    def test_rejects_of_standard_input_are_replayed_when_it_is_given_again(self):
        text = b"id,name\n1,Ann\n2,Bob\n"
        database = self.database("sqlite")
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
        database.execute("INSERT INTO target VALUES (2, 'Old')")
        self.write_job(self.job(database, source="-"))
        job = self.loads("job.json", stdin=text, code=3).report["job_id"]
        database.execute("DELETE FROM target WHERE name = 'Old'")
        ended = self.freightd("replay", job, "--json", stdin=text)
        self.assertEqual(0, ended.code, str(ended))
        self.assertEqual([("1", "Ann"), ("2", "Bob")], database.rows("SELECT * FROM target ORDER BY id"))

    def test_what_is_damaged_is_refused_and_nothing_is_loaded(self):
        text = b"id,name\n" + b"".join(b"%d,name %d\n" % (i, i * 7919 % 1000) for i in range(50_000))
        whole = gzip.compress(text)
        two = packed_by_zip(PEOPLE, "a.csv", "b.csv")
        for content, words in (
            (whole[: len(whole) // 2], "in the middle"),
            (whole[:-8] + b"\0" * 8, "damaged"),
            (two, "2 files: a.csv, b.csv"),
            (b"BZh91AY&SY" + b"\0" * 50, "bunzip2"),
        ):
            with self.subTest(words=words):
                self.write("people.csv.gz", content)
                ended = self.freightd("run", "--from", "people.csv.gz", "--to", "sqlite:crm.db")
                self.assert_failed(ended, "source_unreadable", words)
                self.assertFalse((self.folder / "crm.db").exists())
                self.write_job(self.job(self.database("sqlite"), source="people.csv.gz"))
                self.assert_failed(self.freightd("run", "job.json"), "source_unreadable", words)

    def test_a_file_that_expands_beyond_measure_is_refused(self):
        with gzip.open(self.folder / "bomb.csv.gz", "wb", 1) as file:
            file.write(b"id,name\n")
            for _ in range(300):
                file.write(b"0" * 1_000_000)
        self.write_job(self.job(source="bomb.csv.gz"))
        ended = self.freightd("run", "job.json")
        self.assert_failed(ended, "source_unreadable", "200 times its size")
        self.assertLess(ended.peak_bytes, 100_000_000)
        self.assertEqual([], self.spooled())

    def test_standard_input_has_one_use_and_needs_a_table(self):
        job = self.job(source="-")
        ended = self.freightd("run", "-", stdin=json.dumps(job))
        self.assert_failed(ended, "usage", "both the job and its records", exit_code=2)
        ended = self.freightd("run", "--from", "-", "--to", "sqlite:crm.db", stdin=PEOPLE)
        self.assert_failed(ended, "usage", "#people", exit_code=2)

    def test_the_folder_of_the_texts_is_named_when_it_is_not_there(self):
        self.write("people.csv.gz", gzip.compress(PEOPLE))
        self.write_job(self.job(source="people.csv.gz"))
        ended = self.freightd("run", "job.json", "--spool", "nowhere")
        self.assert_failed(ended, "storage_full", "nowhere", "--spool")


if __name__ == "__main__":
    unittest.main()
