"""Files in other encodings than UTF-8, and rejects files as sources: what is rejected can be read,
corrected and loaded."""

import csv
import unittest

from case import REJECT_COLUMNS, FreightCase, raw_bytes, read_rejects

SCHEMA = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}]}
PYTHON_NAMES = {
    "windows-1252": "cp1252", "iso-8859-1": "latin-1", "iso-8859-15": "iso8859-15", "windows-1250": "cp1250",
    "windows-1251": "cp1251", "windows-1253": "cp1253", "windows-1257": "cp1257", "macroman": "mac_roman",
    "ibm850": "cp850",
}  # fmt: skip
# Bytes to which windows-1252 gives no character.
UNDEFINED = b"\x81\x8d\x8f\x90\x9d"


class EncodingCase(FreightCase):
    def load(self, content, code, encoding="utf-8", name="source.csv", storage="freight.db", **options):
        """Runs the content into a new table and leaves its rows in self.rows."""
        self.write(name, content)
        self.target = self.database("sqlite")
        self.target.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
        job = self.job(
            self.target, source=name, source_options={"encoding": encoding, **options}, schema=SCHEMA,
            errors={"allow_all_rejected": True},
        )  # fmt: skip
        ended = self.run_job(job, code=code, storage=f"sqlite:{storage}")
        self.assert_verified(ended.report)
        return ended.report

    def rows(self):
        return self.target.rows("SELECT id, name FROM target ORDER BY id")

    def correct(self, corrections, source="rejects.csv", target="fixed.csv"):
        """Writes the rejects file with other cells; `corrections` are by ordinal."""
        rejects, header = read_rejects(self.folder / source)
        with open(self.folder / target, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            for reject in rejects:
                writer.writerow({**reject, **corrections.get(int(reject["ordinal"]), {})})


class Encodings(EncodingCase):
    def test_every_byte_is_the_character_that_the_encoding_has(self):
        for encoding, python_name in PYTHON_NAMES.items():
            with self.subTest(encoding=encoding):
                numbers = [n for n in range(1, 256) if bytes([n]).decode(python_name, "ignore")]
                lines = b"".join(b'%d,"<%c>"\n' % (n, n) for n in numbers if n != ord('"'))
                self.load(b"id,name\n" + lines, 0, encoding)
                expected = [(str(n), f"<{bytes([n]).decode(python_name)}>") for n in numbers if n != ord('"')]
                self.assertEqual(expected, self.rows())

    def test_bytes_without_a_character_are_rejected_alone(self):
        lines = b"".join(b"%d,\xe4%c\x80\n" % (n, byte) for n, byte in enumerate(UNDEFINED))
        self.load(b"id,name\n" + lines + b"9,\xe4\n", 3, "windows-1252")
        self.assertEqual([("9", "ä")], self.rows())
        for number, (byte, reject) in enumerate(zip(UNDEFINED, self.rejects()[0])):
            self.assertEqual(("invalid_utf8", "escaped"), (reject["code"], reject["raw_encoding"]))
            # What has a character is readable all the same.
            self.assertEqual(f"{number},ä\\x{byte:02X}€", reject["raw"])
            self.assertEqual(f"ä\\x{byte:02X}€", reject["name"])

    def test_utf16_is_read_in_both_orders_with_its_mark_and_without(self):
        """Places are those of the file, and what has no meaning costs one record."""
        texts = {n: name for n, name in enumerate(["a", "Ж\U0001d11eé", "two\nlines", "੊\u0a0d", "", "\U0010ffff"] * 300)}
        for encoding in ("utf-16le", "utf-16be"):
            for mark in ("", "\ufeff"):
                with self.subTest(encoding=encoding, mark=mark != ""):
                    content = (mark + "id,name\r\n").encode(encoding)
                    bad = {}
                    for n, name in texts.items():
                        content += f'{n},"{name}"\n'.encode(encoding)
                        if n % 400 == 7:
                            bad[len(content)] = len("x,".encode(encoding)) + 2
                            content += "x,".encode(encoding) + "\ud800".encode(encoding, "surrogatepass") + "\n".encode(encoding)
                    content += "last,?".encode(encoding)
                    bad[len(content) - 12] = 13
                    self.load(content + b"!", 3, encoding)
                    self.assertEqual(sorted((str(n), name) for n, name in texts.items()), sorted(self.rows()))
                    rejects, _ = self.rejects()
                    self.assertEqual(bad, {int(row["byte_offset"]): int(row["byte_length"]) for row in rejects})
                    self.assertEqual({"invalid_utf8"}, {row["code"] for row in rejects})

    def test_a_long_reject_of_utf16_is_replayed_whole(self):
        """In UTF-8 it is longer than in the file, and longer than what is kept of it."""
        for length in (10, 21_000, 21_900, 30_000):
            with self.subTest(length=length):
                text = f"id,name\n1,{'語' * length}\n"
                self.write("source.csv", text.encode("utf-16le"))
                target = self.database("sqlite")
                target.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT); INSERT INTO target VALUES (1, 'x')")
                job = self.job(target, source_options={"encoding": "utf-16le"})
                first = self.run_job({**job, "errors": {"allow_all_rejected": True}}, code=3).report
                target.execute("DELETE FROM target")
                replayed = self.freightd("replay", first["job_id"])
                self.assertEqual(0, replayed.code, str(replayed))
                self.assertEqual([(1, length)], [(int(n), len(name)) for n, name in target.rows("SELECT * FROM target")])

    def test_utf16_in_the_other_order_is_refused_by_its_mark(self):
        self.write("source.csv", "\ufeffid,name\n1,a\n".encode("utf-16be"))
        for encoding in ("utf-8", "utf-16le"):
            job = self.job(self.database("sqlite"), source_options={"encoding": encoding})
            self.assertIn("utf-16be", str(self.run_job(job, code=1)))

    def test_json_is_read_in_utf16(self):
        for kind, text in (("jsonl", '{"id": 1, "name": "\U0001d11e"}\n5\n'), ("json", '[{"id": 1, "name": "\U0001d11e"},\n5]')):
            with self.subTest(kind=kind):
                self.write("source.txt", text.encode("utf-16le"))
                self.target = self.database("sqlite")
                self.target.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
                job = self.job(self.target, source="source.txt", source_options={"type": kind, "encoding": "utf-16le"})
                self.run_job(job, code=3)
                self.assertEqual([("1", "\U0001d11e")], self.rows())
                self.assertEqual(str(2 * (len(text.encode("utf-16le")) // 2 - 2)), self.rejects()[0][0]["byte_offset"])

    def test_a_header_in_the_encoding_is_understood(self):
        schema = {"fields": [{"name": "größe", "type": "string"}]}
        database = self.database("sqlite")
        database.execute('CREATE TABLE target ("größe" TEXT)')
        self.write("source.csv", "größe\n5 €\n".encode("iso8859-15"))
        job = self.job(database, source_options={"encoding": "iso-8859-15"}, schema=schema)
        self.run_job(job, code=0)
        self.assertEqual([("5 €",)], database.rows('SELECT "größe" FROM target'))

    def test_rejects_keep_their_text_and_can_be_corrected_and_replayed(self):
        for encoding in ("windows-1252", "iso-8859-1", "iso-8859-15"):
            with self.subTest(encoding=encoding):
                python_name = PYTHON_NAMES[encoding]
                texts = ["Zürich", "Łódź".encode(python_name, "ignore").decode(python_name), 'a "ß";\\x41', "ÿ\né"]
                if encoding != "iso-8859-1":
                    texts.append("€ Œ")
                cells = [(f"x{n}", text) for n, text in enumerate(texts)]
                lines = "".join(f"{identity};'{text}'\r\n" for identity, text in cells)
                content = f"id;name\r\n{lines}77;good\r\n88;'ü'x\r\n99;ü;ü\r\n".encode(python_name)
                dialect = {"delimiter": ";", "quoteChar": "'"}
                report = self.load(content, 3, encoding, storage=f"{encoding}.db", dialect=dialect)
                rejects, header = self.rejects()
                self.assertEqual([*REJECT_COLUMNS, "id", "name"], header)
                for (identity, text), reject in zip(cells, rejects):
                    self.assertEqual(("utf-8", f"{identity};'{text}'"), (reject["raw_encoding"], reject["raw"]))
                    self.assertEqual((identity, text), (reject["id"], reject["name"]))
                    begin = int(reject["byte_offset"])
                    raw = content[begin : begin + int(reject["byte_length"])]
                    self.assertEqual(raw.decode(python_name), reject["raw"])
                self.assertEqual(["misplaced_quote", "too_many_fields"], [r["code"] for r in rejects[-2:]])
                self.assertEqual(["'ü'x", "ü"], [r["name"] for r in rejects[-2:]])

                # One is corrected, one is not touched, and the others get their numbers.
                count = len(cells)
                corrections = {n: {"id": str(n)} for n in range(1, count)}
                corrections[count + 1] = {"name": "ü, corrected"}
                self.correct(corrections)
                ended = self.freightd(
                    "replay", report["job_id"], "--from", "fixed.csv", "--json", "--storage", f"sqlite:{encoding}.db"
                )
                self.assert_counts(ended.report, succeeded=count + 1, rejected=2)
                expected = [(str(n), text) for n, text in enumerate(texts) if n > 0]
                self.assertEqual([*expected, ("77", "good"), ("88", "ü, corrected")], self.rows())

    def test_undefined_bytes_are_written_as_what_was_meant(self):
        report = self.load(b"id,name\n1,\x81 \xfc\\\n2,\x90 \xfc\n", 3, "windows-1252")
        self.correct({0: {"name": "ü\\\\"}})
        ended = self.freightd(
            "replay", report["job_id"], "--from", "fixed.csv", "--json", "--storage", "sqlite:freight.db"
        )
        self.assert_counts(ended.report, succeeded=1, rejected=1)
        self.assertEqual([("1", "ü\\")], self.rows())


class RejectsFileAsSource(EncodingCase):
    """Each generation corrects a part of the one before."""

    CONTENT = (
        b'id,name\nx1,"one, 1"\nx2,two\n3,three\nx4,\xff four\\\nx5,five\nx6,"sp""ix"\n7,seven,surplus\nx8,\n9,"open\n'
    )

    def names(self, rejects):
        return [(reject["id"], reject["name"]) for reject in rejects]

    def test_the_columns_of_the_rejects_of_rejects_are_those_of_the_source(self):
        self.load(self.CONTENT, 3)
        self.assertEqual([("3", "three")], self.rows())
        first, header = self.rejects()
        cells = [("x1", "one, 1"), ("x2", "two"), ("x4", "\\xFF four\\\\"), ("x5", "five"), ("x6", 'sp"ix'),
                 ("7", "seven"), ("x8", ""), ("9", '"open')]  # fmt: skip
        self.assertEqual(cells, self.names(first))

        self.correct({0: {"id": "1"}, 3: {"id": "4"}, 8: {"name": "open"}})
        self.load((self.folder / "fixed.csv").read_bytes(), 3, name="second.csv")
        self.assertEqual([("1", "one, 1"), ("7", "seven"), ("9", "open")], self.rows())
        second, second_header = self.rejects()
        self.assertEqual(header, second_header)
        self.assertEqual(
            [("x2", "two"), ("4", "\\xFF four\\\\"), ("x5", "five"), ("x6", 'sp"ix'), ("x8", "")],
            self.names(second),
        )
        self.assertEqual("escaped", second[1]["raw_encoding"])
        lines = (self.folder / "second.csv").read_bytes()
        for reject in second:
            begin = int(reject["byte_offset"])
            self.assertEqual(lines[begin : begin + int(reject["byte_length"])], raw_bytes(reject))

        # By ordinal in the second file, through another storage: a job of its own again.
        self.correct({1: {"id": "2"}, 2: {"name": "four\\\\"}, 4: {"id": "6"}})
        self.load((self.folder / "fixed.csv").read_bytes(), 3, name="third.csv")
        self.assertEqual([("2", "two"), ("4", "four\\"), ("6", 'sp"ix')], self.rows())
        self.assertEqual([("x5", "five"), ("x8", "")], self.names(self.rejects()[0]))

    def test_their_rejects_can_be_replayed_too(self):
        self.load(self.CONTENT, 3)
        self.correct({})
        report = self.load((self.folder / "fixed.csv").read_bytes(), 3, name="second.csv")
        # What was wrong with the lines of these two is not wrong with their cells.
        self.assertEqual([("7", "seven"), ("9", '"open')], self.rows())
        ordinals = {reject["id"]: int(reject["ordinal"]) for reject in self.rejects()[0]}
        self.correct(
            {ordinals["x1"]: {"id": "1"}, ordinals["x4"]: {"id": "4", "name": "four\\\\"}, ordinals["x6"]: {"id": "6"}}
        )
        ended = self.freightd(
            "replay", report["job_id"], "--from", "fixed.csv", "--json", "--storage", "sqlite:freight.db"
        )
        self.assertEqual(3, ended.code, str(ended))
        corrected = [("1", "one, 1"), ("4", "four\\"), ("6", 'sp"ix')]
        self.assertEqual([*corrected, ("7", "seven"), ("9", '"open')], self.rows())

    def test_it_may_be_of_a_source_in_another_encoding_and_dialect(self):
        content = "id;name\nx1;'Zürich; €'\n2;two\nx3;'it''s \x80'\n".encode("cp1252", "replace")
        dialect = {"delimiter": ";", "quoteChar": "'"}
        self.load(content, 3, "windows-1252", dialect=dialect)
        self.correct({0: {"id": "1"}})
        self.load((self.folder / "fixed.csv").read_bytes(), 3, "windows-1252", name="second.csv", dialect=dialect)
        self.assertEqual([("1", "Zürich; €")], self.rows())
        (reject,), _ = self.rejects()
        self.assertEqual(("x3", "it's ?", "utf-8"), (reject["id"], reject["name"], reject["raw_encoding"]))


if __name__ == "__main__":
    unittest.main()
