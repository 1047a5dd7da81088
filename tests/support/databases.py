"""Databases that a test fills: a SQLite file or a database of its own on the test server.

Both answer in texts, NULL as None, so that one expectation serves both.
"""

import functools
import io
import os
import sqlite3
import sys
import uuid
from urllib.parse import urlsplit, urlunsplit

import psycopg2


class SqliteDatabase:
    kind = "sqlite"

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite:{path}"

    def connect(self):
        return sqlite3.connect(self.path, timeout=60, isolation_level=None)

    def execute(self, script):
        connection = self.connect()
        try:
            connection.executescript(script)
        finally:
            connection.close()

    def rows(self, query):
        connection = self.connect()
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
        run_sql(server_url, f"CREATE DATABASE {self.name}{quick_strategy(server_url)}")
        self.url = with_database(server_url, self.name)

    def connect(self):
        return connect(self.url)

    def execute(self, script):
        run_sql(self.url, script)

    def rows(self, query):
        return copy_out(self.url, query)

    def tables(self):
        return sorted(
            row[0] for row in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )

    def drop(self):
        end_session(self.url)
        run_sql(self.server_url, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


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


@functools.lru_cache(maxsize=None)
def quick_strategy(server_url):
    """Quicker than what is the default since 15, on a server that does not sync."""
    return " STRATEGY file_copy" if session(server_url).server_version >= 150000 else ""


# By URL: to begin a session takes longer than what most are for.
sessions = {}


def connect(url):
    connection = psycopg2.connect(url, connect_timeout=20)
    connection.autocommit = True
    return connection


def session(url):
    if url not in sessions:
        sessions[url] = connect(url)
    return sessions[url]


def end_session(url):
    if url in sessions:
        sessions.pop(url).close()


def in_session(url, act, script):
    """Calls act(cursor), a second time when somebody has ended the session since it was used last."""
    is_old = url in sessions
    try:
        with session(url).cursor() as cursor:
            act(cursor)
    except psycopg2.Error as error:
        if is_old and sessions[url].closed:
            end_session(url)
            return in_session(url, act, script)
        raise QueryFailed(f"{error}\n{script[:2000]}") from error


def run_sql(url, script):
    in_session(url, lambda cursor: cursor.execute(script), script)


def copy_out(url, query):
    """The rows of a query."""
    copy = f"COPY ({query}) TO STDOUT"
    output = io.BytesIO()
    in_session(url, lambda cursor: cursor.copy_expert(copy, output), copy)
    return decode_copy(output.getvalue().decode())


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
