#!/usr/bin/env python3
"""freightd erase: one person's records leave rejects and logs, and what they counted stays."""

import sqlite3
import unittest

from case import for_each_backend
from freightd import wait_until
from rest import RestCase

PEOPLE = "id,name,amount\nZaphod-1,Zaphod,Zaphod's money\nAnn-2,Ann,lots\nBob-3,Bob,1\n"
SCHEMA = {"fields": [{"name": "id"}, {"name": "name"}, {"name": "amount", "type": "number"}], "primaryKey": ["id"]}


class Erasure(RestCase):
    def stored(self, storage):
        """All rows of Freight's own tables as text."""
        if storage.kind == "sqlite":
            with sqlite3.connect(storage.path) as connection:
                return "\n".join(connection.iterdump()).replace("'", "") + "".join(
                    bytes(row[0]).decode(errors="replace") for row in connection.execute("SELECT raw FROM dead_letters"))  # fmt: skip
        tables = storage.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'freight'")
        rows = [row for (table,) in tables for row in storage.rows(f"SELECT t::text FROM freight.{table} AS t")]
        raw = storage.rows("SELECT encode(raw, 'escape') FROM freight.dead_letters")
        return str(rows + raw)

    def erase(self, storage, *arguments, code=0):
        ended = self.freightd("erase", *arguments, "--storage", storage.url)
        self.assertEqual(code, ended.code, str(ended))
        return ended.stderr

    @for_each_backend
    def test_nothing_of_a_person_is_left_and_what_was_counted_stays(self, backend):
        storage = self.database(backend)
        self.serve(storage)
        upload = self.client.upload(PEOPLE)
        spec = self.people_spec(upload, database=self.folder / f"{backend}.db", schema=SCHEMA)
        job = self.client.run(spec)
        self.assertEqual(204, self.client.delete(f"uploads/{upload}").status)
        self.assertIn("Zaphod", self.stored(storage))
        letter = self.client.get(f"jobs/{job['id']}/dead-letters", key="Zaphod-1").json["items"][0]
        self.assertEqual((False, "Zaphod-1,Zaphod,Zaphod's money"), (letter["erased"], letter["raw"]))

        self.assertIn("would erase what is kept of 1 record (dead letters 1, log entries 1, corrections 0)",
                      self.erase(storage, "default", "--key", "Zaphod-1", "--dry-run"))  # fmt: skip
        self.assertIn("Zaphod", self.stored(storage))
        said = self.erase(storage, "default", "--key", "Zaphod-1")
        self.assertIn("erased what is kept of 1 record (dead letters 1,", said)
        self.assertNotIn("Zaphod", self.stored(storage))
        self.assertNotIn("Zaphod", said)
        self.assertIn("nothing is kept", self.erase(storage, "default", "--key", "Zaphod-1"))

        after = self.client.job(job["id"])
        self.assertEqual((job["progress"], "completed_with_errors", 2),
                         (after["progress"], after["status"], after["open_dead_letters"]))  # fmt: skip
        erased = self.client.get(f"dead-letters/{letter['id']}").json
        self.assertEqual((True, "", 0, 2, "open"), tuple(erased[key] for key in ("erased", "raw", "ordinal", "line", "state")))
        self.assertEqual(("type_mismatch", "amount", None), tuple(erased["errors"][0][key] for key in ("code", "column", "value")))
        self.assertIn("erased", erased["errors"][0]["message"])
        self.assertEqual(2, self.client.get(f"jobs/{job['id']}/report").json["records"]["rejected"])
        problem = self.assert_problem(self.client.post(f"dead-letters/{letter['id']}/replay"), 409, "invalid_state")
        self.assertIn("erased", problem["detail"])
        corrected = {"record": {"id": "Zaphod-1", "name": "Zaphod", "amount": "1"}}
        self.assert_problem(self.client.post(f"dead-letters/{letter['id']}/replay", corrected), 409, "invalid_state")
        self.assertNotIn("Zaphod", self.stored(storage))
        self.assertIn("Ann-2", self.client.get(f"jobs/{job['id']}/rejects?format=csv").text)
        audited = [entry for entry in self.admin.get("admin/audit").json["items"] if entry["action"] == "eraseKey"]
        self.assertEqual([("command line", "1 record")], [(entry["actor"], entry["subject"]) for entry in audited])
        self.server.process.kill()

    def test_the_reason_of_a_failure_forgets_the_record_that_it_quoted(self):
        storage = self.database("sqlite")
        self.serve(storage)
        rows = "".join(f"{'Zaphod' if n == 0 else 'Ann'}-{n},x,{'Zaphod' if n == 0 else 'lots'}\n" for n in range(30))
        upload = self.client.upload("id,name,amount\n" + rows)
        job = self.client.run(self.people_spec(upload, schema=SCHEMA))
        self.client.delete(f"uploads/{upload}")
        self.assertEqual("all_rejected", job["error"]["code"])
        self.assertIn("Zaphod", job["error"]["message"])
        self.erase(storage, "default", "--key", "Zaphod-0")
        self.assertNotIn("Zaphod", self.stored(storage))
        self.assertIn("all of the first 30 records were rejected", self.client.job(job["id"])["error"]["message"])

    def test_a_job_that_has_not_ended_is_left_and_told(self):
        storage = self.database("sqlite")
        self.serve(storage)
        upload = self.client.upload(PEOPLE)
        spec = self.people_spec(upload, schema=SCHEMA, batch={"max_records": 1},
                                errors={"max_rejects": 0, "on_limit": "pause"})  # fmt: skip
        job_id = self.client.submit(spec)
        wait_until(lambda: self.client.job(job_id)["status"] == "paused", 30)
        said = self.erase(storage, "default", "--key", "Zaphod-1", code=1)
        self.assertIn("have not ended, 1 of them", said)
        self.assertIn("Zaphod", self.stored(storage))
        self.client.put(f"jobs/{job_id}/cancel")
        self.client.wait(job_id)
        self.erase(storage, "default", "--key", "Zaphod-1")
        self.assertEqual("", self.client.get(f"jobs/{job_id}/dead-letters").json["items"][0]["raw"])

    def test_what_it_is_to_erase_must_be_said(self):
        storage = self.database("sqlite")
        self.serve(storage)
        self.assertIn("--key", self.erase(storage, "default", code=2))
        self.assertIn("--key", self.erase(storage, "default", "--key", "", code=2))
        self.assertIn("there is no tenant", self.erase(storage, "nobody", "--key", "1", code=1))


if __name__ == "__main__":
    unittest.main()
