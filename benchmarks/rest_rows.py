"""Requests over REST: Freight beside a FastAPI service on the same rows of the same PostgreSQL."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from measuring import Contender, Failed, Row, run

PEERS = Path(__file__).parent / "peers"
JOBS = 500


class Rest:
    """Jobs in one storage; both services answer GET /jobs/{id} of one after another to the same load."""

    def __init__(self, options):
        self.options = options
        self.url = f"{options.postgresql}_rest"
        self.work = options.work
        self.services = {}
        self.jobs = []
        self.paths = options.work / "rest.paths"
        self.latencies = {}

    def rows(self):
        freight = Contender("freightd", lambda: self.load("freightd"), ("wrk",))
        peer = Contender("FastAPI, uvicorn, asyncpg", lambda: self.load("fastapi"), ("wrk", "uvicorn"))
        return [
            Row("rest-get", "GET /jobs/{id}, 32 connections, PostgreSQL", "requests/s", freight, peer, 5, 8),
            Row("rest-p99", "the same, p99 of freightd with 64 busy clients and 500 idle connections", "ms",
                Contender("freightd", self.crowded, ("wrk",)), None, 50, absolute=True, at_most=True),
        ]  # fmt: skip

    def close(self):
        for process in self.services.values():
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        if self.jobs:
            self.psql(f"DROP DATABASE IF EXISTS {self.url.rpartition('/')[2]} WITH (FORCE)")

    def psql(self, command):
        run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", command, self.options.postgresql],
            env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})  # fmt: skip

    def prepare(self):
        """A storage with JOBS jobs that have ended, and freightd on it."""
        if self.jobs:
            return
        name = self.url.rpartition("/")[2]
        self.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.psql(f"CREATE DATABASE {name}")
        key_file = self.work / "rest.key"
        port = free_port()
        self.start("freightd", port, [
            self.options.freightd, "serve", "--storage", self.url, "--listen", f"127.0.0.1:{port}",
            "--admin-key-file", key_file, "--log-level", "error", "--master-key-file", master_key(self.work)])  # fmt: skip
        self.key = key_file.read_text().split()[1]
        self.api = f"http://127.0.0.1:{port}/api/v1"
        upload = self.send("uploads?filename=people.csv", b"id,name\n1,Ann\n2,Bob\n", "text/csv")["upload_id"]
        spec = {"name": "looked up", "source": {"type": "csv", "upload": upload}, "destination": {"type": "null"}}
        self.jobs = [self.send("jobs", json.dumps(spec).encode(), "application/json")["id"] for _ in range(JOBS)]
        self.paths.write_text("".join(f"/api/v1/jobs/{job}\n" for job in self.jobs))
        deadline = time.monotonic() + 60
        while any(self.send(f"jobs/{job}")["status"] != "completed" for job in self.jobs):
            if time.monotonic() > deadline:
                raise Failed("the jobs to look up did not complete")

    def send(self, path, body=None, content_type=None):
        headers = {"Authorization": f"Bearer {self.key}"}
        if content_type:
            headers["Content-Type"] = content_type
        with urllib.request.urlopen(urllib.request.Request(f"{self.api}/{path}", body, headers)) as answer:
            return json.load(answer)

    def service(self, name):
        self.prepare()
        if name not in self.services:
            port = free_port()
            self.start(name, port, ["uvicorn", "--host", "127.0.0.1", "--port", port, "--no-access-log",
                                    "--log-level", "error", "fastapi_jobs:app"])  # fmt: skip
        return self.services[name]

    def start(self, name, port, command):
        environment = {**os.environ, "FREIGHT_URL": self.url, "PYTHONDONTWRITEBYTECODE": "1"}
        log = open(self.work / f"{name}.log", "wb")
        folder = self.work if name == "freightd" else PEERS
        process = subprocess.Popen([*map(str, command)], cwd=folder, env=environment, stdout=log, stderr=log)
        process.port = port
        self.services[name] = process
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if answers(port):
                return
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failed(f"{name} did not start: {(self.work / f'{name}.log').read_text()[-500:]}")

    def load(self, name, connections=32):
        """Requests a second of wrk with one thread."""
        process = self.service(name)
        said = run(["wrk", "-t1", f"-c{connections}", "-d5s", "--latency", "-H", f"Authorization: Bearer {self.key}",
                    "-s", Path(__file__).parent / "each_path.lua", f"http://127.0.0.1:{process.port}"],
                   env={**os.environ, "PATHS": str(self.paths)})  # fmt: skip
        if "Non-2xx" in said:
            raise Failed(f"{name} refused requests: {said}")
        self.latencies.setdefault(name, []).append(milliseconds(re.search(r"99%\s+(\S+)", said).group(1)))
        print(f"  {name}: p99 {self.latencies[name][-1]:.1f} ms", flush=True)
        return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))

    def crowded(self):
        process = self.service("freightd")
        idle = [socket.create_connection(("127.0.0.1", process.port)) for _ in range(500)]
        try:
            self.load("freightd", 64)
            return self.latencies["freightd"][-1]
        finally:
            for connection in idle:
                connection.close()


def milliseconds(text):
    number, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def answers(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).close()
    except urllib.error.HTTPError:
        return True  # A service without that path.
    except OSError:
        return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def master_key(work):
    path = work / "master.key"
    path.write_text(os.urandom(32).hex() + "\n")
    return path
