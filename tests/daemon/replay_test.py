"""Rejects exported, corrected by a small program as a person would, and replayed in one call."""

import csv
import unittest

from case import FreightCase, for_each_backend, read_rejects

RECORDS = 20_000
SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "name", "type": "string", "constraints": {"required": True, "maxLength": 30}},
        {"name": "amount", "type": "decimal"},
    ],
    "primaryKey": ["id"],
}
TABLE = "CREATE TABLE target (id BIGINT PRIMARY KEY, name VARCHAR(30) NOT NULL, amount {decimal})"
SELECT = "SELECT id, name, amount FROM target ORDER BY id"


def meant(number):
    return (str(number), f'"{number}", O\'Neil\nŁódź', f"{number}.50")


def written(number):
    """A line of the file: every fourth is wrong, each in one of four ways."""
    identity, name, amount = meant(number)
    fault = number % 16
    if fault == 0:
        amount = amount.replace(".", ",")
    elif fault == 4:
        name = ""
    elif fault == 8:
        identity = str(number - 1)  # of the record before: refused by the table
    name = '"' + name.replace('"', '""') + '"' if name else ""
    line = f'{identity},{name},"{amount}"'
    return line + ",surplus" if fault == 12 else line


class Replay(FreightCase):
    def correct(self, path, number_of):
        """Writes every cell of the source anew, as it was meant."""
        rejects, header = read_rejects(path)
        for reject in rejects:
            number = number_of(reject)
            reject["id"], reject["name"], reject["amount"] = meant(number)
            if reject["code"] == "too_many_fields":
                # The surplus is not shown: without the raw text the cells are all there is.
                reject["raw"] = ""
        with open(self.folder / "fixed.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rejects)
        return len(rejects)

    @for_each_backend
    def test_five_thousand_corrected_rejects_go_in_by_one_call(self, backend):
        database = self.database(backend)
        database.execute(TABLE.format(decimal="TEXT" if backend == "sqlite" else "numeric"))
        lines = "\n".join(written(number) for number in range(1, RECORDS + 1))
        self.write("source.csv", f"id,name,amount\n{lines}\n")
        storage = ("--storage", f"sqlite:{backend}.db")
        job = self.job(database, schema=SCHEMA, batch={"max_records": 1000}, errors={"max_stored": 10_000})
        first = self.run_job(job, code=3, storage=storage[1]).report
        self.assert_counts(first, succeeded=15_000, rejected=5_000)
        self.assert_verified(first)

        self.freightd("rejects", first["job_id"], "-o", "exported.csv", *storage)
        count = self.correct(self.folder / "exported.csv", lambda reject: int(reject["ordinal"]) + 1)
        self.assertEqual(5_000, count)
        ended = self.freightd(
            "replay", first["job_id"], "--from", "fixed.csv", "--json", "--rejects", "left.csv", *storage
        )

        self.assertEqual(0, ended.code, str(ended))
        report = ended.report
        self.assertEqual("completed", report["status"])
        self.assert_counts(report, succeeded=RECORDS)
        self.assert_verified(report)
        self.assertEqual(RECORDS, report["written"]["inserted"])
        self.assertEqual(
            [(1, RECORDS), (2, 5_000)], [(one["number"], one["records"]) for one in report["passes"]]
        )
        self.assertEqual([], report["rejects"])
        self.assertEqual([meant(number) for number in range(1, RECORDS + 1)], database.rows(SELECT))
        # The dead letters are told apart from those that still wait, and nothing is left to replay.
        self.assertEqual({"replayed"}, {reject["state"] for reject in self.rejects("left.csv")[0]})
        again = self.freightd("replay", first["job_id"], *storage)
        self.assertEqual([meant(1)], database.rows(SELECT)[:1], str(again))
        self.assertEqual(RECORDS, len(database.rows(SELECT)))


class NamesLikeTheirs(FreightCase):
    """A source whose columns are named like those of a rejects file."""

    NAMES = ("id", "state", "code", "line", "value", "message", "raw", "source:code")

    def rows(self, database):
        columns = ", ".join(f'"{name}"' for name in self.NAMES)
        return database.rows(f"SELECT {columns} FROM target ORDER BY id")

    def rejected(self, backend):
        database = self.database(backend)
        columns = ", ".join(f'"{name}" text' for name in self.NAMES[1:])
        database.execute(f"CREATE TABLE target (id integer PRIMARY KEY, {columns})")
        values = ",".join(f"of {name}" for name in self.NAMES[1:])
        self.write("source.csv", ",".join(self.NAMES) + f"\n1,{values}\ntwo,{values}\n")
        fields = [{"name": "id", "type": "integer"}, *({"name": name} for name in self.NAMES[1:])]
        job = {**self.job(database), "schema": {"fields": fields}}
        ended = self.run_job(job, code=3)
        header = (self.folder / "rejects.csv").read_text().splitlines()[0]
        self.assertTrue(header.endswith(
            ",raw_encoding,id,source:state,source:code,source:line,source:value,source:message,source:raw,source:source:code"
        ), header)  # fmt: skip
        text = (self.folder / "rejects.csv").read_text()
        self.write("fixed.csv", text.replace(",utf-8,two,", ",utf-8,2,"))
        return database, job, ended

    def assert_both(self, database):
        expected = [(str(id), *(f"of {name}" for name in self.NAMES[1:])) for id in (1, 2)]
        self.assertEqual(expected, self.rows(database))

    @for_each_backend
    def test_are_replayed_with_all_their_columns(self, backend):
        database, _, ended = self.rejected(backend)
        replayed = self.freightd("replay", ended.report["job_id"], "--from", "fixed.csv")
        self.assertEqual(0, replayed.code, str(replayed))
        self.assert_both(database)

    @for_each_backend
    def test_are_loaded_with_all_their_columns_from_the_corrected_file(self, backend):
        database, job, _ = self.rejected(backend)
        job["source"]["path"] = "fixed.csv"
        self.run_job(job, code=0)
        self.assert_both(database)


if __name__ == "__main__":
    unittest.main()
