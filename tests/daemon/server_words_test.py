"""What a database says of a value that it does not take reaches the user, in words that help."""

import unittest

from case import FreightCase

TABLE = """
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE target (id bigint PRIMARY KEY, feeling mood, tags text[], doc jsonb, born date);
"""


class ServerWords(FreightCase):
    def reject(self, column, value, **changes):
        """The reject of a CSV record with this one value, written into PostgreSQL beside a good one."""
        database = self.database("postgresql")
        database.execute(TABLE)
        quoted = value.replace('"', '""')
        self.write("source.csv", f'id,{column}\n1,"{quoted}"\n2,\n')
        ended = self.run_job(self.job(database, **changes), code=3)
        self.assert_counts(ended.report, succeeded=1, rejected=1)
        reject = self.rejects()[0][0]
        self.assertEqual(column, reject["column"], reject)
        self.assertNotIn("datestyle", str(ended).lower() + str(reject).lower())
        error = ended.report["rejects"][0]["example"]
        return reject, error

    def test_the_words_of_an_enum_are_named(self):
        for changes in ({}, {"destination": {"write_disposition": "merge"}}):
            with self.subTest(**changes):
                reject, _ = self.reject("feeling", "angry", **changes)
                self.assertEqual("type_mismatch", reject["code"])
                self.assertEqual('one of "sad", "glad"', reject["expected"])
                self.assertIn("mood", reject["message"])

    def test_what_is_wrong_with_an_array_is_said(self):
        reject, _ = self.reject("tags", "{a,b")
        self.assertEqual(("type_mismatch", "text[]"), (reject["code"], reject["expected"]))
        self.assertIn("malformed array literal", reject["message"])
        self.assertIn("end of input", reject["message"])

    def test_what_is_wrong_with_json_is_said(self):
        reject, _ = self.reject("doc", '{"a": "\\ud800"}')
        self.assertIn("surrogate", reject["message"])

    def test_an_escaped_nul_in_json_is_a_nul_byte(self):
        for changes in ({}, {"destination": {"write_disposition": "merge"}}):
            with self.subTest(**changes):
                reject, _ = self.reject("doc", '{"a": "x\\u0000y"}', **changes)
                self.assertEqual("nul_byte", reject["code"])
                self.assertIn("\\u0000", reject["message"])

    def test_a_date_of_another_form_names_the_field_and_its_format(self):
        reject, error = self.reject("born", "31/12/2024")
        self.assertEqual("out_of_range", reject["code"])
        self.assertIn('"born"', error["hint"])
        self.assertIn('"format"', error["hint"])

    def test_the_field_is_named_where_the_column_has_another_name(self):
        mapping = [{"to": "id", "from": "id"}, {"to": "born", "from": "birthday"}]
        database = self.database("postgresql")
        database.execute(TABLE)
        self.write("source.csv", "id,birthday\n1,31/12/2024\n2,2024-12-31\n")
        ended = self.run_job(self.job(database, mapping=mapping), code=3)
        self.assertIn('"birthday"', ended.report["rejects"][0]["example"]["hint"])


class Nul(FreightCase):
    def source(self, database):
        return {"type": "sql", "url": database.url, "table": "people"}

    def people(self):
        database = self.database("sqlite")
        database.execute(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, note TEXT);"
            "INSERT INTO people VALUES (1, 'ann', 'a'), (2, 'bob', 'x' || char(0) || 'y'), (3, 'cid', 'c')"
        )
        return database

    def test_a_nul_in_a_text_of_an_sql_source_is_a_nul_byte_of_its_column(self):
        source = self.people()
        storage = self.database("postgresql")
        for changes in ({}, {"destination": {"write_disposition": "merge"}}):
            with self.subTest(**changes):
                target = self.database("postgresql")
                target.execute("CREATE TABLE target (id bigint PRIMARY KEY, name text, note text)")
                job = self.job(target, source=self.source(source), **changes)
                ended = self.run_job(job, code=3, storage=storage.url)
                self.assert_counts(ended.report, succeeded=2, rejected=1)
                reject = self.rejects()[0][0]
                self.assertEqual(("nul_byte", "note"), (reject["code"], reject["column"]))
                self.assertEqual("x\\u0000y", reject["value"])
                self.assertEqual([("1",), ("3",)], target.rows("SELECT id FROM target ORDER BY id"))

    def test_sqlite_keeps_a_nul(self):
        source, target = self.people(), self.database("sqlite")
        target.execute("CREATE TABLE target (id INTEGER PRIMARY KEY, name TEXT, note TEXT)")
        self.run_job(self.job(target, source=self.source(source)), code=0)
        self.assertEqual([("780079",)], target.rows("SELECT hex(note) FROM target WHERE id = 2"))


if __name__ == "__main__":
    unittest.main()
