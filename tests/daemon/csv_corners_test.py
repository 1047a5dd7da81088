"""Every corner of CSV that the contract names: what is a record, where it lies, what it says."""

import csv
import itertools
import json
import random
import signal
import unittest

from case import FreightCase, for_each_backend, raw_bytes


class CsvCase(FreightCase):
    """Runs CSV bytes into a SQLite table and compares rows and rejects."""

    def run_csv(self, content, columns="a,b", code=0, **job):
        self.write("source.csv", content)
        names = columns.split(",")
        database = self.database("sqlite")
        database.execute(f"CREATE TABLE target ({', '.join(f'{name} TEXT' for name in names)})")
        ended = self.run_job(self.job(database, **job), code=code)
        self.rows = database.rows(f"SELECT {columns} FROM target ORDER BY rowid")
        return ended

    def assert_csv(self, content, rows, rejects=(), **job):
        """`rejects` are (ordinal, line, code, raw)."""
        ended = self.run_csv(content, code=3 if rejects else 0, **job)
        self.assertEqual(rows, self.rows)
        content = content.encode() if isinstance(content, str) else content
        found = []
        for reject in self.rejects()[0]:
            raw = raw_bytes(reject)
            found.append((int(reject["ordinal"]), int(reject["line"]), reject["code"], raw))
            begin = int(reject["byte_offset"])
            self.assertEqual(raw, content[begin : begin + int(reject["byte_length"])], reject)
        expected = [(o, l, c, r.encode() if isinstance(r, str) else r) for o, l, c, r in rejects]
        self.assertEqual(expected, found)
        self.assert_counts(ended.report, succeeded=len(rows), rejected=len(rejects))
        self.assert_verified(ended.report)


class Records(CsvCase):
    def test_last_line_without_line_end(self):
        self.assert_csv("a,b\n1,2\n3,4", [("1", "2"), ("3", "4")])

    def test_both_line_ends_in_one_file(self):
        self.assert_csv("a,b\r\n1,2\n3,4\r\n", [("1", "2"), ("3", "4")])

    def test_any_other_carriage_return_is_data(self):
        self.assert_csv("a,b\n1\r2,3\r\r\n4,5\r", [("1\r2", "3\r"), ("4", "5\r")])

    def test_byte_order_mark_is_dropped_and_counts_as_bytes(self):
        self.assert_csv(
            b"\xef\xbb\xbfa,b\n1,2\n3\n", [("1", "2")], [(1, 3, "too_few_fields", "3")]
        )

    def test_byte_order_mark_in_front_of_a_quoted_header(self):
        self.assert_csv(b'\xef\xbb\xbf"a","b"\n1,2\n', [("1", "2")])

    def test_breaks_inside_quotes_count_as_lines(self):
        self.assert_csv(
            'a,b\n"1\n1","2\r\n2"\n3\n4,"x\r\n"\n5\n',
            [("1\n1", "2\r\n2"), ("4", "x\r\n")],
            [(1, 5, "too_few_fields", "3"), (3, 8, "too_few_fields", "5")],
        )

    def test_doubled_quotes_and_delimiters_inside_quotes(self):
        self.assert_csv('a,b\n"say ""hi""",","\n"""","\n"\n', [('say "hi"', ","), ('"', "\n")])

    def test_empty_lines_are_no_records_but_lines(self):
        self.assert_csv("a,b\n\n1,2\r\n\r\n\n3\n", [("1", "2")], [(1, 6, "too_few_fields", "3")])

    def test_with_one_column_an_empty_line_is_a_record(self):
        self.assert_csv("a\n1\n\n3\n", [("1",), (None,), ("3",)], columns="a")

    def test_header_alone_completes_with_nothing(self):
        for content in ("a,b", "a,b\n", "a,b\r\n", b"\xef\xbb\xbfa,b\n", "a,b\n\n\n"):
            with self.subTest(content=content):
                self.assert_csv(content, [])

    def test_empty_file_has_no_header(self):
        for content in ("", b"\xef\xbb\xbf", "\n\n"):
            with self.subTest(content=content):
                self.assert_failed(self.run_csv(content, code=None), "missing_header")


class Rejects(CsvCase):
    def test_quote_inside_an_unquoted_field(self):
        self.assert_csv(
            'a,b\n1,2\nx"y,3\n4,5\n', [("1", "2"), ("4", "5")], [(1, 3, "misplaced_quote", 'x"y,3')]
        )

    def test_text_after_a_closing_quote(self):
        self.assert_csv(
            'a,b\n"x"y,3\n4,"5" \n6,7\n',
            [("6", "7")],
            [(0, 2, "misplaced_quote", '"x"y,3'), (1, 3, "misplaced_quote", '4,"5" ')],
        )

    def test_open_quote_in_the_middle(self):
        self.assert_csv(
            'a,b\n1,x\n2,"open\n3,y\n4,z\n',
            [("1", "x"), ("3", "y"), ("4", "z")],
            [(1, 3, "unterminated_quote", '2,"open')],
        )

    def test_open_quote_with_crlf(self):
        self.assert_csv(
            'a,b\r\n2,"open\r\n3,y\r\n', [("3", "y")], [(0, 2, "unterminated_quote", '2,"open')]
        )

    def test_open_quote_in_the_last_line(self):
        self.assert_csv('a,b\n1,x\n2,"', [("1", "x")], [(1, 3, "unterminated_quote", '2,"')])

    def test_open_quote_on_the_second_line_of_its_record(self):
        self.assert_csv(
            'a,b\n"1\n1","open\n3,y\n',
            [("3", "y")],
            [(0, 2, "unterminated_quote", '"1\n1","open')],
        )

    def test_open_quote_is_given_up_at_max_record_bytes(self):
        good = [(str(n), "y" * 20) for n in range(3, 30)]
        tail = "".join(f"{a},{b}\n" for a, b in good)
        self.assert_csv(
            f'a,b\n1,x\n2,"open\n{tail}30,"quoted"\n',
            [("1", "x"), *good, ("30", "quoted")],
            [(1, 3, "unterminated_quote", '2,"open')],
            source_options={"max_record_bytes": 100},
        )

    def test_every_line_with_an_open_quote(self):
        # Each quote closes at the next one: what is left is odd, but nothing is lost in between.
        lines = [f'{n},"open' for n in range(0, 9)]
        self.run_csv("a,b\n" + "\n".join(lines) + "\n10,good\n", code=3)
        self.assertIn(("10", "good"), self.rows)

    def test_record_too_long(self):
        self.assert_csv(
            f"a,b\n1,x\n2,{'y' * 200}\n3,z\n",
            [("1", "x"), ("3", "z")],
            [(1, 3, "record_too_long", f"2,{'y' * 200}")],
            source_options={"max_record_bytes": 100},
        )

    def test_record_of_exactly_max_record_bytes(self):
        self.assert_csv(
            f"a,b\n1,{'y' * 98}\n2,{'z' * 99}\n",
            [("1", "y" * 98)],
            [(1, 3, "record_too_long", f"2,{'z' * 99}")],
            source_options={"max_record_bytes": 100},
        )

    def test_bytes_that_are_not_utf8(self):
        self.assert_csv(
            b"a,b\n1,Z\xfcrich\n2,\xed\xa0\x80\n3,\xc0\xaf\n4,ok\\x41\n5,\xf5\\\n6,\xe2\x82\n",
            [("4", "ok\\x41")],
            [
                (0, 2, "invalid_utf8", b"1,Z\xfcrich"),
                (1, 3, "invalid_utf8", b"2,\xed\xa0\x80"),
                (2, 4, "invalid_utf8", b"3,\xc0\xaf"),
                (4, 6, "invalid_utf8", b"5,\xf5\\"),
                (5, 7, "invalid_utf8", b"6,\xe2\x82"),
            ],
        )
        self.assertIn("escaped", {r["raw_encoding"] for r in self.rejects()[0]})
        self.assertIn("windows-1252", self.rejects()[0][0]["message"])

    def test_nul_byte(self):
        self.assert_csv(
            b"a,b\n1,x\x00y\n2,z\n\x00,\n", [("2", "z")],
            [(0, 2, "nul_byte", b"1,x\x00y"), (2, 4, "nul_byte", b"\x00,")],
        )  # fmt: skip

    def test_too_many_and_too_few_fields(self):
        self.assert_csv(
            "a,b\n1\n1,2,3\n1,2,\n5,6\n",
            [("5", "6")],
            [
                (0, 2, "too_few_fields", "1"),
                (1, 3, "too_many_fields", "1,2,3"),
                (2, 4, "too_many_fields", "1,2,"),
            ],
        )

    def test_a_record_with_a_parse_fault_is_not_looked_at_further(self):
        schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}]}
        self.run_csv("a,b\nx,1,2\n1,2\n", schema=schema, code=3)
        (reject,), _ = self.rejects()
        self.assertEqual(("too_many_fields", "1"), (reject["code"], reject["error_count"]))

    def test_all_errors_of_a_stage_are_kept_the_first_in_field_order(self):
        schema = {
            "fields": [
                {"name": "a", "type": "integer"},
                {"name": "b", "type": "string", "constraints": {"maxLength": 1}},
            ]
        }
        self.run_csv("a,b\nx,long\n1,2\n", schema=schema, code=3)
        (reject,), _ = self.rejects()
        self.assertEqual(
            ("type_mismatch", "a", "x", "2"),
            (reject["code"], reject["column"], reject["value"], reject["error_count"]),
        )
        self.assertEqual(("x", "long"), (reject["a"], reject["b"]))


class AgainstPython(FreightCase):
    """What Python's csv module wrote is read as the same values, however it quotes."""

    # No lone carriage return: Python puts none in quotes, so that one before a line feed is a line end.
    PIECES = ("", "a", "Zoë", "東京", "👩‍👩‍👧", "e\u0301", "\u05e9\u05dc\u05d5\u05dd", ",", ";", '"', '""', "\r\n", "\n",
              " ", "\t", "'", "\\", "#", "\ufeff", "0")  # fmt: skip

    def check(self, rows, **style):
        with open(self.folder / "source.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, **style).writerows([["a", "b", "c"], *rows])
        target = {"type": "jsonl", "path": "out.jsonl"}
        dialect = {"delimiter": style.get("delimiter", ","), "quoteChar": style.get("quotechar", '"')}
        if "escapechar" in style:
            dialect.update(escapeChar=style["escapechar"], doubleQuote=False)
        job = self.job(source_options={"dialect": dialect}, destination=target, batch={"max_records": 37})
        self.assert_verified(self.run_job(job, code=0).report)
        read = [json.loads(line) for line in (self.folder / "out.jsonl").read_bytes().splitlines()]
        # Python does not tell nothing from an empty text.
        self.assertEqual(rows, [[record[name] or "" for name in "abc"] for record in read])

    def rows(self):
        generator = random.Random(20)
        return [
            ["".join(generator.choices(self.PIECES, k=generator.randrange(6))) for _ in range(3)] for _ in range(500)
        ]

    def test_random_texts_with_other_quotes_and_escapes(self):
        for quote in "\"'":
            for escape in ({}, {"escapechar": "\\", "doublequote": False}):
                with self.subTest(quote=quote, **escape):
                    self.check(self.rows(), quoting=csv.QUOTE_ALL, quotechar=quote, **escape)

    def test_random_texts_in_every_style(self):
        rows = self.rows()
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC):
            for line_end in ("\n", "\r\n"):
                for delimiter in (",", ";", "\t", "|"):
                    with self.subTest(quoting=quoting, line_end=line_end, delimiter=delimiter):
                        self.check(rows, quoting=quoting, lineterminator=line_end, delimiter=delimiter)


class Dialects(CsvCase):
    def dialect(self, **dialect):
        return {"source_options": {"dialect": dialect}}

    def test_delimiters(self):
        self.assert_csv("a;b\n1,5;2\n", [("1,5", "2")], **self.dialect(delimiter=";"))
        self.assert_csv("a\tb\n1\t\n", [("1", None)], **self.dialect(delimiter="\t"))

    def test_quote_characters(self):
        self.assert_csv("a,b\n'x,\"y','it''s'\n", [('x,"y', "it's")], **self.dialect(quoteChar="'"))
        self.assert_csv('a,b\n"x,y"\n', [('"x', 'y"')], **self.dialect(quoteChar=None))

    def test_escape_character(self):
        self.assert_csv(
            'a,b\n"say \\"hi\\"","back\\\\slash"\n',
            [('say "hi"', "back\\slash")],
            **self.dialect(escapeChar="\\", doubleQuote=False),
        )

    def test_an_escaped_line_end_belongs_to_the_value(self):
        for quote in ({}, {"quoteChar": None}):
            with self.subTest(**quote):
                self.assert_csv(
                    "a,b\n1\\\n2,x\\\r\ny\n3\n4,z\n",
                    [("1\n2", "x\r\ny"), ("4", "z")],
                    [(1, 5, "too_few_fields", "3")],
                    **self.dialect(escapeChar="\\", **quote),
                )

    def test_an_escape_at_the_end_of_the_file_is_misplaced(self):
        self.assert_csv(
            "a,b\n1,2\n3,4\\", [("1", "2")], [(1, 3, "misplaced_quote", "3,4\\")], **self.dialect(escapeChar="\\")
        )

    def test_carriage_returns_alone_end_records_where_it_says_so(self):
        job = self.dialect(lineTerminator="\r")
        self.assert_csv(
            'a,b\r1,2\r\r"x\ry",3\n3\r4\r5,6',
            [("1", "2"), ("x\ry", "3\n3"), ("5", "6")],
            [(2, 6, "too_few_fields", "4")],
            **job,
        )
        for same in ("\n", "\r\n", None):
            self.assert_csv("a,b\r\n1,2\n", [("1", "2")], **self.dialect(lineTerminator=same))

    def test_carriage_returns_alone_are_refused_where_it_does_not(self):
        long = "a,b\r" + "1,2\r" * 300_000 + "3,4\n"
        for content in ("a,b\r1,2\r3,4\r", "a,b\r1,2", "a,b\r", long):
            with self.subTest(content=content[:20]):
                self.assert_failed(self.run_csv(content, code=None), "source_unreadable", '"lineTerminator": "\\r"')

    def test_a_header_name_with_a_line_end_is_refused(self):
        for content in ('a,"b\nc"\n1,2\n', "a,b\rc\n1,2\n"):
            with self.subTest(content=content):
                self.assert_failed(self.run_csv(content, code=None), "source_unreadable", "line 1", "name 2")
        self.assert_csv('a,"b\nc"\n1,2\n', [("1", "2")], **self.dialect(headerNames=["a", "b"]))

    def test_initial_space(self):
        self.assert_csv('a,b\n1, "x, y"\n2,  z\n', [("1", "x, y"), ("2", "z")], **self.dialect(skipInitialSpace=True))

    def test_comments_and_skipped_rows_are_lines_but_no_records(self):
        self.assert_csv(
            "export of today\n\n# made by hand\na,b\n1,2\n# nothing, here\n3\n",
            [("1", "2")],
            [(1, 7, "too_few_fields", "3")],
            **self.dialect(skipRows=2, commentChar="#"),
        )

    def test_blank_records_are_lines_but_no_records(self):
        job = {**self.dialect(skip_blank_records=True), "batch": {"max_records": 2}, "write_order": "source"}
        for end, mark in itertools.product(("\n", "\r\n"), ("", "\ufeff")):
            lines = [",", "a,b", ",", "1,2", "  ,\t", "", ",,,", '"",""', "3,", "x", " , ", '"4,\n,"," "', ","]
            with self.subTest(end=end, mark=mark):
                content = mark + end.join(lines)
                self.assert_csv(content, [("1", "2"), ("", ""), ("3", None), ("4,\n,", " ")], [(3, 10, "too_few_fields", "x")], **job)

    def test_a_delimiter_at_the_end_of_a_record_is_no_field_where_it_is_allowed(self):
        job = {**self.dialect(trailing_delimiter="allow"), "batch": {"max_records": 2}, "write_order": "source"}
        rows = [("1", "2"), ("3", None), ("4", "5"), ("6,", "7"), (None, None)]
        for header, end in itertools.product(("a,b", "a,b,"), ("\n", "\r\n")):
            lines = [header, "1,2,", "3,,", "4,5", '"6,","7",', "8,9,,", "8,9, ", '8,9,""', ",", "8"]
            with self.subTest(header=header, end=end):
                codes = ["too_many_fields"] * 3 + ["too_few_fields"]
                wrong = [(4, 6, "8,9,,"), (5, 7, "8,9, "), (6, 8, '8,9,""'), (8, 10, "8")]
                rejects = [(ordinal, line, code, raw) for (ordinal, line, raw), code in zip(wrong, codes)]
                self.assert_csv(end.join(lines), rows, rejects, **job)
        ended = self.run_csv("a,b\n1,2,\n3,4\n", code=3)
        self.assertIn("trailing_delimiter", (self.folder / "rejects.csv").read_text() + json.dumps(ended.report))

    def test_the_last_records_are_none_where_the_file_has_a_footer(self):
        job = {**self.dialect(footer_rows=2), "batch": {"max_records": 2}, "write_order": "source"}
        rows = [(str(number), "x") for number in range(1, 100)]
        for end, mark in itertools.product(("\n", "\r\n"), ("", "\ufeff")):
            lines = ["a,b", *(f"{number},x" for number in range(1, 100)), "bad", '"Total', 'of all"', '"made by,hand', ""]
            with self.subTest(end=end, mark=mark):
                content = mark + end.join(lines)
                self.assert_csv(content, rows, [(99, 101, "too_few_fields", "bad")], **job)
                self.assert_csv(content, rows[:5], source_options={**job["source_options"], "limit": 5})
        self.assert_csv("a,b\n1,2\n3,4\n", [], **self.dialect(footer_rows=3))

    def test_untidy_files_are_read_on_after_a_kill(self):
        dialect = {"headerNames": "auto", "skip_blank_records": True, "trailing_delimiter": "allow", "footer_rows": 2}
        lines = [",,", "a,,", *(f"{number},x,\n , " for number in range(1, 200)), "Total,199", ",", "by hand"]
        for point in ("planner.after_append:2", "planner.before_append:3", "destination.after_commit:5"):
            with self.subTest(point=point):
                self.write("source.csv", "\r\n".join(lines))
                database = self.database("sqlite")
                database.execute("CREATE TABLE target (a TEXT PRIMARY KEY, column_2 TEXT)")
                job = {**self.job(database, **self.dialect(**dialect)), "batch": {"max_records": 2}}
                self.write_job(job)
                killed = self.freightd("run", "job.json", "--progress", "none", env={"FREIGHT_FAULT": point})
                self.assertEqual(killed.code, -signal.SIGKILL, str(killed))
                ended = self.run_job(job, code=0)
                self.assert_counts(ended.report, succeeded=199)
                self.assert_verified(ended.report)
                self.assertEqual([("199", "199")], database.rows("SELECT count(*), max(CAST(a AS INT)) FROM target"))

    def test_no_header_with_and_without_names(self):
        job = self.dialect(header=False)
        self.assert_csv("1,2\n3,4\n", [("1", "2"), ("3", "4")], columns="column_1,column_2", **job)
        schema = {"fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]}
        self.assert_csv("1,2\n3\n", [("1", "2")], [(1, 2, "too_few_fields", "3")], schema=schema, **job)

    def test_header_names_replace_the_header(self):
        self.assert_csv("x,x\n1,2\n", [("1", "2")], **self.dialect(headerNames=["a", "b"]))


class Headers(CsvCase):
    def test_names_match_trimmed_and_in_any_case(self):
        schema = {"fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "integer"}]}
        self.assert_csv("A , B\n1,2\n", [("1", "2")], schema=schema)

    def test_case_sensitive_header(self):
        schema = {"fields": [{"name": "a", "type": "string"}]}
        ended = self.run_csv(
            "A,b\n1,2\n", schema=schema, code=None,
            source_options={"dialect": {"caseSensitiveHeader": True}},
        )  # fmt: skip
        self.assert_failed(ended, "missing_header", "A")

    def test_repeated_and_empty_names(self):
        for header in ("a,a", "a,", ",b", "a,b,a"):
            with self.subTest(header=header):
                ended = self.run_csv(f"{header}\n1,2\n", code=None)
                self.assert_failed(ended, "duplicate_header")

    @for_each_backend
    def test_repeated_and_empty_names_become_columns_of_a_table_that_is_made(self, backend):
        source = {"dialect": {"headerNames": "auto"}}
        for end, mark in itertools.product(("\n", "\r\n"), ("", "\ufeff")):
            with self.subTest(end=end, mark=mark):
                self.write("source.csv", f"{mark}a,,A,a_2{end}1,2,3,4{end}5{end}".encode())
                database = self.database(backend)
                job = self.job(database, source_options=source, destination={"create_table": True})
                ended = self.run_job(job, code=3)
                rows = 'SELECT a, column_2, "A_3", a_2 FROM target'
                self.assertEqual([("1", "2", "3", "4")], database.rows(rows))
                self.assertEqual(1, len(ended.report["warnings"]), ended.report["warnings"])
                self.assertIn('name 3 ("A") is "A_3"', ended.report["warnings"][0])
                # What was rejected is corrected under the same names.
                text = (self.folder / "rejects.csv").read_text()
                self.assertIn(",a,column_2,A_3,a_2", text.splitlines()[0])
                self.write("fixed.csv", text.replace("5,,,", "5,6,7,8"))
                self.freightd("replay", ended.report["job_id"], "--from", "fixed.csv")
                self.assertEqual([("5", "6", "7", "8")], database.rows(f"{rows} WHERE a = '5'"))

    def test_missing_field_names_the_nearest(self):
        schema = {"fields": [{"name": "email", "type": "string"}]}
        ended = self.run_csv("id,e_mail\n1,2\n", columns="id,email", schema=schema, code=None)
        self.assert_failed(ended, "missing_header", "email", "e_mail")

    def test_missing_columns_may_be_null(self):
        schema = {
            "fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}],
            "missing_columns": "null",
        }
        self.assert_csv("a\n1\n", [("1", None)], schema=schema)

    def test_extra_columns(self):
        schema = {"fields": [{"name": "a", "type": "string"}], "extra_columns": "error"}
        ended = self.run_csv("a,b\n1,2\n", schema=schema, code=None)
        self.assert_failed(ended, "extra_column", "b")

    def test_header_field_without_a_column(self):
        ended = self.run_csv("a,b,strange\n1,2,3\n", code=None)
        self.assert_failed(ended, "unknown_column", "strange")


class Sizes(FreightCase):
    @for_each_backend
    def test_field_of_two_mebibytes(self, backend):
        text = ('0123456789 "é\n' * 170_000)[: 2 * 1024 * 1024]
        quoted = text.replace('"', '""')
        self.write("source.csv", f'id,text\n1,before\n2,"{quoted}"\n3,after\n')
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, text TEXT)")
        self.run_job(self.job(database), code=0)
        self.assertEqual(
            [("1", "before"), ("2", text), ("3", "after")],
            database.rows("SELECT id, text FROM target ORDER BY id"),
        )

    @for_each_backend
    def test_thousand_columns(self, backend):
        names = [f"c{n}" for n in range(1000)]
        rows = [[f"{row}.{n}" for n in range(1000)] for row in range(20)]
        self.write("source.csv", "\n".join(",".join(line) for line in [names, *rows, ["short"]]) + "\n")
        database = self.database(backend)
        ended = self.run_job(self.job(database, destination={"create_table": True}), code=3)
        self.assert_counts(ended.report, succeeded=20, rejected=1)
        found = database.rows(f"SELECT {', '.join(names)} FROM target")
        self.assertEqual(sorted(map(tuple, rows)), sorted(found))

    def test_hostile_quotes_take_linear_time(self):
        # Each line opens a quote that nothing closes within the limit.
        lines = "".join(f"{n},{'y' * 50}\n" for n in range(40_000))
        self.write("source.csv", f'a,b\n1,"open\n{lines}')
        ended = self.run_job(self.job(source_options={"max_record_bytes": 10_000}), code=3, timeout=60)
        self.assert_counts(ended.report, succeeded=40_000, rejected=1)
        self.write("source.csv", "a,b\n" + '"x\n' * 100_001)
        ended = self.run_job(self.job(), timeout=60)
        self.assertIn(ended.code, (1, 3), str(ended))


class StrayQuotes(CsvCase):
    """One quote that was not meant to be one costs the line that it stands on."""

    def good_lines(self, first, last):
        return [(str(number), f"name {number}") for number in range(first, last + 1)]

    def test_an_inch_sign_far_away_does_not_close_it(self):
        rows = self.good_lines(1, 3000)
        lines = [",".join(row) for row in rows]
        lines[9] = '10,"name 10'
        lines[2899] = '2900,a 5" disk'
        bad = [(9, 11, "unterminated_quote", lines[9]), (2899, 2901, "misplaced_quote", lines[2899])]
        good = [row for row in rows if row[0] not in ("10", "2900")]
        for line_end in ("\n", "\r\n"):
            with self.subTest(line_end=line_end):
                content = line_end.join(["a,b", *lines]) + line_end
                self.assert_csv(content, good, bad, batch={"max_records": 100}, write_order="source")

    def test_does_not_take_the_next_good_row_along(self):
        for stray in ('"2,x', '2,"x', '2,"x"y', '2,"'):
            with self.subTest(stray=stray):
                code = "misplaced_quote" if stray.count('"') == 2 else "unterminated_quote"
                self.assert_csv(f"a,b\n1,a\n{stray}\n3,c\n4,d\n", [("1", "a"), ("3", "c"), ("4", "d")],
                                [(1, 3, code, stray)])

    def test_many_of_them_cost_a_line_each(self):
        lines, rows, rejects = ["a,b"], [], []
        for number in range(2000):
            if number % 7 == 3:
                lines.append(f'{number},"name')
                rejects.append((number, number + 2, "unterminated_quote", lines[-1]))
            else:
                lines.append(f"{number},name")
                rows.append((str(number), "name"))
        self.assert_csv("\n".join(lines) + "\n", rows, rejects, batch={"max_records": 50}, write_order="source")

    def test_a_record_of_more_than_a_hundred_lines_is_a_warning_with_its_line(self):
        text = "x\n" * 150
        ended = self.run_csv(f'a,b\n1,a\n2,"{text}"\n3,"{text[:20]}"\n')
        self.assertEqual([("1", "a"), ("2", text), ("3", text[:20])], self.rows)
        spans = [warning for warning in ended.report["warnings"] if "spans" in warning]
        self.assertEqual(1, len(spans), ended.report["warnings"])
        self.assertIn("line 3 spans 151 lines", spans[0])


if __name__ == "__main__":
    unittest.main()
