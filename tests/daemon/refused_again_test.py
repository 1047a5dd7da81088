"""The same job once more, after what the destination refused has become right."""

import unittest

from case import FreightCase, for_each_backend

ROWS = 40


class RefusedAgain(FreightCase):
    def setUp(self):
        super().setUp()
        self.write("source.csv", "id,parent\n" + "".join(f"{id},{id % 4}\n" for id in range(ROWS)))

    def children(self, backend, *parents):
        database = self.database(backend)
        database.execute(
            "CREATE TABLE parents (id integer PRIMARY KEY);"
            "CREATE TABLE target (id integer PRIMARY KEY, parent integer NOT NULL REFERENCES parents (id))"
        )
        self.add(database, *parents)
        return database

    def add(self, database, *parents):
        for parent in parents:
            database.execute(f"INSERT INTO parents VALUES ({parent})")

    def count(self, database):
        return int(database.rows("SELECT count(*) FROM target")[0][0])

    @for_each_backend
    def test_all_that_was_rejected_goes_in_once_the_parents_are_there(self, backend):
        database = self.children(backend)
        job = self.job(database)
        self.assert_failed(self.run_job(job), "all_rejected")
        self.assert_failed(self.run_job(job), "all_rejected", "again")
        self.add(database, 0, 1, 2, 3)
        ended = self.run_job(job, code=0)
        self.assertIn("again", ended.stderr)
        self.assert_counts(ended.report, succeeded=ROWS)
        self.assertEqual(ROWS, self.count(database))

    @for_each_backend
    def test_what_the_spec_says_of_rejects_now_holds(self, backend):
        database = self.children(backend)
        self.assert_failed(self.run_job(self.job(database)), "all_rejected")
        allowed = ("--set", "/errors/allow_all_rejected=true")
        self.assert_counts(self.run_job(self.job(database), *allowed, code=3).report, rejected=ROWS)

    @for_each_backend
    def test_some_that_were_rejected_go_in_once_their_parents_are_there(self, backend):
        database = self.children(backend, 0, 1)
        job = self.job(database)
        self.run_job(job, code=3)
        self.add(database, 2)
        ended = self.run_job(job, code=3)
        self.assertIn("trying 20 records again that the destination refused", ended.stderr)
        self.assert_counts(ended.report, succeeded=30, rejected=10)
        self.add(database, 3)
        ended = self.run_job(job, code=0)
        self.assert_counts(ended.report, succeeded=ROWS)
        self.assertEqual(ROWS, self.count(database))
        self.assertIn("nothing to do", self.run_job(job, code=0).stderr)

    @for_each_backend
    def test_rejects_of_other_stages_are_left_alone(self, backend):
        self.write("source.csv", "id,parent\n1,0\n2,0\nthree,0\n")
        database = self.children(backend, 0)
        job = {**self.job(database), "schema": {"fields": [{"name": "id", "type": "integer"}, {"name": "parent"}]}}
        self.run_job(job, code=3)
        self.assertIn("nothing to do", self.run_job(job, code=3).stderr)


if __name__ == "__main__":
    unittest.main()
