"""A server's network goes silent in the middle: nothing is refused, nothing is cut, nothing comes."""

import contextlib
import signal
import time
import unittest

import csv_faults
import databases
from cluster import ClusterCase
from freightd import wait_until
from scenario import Scenario
from silent_proxy import SilentProxy

# A write waits as long as somebody holds the door.
DOOR = """
CREATE FUNCTION wait_at_door() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_lock(4711); PERFORM pg_advisory_unlock(4711); RETURN NULL;
END $$;
CREATE TRIGGER door BEFORE INSERT ON target FOR EACH STATEMENT EXECUTE FUNCTION wait_at_door();
"""


class SilentNetwork(ClusterCase):
    def setUp(self):
        super().setUp()
        self.proxy = SilentProxy(self.cluster.port)
        self.addCleanup(self.proxy.close)
        self.source = self.folder / "source.csv"
        self.oracle = csv_faults.generate(self.source, 20_000, 3, kinds=("type", "too_few", "quote"))

    def behind_proxy(self, url):
        return url.replace(f":{self.cluster.port}/", f":{self.proxy.port}/")

    def scenario(self, destination, storage, **changes):
        changes.setdefault("batch", {"max_records": 100})
        scenario = Scenario(
            self, self.source, destination, storage, server_url=self.cluster.url, **changes
        )
        job = scenario.folder / "job.json"
        job.write_text(self.behind_proxy(job.read_text()))
        scenario.storage.url = self.behind_proxy(scenario.storage.url)
        return scenario

    def silent_in_the_middle(self, scenario):
        process = scenario.start("--workers", "2")
        wait_until(lambda: process.poll() or scenario.rows() > 0)
        self.proxy.silence()
        self.assertIsNone(process.poll(), "ended too soon")
        return process

    def assert_complete(self, scenario, ended):
        self.assertEqual(3, ended.code, str(ended))
        csv_faults.assert_good_records(self, self.oracle, scenario.target)
        self.assert_verified(ended.report)


class SilentDestination(SilentNetwork):
    def test_a_destination_that_goes_silent_is_an_outage_and_is_waited_for(self):
        scenario = self.scenario("postgresql", "sqlite")
        process = self.silent_in_the_middle(scenario)
        process.wait_for_stderr("destination_unavailable")
        self.proxy.speak()
        ended = process.wait()
        self.assert_complete(scenario, ended)
        # An outage is not an attempt.
        self.assertEqual((200, 0), (ended.report["batch_attempts"], ended.report["retries"]))

    def test_a_silence_counts_for_max_outage_s(self):
        scenario = self.scenario("postgresql", "sqlite", retry={"max_outage_s": 3})
        ended = self.silent_in_the_middle(scenario).wait(90)
        self.assertEqual(1, ended.code, str(ended))
        self.assertIn("destination_unavailable", ended.stderr)
        self.proxy.speak()
        self.assert_complete(scenario, scenario.run())

    def test_a_server_that_works_for_long_without_a_word_is_left_to_work(self):
        scenario = self.scenario("postgresql", "sqlite", batch={"max_records": 20_000})
        scenario.target.execute(DOOR)
        with contextlib.closing(databases.connect(scenario.target.url)) as holder:
            holder.cursor().execute("SELECT pg_advisory_lock(4711)")
            process = scenario.start("--workers", "1")
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            wait_until(lambda: process.poll() or scenario.target.rows(waiting) == [("1",)])
            # Longer than a silence goes unasked, twice.
            time.sleep(22)
            self.assertIsNone(process.poll(), "gave up")
        ended = process.wait()
        self.assertNotIn("unavailable", ended.stderr)
        self.assert_complete(scenario, ended)
        self.assertEqual((1, 0), (ended.report["batch_attempts"], ended.report["retries"]))


class SilentStorage(SilentNetwork):
    def test_a_storage_that_goes_silent_is_waited_for(self):
        scenario = self.scenario("sqlite", "postgresql")
        process = self.silent_in_the_middle(scenario)
        process.wait_for_stderr("storage_unavailable")
        self.proxy.speak()
        self.assert_complete(scenario, process.wait())

    def test_an_interruption_ends_the_wait_for_either(self):
        for destination, storage in (("postgresql", "sqlite"), ("sqlite", "postgresql")):
            with self.subTest(destination=destination, storage=storage):
                scenario = self.scenario(destination, storage)
                process = self.silent_in_the_middle(scenario)
                process.signal(signal.SIGINT)
                # Less than what a silence is bounded by.
                ended = process.wait(8)
                self.assertEqual(130, ended.code, str(ended))
                self.assertIn("interrupted", ended.stderr)
                self.proxy.speak()
                self.assert_complete(scenario, scenario.run())


if __name__ == "__main__":
    unittest.main()
