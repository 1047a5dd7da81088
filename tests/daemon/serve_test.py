#!/usr/bin/env python3
"""Operating the server: keys, configuration, logs, probes, metrics, stops and crashes."""

import json
import os
import re
import signal
import stat
import subprocess
import time
import unittest

from case import for_each_backend
from freightd import wait_until
from rest import Client, RestCase, Server, in_parallel, inline_spec

EXPOSITION = re.compile(r'^([a-zA-Z_:][\w:]*)(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (-?[\d.eE+-]+|NaN|[+-]Inf)$')


class FirstKeys(RestCase):
    def test_a_fresh_storage_gets_keys_in_a_file_that_only_the_user_reads(self):
        os.mkdir(self.folder / "data")
        process = self.start("serve", "--storage", "sqlite:data/f.db", "--listen", "127.0.0.1:0")
        server = Server(process, self.folder, self.folder / "data" / "admin.key")
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.folder / "data" / "admin.key").st_mode))
        said = process.stderr_so_far()
        self.assertIn("data/admin.key", said)
        self.assertNotIn(server.admin_key, said)
        self.assertEqual(200, Client(server, server.tenant_key).get("me").status)
        self.assertEqual(200, Client(server, server.admin_key).get("admin/tenants").status)
        process.signal(signal.SIGTERM)
        ended = process.wait()
        self.assertEqual("", ended.stdout)
        os.unlink(self.folder / "data" / "admin.key")
        again = self.start("serve", "--storage", "sqlite:data/f.db", "--listen", "127.0.0.1:0")
        again.wait_for_stderr("listening")
        self.assertFalse((self.folder / "data" / "admin.key").exists())
        # A lost admin key is made anew.
        made = self.freightd("key", "create", "--admin", "--storage", "sqlite:data/f.db")
        url = Server(again, self.folder, self.folder / "none")
        self.assertEqual(200, Client(url, made.stdout.strip()).get("admin/tenants").status)

    def test_keys_are_shown_on_a_terminal(self):
        main, terminal = os.openpty()
        command = [os.environ["FREIGHTD"], "serve", "--storage", f"sqlite:{self.folder}/f.db", "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, stdout=terminal, stderr=subprocess.PIPE, cwd=self.folder)
        try:
            os.close(terminal)
            shown = ""
            while len(re.findall(r"frt_\w{40}", shown)) < 2:
                shown += os.read(main, 4096).decode()
            self.assertFalse((self.folder / "admin.key").exists())
        finally:
            process.terminate()
            process.communicate()
            os.close(main)


class Operating(RestCase):
    def test_the_configuration_comes_from_the_command_line_the_environment_and_a_file(self):
        config = self.write("freightd.conf", "log-format = json\nlisten = 127.0.0.1:0\nlog-level = error\ncors-origin = https://a.example\n")
        self.serve(None, "--config", config, "--log-level", "info", env={"FREIGHT_UPLOAD_LIMIT": "10"})
        self.assert_problem(self.client.send("POST", "uploads", b"x" * 11), 413)
        job = self.client.run(inline_spec())
        lines = [json.loads(line) for line in self.server.process.stderr_so_far().splitlines() if line.startswith("{")]
        requests = [line for line in lines if "operation" in line]
        self.assertTrue(any(line["operation"] == "createJob" and line["status"] == "201" for line in requests))
        self.assertTrue(all({"time", "level", "message", "request_id", "ms", "client"} <= line.keys() for line in requests))
        self.assertTrue(any(job["id"] in str(line) for line in lines), "the engine's lines name the job")
        wrong = self.freightd("serve", "--listen", "nowhere:http")
        self.assert_failed(wrong, "usage", "--listen", exit_code=2)
        self.assert_failed(self.freightd("serve", "--tls-cert", "x"), "usage", "--tls-key", exit_code=2)
        self.assert_failed(self.freightd("serve", "--allow-path", "/no/such/folder"), "usage", "--allow-path", exit_code=2)

    def test_a_hangup_opens_the_log_file_anew_and_reads_the_level_again(self):
        config = self.write("freightd.conf", "log-level = warning\n")
        log = self.folder / "freightd.log"
        key_file = self.folder / "admin.key"
        process = self.start("serve", "--storage", f"sqlite:{self.folder}/f.db", "--listen", "127.0.0.1:0",
                             "--admin-key-file", key_file, "--config", config, "--log-file", log)  # fmt: skip
        server = Server(process, self.folder, key_file)
        client = Client(server, server.tenant_key)
        client.get("me")
        self.assertEqual("", log.read_text())
        log.rename(self.folder / "old.log")
        config.write_text("log-level = info\n")
        process.signal(signal.SIGHUP)
        wait_until(lambda: log.exists() and "reloaded" in log.read_text(), 10)
        client.get("me", {"X-Request-ID": "after-the-hangup"})
        self.assertIn("after-the-hangup", log.read_text())
        self.assertNotIn("after-the-hangup", (self.folder / "old.log").read_text())

    def test_metrics_are_prometheus_text_without_names(self):
        self.serve()
        tenant = self.tenant("acme-with-a-name")
        job = tenant.run(inline_spec(name="job-with-a-name"))
        text = Client(self.server).get("/metrics").text
        samples = [line for line in text.splitlines() if line and not line.startswith("#")]
        for line in samples:
            self.assertRegex(line, EXPOSITION)
        for name in ("freight_http_requests_total", "freight_http_request_seconds_bucket", "freight_records_total",
                     "freight_jobs_ended_total", "freight_queue_depth", "freight_oldest_ready_seconds", "freight_workers",
                     "freight_claim_seconds_count", "freight_disk_free_bytes", "freight_build_info"):  # fmt: skip
            self.assertIn(name, text)
        self.assertIn('freight_records_total{outcome="succeeded"} 1', text)
        for secret in (tenant.tenant_id, job["id"], "a-name"):
            self.assertNotIn(secret, text)

    def test_health_says_how_storage_engine_and_disk_are(self):
        self.serve()
        # It works a moment after it listens.
        wait_until(lambda: Client(self.server).get("/health").json["status"] == "ok", 20)
        self.assertEqual({"storage", "engine", "disk"}, Client(self.server).get("/api/v1/health").json["checks"].keys())

    def test_pages_of_named_origins_may_call_and_no_others(self):
        self.serve(None, "--cors-origin", "https://app.example")
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        preflight = self.client.send("OPTIONS", "jobs", headers=asked)
        self.assertEqual((204, "https://app.example"), (preflight.status, preflight.headers["access-control-allow-origin"]))
        self.assertIn("Idempotency-Key", preflight.headers["access-control-allow-headers"])
        answer = self.client.get("me", {"Origin": "https://app.example"})
        for name in ("Location", "Retry-After", "X-Request-ID", "RateLimit-Limit"):
            self.assertIn(name, answer.headers["access-control-expose-headers"])
        other = self.client.get("me", {"Origin": "https://evil.example"})
        self.assertNotIn("access-control-allow-origin", other.headers)
        self.server.process.kill()
        self.serve()
        self.assertNotIn("access-control-allow-origin", self.client.get("me", {"Origin": "https://app.example"}).headers)

    def test_it_speaks_https(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-keyout", self.folder / "key.pem", "-out", self.folder / "cert.pem"], check=True, capture_output=True)  # fmt: skip
        self.serve(None, "--tls-cert", self.folder / "cert.pem", "--tls-key", self.folder / "key.pem")
        self.assertTrue(self.server.url.startswith("https://"))
        upload = self.client.upload(self.people("1,Ann,1"))
        job = self.client.run(self.people_spec(upload))
        self.assertEqual("completed", job["status"])
        event = next(event for event in self.client.events(f"jobs/{job['id']}/events") if event)
        self.assertEqual("state", event[1])
        self.assertIn(b"", self.server.exchange(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
        self.assertEqual(200, self.client.get("me").status)

    def test_the_page_of_the_description_needs_nothing_from_elsewhere(self):
        self.serve()
        page = Client(self.server).get("/docs")
        self.assertEqual("text/html; charset=utf-8", page.headers["content-type"])
        self.assertIn("default-src 'none'", page.headers["content-security-policy"])
        self.assertIn("sha256-", page.headers["content-security-policy"])
        self.assertNotRegex(page.text, r'(src|href)="(https?:)?//')
        for _, path, operation in self.server.description.operations:
            self.assertIn(operation["operationId"], page.text)

    def test_a_worker_answers_probes_alone(self):
        database = self.database("postgresql")
        self.serve(database)
        worker = self.start("worker", "--storage", database.url, "--health-listen", "127.0.0.1:0")
        probe = Client(Server(worker, self.folder, self.folder / "none"))
        self.assertEqual(200, probe.get("/health/live").status)
        self.assertEqual(200, probe.get("/health/ready").status)
        self.assertIn("freight_workers", probe.get("/metrics").text)
        self.assertEqual(404, probe.get("/api/v1/jobs").status)
        wait_until(lambda: len(self.client.get("workers").json["items"]) == 2, 10)
        worker.signal(signal.SIGTERM)
        self.assertEqual(0, worker.wait().code)

    def test_prune_deletes_what_is_older_than_asked(self):
        self.serve()
        upload = self.client.upload(self.people("1,Ann,x"))
        job = self.client.run(self.people_spec(upload, destination={"type": "null"}, errors={"allow_all_rejected": True}))
        storage = ("--storage", f"sqlite:{self.folder / 'freight.db'}")
        self.assert_failed(self.freightd("prune", *storage), "usage", "--retain", exit_code=2)
        self.freightd("prune", *storage, "--retain-jobs", "1d", "--retain-uploads", "1d", "--retain-rejects", "1d")
        letter = self.client.get(f"jobs/{job['id']}/dead-letters").json["items"][0]
        self.assertEqual("1,Ann,x", letter["raw"])
        time.sleep(1.1)
        self.freightd("prune", *storage, "--retain-rejects", "1s")
        letter = self.client.get(f"jobs/{job['id']}/dead-letters").json["items"][0]
        self.assertEqual(("", "type_mismatch", None), (letter["raw"], letter["errors"][0]["code"], letter["errors"][0]["value"]))
        ended = self.freightd("prune", *storage, "--retain-jobs", "1s", "--retain-uploads", "1s")
        self.assertIn("1 uploads and 1 jobs", ended.stderr)
        self.assert_problem(self.client.get(f"jobs/{job['id']}"), 404)
        self.assert_problem(self.client.get(f"uploads/{upload}"), 404)
        self.assertEqual([], os.listdir(self.folder / "freight-uploads"))

    def test_what_a_crash_left_of_an_upload_goes_after_a_day(self):
        self.serve()
        folder = self.folder / "freight-uploads"
        two_days_ago = time.time() - 2 * 86_400
        for name, old in (("old.part", True), ("new.part", False), ("old", True)):
            (folder / name).write_text("x")
            if old:
                os.utime(folder / name, (two_days_ago, two_days_ago))
        self.freightd("prune", "--storage", f"sqlite:{self.folder / 'freight.db'}", "--retain-uploads", "1d")
        self.assertEqual(["new.part", "old"], sorted(os.listdir(folder)))


class Load(RestCase):
    @for_each_backend
    def test_a_hundred_jobs_of_ten_tenants_complete_with_right_counts(self, backend):
        self.serve(self.database(backend))
        tenants = [self.tenant(f"{backend}-{n}") for n in range(10)]

        def work(at):
            client = tenants[at]
            ids = [client.submit(inline_spec([{"a": n} for n in range(10 + at)], name=f"j{job}", rerun="allow")) for job in range(10)]
            return [client.wait(job_id, 120) for job_id in ids]

        for at, jobs in enumerate(in_parallel([lambda at=at: work(at) for at in range(10)])):
            self.assertEqual({("completed", 10 + at)}, {(job["status"], job["progress"]["succeeded"]) for job in jobs})
            self.assertEqual(10, len(tenants[at].get("jobs").json["items"]))
            self.assertEqual((10 + at) * 10, tenants[at].get("stats").json["records"]["succeeded"])
        self.server.process.kill()

    def many(self):
        rows = "".join(f"{n},Ann,1.5\n" for n in range(60_000))
        return self.client.upload("id,name,amount\n" + rows)

    @for_each_backend
    def test_a_stop_under_load_loses_no_job_and_no_record(self, backend):
        self.stop_and_go_on(backend, signal.SIGTERM)

    @for_each_backend
    def test_a_kill_under_load_loses_no_job_and_no_record(self, backend):
        self.stop_and_go_on(backend, signal.SIGKILL)

    def stop_and_go_on(self, backend, number):
        storage = self.database(backend)
        self.serve(storage)
        target = self.database(backend)
        target.execute("CREATE TABLE people (id bigint PRIMARY KEY, name text, amount numeric, job text)")
        upload = self.many()
        batch = {"max_records": 500}
        key = lambda n: {"Idempotency-Key": f"{number}-{n}"}
        spec = lambda n: self.people_spec(
            upload, name=f"job-{n}", batch=batch,
            destination={"type": "sql", "url": target.url, "table": "people"},
            # Each another, or what one has loaded is refused to the next.
            filter={"field": "id", "lt": -n} if n else None,
        )  # fmt: skip
        ids = [self.client.submit(spec(n), key(n)) for n in range(3)]
        wait_until(lambda: self.client.job(ids[0])["progress"]["batches_completed"] >= 3, 60)
        self.server.process.signal(number)
        self.server.process.wait(60)
        self.serve(storage)
        again = [self.client.submit(spec(n), key(n)) for n in range(3)]
        self.assertEqual(ids, again)
        for n, job_id in enumerate(ids):
            job = self.client.wait(job_id, 120)
            self.assertEqual("completed", job["status"], job)
            done = job["progress"]["filtered" if n else "succeeded"]
            self.assertEqual(60_000, done, job)
        self.assertEqual([("60000", "0", "59999")], target.rows("SELECT count(*), min(id), max(id) FROM people"))
        self.server.process.kill()


if __name__ == "__main__":
    unittest.main()
