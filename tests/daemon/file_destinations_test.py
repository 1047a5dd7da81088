"""CSV and JSONL files as destinations of freightd run."""

import json
import unittest

from case import FreightCase

SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "name", "type": "string"},
        {"name": "amount", "type": "decimal"},
        {"name": "active", "type": "boolean"},
        {"name": "extra", "type": "json"},
    ]
}
SOURCE = (
    'id,name,amount,active,extra\n'
    '1,"Ada, ""the first""",12345678901234567890.10,yes,"{""a"": [1,\n 2]}"\n'
    '2,"",,n,\n'
    '3,,-0.50,t,"""text"""\n'
)  # fmt: skip
LOCAL = {"batch": {"max_records": 2}}


class FileDestinations(FreightCase):
    def into(self, kind, source=None, **changes):
        target = self.folder / "out" / f"target.{kind}"
        target.parent.mkdir(exist_ok=True)
        if source is not None:
            self.write("source.csv", source)
        options = changes.pop("options", {})
        job = self.job(**changes)
        job["destination"] = {"type": kind, "path": str(target), **options}
        return job, target

    def files(self):
        return sorted(path.name for path in (self.folder / "out").iterdir())

    def test_values_in_csv(self):
        job, target = self.into("csv", SOURCE, schema=SCHEMA, **LOCAL)
        ended = self.run_job(job, code=0)
        self.assertEqual(
            'id,name,amount,active,extra\n'
            '1,"Ada, ""the first""",12345678901234567890.10,true,"{""a"": [1,\n 2]}"\n'
            '2,"",,false,\n'
            '3,,-0.50,true,"""text"""\n',
            target.read_text(),
        )  # fmt: skip
        self.assert_counts(ended.report, succeeded=3)
        self.assert_verified(ended.report)
        self.assertEqual("exactly_once", ended.report["delivery"])
        self.assertEqual(3, ended.report["reconciliation"]["destination_delta"])
        self.assertEqual(["target.csv"], self.files())

    def test_values_in_jsonl(self):
        job, target = self.into("jsonl", SOURCE, schema=SCHEMA, **LOCAL)
        ended = self.run_job(job, code=0)
        self.assert_verified(ended.report)
        self.assertEqual(
            '{"id":1,"name":"Ada, \\"the first\\"","amount":12345678901234567890.10,"active":true,'
            '"extra":{"a": [1,  2]}}\n'
            '{"id":2,"name":"","amount":null,"active":false,"extra":null}\n'
            '{"id":3,"name":null,"amount":-0.50,"active":true,"extra":"text"}\n',
            target.read_text(),
        )
        for line in target.read_text().splitlines():
            json.loads(line)

    def test_without_schema_csv_fields_are_texts(self):
        job, target = self.into("jsonl", "id,name\n007,x\n8,\n")
        self.run_job(job, code=0)
        self.assertEqual('{"id":"007","name":"x"}\n{"id":"8","name":null}\n', target.read_text())

    def test_typed_values_keep_their_kind_without_schema(self):
        records = [{"i": 1, "d": 1.50, "b": True, "o": {"k": [1]}, "s": "1", "n": None}]
        job, target = self.into("jsonl", source=None)
        job["source"] = {"type": "inline", "records": records}
        self.run_job(job, code=0)
        self.assertEqual(records[0], json.loads(target.read_text()))
        self.assertIn('"o":{"k":', target.read_text())

    def test_the_order_of_the_source_with_many_workers(self):
        lines = "".join(f"{n},{'x' * (n % 97)}\n" for n in range(20_000))
        job, target = self.into("csv", f"id,text\n{lines}", batch={"max_records": 300})
        job["destination"]["dialect"] = {"delimiter": ";", "header": False}
        ended = self.run_job(job, "--workers", "4", code=0)
        self.assert_verified(ended.report)
        expected = "".join(f"{n};{'x' * (n % 97) if n % 97 else ''}\n" for n in range(20_000))
        self.assertEqual(expected, target.read_text())

    def test_an_empty_source_makes_a_file_with_a_header(self):
        job, target = self.into("csv", "id,name\n")
        self.run_job(job, code=0)
        self.assertEqual("id,name\n", target.read_text())

    def test_a_job_that_fails_leaves_the_old_file_and_can_be_run_again(self):
        job, target = self.into("csv", "id\n1\n2\nx\n4\n", schema={"fields": SCHEMA["fields"][:1]})
        job.update(LOCAL, errors={"max_rejects": 0, "on_limit": "fail"})
        target.write_text("old\n")
        job["mapping"] = [{"to": "id", "from": "id"}]
        job["schema"]["fields"] = [{"name": "id", "type": "integer", "on_error": "fail"}]
        self.assert_failed(self.run_job(job, code=1), "type_mismatch")
        self.assertEqual("old\n", target.read_text())
        self.assertEqual(["target.csv"], self.files())
        again = self.run_job(job, code=1)
        self.assert_failed(again, "type_mismatch")
        self.assertEqual(["target.csv"], self.files())

    def test_what_cannot_be_a_destination(self):
        job, target = self.into("csv", "id\n1\n")
        target.mkdir()
        self.assert_failed(self.run_job(job), "destination_failed", "directory")
        job["destination"]["path"] = str(self.folder / "nowhere" / "x.csv")
        self.assert_failed(self.run_job(job), "destination_failed", "no folder")
        job["destination"]["path"] = "source.csv"
        ended = self.run_job(job)
        self.assertEqual(2, ended.code, str(ended))
        self.assertEqual("id\n1\n", (self.folder / "source.csv").read_text())
        job["destination"]["path"] = "freight.db"
        self.assert_failed(self.run_job(job), "destination_is_storage")

    def test_a_validation_makes_nothing(self):
        job, _ = self.into("csv", SOURCE, schema=SCHEMA, mode="validate")
        ended = self.run_job(job, "--new", code=0)
        self.assertNotIn("write", ended.report["stages"])
        self.assertEqual({"inserted": 0, "updated": 0, "unchanged": 0}, ended.report["written"])
        self.assertEqual([], self.files())
        # A file cannot take back what was written.
        self.assertEqual(2, self.run_job({**job, "rehearse": True}).code)


if __name__ == "__main__":
    unittest.main()
