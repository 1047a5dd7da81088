"""Rows that refer to rows of their own file, in any order and any size of batch: what can go in goes in."""

import random
import unittest

from case import FreightCase, for_each_backend

TABLE = "CREATE TABLE target (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES target (id), name TEXT NOT NULL)"
# How many records of how large batches: every pass tries all that is left once more.
SIZES = {1: 60, 7: 300, 1000: 3000}
CHAIN = 10


def family(size):
    """(id, parent, name) of a wide tree, a long chain, rows that are their own parents, and some that can
    never go in: orphans, a faulty record, and the descendants of both."""
    generator = random.Random(size)
    people = [(1, None, "root"), (2, 2, "of itself"), (3, 10**9, "orphan"), (4, 1, ""), (5, 4, "of a bad one")]
    for identity in range(6, size - CHAIN):
        people.append((identity, generator.randrange(1, identity), f"person {identity}"))
    for identity in range(size - CHAIN, size + 1):
        people.append((identity, identity - 1, f"link {identity}"))
    return people


def that_can_go_in(people):
    inside = set()
    for identity, parent, name in people:  # Parents come first here.
        if name and (parent is None or parent == identity or parent in inside):
            inside.add(identity)
    return inside


def orders(people):
    shuffled = people[:]
    random.Random(1).shuffle(shuffled)
    return {"parents first": people, "children first": people[::-1], "shuffled": shuffled}


class ForeignKeys(FreightCase):
    def check(self, backend, batch, people, workers):
        database = self.database(backend)
        database.execute(TABLE)
        lines = "".join(f"{i},{'' if parent is None else parent},{name}\n" for i, parent, name in people)
        self.write("source.csv", "id,parent,name\n" + lines)
        job = self.job(database, batch={"max_records": batch}, errors={"min_sample": 10**6})
        ended = self.run_job(job, "--workers", workers, code=3, storage=f"sqlite:{database.url[-12:]}.db")
        inside = that_can_go_in(sorted(people))
        found = {int(row[0]) for row in database.rows("SELECT id FROM target")}
        self.assertEqual(inside, found)
        self.assert_counts(ended.report, succeeded=len(inside), rejected=len(people) - len(inside))
        self.assert_verified(ended.report)
        codes = {"foreign_key_violation", "not_null_violation"}
        self.assertEqual(codes, {reject["code"] for reject in self.rejects()[0]})

    @for_each_backend
    def test_everything_that_can_go_in_goes_in(self, backend):
        for batch, size in SIZES.items():
            for order, people in orders(family(size)).items():
                with self.subTest(batch=batch, order=order):
                    self.check(backend, batch, people, workers=1 if order == "shuffled" else 4)

    @for_each_backend
    def test_rings_of_one_batch_go_in_beside_what_cannot(self, backend):
        rings = [(1, 2), (2, 1), (3, 4), (4, 5), (5, 3), (6, 6), (7, 2)]
        for orphans in ([], [(8, 99), (9, 8)]):
            for disposition in ("append", "merge"):
                with self.subTest(orphans=orphans, disposition=disposition):
                    database = self.database(backend)
                    database.execute(TABLE)
                    rows = [*rings, *orphans]
                    self.write("source.csv", "id,parent,name\n" + "".join(f"{i},{p},x\n" for i, p in rows))
                    job = self.job(database, destination={"write_disposition": disposition})
                    code = 3 if orphans else 0
                    ended = self.run_job(job, code=code, storage=f"sqlite:{database.url[-12:]}.db")
                    found = {int(row[0]) for row in database.rows("SELECT id FROM target")}
                    self.assertEqual({identity for identity, _ in rings}, found)
                    self.assert_counts(ended.report, succeeded=len(rings), rejected=len(orphans))


if __name__ == "__main__":
    unittest.main()
