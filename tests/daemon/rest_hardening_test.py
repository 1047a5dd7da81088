#!/usr/bin/env python3
"""What a client could do to the server, to other tenants or to secrets, and cannot."""

import socket
import threading
import time
import unittest

from freightd import wait_until
from rest import Client, RestCase, in_parallel, inline_spec

POSTGRESQL = {"type": "postgresql", "host": "127.0.0.1", "port": 5432, "database": "d", "user": "u", "tls": "require"}


class Listener(RestCase):
    def test_another_spelling_of_a_stream_holds_no_thread(self):
        self.serve()
        for path in ("/api/v1/event%73", "/api/v1/%65vents", "/api/v1/event%73?types=log"):
            for _ in range(3):
                self.assert_problem(self.client.send("GET", path, timeout=10), 404)
        self.assert_problem(self.client.send("POST", "/api/v1/upload%73", b"a,b\n"), 404)
        self.assertNotIn(b" 200 ", self.server.exchange(
            b"GET /api/v1/events#x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")[:20])  # fmt: skip
        self.assertEqual(200, Client(self.server).get("/health/live").status)

    def test_bodies_that_are_only_announced_take_no_room(self):
        self.serve()
        head = b"POST /api/v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n"
        waiting = [self.server.socket() for _ in range(300)]
        try:
            for connection in waiting:
                connection.sendall(head)
            self.assertEqual(201, self.client.post("jobs", inline_spec()).status)
        finally:
            for connection in waiting:
                connection.close()

    def test_a_download_that_has_begun_ends_whole_for_a_client_that_has_said_all_it_has_to_say(self):
        self.serve()
        rows = "".join(f"{n},Ann,x\n" for n in range(20_000))
        upload = self.client.upload("id,name,amount\n" + rows)
        job = self.client.run(self.people_spec(upload, destination={"type": "null"}, errors={"allow_all_rejected": True}))
        received = self.server.exchange(
            f"GET /api/v1/jobs/{job['id']}/rejects HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n"
            f"Authorization: Bearer {self.client.key}\r\nConnection: close\r\n\r\n".encode(), 60, half_close=True)  # fmt: skip
        self.assertTrue(received.endswith(b"0\r\n\r\n"), received[-200:])

    def test_a_server_that_says_nothing_holds_up_nobody(self):
        with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
            self.serve()
            port = silent.getsockname()[1]
            self.client.put("connections/silent", {**POSTGRESQL, "port": port, "tls": "disable", "password": "p"})
            checks = threading.Thread(target=in_parallel, args=([
                lambda: Client(self.server, self.client.key).post("connections/silent/check") for _ in range(6)],))  # fmt: skip
            checks.start()
            silent.settimeout(60)
            with silent.accept()[0]:
                self.assertEqual(200, self.client.get("me").status)
                self.assertTrue(checks.is_alive(), "the checks had ended by then")
            checks.join(120)
            self.assertFalse(checks.is_alive())

    def test_a_job_for_a_host_that_no_name_service_knows_is_taken_and_retried(self):
        self.serve()
        self.client.put("connections/gone", {**POSTGRESQL, "host": "database.invalid", "password": "p"})
        spec = inline_spec(
            destination={"type": "sql", "connection": "gone", "table": "t"},
            retry={"max_attempts": 2, "initial_interval_ms": 100},
        )
        created = self.client.post("jobs", spec)
        self.assertEqual(201, created.status, created.text)
        job = self.client.wait(created.json["id"])
        self.assertEqual("failed", job["status"])
        batch = self.client.get(f"jobs/{job['id']}/batches").json["items"][0]
        self.assertEqual(2, batch["attempts"], batch)
        self.assertIn("'database.invalid' is not known", batch["error"]["message"])
        self.assertIsNone(batch["started_at"], "no attempt got as far as to write")


class Secrets(RestCase):
    def test_a_password_that_is_kept_goes_nowhere_else(self):
        self.serve()
        self.assertEqual(201, self.client.put("connections/c", {**POSTGRESQL, "password": "hidden-pw"}).status)
        for change in ({"host": "127.0.0.2"}, {"port": 5433}, {"user": "v"}, {"tls": "disable"}):
            answer = self.client.put("connections/c", {**POSTGRESQL, "password": None, **change})
            if change == {"host": "127.0.0.2"}:
                self.assertEqual(422, answer.status, str(answer))
                continue
            problem = self.assert_problem(answer, 422)
            self.assertEqual("/password", problem["errors"][0]["pointer"])
        kept = self.client.put("connections/c", {**POSTGRESQL, "password": None, "database": "e", "tls": "verify-full"})
        self.assertEqual((200, True), (kept.status, kept.json["has_secret"]))

    def test_the_servers_own_password_is_offered_to_nobody(self):
        offered = []
        with socket.create_server(("127.0.0.1", 0)) as trap:
            threading.Thread(target=ask_for_password, args=(trap, offered), daemon=True).start()
            port = trap.getsockname()[1]
            self.serve(None, env={"PGPASSWORD": "servers-own-pw"})
            self.client.put("connections/trap", {**POSTGRESQL, "port": port, "tls": "disable"})
            checked = self.client.post("connections/trap/check").json
            self.assertFalse(checked["ok"])
            spec = {"name": "t", "source": {"type": "sql", "url": f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable",
                                            "query": "SELECT 1 AS a", "key": ["a"]}, "destination": {"type": "null"}}  # fmt: skip
            self.client.post("jobs/preview", spec)
            wait_until(lambda: len(offered) >= 2, 20)
        self.assertNotIn("servers-own-pw", str(offered))

    def test_a_url_is_read_as_the_database_library_reads_it(self):
        self.serve()
        for url in ("postgresql://127.0.0.1?application_name=@10.0.0.1/db",
                    "postgresql://127.0.0.1?application_name=@/db?host=/var/run/postgresql"):  # fmt: skip
            spec = {"name": "t", "source": {"type": "sql", "url": url, "query": "SELECT 1 AS a", "key": ["a"]},
                    "destination": {"type": "null"}}  # fmt: skip
            self.assert_problem(self.client.post("jobs", spec), 422)

    def test_a_tenant_is_not_told_where_the_server_keeps_files(self):
        self.serve()
        empty = self.client.upload("")
        for answer in (self.client.post("jobs/preview", self.people_spec(empty, destination={"type": "null"})),
                       self.client.get(f"jobs/{self.client.run(self.people_spec(empty))['id']}")):  # fmt: skip
            self.assertNotIn("freight-uploads", answer.text)
            self.assertIn("upload:", answer.text)


class Tenancy(RestCase):
    def test_a_revoked_key_ends_its_event_stream(self):
        self.serve()
        tenant = self.tenant("t")
        events = tenant.events("events")
        ended = threading.Event()

        def follow():
            for _ in events:
                pass
            ended.set()

        threading.Thread(target=follow, daemon=True).start()
        time.sleep(0.5)
        self.assertFalse(ended.is_set())
        self.assertEqual(204, self.admin.delete(f"admin/keys/{tenant.key_id}").status)
        self.assertTrue(ended.wait(60))

    def test_a_change_of_one_limit_leaves_the_others(self):
        self.serve()
        tenant = self.tenant("t", limits={"upload_bytes": 1000, "max_running_jobs": 3})
        path = f"admin/tenants/{tenant.tenant_id}"
        changed = self.admin.send("PATCH", path, {"limits": {"records_per_day": 5, "max_running_jobs": None}})
        self.assertEqual({"upload_bytes": 1000, "records_per_day": 5}, changed.json["limits"])

    def test_an_upload_that_is_sent_again_needs_no_room_and_two_at_once_no_more_than_there_is(self):
        self.serve()
        tenant = self.tenant("t", limits={"upload_bytes": 1000})
        key = {"Idempotency-Key": "k"}
        first = tenant.send("POST", "uploads?filename=a.csv", b"x" * 600, key)
        again = tenant.send("POST", "uploads?filename=a.csv", b"x" * 600, key)
        self.assertEqual((201, 201, first.json["upload_id"]), (first.status, again.status, again.json["upload_id"]))
        other = self.tenant("u", limits={"upload_bytes": 1000})
        in_parallel([lambda: Client(self.server, other.key).send("POST", "uploads", b"y" * 600) for _ in range(6)])
        self.assertLessEqual(sum(item["bytes"] for item in other.get("uploads").json["items"]), 1000)

    def test_a_filtered_list_of_batches_counts_what_it_filters(self):
        self.serve()
        job = self.client.run(inline_spec([{"a": n} for n in range(10)], batch={"max_records": 2}))
        for status, total in (("completed", 5), ("failed", 0)):
            page = self.client.get(f"jobs/{job['id']}/batches", status=status, total="true", limit=2).json
            self.assertEqual(total, page["total"])


def ask_for_password(trap, offered):
    """A server of PostgreSQL's protocol that asks for a password in clear text, and keeps it."""
    while True:
        try:
            connection, _ = trap.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            try:
                connection.recv(4096)
                connection.sendall(b"R\x00\x00\x00\x08\x00\x00\x00\x03")
                offered.append(connection.recv(4096))
            except OSError:
                offered.append(b"")


if __name__ == "__main__":
    unittest.main()
