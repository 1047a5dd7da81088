"""A small CSV file of people, a job that loads it into a SQLite table, and freightd to run it."""

import json
import sqlite3

import databases
from case import FreightCase
from freightd import wait_until


class PeopleCase(FreightCase):
    def setUp(self):
        super().setUp()
        self.destination = self.folder / "out.db"
        self.csv = self.folder / "people.csv"
        self.storage = "sqlite:" + str(self.folder / "freight.db")
        with self.connect() as connection:
            connection.execute("CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")

    # What is to be loaded

    def write_people(self, count, first=1):
        lines = ["id,name"] + [f"{number},person {number}" for number in range(first, first + count)]
        self.csv.write_text("\n".join(lines) + "\n")

    def people_job(self, **changes):
        spec = {
            "name": "people",
            "source": {"type": "csv", "path": "people.csv"},
            "schema": {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}]},
            "destination": {"type": "sql", "url": "sqlite:out.db", "table": "people"},
            "batch": {"max_records": 10},
        }
        spec.update(changes)
        return spec

    def write_job(self, spec=None, name="job.json"):
        return self.write(name, spec if isinstance(spec, str) else json.dumps(spec or self.people_job()))

    # What was loaded

    def connect(self):
        return sqlite3.connect(self.destination, timeout=20, isolation_level=None)

    def rows(self):
        connection = self.connect()
        try:
            return connection.execute("SELECT id, name FROM people ORDER BY id").fetchall()
        finally:
            connection.close()

    def hold_destination(self):
        """Keeps everybody else from writing until the connection is closed."""
        connection = self.connect()
        connection.execute("BEGIN IMMEDIATE")
        self.addCleanup(connection.close)
        return connection

    # Running

    def start(self, *arguments, env=None, **options):
        return super().start(*arguments, env={"FREIGHT_STORAGE": self.storage, **(env or {})}, **options)

    def run_people(self, *options, job="job.json"):
        return self.freightd("run", job, *options)

    def wait_for_lease(self):
        """Until a process works for a job: from then on it is being run."""
        leased = "SELECT count(*) FROM batch_queue WHERE node_id IS NOT NULL"
        wait_until(lambda: self.query_storage(leased)[0][0])

    # The storage

    def query_storage(self, statement):
        if not (self.folder / "freight.db").exists():
            return [[0]]
        connection = sqlite3.connect(self.folder / "freight.db", timeout=20)
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.OperationalError:  # The schema is not there yet.
            return [[0]]
        finally:
            connection.close()

    def count_jobs(self):
        return self.query_storage("SELECT count(*) FROM migration_jobs")[0][0]

    # Checks

    def check_code(self, ended, code):
        self.assertEqual(ended.code, code, str(ended))

    def check_short_error(self, ended, *words):
        """One or two lines on stderr that say what they must."""
        lines = ended.stderr.strip().splitlines()
        self.assertIn(len(lines), (1, 2), ended.stderr)
        for word in words:
            self.assertIn(word, ended.stderr)


class PostgresqlStorage:
    """Lets a PeopleCase keep Freight's state in a PostgreSQL database of its own."""

    def setUp(self):
        super().setUp()
        self.storage_database = self.database("postgresql")
        self.storage = self.storage_database.url
        self.addCleanup(self.end_processes)

    def query_storage(self, statement):
        for table in ("migration_jobs", "batch_queue"):
            statement = statement.replace(table, "freight." + table)
        if not self.storage_database.rows("SELECT 1 FROM pg_namespace WHERE nspname = 'freight'"):
            return [[0]]
        try:
            return [[int(value) for value in row] for row in self.storage_database.rows(statement)]
        except databases.QueryFailed:  # The schema is being made.
            return [[0]]
