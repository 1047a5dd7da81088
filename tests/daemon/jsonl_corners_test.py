"""Every corner of JSON through freightd, JSONL to JSONL: what is a record, and with which value.

Each line stands between two good ones, which must survive it. Where a line is JSON, Python's reader says
what it means; numbers are compared by their digits.
"""

import json
import unittest

from case import FreightCase, raw_bytes

DEEPEST = 512

# What stands as the value of "v" in a record, as bytes of the file.
GOOD_VALUES = [
    # Numbers keep their digits, however long or far beyond a double.
    b"0", b"-0", b"-0.0", b"0e1", b"0E+1", b"1e1", b"1E+2", b"1.5e-9", b"-1", b"20e1", b"0.10",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809",
    b"1e400", b"-1e400", b"1e-400", b"123.456e78", b"0.4e00669999999999999999999999999999999999999999",
    b"-" + b"9" * 400, b"0." + b"0" * 400 + b"1", b"100000000000000000000.000000000000000000005",
    # Words
    b"true", b"false", b"null",
    # Texts
    b'""', b'"\\"\\\\\\/\\b\\f\\n\\r\\t"', b'"\\u0061\\u00e9\\u20AC\\uFFFF\\ufdd0"',
    b'"\\u0001\\u001f\\u007f\x7f"',
    b'"\\ud834\\udd1e\\uDBFF\\uDFFF"', '"é€𝄞\u2028\u2029\ufeff\uffff\U0010ffff"'.encode(),
    b'"/* no comment */ // none"',
    b'"\\\\u0000\\\\"', b'"[{\\",\\"}]"', "\"e\u0301 \u00e9\"".encode(), b'"' + b"x" * 100_000 + b'"',
    # Nested, as deep as it may be: the record itself is one level.
    b"[]", b"{}", b"[ ]", b"[[]   ]", b'[1,"a",{"b":[null,true]}]', b'{"":{"":""}}', b'{"a":1,"a":2}',
    b'[1e400,"\\u0000"]',
    b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1), b'{"a":' * (DEEPEST - 1) + b"1" + b"}" * (DEEPEST - 1),
]  # fmt: skip

INVALID_VALUES = [
    # Numbers
    b"01", b"-01", b"00", b"+1", b"--1", b"-", b"- 1", b".5", b"-.5", b"1.", b"1.e1", b"1e", b"1e+",
    b"1eE2", b"1.2.3", b"1 2",
    b"0x10", b"1_000", b"1,5", b"NaN", b"-NaN", b"Infinity", b"-Infinity", "１".encode(), b"1a", b"0e+-1",
    # Words
    b"", b"True", b"nul", b"truth", b"nulll", b"undefined", b"'x'", b"x",
    # Texts
    b'"', b'"x', b'x"', b'"x"y"', b'"\\', b'"\\"', b'"\\x41"', b'"\\a"', b'"\\u"', b'"\\u12"',
    b'"\\u12G4"', b'"\\U0041"',
    b'"\t"', b'"\x00"', b'"\x1f"', b'"\\\t"', '"\\🌀"'.encode(), b'"\\ud800"', b'"\\udc00"',
    b'"\\udc00\\ud800"', b'"\\ud800x"',
    b'"\\ud800\\n"', b'"\\ud800\\u0041"', b'"\\ud800\\ud800\\udc00"', b'"\\ud800\\u"', b'"\\ud834\\uDd"',
    # Nested
    b"[", b"]", b"[1", b"[1,]", b"[,1]", b"[1,,2]", b"[1 2]", b"[1:2]", b"[}", b'["a"', b"[1]]", b"{",
    b'{"a"', b'{"a":', b'{"a":1',
    b'{"a":1,}', b'{,"a":1}', b'{"a" 1}', b'{"a"::1}', b"{a:1}", b"{1:1}", b"{'a':1}", b'{"a":1,,"b":2}',
    b'{"a":1]', b"{null:1}",
    b"[\x0b]", b"[\x0c]", "[\u00a0]".encode(), "[\u2060]".encode(), b"[1]/**/", b"[1]//", b"#",
    b"[\\u0020]", b"[-]", b"[<null>]",
    b'["\\ud800"]', b'{"\\udc00":1}',
    b"[" * DEEPEST + b"]" * DEEPEST, b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST, b"[" * 100_000,
    b'{"a":[' * 50_000,
]  # fmt: skip

INVALID_UTF8 = [
    b"\xff", b"\xe9", b"\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80", b"\xe2\x82", b"\xf0\x9f\x98", b"\xfc\x83\xbf\xbf\xbf\xbf",
]  # fmt: skip

# Whole lines, and what becomes of them.
LINES = [
    (b"5", "not_an_object"), (b" [1] ", "not_an_object"), (b'"{}"', "not_an_object"),
    (b"null", "not_an_object"),
    (b"true\t", "not_an_object"), (b'[{"v":1}]', "not_an_object"), (b"[" * 500 + b"]" * 500, "not_an_object"),
    (b'{"v":1}{"v":2}', "invalid_json"), (b'{"v":1},', "invalid_json"), (b'{"v":1};', "invalid_json"),
    (b'{"v":1} x', "invalid_json"), (b'{"v":1}\x00', "invalid_json"), (b"{}}", "invalid_json"),
    (b'\xef\xbb\xbf{"v":1}', "invalid_json"), (b"*", "invalid_json"), (b"\x00", "invalid_json"),
    ('{"v":1}'.encode("utf-16-le"), "invalid_json"), ('{"v":1}'.encode("utf-16"), "invalid_utf8"),
    (b'{"v":"\\u0000"}', "nul_byte"), (b'{"v\\u0000":1}', "nul_byte"),
]  # fmt: skip


def read(text):
    """The value with each number as its digits."""
    return json.loads(text, parse_int=str, parse_float=str)


class JsonlCorners(FreightCase):
    def run_lines(self, lines, code, separator=b"\n", begin=b""):
        """The records of the output, and the rejects, of the lines with a neighbour around each."""
        content = begin
        for number, line in enumerate(lines):
            content += b'{"n":%d}' % (2 * number) + separator + line + separator
        content += b'{"n":%d}' % (2 * len(lines)) + separator
        self.content = content
        self.write("source.jsonl", content)
        source = {"type": "jsonl", "path": "source.jsonl"}
        target = {"type": "jsonl", "path": "out.jsonl"}
        job = self.job(source=source, destination=target, batch={"max_records": 7})
        ended = self.run_job(job, code=code)
        self.assert_verified(ended.report)
        records = [read(line) for line in (self.folder / "out.jsonl").read_bytes().splitlines()]
        # Each of the neighbours, in its place among the others.
        numbers = [record["n"] for record in records if record["n"] is not None]
        self.assertEqual([str(2 * number) for number in range(len(lines) + 1)], numbers)
        return [record for record in records if record["n"] is None], self.rejects()[0]

    def assert_rejected(self, lines, **options):
        """`lines` with their codes."""
        records, rejects = self.run_lines([line for line, _ in lines], code=3, **options)
        self.assertEqual([], records)
        self.assertEqual(len(lines), len(rejects))
        for (line, code), reject in zip(lines, rejects):
            self.assertEqual((code, "parse"), (reject["code"], reject["stage"]), line[:80])
            begin = int(reject["byte_offset"])
            self.assertEqual(line, self.content[begin : begin + int(reject["byte_length"])])
            self.assertEqual(line[: 64 * 1024], raw_bytes(reject)[: 64 * 1024])

    def test_good_values_arrive_unchanged(self):
        for separator in (b"\n", b"\r\n", b" \t\r\n \n"):
            lines = [b'{"v":' + value + b"}" for value in GOOD_VALUES]
            records, _ = self.run_lines(lines, code=0, separator=separator)
            self.assertEqual([read(value) for value in GOOD_VALUES], [record["v"] for record in records])

    def test_white_space_stands_anywhere_between_tokens(self):
        records, _ = self.run_lines([b'\t { \t"v"\r:\t[ 1 ,\t2 ] , "w" : {\t} }\r\t '], code=0)
        self.assertEqual([{"n": None, "v": ["1", "2"], "w": {}}], records)

    def test_invalid_values_are_rejected_alone(self):
        self.assert_rejected([(b'{"v":' + value + b"}", "invalid_json") for value in INVALID_VALUES])

    def test_invalid_utf8_is_rejected_alone_wherever_it_stands(self):
        places = (b'{"v":"a?b"}', b'{"?":1}', b"?", b'{"v":?}')
        lines = [place.replace(b"?", bad) for bad in INVALID_UTF8 for place in places]
        self.assert_rejected([(line, "invalid_utf8") for line in lines])

    def test_lines_that_are_no_objects_are_rejected_alone(self):
        self.assert_rejected(LINES)

    def test_names_are_compared_by_their_characters(self):
        lines = [
            b'{"v":1,"v":2}', b'{"v":1,"\\u0076":"last"}', '{"é":1,"e\u0301":2}'.encode(), b'{"":1}', b'{}',
            b'{"V":1," v":2,"\\"":3,"a.b":4,"\\t":5}',
        ]  # fmt: skip
        records, _ = self.run_lines(lines, code=0)
        present = [{name: value for name, value in record.items() if value is not None} for record in records]
        self.assertEqual([read(line) for line in lines], present)

    def test_a_byte_order_mark_is_dropped_at_the_beginning_only(self):
        self.assert_rejected([(b'\xef\xbb\xbf{"v":1}', "invalid_json")], begin=b"\xef\xbb\xbf")

    def test_a_file_in_utf16_says_what_to_do(self):
        self.write("source.jsonl", '{"v":1}\n{"v":2}\n'.encode("utf-16"))
        ended = self.run_job(self.job(source={"type": "jsonl", "path": "source.jsonl"}))
        self.assert_failed(ended, "source_unreadable", "UTF-16", "utf-16le")


if __name__ == "__main__":
    unittest.main()
