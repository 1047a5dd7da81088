"""Jobs of one record: Freight beside job queues."""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from measuring import Contender, Failed, Row, run, say

PEERS = Path(__file__).parent / "peers"
# What the peer programs import; npm installs it into the build folder.
PACKAGES = ("graphile-worker@0.18", "bullmq@5", "ioredis@5", "pg@8")


class Jobs:
    def __init__(self, options):
        self.options = options
        self.jobs = options.jobs
        self.url = options.postgresql
        self.work = options.work
        self.modules = None
        self.redis = None

    def rows(self):
        drain = "{} small jobs, drained".format(f"{self.jobs:,}")
        return [
            Row("jobs-postgresql", f"{drain}, PostgreSQL", "jobs/s",
                Contender("freightd library", lambda: self.queue("drain", self.jobs, self.database())),
                Contender("graphile-worker", self.graphile_drain, ("node", "npm")), 0.5, 1.0),
            Row("jobs-sqlite", f"{drain}, SQLite", "jobs/s",
                Contender("freightd library", lambda: self.queue("drain", self.jobs, self.file())),
                Contender("BullMQ on Redis", self.bullmq_drain, ("node", "npm", "redis-server")), 1.0, 3.0),
            Row("start", "idle, submit to start, p99, PostgreSQL", "ms",
                Contender("freightd library", lambda: self.queue("start", 300, self.database())),
                Contender("graphile-worker", self.graphile_start, ("node", "npm")), 10, 5,
                absolute=True, at_most=True),
            Row("retry", "idle, second attempt later than due, p99, PostgreSQL", "ms",
                Contender("freightd library", lambda: self.queue("retry", 300, self.database())),
                None, 10, 5, absolute=True, at_most=True),
            Row("claim", f"claim with {self.options.batches:,} ready batches, PostgreSQL", "ms",
                Contender("freightd library", lambda: self.claim(self.options.batches), once=True),
                Contender("with 1,000", lambda: self.claim(1000)), 2, 1.2, at_most=True),
        ]  # fmt: skip

    def close(self):
        self.drop_database()
        if self.redis:
            self.redis[0].terminate()
            self.redis[0].wait()

    # Freight

    def queue(self, what, count, storage, figure="p99"):
        answer = json.loads(run([self.options.queue, what, storage, count]))
        return answer["drain_per_second"] if what == "drain" else answer[figure]

    def claim(self, batches):
        return self.queue("claim", batches, self.database(), "p50")

    def database(self):
        """An empty one."""
        self.drop_database()
        url = f"{self.url}_jobs"
        self.psql(f"CREATE DATABASE {url.rpartition('/')[2]}")
        return url

    def drop_database(self):
        name = f"{self.url}_jobs".rpartition("/")[2]
        self.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def psql(self, command):
        run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", command, self.url],
            env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})  # fmt: skip

    def file(self):
        folder = self.work / "jobs"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return f"sqlite:{folder / 'freight.db'}"

    # Peers

    def node(self, program, *arguments):
        """The figure that a peer program prints."""
        if self.modules is None:
            self.modules = self.install()
        # Node looks for packages beside the file that imports them.
        copy = self.modules / program
        shutil.copyfile(PEERS / program, copy)
        return float(run(["node", copy, *arguments], timeout=300))

    def install(self):
        folder = self.options.peers
        folder.mkdir(parents=True, exist_ok=True)
        if not all((folder / "node_modules" / name.rpartition("@")[0]).exists() for name in PACKAGES):
            say("installing the job queues beside Freight from npm")
            run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, *PACKAGES])
        return folder

    def graphile_drain(self):
        return self.node("graphile_worker.mjs", "drain", self.database(), self.jobs)

    def graphile_start(self):
        return self.node("graphile_worker.mjs", "start", self.database(), 300)

    def bullmq_drain(self):
        return self.node("bullmq.mjs", self.redis_port(), self.jobs)

    def redis_port(self):
        """Of a server of our own that keeps nothing."""
        if self.redis is None:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            server = subprocess.Popen(
                ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", self.work],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self.redis = (server, port)
            for _ in range(100):
                if socket.socket().connect_ex(("127.0.0.1", port)) == 0:
                    return port
                time.sleep(0.05)
            raise Failed("redis-server does not answer")
        return self.redis[1]
