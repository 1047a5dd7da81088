#!/usr/bin/env python3
"""Who may not call and what is not taken: every route with every kind of bad request."""

import json
import time
import unittest
import uuid

import databases
from case import for_each_backend
from freightd import wait_until
from rest import Client, RestCase, inline_spec

TENANT = ("read", "write", "manage")


def filled(path, value):
    """The path with every part that stands for something replaced."""
    parts = [value if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


class Refusals(RestCase):
    def operations(self, secured=True):
        for method, path, operation in self.server.description.operations:
            if (operation.get("security") == []) != secured:
                yield method, path, operation

    def test_every_route_refuses_a_missing_and_an_unknown_key(self):
        self.serve()
        nobody, wrong = Client(self.server), Client(self.server, "frt_" + "x" * 40)
        count = 0
        for method, path, _ in self.operations():
            for client in (nobody, wrong):
                answer = client.send(method, filled(path, str(uuid.uuid4())))
                self.assert_problem(answer, 401, "unauthorized")
                self.assertIn("Bearer", answer.headers["www-authenticate"])
                count += 1
        self.assertGreater(count, 80)
        for scheme in ("Basic Zm9vOmJhcg==", "Bearer", "Bearer ", self.server.tenant_key):
            answer = nobody.get("me", {"Authorization": scheme})
            self.assert_problem(answer, 401)
        self.assertEqual(200, nobody.get("me", {"X-API-Key": self.server.tenant_key}).status)
        self.assertEqual(200, nobody.get("me", {"Authorization": f"bearer {self.server.tenant_key}"}).status)

    def test_no_key_is_needed_for_health_metrics_and_the_description(self):
        self.serve()
        for method, path, _ in self.operations(secured=False):
            self.assertEqual(200, Client(self.server).send(method, path).status, path)

    def test_every_route_that_changes_something_refuses_a_key_that_may_only_read(self):
        self.serve()
        reader = self.tenant("reader", ["read"])
        for method, path, _ in self.operations():
            if "/admin/" in path or method == "GET" or path.endswith("/check"):
                continue
            self.assert_problem(reader.send(method, filled(path, str(uuid.uuid4()))), 403, "forbidden")
        writer = self.tenant("writer", ["read", "write"])
        self.assert_problem(writer.put("retry-policies", {}), 403, "forbidden")
        only = self.tenant("only", ["write"])
        self.assertEqual(["write", "manage"], self.admin.get(f"admin/tenants/{only.tenant_id}/keys").json["items"][0]["scopes"])
        self.assertEqual(200, only.put("retry-policies", {}).status)
        self.assert_problem(only.get("me"), 403)

    def test_admin_routes_take_the_admin_key_alone(self):
        self.serve()
        for method, path, _ in self.operations():
            if "/admin/" in path:
                self.assert_problem(self.client.send(method, filled(path, str(uuid.uuid4()))), 403, "forbidden")
        self.assert_problem(self.admin.get("jobs"), 403)
        tenant = self.client.get("me").json["tenant"]["id"]
        acting = {"X-Freight-Tenant": tenant}
        self.assertEqual(tenant, self.admin.get("me", acting).json["tenant"]["id"])
        self.assert_problem(self.admin.get("me", {"X-Freight-Tenant": str(uuid.uuid4())}), 404)
        self.assert_problem(self.client.get("me", {"X-Freight-Tenant": str(uuid.uuid4())}), 403)
        audited = self.admin.get("admin/audit", tenant_id=tenant).json["items"]
        self.assertEqual("getMe", audited[0]["action"])

    def test_every_id_of_another_tenant_is_as_if_it_were_not_there(self):
        self.serve()
        upload = self.client.upload(self.people("1,Ann,x"))
        job = self.client.run(self.people_spec(upload))
        letter = self.client.get(f"jobs/{job['id']}/dead-letters").json["items"][0]["id"]
        batch = self.client.get(f"jobs/{job['id']}/batches").json["items"][0]["id"]
        self.client.put("connections/crm", {"type": "postgresql", "host": "db.example.com",
                                            "database": "d", "user": "u", "password": "hush"})  # fmt: skip
        theirs = {"job_id": job["id"], "upload_id": upload, "dead_letter_id": letter,
                  "batch_id": batch, "name": "crm", "ordinal": "0"}  # fmt: skip
        stranger = self.tenant("stranger")
        tried = 0
        for method, path, operation in self.operations():
            if "{" not in path or "/admin/" in path or operation["operationId"] == "putConnection":
                continue
            real, missing, malformed = path, path, path
            for name, value in theirs.items():
                real = real.replace(f"{{{name}}}", value)
                missing = missing.replace(f"{{{name}}}", "0" if name == "ordinal" else "nosuch" if name == "name" else str(uuid.uuid4()))
                malformed = malformed.replace(f"{{{name}}}", "0" if name == "ordinal" else "%00not-an-id")
            headers = {"X-Request-ID": "same"}
            answers = [stranger.send(method, where, headers=headers) for where in (real, missing, malformed)]
            self.assert_problem(answers[0], 404, "not_found")
            for other in answers[1:]:
                self.assertEqual(answers[0].body, other.body, path)
                self.assertEqual(answers[0].headers, other.headers, path)
            tried += 1
        self.assertGreater(tried, 20)
        self.assertEqual([], stranger.get("jobs").json["items"])
        self.assertEqual([], stranger.get("uploads").json["items"])
        self.assertEqual([], stranger.get("connections").json["items"])
        spec = self.people_spec(upload)
        problem = self.assert_problem(stranger.post("jobs", spec), 422, "invalid_spec")
        self.assertEqual("/source/upload", problem["errors"][0]["pointer"])
        spec = inline_spec(destination={"type": "sql", "connection": "crm", "table": "t"})
        self.assertEqual("/destination/connection", stranger.post("jobs", spec).json["errors"][0]["pointer"])
        # Nothing of it was changed.
        self.assertEqual(job["updated_at"], self.client.job(job["id"])["updated_at"])

    def test_the_database_itself_shows_a_tenant_no_row_of_another(self):
        database = self.database("postgresql")
        self.serve(database)
        stranger = self.tenant("stranger")
        upload = self.client.upload(self.people("1,Ann,x"))
        self.client.run(self.people_spec(upload))
        stranger.run(inline_spec())
        tables = [row[0] for row in database.rows(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'freight'"
            " AND column_name = 'tenant_id' ORDER BY 1")]  # fmt: skip
        beyond = {"tenants", "api_keys", "audit_entries"}
        self.assertGreater(len(tables), 14)
        for table in tables:
            settings = "?options=-c%20role%3Dfreight_tenant%20-c%20freight.tenant%3D"
            as_tenant = lambda query, tenant: databases.copy_out(
                f"{database.url}{settings}{tenant}", f"{query} FROM freight.{table}")  # fmt: skip
            if table in beyond:
                with self.assertRaisesRegex(Exception, "permission denied"):
                    as_tenant("SELECT count(*)", stranger.tenant_id)
                continue
            self.assertEqual([("0",)], as_tenant("SELECT count(*)", ""), table)
            own = database.rows(f"SELECT count(*) FROM freight.{table} WHERE tenant_id = '{stranger.tenant_id}'")
            self.assertEqual(own, as_tenant("SELECT count(*)", stranger.tenant_id), table)
            self.assertEqual([("0",)], as_tenant(f"SELECT count(*) FILTER (WHERE tenant_id <> '{stranger.tenant_id}')", stranger.tenant_id), table)

    def test_keys_expire_are_revoked_at_once_and_follow_their_tenant(self):
        self.serve()
        brief = self.tenant("brief", expires_in_s=1)
        self.assertEqual(200, self.tenant("long", expires_in_s=3600).get("me").status)
        revoked = self.tenant("revoked")
        self.assertEqual(200, revoked.get("me").status)
        self.assertEqual(204, self.admin.delete(f"admin/keys/{revoked.key_id}").status)
        self.assert_problem(revoked.get("me"), 401)
        second = self.admin.post(f"admin/tenants/{revoked.tenant_id}/keys", {}).json["key"]
        self.assertEqual(200, Client(self.server, second).get("me").status)
        suspended = self.tenant("suspended")
        where = f"/api/v1/admin/tenants/{suspended.tenant_id}"
        self.assertEqual(200, self.admin.send("PATCH", where, {"status": "suspended"}).status)
        self.assert_problem(suspended.get("me"), 403, "tenant_suspended")
        self.assertEqual(200, self.admin.send("PATCH", where, {"status": "active"}).status)
        self.assertEqual(200, suspended.get("me").status)
        self.assertEqual(204, self.admin.delete(f"admin/tenants/{suspended.tenant_id}").status)
        self.assert_problem(suspended.get("me"), 401)
        self.assert_problem(self.admin.get(f"admin/tenants/{suspended.tenant_id}"), 404)
        wait_until(lambda: brief.get("me").status != 200)
        self.assert_problem(brief.get("me"), 401)

    def test_a_revoked_key_stops_on_another_node_within_a_second(self):
        database = self.database("postgresql")
        self.serve(database)
        first, admin = self.server, self.admin
        other = self.tenant("t")
        self.serve(database)
        elsewhere = Client(self.server, other.key)
        self.assertEqual(200, elsewhere.get("me").status)
        admin.delete(f"admin/keys/{other.key_id}")
        time.sleep(1)
        self.assert_problem(elsewhere.get("me"), 401)
        self.assertIsNot(first, self.server)

    def test_bodies_that_are_none(self):
        self.serve()
        tenant = self.client.get("me").json["tenant"]["id"]
        job = self.client.run(inline_spec())["id"]
        takers = [
            (self.client, "POST", "/api/v1/jobs"), (self.client, "POST", "/api/v1/jobs/check"),
            (self.client, "POST", "/api/v1/jobs/preview"), (self.client, "POST", f"/api/v1/jobs/{job}/retry"),
            (self.client, "POST", f"/api/v1/jobs/{job}/dead-letters/replay"),
            (self.client, "POST", f"/api/v1/jobs/{job}/dead-letters/discard"),
            (self.client, "PUT", "/api/v1/retry-policies"), (self.client, "PUT", "/api/v1/connections/c"),
            (self.admin, "POST", "/api/v1/admin/tenants"), (self.admin, "PATCH", f"/api/v1/admin/tenants/{tenant}"),
            (self.admin, "POST", f"/api/v1/admin/tenants/{tenant}/keys"),
        ]  # fmt: skip
        as_json = {"Content-Type": "application/json"}
        for client, method, path in takers:
            for text in ("{", "nope", '{"a":1}x', '"\xff"'.encode("latin-1"), "\x00", "[" * 5000):
                answer = client.send(method, path, text, as_json)
                self.assertIn(answer.status, (400, 422), f"{path} {text!r} {answer}")
                self.assert_problem(answer, answer.status)
            for text in ("[]", "1", "null", '"x"', '{"no_such_key": 1}'):
                problem = self.assert_problem(client.send(method, path, text, as_json), 422) if path != "/api/v1/jobs/check" else None
                if problem:
                    self.assertTrue(problem["errors"], f"{path} {text}")
            self.assert_problem(client.send(method, path, "{}", {"Content-Type": "text/plain"}), 415)
            self.assert_problem(client.send(method, path, "{}", {**as_json, "Content-Encoding": "gzip"}), 415)
            self.assert_problem(client.send(method, path, b" " * 1_048_577, as_json), 413, "payload_too_large")

    def test_values_of_the_wrong_kind_never_fail_the_server(self):
        self.serve()
        tenant = self.client.get("me").json["tenant"]["id"]
        values = [None, True, -1, 1.5, 10**30, "", "\u0000", "\ud800", "x" * 5000, [], [None], {}, {"a": {}}]
        shapes = {
            ("POST", "/api/v1/admin/tenants"): {"name": "n", "weight": 1, "limits": {"upload_bytes": 1}, "external_id": "e"},
            ("PATCH", f"/api/v1/admin/tenants/{tenant}"): {"name": "default", "status": "active", "limits": {}, "weight": 1},
            ("POST", f"/api/v1/admin/tenants/{tenant}/keys"): {"scopes": ["read"], "expires_at": "2999-01-01T00:00:00Z", "expires_in_s": 5},
            ("PUT", "/api/v1/retry-policies"): {"max_attempts": 1, "jitter": "none", "retry_on": []},
            ("PUT", "/api/v1/connections/c"): {"type": "postgresql", "host": "h", "port": 1, "database": "d", "user": "u", "password": "p", "tls": "require"},
            ("POST", "/api/v1/jobs"): {"name": "n", "labels": {}, "priority": 1, "source": {"type": "inline", "records": []}, "destination": {"type": "null"}, "retry": {}, "errors": {}, "run_at": None},
        }  # fmt: skip
        for (method, path), shape in shapes.items():
            client = self.admin if "/admin/" in path else self.client
            for key in shape:
                for value in values:
                    body = json.dumps({**shape, key: value})
                    answer = client.send(method, path, body, {"Content-Type": "application/json"})
                    self.assertIn(answer.status, (200, 201, 400, 422), f"{path} {body[:200]} {answer}")

    def test_bad_values_of_queries_are_named(self):
        self.serve()
        job = self.client.run(inline_spec())["id"]
        bad = {
            "jobs": ["limit=0", "limit=1001", "limit=x", "limit=", "cursor=x", "cursor=", "status=no", "sort=name", "label=x",
                     "created_after=yesterday", "has_open_dead_letters=1", "total=yes", "nope=1", "q=%00", "q=%C3%28", "limit=1&limit=2"],
            f"jobs/{job}/logs": ["scope=x", "status=x", "level=x", "code=x", "batch_id=x", "since=x", "order=x", "cursor=x", "cursor=9999999999999999999999.0"],
            f"jobs/{job}/batches": ["status=x", "cursor=x", "limit=99999999999999999999"],
            f"jobs/{job}/dead-letters": ["state=x", "stage=x", "code=x", "cursor=zz"],
            f"jobs/{job}/rejects": ["format=xml"],
            "uploads": ["cursor=x"], "connections": ["cursor=x"], "events": ["types=x", "job_id=x"],
        }  # fmt: skip
        for path, queries in bad.items():
            for query in queries:
                problem = self.assert_problem(self.client.get(f"{path}?{query}"), 400, "invalid_parameter")
                self.assertEqual(query.split("=")[0], problem["errors"][0]["parameter"], query)
        for query in ("cursor=x", "tenant_id=x", "limit=0"):
            self.assert_problem(self.admin.get(f"admin/audit?{query}"), 400)
            self.assert_problem(self.admin.get(f"admin/jobs?{query}"), 400)
        self.assert_problem(self.client.get("events", {"Last-Event-ID": "x"}), 400)

    def test_paths_and_methods_that_are_none(self):
        self.serve()
        for path in ("/", "/api", "/api/v1", "/api/v1/", "/api/v1/jobs/", "//api/v1/jobs", "/api/v2/jobs", "/api/v1/jobs/a/b/c"):
            self.assert_problem(self.client.send("GET", path), 404)
        for method, path, allowed in (("PATCH", "/api/v1/jobs", "POST"), ("TRACE", "/api/v1/jobs", "GET"),
                                      ("BREW", "/api/v1/me", "GET"), ("POST", "/health", "GET")):  # fmt: skip
            answer = self.client.send(method, path)
            self.assert_problem(answer, 405, "method_not_allowed")
            self.assertIn(allowed, answer.headers["allow"])
        head = self.client.send("HEAD", "/api/v1/jobs")
        self.assertEqual((200, b""), (head.status, head.body))
        self.assertEqual(204, self.client.send("OPTIONS", "/api/v1/jobs").status)

    def test_rates_and_quotas_are_per_tenant(self):
        self.serve()
        slow = self.tenant("slow", limits={"requests_per_second": 5})
        answers = [slow.get("me") for _ in range(30)]
        refused = [answer for answer in answers if answer.status == 429]
        self.assertTrue(refused)
        self.assert_problem(refused[0], 429, "rate_limited")
        self.assertEqual("1", refused[0].headers["retry-after"])
        self.assertEqual("5", answers[0].headers["ratelimit-limit"])
        self.assertTrue(all(self.client.get("me").status == 200 for _ in range(30)))
        small = self.tenant("small", limits={"max_queued_jobs": 1, "upload_bytes": 10})
        later = inline_spec(run_at="2999-01-01T00:00:00Z")
        small.submit(later)
        self.assert_problem(small.post("jobs", inline_spec()), 403, "quota_exceeded")
        small.upload("12345678")
        self.assert_problem(small.send("POST", "uploads", b"123"), 403, "quota_exceeded")
        chunks = iter([b"1234", b"5678"])
        self.assert_problem(small.send("POST", "uploads", chunks_of(chunks)), 403, "quota_exceeded")
        daily = self.tenant("daily", limits={"records_per_day": 2})
        daily.run(inline_spec([{"a": 1}, {"a": 2}]))
        self.assert_problem(daily.post("jobs", inline_spec(name="x")), 403, "quota_exceeded")


class WorkLimits(RestCase):
    def large(self, client, name, records=30_000, **changes):
        upload = client.upload("id,name,amount\n" + "".join(f"{n},Ann,1\n" for n in range(records)), name)
        return {"name": name, "source": {"type": "csv", "upload": upload}, "destination": {"type": "null"},
                "batch": {"max_records": 500}, **changes}  # fmt: skip

    @for_each_backend
    def test_no_more_jobs_and_batches_run_than_the_tenant_may(self, backend):
        self.serve(self.database(backend))
        limited = self.tenant("limited", limits={"max_running_jobs": 1, "max_running_batches": 1})
        free = self.tenant("free")
        target = self.database("postgresql")
        target.execute("CREATE TABLE people (id bigint, name text, amount numeric)")
        # Nobody writes before a batch has been seen that waits to.
        held = target.connect()
        held.cursor().execute("BEGIN; LOCK TABLE people IN SHARE MODE")
        destination = {"type": "sql", "url": target.url, "table": "people"}
        specs = [self.large(limited, f"l{n}", 3000, destination=destination, rerun="allow") for n in range(3)]
        ids = [limited.submit(spec) for spec in specs]
        others = [free.submit(self.large(free, f"f{n}")) for n in range(3)]
        most_jobs = most_batches = 0
        while True:
            statuses = [limited.job(job_id)["status"] for job_id in ids]
            # One answer each: what is asked for one after the other may be one after the other.
            most_jobs = max(most_jobs, len(limited.get("jobs", status="running").json["items"]))
            leased = [limited.get(f"jobs/{job_id}/batches", status="leased").json["items"] for job_id in ids]
            most_batches = max(most_batches, *map(len, leased))
            if most_batches:
                held.close()
            if all(status == "completed" for status in statuses):
                break
            self.assertNotIn("failed", statuses)
        self.assertEqual((1, 1), (most_jobs, most_batches))
        for job_id in others:
            self.assertEqual("completed", free.wait(job_id)["status"])
        self.server.process.kill()

    def test_records_are_paced_and_other_tenants_are_not_slowed(self):
        self.serve()
        # Hours of work at this pace: whoever waited for it would not be seen to end.
        slow = self.tenant("slow", limits={"records_per_second": 1})
        waiting = slow.submit(self.large(slow, "slow", 30_000))
        paced = self.tenant("paced", limits={"records_per_second": 1000})
        began = time.monotonic()
        job_id = paced.submit(self.large(paced, "paced", 3000))
        other = self.client.run(self.large(self.client, "other"))
        self.assertEqual("completed", other["status"])
        self.assertEqual("completed", paced.wait(job_id)["status"])
        # The first second's worth comes at once.
        self.assertGreater(time.monotonic() - began, 1.9)
        self.assertEqual("running", slow.job(waiting)["status"])


class chunks_of:
    """A body without a length, which http.client sends in chunks."""

    def __init__(self, parts):
        self.parts = parts

    def read(self, _size):
        return next(self.parts, b"")


if __name__ == "__main__":
    unittest.main()
