"""The destination refuses some records: no good record is lost to a bad neighbour."""

import unittest

from case import FreightCase, for_each_backend

TABLES = """
CREATE TABLE parent (code TEXT PRIMARY KEY);
INSERT INTO parent VALUES ('a'), ('b');
CREATE TABLE target (
  id BIGINT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  age BIGINT CHECK (age >= 0),
  parent TEXT REFERENCES parent (code),
  label TEXT NOT NULL
);
INSERT INTO target VALUES (-1, 'taken@example.org', 1, 'a', 'before');
"""


class RefusingDestination(FreightCase):
    def lines_with(self, bad):
        """3 000 records of which those in `bad` (ordinal: line) are refused."""
        lines = ["id,email,age,parent,label"]
        for ordinal in range(3000):
            lines.append(bad.get(ordinal, f"{ordinal},p{ordinal}@example.org,{ordinal % 90},b,x{ordinal}"))
        return "\n".join(lines) + "\n"

    @for_each_backend
    def test_each_kind_of_refusal_costs_only_its_record(self, backend):
        bad = {
            0: "0,taken@example.org,1,a,first of all",
            17: "16,p17@example.org,1,a,same key as its neighbour",
            500: "500,taken@example.org,1,a,e-mail that is there",
            501: "501,p501@example.org,-1,a,negative age",
            502: "502,p502@example.org,1,nobody,no such parent",
            503: "503,p503@example.org,1,a,",
            1999: "1999,p1998@example.org,1,a,e-mail of the neighbour",
            2999: "2999,p2999@example.org,-5,a,last of all",
        }
        expected = {
            0: ("unique_violation", "email"),
            17: ("unique_violation", "id"),
            500: ("unique_violation", "email"),
            501: ("check_violation", None),
            502: ("foreign_key_violation", "parent"),
            503: ("not_null_violation", "label"),
            1999: ("unique_violation", "email"),
            2999: ("check_violation", None),
        }
        self.write("source.csv", self.lines_with(bad))
        database = self.database(backend)
        database.execute(TABLES)
        ended = self.run_job(self.job(database, batch={"max_records": 1000}), code=3)

        self.assert_counts(ended.report, succeeded=2992, rejected=8)
        self.assert_verified(ended.report)
        arrived = {int(row[0]) for row in database.rows("SELECT id FROM target WHERE id >= 0")}
        self.assertEqual({n for n in range(3000) if n not in bad}, arrived)
        rejects, _ = self.rejects()
        found = {}
        for reject in rejects:
            ordinal = int(reject["ordinal"])
            _, column = expected.get(ordinal, (None, None))
            found[ordinal] = (reject["code"], reject["column"] if column else None)
            self.assertEqual(bad[ordinal], reject["raw"])
            self.assertEqual(ordinal + 2, int(reject["line"]))
            self.assertTrue(reject["message"])
        self.assertEqual(expected, found)

    @for_each_backend
    def test_of_two_records_in_conflict_the_lower_ordinal_is_kept(self, backend):
        lines = ["id,name"] + [f"{n // 2},{'kept' if n % 2 == 0 else 'second'}" for n in range(2000)]
        self.write("source.csv", "\n".join(lines))
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
        ended = self.run_job(self.job(database), code=3)
        self.assert_counts(ended.report, succeeded=1000, rejected=1000)
        self.assertEqual([("kept", "1000")], database.rows("SELECT name, count(*) FROM target GROUP BY name"))
        rejects, _ = self.rejects()
        self.assertEqual(list(range(1, 2000, 2)), [int(r["ordinal"]) for r in rejects])

    @for_each_backend
    def test_conflicts_across_batches_leave_one_of_each_key(self, backend):
        lines = ["id,name"] + [f"{n % 700},{n}" for n in range(2100)]
        self.write("source.csv", "\n".join(lines))
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
        ended = self.run_job(self.job(database, batch={"max_records": 100}), "--workers", 4, code=3)
        self.assert_counts(ended.report, succeeded=700, rejected=1400)
        self.assert_verified(ended.report)
        rows = database.rows("SELECT id, name FROM target ORDER BY id")
        self.assertEqual([str(n) for n in range(700)], [row[0] for row in rows])
        rejected = {int(r["ordinal"]) for r in self.rejects()[0]}
        self.assertEqual(set(range(2100)), rejected | {int(row[1]) for row in rows})

    @for_each_backend
    def test_unique_index_over_an_expression(self, backend):
        self.write("source.csv", "id,name\n1,Ada\n2,ADA\n3,Bob\n")
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
        database.execute("CREATE UNIQUE INDEX by_name ON target (lower(name))")
        ended = self.run_job(self.job(database), code=3)
        self.assert_counts(ended.report, succeeded=2, rejected=1)
        self.assertEqual([("1",), ("3",)], database.rows("SELECT id FROM target ORDER BY id"))

    @for_each_backend
    def test_a_trigger_that_refuses_costs_only_its_record(self, backend):
        self.write("source.csv", "id,name\n1,a\n2,refused\n3,c\n")
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
        if backend == "sqlite":
            database.execute(
                "CREATE TRIGGER guard BEFORE INSERT ON target WHEN new.name = 'refused'"
                " BEGIN SELECT raise(ABORT, 'not this one'); END"
            )
        else:
            database.execute(
                "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " IF new.name = 'refused' THEN RAISE EXCEPTION 'not this one'; END IF;"
                " RETURN new; END $$;"
                " CREATE TRIGGER guard BEFORE INSERT ON target FOR EACH ROW EXECUTE FUNCTION guard()"
            )
        self.run_job(self.job(database), code=3)
        self.assertEqual([("1",), ("3",)], database.rows("SELECT id FROM target ORDER BY id"))
        rejects, _ = self.rejects()
        self.assertEqual([("1", "destination_rejected")], [(r["ordinal"], r["code"]) for r in rejects])

    def test_deferred_constraints_are_checked_with_the_record(self):
        database = self.database("postgresql")
        database.execute(
            "CREATE TABLE parent (id bigint PRIMARY KEY); INSERT INTO parent VALUES (1);"
            "CREATE TABLE target (id bigint PRIMARY KEY, parent bigint REFERENCES parent"
            " DEFERRABLE INITIALLY DEFERRED)"
        )
        self.write("source.csv", "id,parent\n1,1\n2,99\n3,1\n")
        ended = self.run_job(self.job(database), code=3)
        self.assert_counts(ended.report, succeeded=2, rejected=1)
        self.assertEqual([("1",), ("3",)], database.rows("SELECT id FROM target ORDER BY id"))
        self.assertEqual("foreign_key_violation", self.rejects()[0][0]["code"])

    @for_each_backend
    def test_all_of_the_sample_rejected_fails_the_job_and_says_why(self, backend):
        lines = ["id,name"] + [f"x{n},y" for n in range(5000)]
        self.write("source.csv", "\n".join(lines))
        database = self.database(backend)
        database.execute("CREATE TABLE target (id BIGINT PRIMARY KEY, name TEXT)")
        schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}]}
        job = self.job(database, schema=schema, batch={"max_records": 500})
        self.assert_failed(self.run_job(job), "all_rejected", "type_mismatch")
        self.assertEqual([], database.rows("SELECT id FROM target"))
        job["errors"] = {"allow_all_rejected": True}
        ended = self.run_job(job, "--new", code=3)
        self.assert_counts(ended.report, rejected=5000)


if __name__ == "__main__":
    unittest.main()
