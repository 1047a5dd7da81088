#!/usr/bin/env python3
"""The life of a job over REST, on both storages; every answer is held against /openapi.json."""

import csv
import io
import json
import sqlite3
import unittest

from case import for_each_backend
from rest import RestCase, inline_spec


class Contract(RestCase):
    def start_on(self, backend):
        self.serve(self.database(backend))

    @for_each_backend
    def test_a_file_is_uploaded_moved_looked_at_corrected_and_reported(self, backend):
        self.start_on(backend)
        upload = self.client.upload(self.people("1,Ann,3.5", "2,Bob,x", "3,Cy,7"), "people.csv")
        database = self.folder / f"{backend}.db"
        created = self.client.post("jobs", self.people_spec(upload, database=database))
        self.assertEqual(201, created.status)
        job_id = created.json["id"]
        self.assertEqual(f"/api/v1/jobs/{job_id}", created.headers["location"])
        job = self.client.wait(job_id)
        self.assertEqual("completed_with_errors", job["status"])
        self.assertEqual(1, job["open_dead_letters"])
        self.assertEqual(100, job["progress"]["percent"])
        self.assertEqual(["retry", "delete"], job["actions"])
        self.assertEqual(upload, job["spec"]["source"]["upload"])

        records = self.client.get(f"jobs/{job_id}/logs", scope="record", total="true").json
        self.assertEqual([0, 2, 1], [entry["ordinal"] for entry in records["items"]])
        self.assertEqual(3, records["total"])
        rejected = self.client.get(f"jobs/{job_id}/logs", status="rejected").json["items"]
        self.assertEqual(["type_mismatch"], [entry["code"] for entry in rejected])
        fate = self.client.get(f"jobs/{job_id}/records/1").json
        self.assertEqual(("rejected", 3), (fate["outcome"], fate["line"]))
        self.assertEqual("amount", fate["errors"][0]["column"])
        batches = self.client.get(f"jobs/{job_id}/batches").json["items"]
        self.assertEqual([(3, 2, 1)], [(b["records"], b["succeeded"], b["rejected"]) for b in batches])
        self.assertEqual(batches[0], self.client.get(f"batches/{batches[0]['id']}").json)

        letters = self.client.get(f"jobs/{job_id}/dead-letters", state="open", column="amount").json
        letter = letters["items"][0]
        self.assertEqual("2,Bob,x", letter["raw"])
        self.assertEqual({"id": "2", "name": "Bob", "amount": "x"}, letter["record"])
        summary = self.client.get(f"jobs/{job_id}/dead-letters/summary").json
        self.assertEqual((1, 1), (summary["total"], summary["open"]))
        self.assertIn("2,Bob,x", self.client.get(f"jobs/{job_id}/rejects").text)
        line = json.loads(self.client.get(f"jobs/{job_id}/rejects", format="ndjson").text)
        self.assertEqual(1, line["ordinal"])
        self.assertEqual("verified", self.client.get(f"jobs/{job_id}/report").json["reconciliation"]["status"])

        corrected = {"record": {"id": "2", "name": "Bob", "amount": "5"}}
        replay = self.client.post(f"dead-letters/{letter['id']}/replay", corrected)
        self.assertEqual(202, replay.status, str(replay))
        self.assertEqual("completed", self.client.wait(job_id)["status"])
        with sqlite3.connect(database) as out:
            self.assertEqual([(1, 3.5), (2, 5), (3, 7)], out.execute("SELECT id, amount FROM people ORDER BY id").fetchall())
        self.assertEqual(409, self.client.post(f"dead-letters/{letter['id']}/discard").status)
        self.assertEqual(204, self.client.delete(f"jobs/{job_id}").status)
        self.assert_problem(self.client.get(f"jobs/{job_id}"), 404, "not_found")
        self.server.process.kill()

    def test_a_corrected_rejects_file_is_replayed(self):
        self.serve()
        upload = self.client.upload(self.people("1,Ann,x", "2,Bob,y", "3,Cy,7"))
        job = self.client.run(self.people_spec(upload))
        rejects = self.client.get(f"jobs/{job['id']}/report", {"Accept": "text/csv"}).text
        rows = list(csv.DictReader(io.StringIO(rejects)))
        for row in rows:
            row["amount"] = "4"
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        path = f"jobs/{job['id']}/dead-letters/replay"
        replay = self.client.post(path, out.getvalue(), {"Content-Type": "text/csv"})
        self.assertEqual(202, replay.status, str(replay))
        self.assertEqual(2, replay.json["records_requeued"])
        self.assertEqual("completed", self.client.wait(job["id"])["status"])
        self.assert_problem(self.client.post(path, "no,such\n1,2\n", {"Content-Type": "text/csv"}), 422)

    def test_a_discarded_reject_is_not_open_any_more_and_the_job_keeps_its_errors(self):
        self.serve()
        upload = self.client.upload(self.people("1,Ann,x", "2,Bob,y", "3,Cy,7"))
        job = self.client.run(self.people_spec(upload))
        path = f"jobs/{job['id']}/dead-letters/discard"
        self.assert_problem(self.client.post(path, {"filter": {"code": "required"}}), 409, "invalid_state")
        done = self.client.post(path, {"filter": {"code": "type_mismatch"}})
        self.assertEqual((202, 2), (done.status, done.json["records_discarded"]))
        after = self.client.job(job["id"])
        self.assertEqual(("completed_with_errors", 0), (after["status"], after["open_dead_letters"]))
        self.assert_problem(self.client.post(f"jobs/{job['id']}/retry", {}), 409, "invalid_state")

    def test_the_same_idempotency_key_gives_the_first_job_again_and_refuses_another_body(self):
        self.serve()
        headers = {"Idempotency-Key": "k-1"}
        first = self.client.post("jobs", inline_spec(), headers)
        again = self.client.post("jobs", inline_spec(), headers)
        self.assertEqual((201, 201), (first.status, again.status))
        self.assertEqual(first.json["id"], again.json["id"])
        other = self.client.post("jobs", inline_spec(name="other"), headers)
        self.assert_problem(other, 422, "idempotency_conflict")
        content = b"id\n1\n"
        upload = self.client.send("POST", "uploads?filename=a", content, headers)
        same = self.client.send("POST", "uploads?filename=a", content, headers)
        self.assertEqual(upload.json["upload_id"], same.json["upload_id"])
        self.assert_problem(
            self.client.send("POST", "uploads?filename=a", b"id\n2\n", headers), 422, "idempotency_conflict"
        )

    def test_the_same_records_into_the_same_table_are_refused_with_the_earlier_job(self):
        self.serve()
        spec = inline_spec([{"id": 1}], destination={"type": "sql", "url": f"sqlite:{self.folder}/o.db",
                                                     "table": "t", "create_table": True})  # fmt: skip
        job = self.client.run(spec)
        self.assertEqual("completed", job["status"], job)
        problem = self.assert_problem(self.client.post("jobs", spec), 409, "already_loaded")
        self.assertEqual(job["id"], problem["job_id"])
        self.assertEqual("completed", self.client.run({**spec, "rerun": "allow"})["status"])

    def test_lists_are_filtered_and_paged_by_stable_cursors(self):
        self.serve()
        ids = [self.client.submit(inline_spec(name=f"job-{n}", labels={"n": str(n % 2)})) for n in range(7)]
        for job_id in ids:
            self.client.wait(job_id)
        seen, cursor = [], None
        while True:
            query = {"limit": 3, "total": "true", **({"cursor": cursor} if cursor else {})}
            page = self.client.get("jobs", **query).json
            self.assertEqual(7, page["total"])
            seen += [job["id"] for job in page["items"]]
            self.assertTrue(all("spec" not in job for job in page["items"]))
            cursor = page["next_cursor"]
            if cursor is None:
                break
            self.client.submit(inline_spec(name="later")) if len(seen) == 0 else None
        self.assertEqual(list(reversed(ids)), seen)
        names = lambda **query: sorted(job["name"] for job in self.client.get("jobs", **query).json["items"])
        self.assertEqual(["job-3"], names(q="B-3"))
        self.assertEqual(["job-1", "job-3", "job-5"], names(label="n:1"))
        self.assertEqual([], names(status=["failed", "running"]))
        self.assertEqual(7, len(names(status="completed", sort="-finished_at")))
        created = self.client.job(ids[3])["created_at"]
        self.assertEqual(["job-3", "job-4", "job-5", "job-6"], names(created_after=created))
        self.assertEqual(["job-0", "job-1", "job-2"], names(created_before=created))

    def test_a_spec_is_checked_and_previewed_without_a_job(self):
        self.serve()
        upload = self.client.upload(self.people("1,Ann,3.5", "2,Bob,x"))
        spec = self.people_spec(upload, destination={"type": "null"})
        checked = self.client.post("jobs/check", spec).json
        self.assertEqual((True, []), (checked["valid"], checked["errors"]))
        self.assertEqual("append", self.client.post("jobs/check", self.people_spec(upload)).json["resolved_spec"]["destination"]["write_disposition"])
        wrong = self.client.post("jobs/check", {**spec, "priority": 10, "nmae": "x"}).json
        self.assertEqual({"/priority", "/nmae"}, {error["pointer"] for error in wrong["errors"]})
        shown = self.client.post("jobs/preview", spec).json
        self.assertEqual(["id", "name", "amount"], [column["name"] for column in shown["columns"]])
        self.assertEqual([[], ["type_mismatch"]], [[e["code"] for e in r["errors"]] for r in shown["records"]])
        self.assertEqual([], self.client.get("jobs").json["items"])

    def test_pause_resume_cancel_and_their_conflicts(self):
        self.serve()
        later = inline_spec(run_at="2999-01-01T00:00:00Z")
        job_id = self.client.submit(later)
        self.assertEqual("scheduled", self.client.job(job_id)["status"])
        self.assertEqual(202, self.client.put(f"jobs/{job_id}/cancel").status)
        self.assertEqual("cancelled", self.client.job(job_id)["status"])
        self.assertEqual(200, self.client.put(f"jobs/{job_id}/cancel").status)
        for action in ("pause", "resume"):
            problem = self.assert_problem(self.client.put(f"jobs/{job_id}/{action}"), 409, "invalid_state")
            self.assertEqual("cancelled", problem["job_status"])
            self.assertIn("delete", problem["actions"])
        done = self.client.run(inline_spec())
        self.assert_problem(self.client.put(f"jobs/{done['id']}/cancel"), 409, "invalid_state")
        running = self.client.submit(later)
        self.assert_problem(self.client.delete(f"jobs/{running}"), 409, "invalid_state")

    def test_the_log_is_streamed_as_csv_and_ndjson(self):
        self.serve()
        job = self.client.run(inline_spec([{"a": n} for n in range(2500)]))
        rows = list(csv.DictReader(io.StringIO(self.client.get(f"jobs/{job['id']}/logs", {"Accept": "text/csv"}, scope="record").text)))
        self.assertEqual([str(n) for n in range(2500)], [row["ordinal"] for row in rows])
        lines = self.client.get(f"jobs/{job['id']}/logs", {"Accept": "application/x-ndjson"}).text.splitlines()
        self.assertGreater(len(lines), 2500)
        json.loads(lines[0])
        newest = self.client.get(f"jobs/{job['id']}/logs", order="desc", limit=1).json
        self.assertEqual("job", newest["items"][0]["scope"])

    def test_the_tenants_retry_policy_stands_in_for_a_spec_without_one(self):
        self.serve()
        self.assertEqual(6, self.client.get("retry-policies").json["max_attempts"])
        changed = self.client.put("retry-policies", {"max_attempts": 3, "jitter": "none"})
        self.assertEqual((200, 3, 200), (changed.status, changed.json["max_attempts"], changed.json["initial_interval_ms"]))
        job = self.client.run(inline_spec())
        status = self.client.get(f"jobs/{job['id']}/retry-status").json
        self.assertEqual((3, "none"), (status["policy"]["max_attempts"], status["policy"]["jitter"]))
        own = self.client.run(inline_spec(retry={"max_attempts": 9}, rerun="allow"))
        self.assertEqual(9, self.client.get(f"jobs/{own['id']}/retry-status").json["policy"]["max_attempts"])
        problem = self.assert_problem(self.client.put("retry-policies", {"max_attempts": 0}), 422)
        self.assertEqual("/max_attempts", problem["errors"][0]["pointer"])


class Events(RestCase):
    def test_one_job_is_followed_from_its_beginning_and_resumed_behind_an_event(self):
        self.serve()
        job = self.client.run(inline_spec())
        states, last = [], 0
        for event in self.client.events(f"jobs/{job['id']}/events?types=state"):
            if event is None:
                continue
            self.assertGreater(event[0], last)
            last = event[0]
            states.append(event[2]["status"])
            if states[-1] == "completed":
                break
        self.assertEqual(["pending", "running", "completed"], states)
        first = next(event for event in self.client.events(f"jobs/{job['id']}/events", {"Last-Event-ID": "1"}) if event)
        self.assertEqual(2, first[0])

    def test_all_jobs_of_the_tenant_are_followed_and_no_others(self):
        self.serve()
        other = self.tenant("other")
        followed = self.client.events("events?types=state")
        self.assertIsNone(next(followed))
        foreign = other.submit(inline_spec())
        own = [self.client.submit(inline_spec(name=f"n{n}")) for n in range(3)]
        ended = set()
        while len(ended) < 3:
            event = next(followed)
            self.assertNotEqual(foreign, event[2]["job_id"])
            if event[2]["status"] == "completed":
                ended.add(event[2]["job_id"])
        self.assertEqual(set(own), ended)
        self.assert_problem(other.get("events", job_id=own[0]), 404)
        self.assert_problem(self.client.get("events", types="nope"), 400, "invalid_parameter")


if __name__ == "__main__":
    unittest.main()
