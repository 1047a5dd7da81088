#!/usr/bin/env python3
"""The listener against clients that are slow, many, wrong or hostile."""

import json
import socket
import threading
import unittest

from freightd import wait_until
from rest import Client, RestCase, in_parallel, inline_spec, read_all

CRLF = b"\r\n"


def request(method, path, headers=(), body=b"", key=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    return "\r\n".join(lines).encode() + CRLF + CRLF + body


def statuses(received):
    """The status of each answer in what a connection gave."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        found.append(int(head.split()[1]))
        length = 0
        for line in head.split(CRLF):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        received = rest[length:]
    return found


class Hostile(RestCase):
    def setUp(self):
        super().setUp()
        self.serve(describe=False)
        self.key = self.server.tenant_key

    def tearDown(self):
        self.assertEqual(200, self.client.get("/health/live").status, "the server is not well any more")

    def refused(self, sent, status, **options):
        """Refused for what it is, not for being late (408), and the connection closed."""
        received = self.server.exchange(sent, **options)
        self.assertEqual([status], statuses(received)[-1:], received[:300])
        head, _, body = received.rpartition(b"\r\n\r\n")
        self.assertIn(b"connection: close", head.lower())
        self.assertEqual(status, json.loads(body)["status"])

    def test_a_body_that_looks_like_a_request_is_not_run_as_one(self):
        inner = request("DELETE", "/api/v1/connections/x", key=self.key)
        for path, key in (("/api/v1/jobs", None), ("/api/v1/jobs", self.key), ("/api/v1/nope", self.key),
                          ("/api/v1/health", None)):  # fmt: skip
            body_length = [f"Content-Length: {len(inner)}", "Content-Type: application/json"]
            sent = request("POST", path, body_length, inner, key) + request("GET", "/health/live", ["Connection: close"])
            got = statuses(self.server.exchange(sent))
            self.assertEqual(2, len(got), got)
            self.assertEqual(200, got[1])

    def test_two_lengths_and_other_ambiguities_are_refused(self):
        smuggled = b"0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
        for headers in (["Content-Length: 5", "Transfer-Encoding: chunked"], ["Content-Length: 5", "Content-Length: 6"],
                        ["Content-Length: 5", "Content-Length: 5"], ["Content-Length: +5"], ["Content-Length: 5, 5"],
                        ["Content-Length: 0x5"], ["Content-Length: -1"], ["Content-Length: 99999999999999999999"],
                        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], ["Bad Header: x"], ["Folded: a\r\n b"],
                        ["Control: \x01"], ["Host: second"], [": empty"]):  # fmt: skip
            self.refused(request("POST", "/api/v1/jobs", headers, smuggled, self.key), 400)
        for coding in ("chunked, gzip", "xchunked", "gzip, chunked", "\x0bchunked"):
            self.refused(request("POST", "/api/v1/jobs", [f"Transfer-Encoding: {coding}"], smuggled, self.key),
                         400 if "\x0b" in coding else 501)  # fmt: skip
        self.refused(b"GET / HTTP/1.1\r\n\r\n", 400)
        self.refused(b"GET / HTTP/1.1\nHost: x\n\n", 400)
        self.refused(b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400)
        self.refused(b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", 400)
        self.refused(b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505)

    def test_bad_chunks_are_refused(self):
        for body in (b"x\r\n", b"5\r\nabcdefg\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"1;" + b"a" * 5000 + b"\r\n"):
            self.refused(request("POST", "/api/v1/jobs", ["Transfer-Encoding: chunked"], body, self.key), 400)

    def test_too_much_of_anything_is_refused(self):
        self.refused(request("GET", "/", ["X: " + "a" * 3_145_728]), 431)
        self.refused(request("GET", "/", [f"X-{n}: a" for n in range(10_000)]), 431)
        self.refused(request("GET", "/", [f"X-{n}: a" for n in range(200)]), 431)
        self.refused(request("GET", "/" + "a" * 20_000), 414)
        self.refused(b"A" * 100_000, 400)
        declared = request("POST", "/api/v1/jobs", ["Content-Length: 2000000"], b"x" * 2_000_000, self.key)
        self.refused(declared, 413)
        chunk = b"10000\r\n" + b"x" * 65_536 + CRLF
        self.refused(request("POST", "/api/v1/jobs", ["Transfer-Encoding: chunked"], chunk * 32, self.key), 413)

    def test_bytes_that_are_no_http_are_refused(self):
        for sent in (b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 50, b"SSH-2.0-OpenSSH\r\n\r\n", b"hello\r\n\r\n",
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):  # fmt: skip
            received = self.server.exchange(sent, half_close=True)
            self.assertIn(statuses(received), ([400], [505]), sent)

    def test_a_compressed_body_is_not_unpacked(self):
        import gzip

        bomb = gzip.compress(b" " * 50_000_000)
        headers = ["Content-Encoding: gzip", "Content-Type: application/json", f"Content-Length: {len(bomb)}", "Connection: close"]
        for path in ("/api/v1/jobs", "/api/v1/uploads"):
            self.assertEqual([415], statuses(self.server.exchange(request("POST", path, headers, bomb, self.key))))

    def test_a_post_without_a_length_is_answered_at_once(self):
        # Whoever waited for a body would say 408 in the end.
        received = self.server.exchange(request("POST", "/api/v1/jobs", ["Connection: close", "Content-Type: application/json"], key=self.key))
        self.assertEqual([400], statuses(received))

    def test_pipelined_requests_are_answered_in_their_order(self):
        sent = b"".join(request("GET", f"/api/v1/{path}", key=self.key) for path in ("me", "nope", "jobs", "me"))
        sent += request("POST", "/api/v1/jobs/check", ["Content-Type: application/json", "Content-Length: 2"], b"{}", self.key)
        sent += request("GET", "/health/live", ["Connection: close"])
        self.assertEqual([200, 404, 200, 200, 200, 200], statuses(self.server.exchange(sent)))

    def test_a_request_that_comes_in_pieces_is_whole(self):
        sent = request("POST", "/api/v1/jobs/check", ["Transfer-Encoding: chunked", "Content-Type: application/json",
                                                      "Connection: close"], key=self.key)  # fmt: skip
        sent += b"1\r\n{\r\n1;ext=1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
        with self.server.socket() as connection:
            for byte in sent:
                connection.send(bytes([byte]))
            self.assertEqual([200], statuses(read_all(connection)))

    def test_a_client_that_asks_first_is_told_to_go_on(self):
        for path, kind in (("/api/v1/jobs/check", "application/json"), ("/api/v1/uploads", "application/octet-stream")):
            with self.server.socket() as connection:
                headers = ["Expect: 100-continue", "Content-Length: 2", f"Content-Type: {kind}", "Connection: close"]
                connection.sendall(request("POST", path, headers, key=self.key))
                self.assertEqual(b"HTTP/1.1 100 Continue\r\n\r\n", connection.recv(100))
                connection.sendall(b"{}")
                self.assertIn(statuses(read_all(connection)), ([200], [201]))
        refused = request("POST", "/api/v1/uploads", ["Expect: 100-continue", "Content-Length: 2"], key="frt_wrong")
        self.assertEqual([401], statuses(self.server.exchange(refused)))

    def test_an_old_client_gets_an_answer_and_the_end_of_the_connection(self):
        self.assertEqual([200], statuses(self.server.exchange(b"GET /health/live HTTP/1.0\r\n\r\n")))
        absolute = request("GET", "http://somewhere.example/health/live", ["Connection: close"])
        self.assertEqual([200], statuses(self.server.exchange(absolute)))

    def test_header_values_are_never_echoed_unchecked(self):
        for value in ("a%0d%0aSet-Cookie:x", "a b", "x" * 500, "<script>"):
            answer = self.client.get("me", {"X-Request-ID": value})
            self.assertNotEqual(value, answer.headers["x-request-id"])
            self.assertNotIn("set-cookie", answer.headers)
        self.assertEqual("mine-1", self.client.get("me", {"X-Request-ID": "mine-1"}).headers["x-request-id"])
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        self.assertEqual(trace, self.client.get("me", {"traceparent": trace}).headers["traceparent"])


class Crowded(RestCase):
    def test_idle_connections_and_slow_senders_and_readers_cost_the_others_nothing(self):
        self.serve(describe=False)
        key = self.server.tenant_key
        job = self.client.run(inline_spec([{"a": "x" * 200} for _ in range(3000)]))
        idle = [self.server.socket() for _ in range(500)]
        for connection in idle[:250]:
            connection.sendall(request("GET", "/health/live"))
        stop = threading.Event()
        slow = [self.server.socket() for _ in range(20)]

        def trickle():
            sent = request("POST", "/api/v1/jobs", ["Content-Length: 1000"], key=key)
            at = 0
            while not stop.wait(1):
                for connection in slow:
                    try:
                        connection.send(sent[at : at + 1])
                    except OSError:
                        pass
                at += 1

        trickler = threading.Thread(target=trickle)
        trickler.start()
        readers = [self.server.socket() for _ in range(20)]
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(request("GET", f"/api/v1/jobs/{job['id']}/logs?limit=1000", key=key) * 5)
        try:
            self.busy_clients(16, 30)
            # Whoever waited for the idle ones would have waited until they were given up.
            for connection in idle[:250]:
                self.assertIn(b"200", connection.recv(4096))
                connection.setblocking(False)
                self.assertRaises(BlockingIOError, connection.recv, 1)
        finally:
            stop.set()
            trickler.join()
            for connection in (*idle, *slow, *readers):
                connection.close()

    def busy_clients(self, clients, requests):
        answered = []

        def run():
            connection = self.server.connect()
            for _ in range(requests):
                connection.request("GET", "/api/v1/jobs?limit=1", headers={"Authorization": f"Bearer {self.server.tenant_key}"})
                response = connection.getresponse()
                response.read()
                answered.append(response.status)
            connection.close()

        in_parallel([run] * clients)
        self.assertEqual([200] * clients * requests, answered)

    def test_a_head_that_does_not_come_is_refused_in_time(self):
        self.serve(describe=False)
        with self.server.socket(timeout=120) as connection:
            connection.sendall(b"GET / HT")
            self.assertEqual([408], statuses(read_all(connection)))

    def test_more_streams_than_there_may_be_are_refused_and_freed_again(self):
        self.serve(describe=False)
        streams = []
        for _ in range(64):
            connection = self.server.socket()
            connection.sendall(request("GET", "/api/v1/events", key=self.server.tenant_key))
            self.assertIn(b"200", connection.recv(64))
            streams.append(connection)
        self.assertEqual([503], statuses(self.server.exchange(request("GET", "/api/v1/events", key=self.server.tenant_key))))
        self.assertEqual(200, self.client.get("me").status)
        for connection in streams:
            connection.close()

        def free():
            with self.server.socket() as connection:
                connection.sendall(request("GET", "/api/v1/events", key=self.server.tenant_key))
                return b"200" in connection.recv(64)

        wait_until(free)

    def test_two_servers_do_not_share_a_port(self):
        self.serve(describe=False)
        second = self.freightd("serve", "--storage", f"sqlite:{self.folder}/second.db", "--listen", f"127.0.0.1:{self.server.port}")
        self.assert_failed(second, "usage", "cannot listen", "in use", exit_code=2)
        self.assertFalse((self.folder / "second.db.key").exists())

    def test_a_stop_ends_streams_and_idle_connections_promptly(self):
        self.serve(None, "--drain", "1h", describe=False)
        idle = [self.server.socket() for _ in range(50)]
        stream = self.server.socket()
        stream.sendall(request("GET", "/api/v1/events", key=self.server.tenant_key))
        stream.recv(64)
        self.server.process.signal(15)
        # Well before the hour that requests may take.
        ended = self.server.process.wait(120)
        self.assertEqual(0, ended.code, str(ended))
        for connection in (*idle, stream):
            connection.close()


if __name__ == "__main__":
    unittest.main()
