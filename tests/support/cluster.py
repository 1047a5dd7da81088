"""A PostgreSQL server of a test's own, for tests that take it away or change how it lets people in."""

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import databases
from case import FreightCase

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "postgresql"


class Cluster:
    def __init__(self):
        done = subprocess.run([SCRIPT, "start"], capture_output=True, text=True, check=True)
        self.url, self.folder = done.stdout.split("\n")[:2]
        self.port = urlsplit(self.url).port
        self._data = f"{self.folder}/data"
        self._programs = subprocess.run(
            ["bash", "-c", f'source {SCRIPT.parent}/lib/common.sh; source {SCRIPT.parent}/lib/postgresql.sh;'
             " postgresql_program_folder"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def remove(self):
        subprocess.run([SCRIPT, "stop", self.folder], capture_output=True, check=True)

    def database(self):
        return databases.PostgresqlDatabase(self.url)

    def stop(self, mode="immediate"):
        self._control("stop", "--mode", mode)

    def start(self):
        self._control("start", "--log", f"{self.folder}/server.log", "--options", f"-p {self.port}")

    def ensure_running(self):
        """For what comes after a test that failed while the server was away."""
        if not (Path(self._data) / "postmaster.pid").exists():
            self.start()

    def set(self, setting):
        databases.run_sql(self.url, f"ALTER SYSTEM SET {setting}")
        databases.run_sql(self.url, "SELECT pg_reload_conf()")

    def require_password(self, role):
        """The role gets in with its password only, whatever the server says of others."""
        access = Path(self._data) / "pg_hba.conf"
        access.write_text(f"host all {role} 127.0.0.1/32 scram-sha-256\n{access.read_text()}")
        databases.run_sql(self.url, "SELECT pg_reload_conf()")
        time.sleep(0.2)

    def _control(self, action, *options):
        command = [f"{self._programs}/pg_ctl", action, "--wait", "--silent", "--pgdata", self._data, *options]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, cwd="/", check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class ClusterCase(FreightCase):
    """Tests with a server of their own, made once for all of a class."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.remove)
