"""Databases that a test fills: a SQLite file or a database of its own on the test server.

Both answer in texts, NULL as None, so that one expectation serves both.
"""

import os
import sqlite3
import subprocess
import sys
import uuid
from urllib.parse import urlsplit, urlunsplit


class SqliteDatabase:
    kind = "sqlite"

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite:{path}"

    def execute(self, script):
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            connection.executescript(script)
            connection.commit()
        finally:
            connection.close()

    def rows(self, query):
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            return [
                tuple(None if value is None else str(value) for value in row)
                for row in connection.execute(query)
            ]
        finally:
            connection.close()

    def tables(self):
        return sorted(row[0] for row in self.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"))

    def drop(self):
        for suffix in ("", "-wal", "-shm", "-journal"):
            if os.path.exists(f"{self.path}{suffix}"):
                os.unlink(f"{self.path}{suffix}")


class PostgresqlDatabase:
    kind = "postgresql"

    def __init__(self, server_url):
        self.server_url = server_url
        self.name = f"freight_test_{uuid.uuid4().hex[:16]}"
        psql(server_url, f"CREATE DATABASE {self.name}")
        self.url = with_database(server_url, self.name)

    def execute(self, script):
        psql(self.url, script)

    def rows(self, query):
        return decode_copy(psql(self.url, f"COPY ({query}) TO STDOUT"))

    def tables(self):
        return sorted(
            row[0] for row in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )

    def drop(self):
        psql(self.server_url, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


def server_url():
    url = os.environ.get("FREIGHT_TEST_POSTGRESQL")
    if not url:
        sys.exit("FREIGHT_TEST_POSTGRESQL must name a server; script/test and script/postgresql do")
    return url


def with_database(url, name):
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def with_user(url, user, password=None):
    parts = urlsplit(url)
    login = user if password is None else f"{user}:{password}"
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port}"))


class QueryFailed(AssertionError):
    pass


def psql(url, script):
    """Runs a script, all or nothing up to its first error, and returns what it printed."""
    done = subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", url],
        input=script.encode(),
        capture_output=True,
        env={**os.environ, "PGCONNECT_TIMEOUT": "20", "PGOPTIONS": "-c client_min_messages=warning"},
    )
    if done.returncode != 0:
        raise QueryFailed(f"psql: {done.stderr.decode()}\n{script[:2000]}")
    return done.stdout.decode()


ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


def decode_copy(text):
    return [tuple(map(decode_copy_field, line.split("\t"))) for line in text.split("\n")[:-1]]


def decode_copy_field(field):
    if field == "\\N":
        return None
    if "\\" not in field:
        return field
    out = []
    characters = iter(field)
    for character in characters:
        out.append(ESCAPES[next(characters)] if character == "\\" else character)
    return "".join(out)
