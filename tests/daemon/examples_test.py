"""The examples, as a newcomer runs them: the demo's data, the job files, the embedding program."""

import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.parse

from freightd import program

PROGRAMS = pathlib.Path(program()).parent
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="freight-examples-"))
        self.addCleanup(shutil.rmtree, self.folder)
        for job in (EXAMPLES / "jobs").iterdir():
            shutil.copy(job, self.folder)

    def run_program(self, name, *arguments, **environment):
        return subprocess.run(
            [PROGRAMS / name, *map(str, arguments)],
            cwd=self.folder, env={**os.environ, **environment}, timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def make_people(self, *options):
        made = self.run_program("freight_demo_data", 2000, 7, "people.csv", *options)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        return made.stdout

    def count(self, table):
        connection = sqlite3.connect(self.folder / "crm.db")
        try:
            return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        finally:
            connection.close()

    def test_equal_arguments_make_equal_data(self):
        first_list = self.make_people("--faults", "22", "--crlf", "--bom", "--list", "-")
        first = (self.folder / "people.csv").read_bytes()
        self.assertEqual(self.make_people("--faults", "22", "--crlf", "--bom", "--list", "-"), first_list)
        self.assertEqual((self.folder / "people.csv").read_bytes(), first)
        self.run_program("freight_demo_data", 2000, 8, "people.csv", "--faults", "22", "--crlf", "--bom")
        self.assertNotEqual((self.folder / "people.csv").read_bytes(), first)

    def test_the_list_says_where_the_faults_stand(self):
        for options, line_end in (((), b"\n"), (("--crlf", "--bom"), b"\r\n")):
            faults = json.loads(self.make_people("--faults", "22", "--list", "-", *options))
            data = (self.folder / "people.csv").read_bytes()
            self.assertEqual(len(faults), 22)
            self.assertEqual(len({fault["kind"] for fault in faults}), 11)
            for fault in faults:
                begin, end = fault["byte_offset"], fault["byte_offset"] + fault["byte_length"]
                self.assertEqual(data[begin - len(line_end):begin], line_end)
                self.assertEqual(data[end:end + len(line_end)], line_end)
                self.assertEqual(data[:begin].count(b"\n") + 1, fault["line"])

    def test_wrong_arguments_show_the_usage(self):
        for arguments in ((), (5, 1), ("x", 1, "a.csv"), (100, 1, "a.csv", "--faults", "6"),
                          (100, 1, "a.csv", "--what")):
            with self.subTest(arguments):
                ended = self.run_program("freight_demo_data", *arguments)
                self.assertEqual(ended.returncode, 2)
                self.assertIn("usage:", ended.stderr)
        self.assertEqual(self.run_program("freight_demo_data", 5, 1, "no/such/folder.csv").returncode, 1)

    def test_the_embedding_program_moves_people_into_sqlite(self):
        self.make_people()
        ended = self.run_program("embed_minimal", "sqlite:freight.db", "csv_to_sqlite.json")
        self.assertEqual(ended.stderr, "")
        self.assertEqual(ended.stdout, "completed: read 2000, succeeded 2000, rejected 0\n")
        self.assertEqual(ended.returncode, 0)
        self.assertEqual(self.count("people"), 2000)

    def test_the_embedding_program_says_what_is_wrong(self):
        ended = self.run_program("embed_minimal", "sqlite:freight.db", "csv_to_sqlite.json")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("people.csv", ended.stdout + ended.stderr)

    def test_own_connectors_move_a_folder(self):
        ended = self.run_program("own_connectors", "files", "out")
        self.assertEqual(ended.returncode, 1)
        (self.folder / "files").mkdir()
        for number in range(25):
            (self.folder / "files" / f"{number:02}.dat").write_text("x" * number)
        ended = self.run_program("own_connectors", "files", "out")
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "completed: 25 files\n", ""))
        self.assertEqual((self.folder / "out" / "7.txt").read_text(), "07.dat\t7")
        self.assertEqual(len(list((self.folder / "out").iterdir())), 25)

    def test_own_retry_policy_waits_and_tries_again(self):
        ended = self.run_program("own_retry_policy")
        self.assertEqual(ended.stdout, "attempt 1\nattempt 2\nattempt 3\n"
                                       "completed after 3 attempts: succeeded 2\n")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_the_asio_service_runs_the_engine_on_its_own_threads(self):
        self.make_people()
        ended = self.run_program("asio_service", "sqlite:freight.db", "csv_to_sqlite.json")
        self.assertEqual(ended.stdout, "completed: read 2000, succeeded 2000, rejected 0\n")
        self.assertIn("service: the job ended completed", ended.stderr)
        self.assertEqual(ended.returncode, 0)
        self.assertEqual(self.count("people"), 2000)

    def test_inline_records_go_to_sqlite(self):
        ended = self.run_program("freightd", "run", "inline_to_sqlite.json")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.count("countries"), 3)

    def make_database(self):
        """The URL of a PostgreSQL database of this test's own, dropped at its end."""
        server = os.environ["FREIGHT_TEST_POSTGRESQL"]
        name = f"freight_examples_{os.getpid()}_{self._testMethodName[-20:]}"
        psql = ["psql", "--no-psqlrc", "--quiet", server, "-c"]
        subprocess.run([*psql, f"CREATE DATABASE {name}"], check=True)
        self.addCleanup(subprocess.run, [*psql, f"DROP DATABASE {name} WITH (FORCE)"], check=True)
        return urllib.parse.urlsplit(server)._replace(path="/" + name).geturl()

    def run_job(self, job, code=0, **environment):
        ended = self.run_program("freightd", "run", job, "--json", **environment)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return json.loads(ended.stdout)

    def test_orders_go_from_jsonl_to_sqlite(self):
        orders = [{"id": 1, "customer": "Ada", "total": 12.5, "items": [{"sku": "a", "n": 2}]},
                  {"id": 2, "total": 1}]
        (self.folder / "orders.jsonl").write_text("".join(json.dumps(order) + "\n" for order in orders))
        report = self.run_job("jsonl_to_sqlite.json", code=3)
        self.assertEqual(report["rejects"][0]["code"], "required")
        self.assertEqual(self.count("orders"), 1)

    def test_people_are_merged_from_sqlite_into_postgresql_and_go_to_csv(self):
        self.make_people()
        self.run_job("csv_to_sqlite.json")
        database = {"FREIGHT_DEMO_POSTGRESQL": self.make_database()}
        first = self.run_job("sqlite_to_postgresql.json", **database)
        self.assertEqual(first["written"], {"inserted": 2000, "updated": 0, "unchanged": 0})
        again = self.run_job("sqlite_to_postgresql.json", **database)
        self.assertNotEqual(again["job_id"], first["job_id"])
        self.assertEqual(again["written"], {"inserted": 0, "updated": 0, "unchanged": 2000})
        report = self.run_job("postgresql_to_csv.json", **database)
        lines = (self.folder / "people_out.csv").read_text().splitlines()
        self.assertEqual(lines[0], "id,first_name,last_name,email")
        self.assertEqual(len(lines), 1 + report["records"]["succeeded"])

    def test_people_go_to_postgresql(self):
        self.make_people("--faults", "22")
        ended = self.run_program("freightd", "run", "csv_to_postgresql.json", "--json",
                                 FREIGHT_DEMO_POSTGRESQL=self.make_database())
        self.assertEqual(ended.returncode, 3, ended.stderr)
        report = json.loads(ended.stdout)
        self.assertEqual(report["records"]["succeeded"], 1978)
        self.assertEqual(report["reconciliation"]["status"], "verified")
        self.assertEqual(report["spec"]["destination"]["url"], "${env:FREIGHT_DEMO_POSTGRESQL}")


if __name__ == "__main__":
    unittest.main()
