"""A disk that is really full: a small tmpfs, in a mount namespace of the test's own."""

import os
import subprocess
import sys
import unittest

from case import FreightCase

RECORDS = 40_000


class FullDisk(FreightCase):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.disk], check=True)
        # Before the folder goes: clean-ups run from last to first.
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)
        lines = "".join(f"{n},{'x' * 90}\n" for n in range(RECORDS))
        self.write("source.csv", f"id,text\n{lines}")

    def make_room(self):
        subprocess.run(["mount", "-o", "remount,size=64m", self.disk], check=True)

    def test_destination_without_room_then_with_room(self):
        database = self.database("sqlite")
        database.path = self.disk / "out.db"
        database.url = f"sqlite:{database.path}"
        database.execute("CREATE TABLE target (id BIGINT, text TEXT)")
        job = self.job(database, batch={"max_records": 2000})
        self.assert_failed(self.run_job(job), "destination_full", "out.db")
        self.assertEqual(0, int(database.rows("SELECT count(*) FROM target")[0][0]) % 2000)
        self.make_room()
        ended = self.run_job(job, code=0)
        self.assert_counts(ended.report, succeeded=RECORDS)
        self.assertEqual(
            [(str(RECORDS), str(RECORDS))], database.rows("SELECT count(*), count(DISTINCT id) FROM target")
        )

    def test_file_without_room_then_with_room(self):
        job = self.job(batch={"max_records": 2000})
        target = self.disk / "out.csv"
        target.write_text("old\n")
        job["destination"] = {"type": "csv", "path": str(target)}
        self.assert_failed(self.run_job(job), "destination_full", "out.csv")
        self.assertEqual("old\n", target.read_text())
        self.assertEqual([target], list(self.disk.iterdir()))
        self.make_room()
        ended = self.run_job(job, code=0)
        self.assert_counts(ended.report, succeeded=RECORDS)
        self.assert_verified(ended.report)
        self.assertEqual((self.folder / "source.csv").read_bytes(), target.read_bytes())

    def test_storage_without_room_then_with_room(self):
        database = self.database("sqlite")
        database.execute("CREATE TABLE target (id BIGINT, text TEXT)")
        # Every record is rejected somewhere, so that the storage has much to keep.
        schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "text", "type": "integer"}]}
        job = self.job(database, schema=schema, batch={"max_records": 2000}, errors={"allow_all_rejected": True})
        storage = f"sqlite:{self.disk / 'freight.db'}"
        self.assert_failed(self.run_job(job, storage=storage), "storage_full", "freight.db")
        self.make_room()
        ended = self.run_job(job, storage=storage, code=3)
        self.assert_counts(ended.report, rejected=RECORDS)


def enter_mount_namespace():
    """Starts again where mounts are nobody else's; an ordinary user becomes root of the namespace."""
    if os.environ.get("FULL_DISK_NAMESPACE"):
        return
    os.environ["FULL_DISK_NAMESPACE"] = "1"
    options = ["--mount"] if os.geteuid() == 0 else ["--mount", "--user", "--map-root-user"]
    os.execvp("unshare", ["unshare", *options, sys.executable, *sys.argv])


if __name__ == "__main__":
    enter_mount_namespace()
    unittest.main()
