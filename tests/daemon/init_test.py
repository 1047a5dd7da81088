"""freightd init: the job that it prints for a file loads it, value by value, or asks what it cannot know."""

import json
import random
import sqlite3
import unittest

from case import FreightCase

PEOPLE = [
    (1, "Ann", "1234.50", "1999-12-31"),
    (2, "Bob; \"Bobby\" | B,\tB", "7.25", "2003-02-01"),
    (3, "Zoë Müller", "-12.00", "2010-06-05"),
]
NAMES = ("id", "name", "amount", "born")


def german(number):
    """1234.50 as 1.234,50."""
    return f"{float(number):,.2f}".translate(str.maketrans(",.", ".,"))


def day_first(date, separator="."):
    return separator.join(reversed(date.split("-")))


def table(delimiter, end="\n", header=NAMES, number=str, date=str, rows=PEOPLE):
    """The people as delimited text, with every name in quotes."""
    lines = [delimiter.join(header)] if header else []
    for identity, name, amount, born in rows:
        quoted = '"' + name.replace('"', '""') + '"'
        cell = number(amount)
        lines.append(delimiter.join((str(identity), quoted, f'"{cell}"' if delimiter in cell else cell, date(born))))
    return end.join(lines) + end


LOADABLE = {
    "comma": table(","),
    "german": table(";", number=german, date=day_first),
    "comma_and_groups": table(",", number=german, date=lambda date: day_first(date, "/")),
    "tab": table("\t"),
    "pipe": table("|", date=day_first),
    "crlf": table(",", end="\r\n"),
    "cr": table(";", end="\r", number=german),
    "mark": b"\xef\xbb\xbf" + table(",").encode(),
    "utf16": table(",").encode("utf-16"),
    "utf16_without_mark": table(";", number=german).encode("utf-16be"),
    "western": table(";", number=german).encode("windows-1252"),
    "preamble": "People of the firm\nas of today\n" + table(";"),
    "sep": "sep=;\r\n" + table(";", end="\r\n"),
    "jsonl": "".join(
        json.dumps({"id": i, "name": n, "amount": a, "born": b}, ensure_ascii=False) + "\n" for i, n, a, b in PEOPLE
    ),
}


class InitCase(FreightCase):
    def init(self, name, content, *arguments, code=0):
        self.write(name, content)
        ended = self.freightd("init", name, *arguments)
        self.assertEqual(code, ended.code, str(ended))
        return ended

    def load(self, name, content, code=0):
        """init, then run; the rows of the table, and the job."""
        ended = self.init(name, content, "--to", "sqlite:out.db#target_" + name.split(".")[0])
        self.write("job.json", ended.stdout)
        run = self.freightd("run", "job.json", "--progress", "none")
        self.assertEqual(code, run.code, f"{ended}\n{run}")
        return self.rows("target_" + name.split(".")[0]), json.loads(ended.stdout)

    def rows(self, name):
        with sqlite3.connect(self.folder / "out.db") as connection:
            return connection.execute(f'SELECT * FROM "{name}"').fetchall()


class Loads(InitCase):
    def test_each_way_of_writing_a_table_loads_the_same_values(self):
        for name, content in LOADABLE.items():
            with self.subTest(name=name):
                rows, job = self.load(f"{name}.csv", content)
                self.assertEqual(PEOPLE, rows)
                self.assertEqual(["id"], job["schema"]["primaryKey"])

    def test_a_table_without_a_header(self):
        rows, job = self.load("bare.csv", table(",", header=None))
        self.assertEqual(PEOPLE, rows)
        self.assertEqual([f"column_{n}" for n in range(1, 5)], [f["name"] for f in job["schema"]["fields"]])

    def test_repeated_and_empty_names(self):
        rows, job = self.load("names.csv", table(",", header=("id", "", "Id", "id_2")))
        self.assertEqual(PEOPLE, rows)
        self.assertEqual(["id", "column_2", "Id_3", "id_2"], [f["name"] for f in job["schema"]["fields"]])

    def test_line_ends_within_quotes(self):
        rows = [(n, f"line {n}\nand, \"more\"", f"{n}.5", "2020-01-02") for n in range(1, 500)]
        self.assertEqual(rows, self.load("breaks.csv", table(",", rows=rows))[0])

    def test_missing_words_are_null_where_numbers_are(self):
        rows, job = self.load("missing.csv", "id,amount,born\n1,NA,2020-01-02\n2,5.5,0000-00-00\n3,,\n")
        self.assertEqual([(1, None, "2020-01-02"), (2, "5.5", None), (3, None, None)], rows)
        self.assertEqual({"", "NA", "0000-00-00"}, set(job["schema"]["missingValues"]))

    def test_codes_keep_their_zeros(self):
        rows, _ = self.load("codes.csv", "zip,n\n08001,1\n03000,2\n")
        self.assertEqual([("08001", 1), ("03000", 2)], rows)

    def test_a_value_unlike_the_others_late_in_a_file_keeps_the_column_text(self):
        values = [str(number) for number in range(50_000)] + ["late"]
        rows, _ = self.load("late.csv", "n,v\n" + "".join(f"x,{value}\n" for value in values))
        self.assertEqual(sorted(values), sorted(row[1] for row in rows))

    def test_random_tables(self):
        random.seed(17)
        for number in range(10):
            delimiter = random.choice(",;\t|")
            rows = [
                (n, random.choice(("a", "b;c", "é, x", "d|e\tf")) + str(n), f"{random.uniform(-9999, 9999):.2f}",
                 f"{random.randint(1950, 2020)}-{random.randint(1, 12):02}-{random.randint(13, 28):02}")
                for n in range(random.randint(2, 300))
            ]  # fmt: skip
            content = table(delimiter, random.choice(("\n", "\r\n")), number=german, date=day_first, rows=rows)
            with self.subTest(number=number, delimiter=delimiter):
                self.assertEqual(rows, self.load(f"random{number}.csv", content)[0])


class Says(InitCase):
    def test_what_it_saw_with_the_evidence(self):
        ended = self.init("people.csv", table(";", number=german, date=day_first))
        for line in (
            "delimiter: ';': 4 of 4 looked-at records have 4 fields",
            "born: date as %d.%m.%Y in 3 of 3 samples; 2 could be %m.%d.%Y alone",
            "amount: decimal with ',' for the point in groups parted by '.' in 3 of 3 samples",
            "destination: none was named with --to",
        ):
            self.assertIn(line, ended.stderr)
        self.assertEqual({"type": "null"}, json.loads(ended.stdout)["destination"])

    def test_all_of_it_for_machines(self):
        found = json.loads(self.init("people.csv", table(";", date=day_first), "--json").stdout)
        self.assertEqual((3, 0, True), (found["sampled_records"], found["faulty_records"], found["whole"]))
        born = found["columns"][3]
        self.assertEqual([{"type": "date", "format": "%d.%m.%Y", "fitting": 3}], born["readings"])
        self.assertEqual("csv", found["job"]["source"]["type"])
        self.assertIn({"subject": "line end", "text": "LF, 4 times", "question": False}, found["findings"])

    def test_a_date_with_two_readings_is_a_question_that_run_refuses(self):
        ended = self.init("when.csv", "when,n\n01/02/2003,1\n03/04/2005,2\n", "--to", "sqlite:out.db")
        self.assertIn("must be decided", ended.stderr)
        job = json.loads(ended.stdout)
        field = job["schema"]["fields"][0]
        readings = [{"type": "date", "format": "%d/%m/%Y"}, {"type": "date", "format": "%m/%d/%Y"}]
        self.assertEqual(("undecided", readings), (field["type"], field["candidates"]))
        self.write_job(job)
        run = self.freightd("run", "job.json")
        self.assert_failed(run, "undecided_type", '"when"', "%d/%m/%Y", "%m/%d/%Y", exit_code=2)
        self.assertFalse((self.folder / "out.db").exists())
        job["schema"]["fields"][0] = {"name": "when", **readings[1]}
        self.write_job(job)
        self.assertEqual(0, self.freightd("run", "job.json", "--progress", "none").code)
        self.assertEqual([("2003-01-02", 1), ("2005-03-04", 2)], self.rows("when"))


class RunsFromAFile(InitCase):
    def test_a_file_becomes_rows_in_one_line(self):
        self.write("data/people.csv", table(";", number=german, date=day_first))
        words = ("run", "--from", "data/people.csv", "--to", "sqlite:out.db", "--progress", "none")
        ended = self.freightd(*words, "--save", "data/job.json")
        self.assertEqual(0, ended.code, str(ended))
        self.assertIn("born: date as %d.%m.%Y", ended.stderr)
        self.assertEqual(PEOPLE, self.rows("people"))
        again = self.freightd(*words)
        self.assertEqual(0, again.code, str(again))
        # The job that was kept is the same job, wherever it stands.
        kept = self.freightd("run", "data/job.json", "--progress", "none")
        self.assertEqual(0, kept.code, str(kept))
        self.assertEqual(PEOPLE, self.rows("people"))

    def test_a_question_stops_it(self):
        self.write("when.csv", "when,n\n01/02/2003,1\n")
        ended = self.freightd("run", "--from", "when.csv", "--to", "sqlite:out.db", "--save", "job.json")
        self.assertEqual(2, ended.code, str(ended))
        self.assertIn("undecided_type", ended.stderr)
        self.assertIn("undecided", (self.folder / "job.json").read_text())
        self.assertFalse((self.folder / "out.db").exists())

    def test_it_needs_both_ends(self):
        self.write("a.csv", "a,b\n1,2\n")
        for words in (["--from", "a.csv"], ["a.csv", "--from", "a.csv", "--to", "sqlite:x.db"]):
            self.assert_failed(self.freightd("run", *words), "usage", "--to", exit_code=2)


class Refuses(InitCase):
    def test_what_is_no_table(self):
        for name, content, code, said in (
            ("empty", b"", "missing_header", "empty"),
            ("binary", bytes(range(256)) * 100, "source_unreadable", "NUL"),
            ("giant", b"x" * 5_000_000, "source_unreadable", "line end"),
            ("arrays", b'{"a": [{"x": 1}],\n"b": [{"y": 1}]}', "source_unreadable", "several arrays"),
            ("dos", "a,b\n1,Zürich\n2,Bären\n".encode("cp850"), "source_unreadable", "iconv"),
        ):
            with self.subTest(name=name):
                ended = self.init(name, content, code=1)
                self.assert_failed(ended, code, said)
                self.assertEqual("", ended.stdout)

    def test_what_is_no_destination(self):
        self.write("a.csv", "a,b\n1,2\n")
        self.assert_failed(self.freightd("init", "a.csv", "--to", "ftp://x"), "usage", "sqlite:", exit_code=2)
        self.assert_failed(self.freightd("init", "none.csv"), "source_not_found", "none.csv")
        self.assert_failed(self.freightd("init", "-", "--to", "sqlite:x.db"), "usage", "#people", exit_code=2)
        self.assert_failed(self.freightd("init", "-", stdin=""), "missing_header", "standard input is empty")


if __name__ == "__main__":
    unittest.main()
