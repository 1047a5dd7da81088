"""A PostgreSQL server goes away: at the start, in the middle, for ever; as destination and as storage.

FREIGHT_OUTAGE_SECONDS says how long it stays away (2).
"""

import os
import random
import time
import unittest

import csv_faults
from cluster import ClusterCase
from freightd import wait_until
from scenario import ROUNDS, Scenario

OUTAGE = float(os.environ.get("FREIGHT_OUTAGE_SECONDS", "2"))
KINDS = ("type", "too_few", "quote")

# Behind the first batches all others wait until the gate is opened, so that there is a middle.
GATE = """
CREATE TABLE gate (open boolean);
CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  WHILE EXISTS (SELECT FROM target) AND NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER gate BEFORE INSERT ON target FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate();
"""


class Outage(ClusterCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.cluster.ensure_running)
        self.source = self.folder / "source.csv"
        self.oracle = csv_faults.generate(self.source, 20_000, 3, kinds=KINDS)

    def scenario(self, destination="postgresql", storage="sqlite", **changes):
        changes.setdefault("batch", {"max_records": 500})
        scenario = Scenario(
            self, self.source, destination, storage, server_url=self.cluster.url, **changes
        )
        # The databases go with the server, which may be down when the test ends.
        for database in (scenario.target, scenario.storage):
            database.drop = lambda: None
        return scenario

    def begun(self, scenario):
        """A run that has written something and waits for open_gate() with the rest."""
        scenario.target.execute(GATE)
        process = scenario.start("--workers", "2")
        wait_until(lambda: process.poll() or scenario.rows() > 0)
        self.assertIsNone(process.poll(), "ended too soon")
        return process

    def open_gate(self, scenario):
        scenario.target.execute("INSERT INTO gate VALUES (true)")

    def assert_complete(self, scenario, ended):
        self.assertEqual(3, ended.code, str(ended))
        csv_faults.assert_good_records(self, self.oracle, scenario.target)
        self.assert_counts(
            ended.report, succeeded=len(self.oracle.good), rejected=len(self.oracle.faults)
        )
        self.assert_verified(ended.report)

    def test_destination_down_at_the_start(self):
        scenario = self.scenario()
        self.cluster.stop()
        process = scenario.start()
        process.wait_for_stderr("destination_unavailable")
        time.sleep(OUTAGE / 2)
        self.cluster.start()
        ended = process.wait()
        self.assert_complete(scenario, ended)
        self.assertEqual((40, 0), (ended.report["batch_attempts"], ended.report["retries"]))

    def test_destination_down_in_the_middle(self):
        scenario = self.scenario()
        process = self.begun(scenario)
        self.cluster.stop()
        process.wait_for_stderr("destination_unavailable")
        time.sleep(OUTAGE)
        self.cluster.start()
        self.open_gate(scenario)
        ended = process.wait()
        self.assert_complete(scenario, ended)
        # An outage is not an attempt.
        self.assertEqual((40, 0), (ended.report["batch_attempts"], ended.report["retries"]))

    def test_destination_that_never_comes_back(self):
        scenario = self.scenario(retry={"max_outage_s": 3})
        process = self.begun(scenario)
        self.cluster.stop()
        began = time.monotonic()
        ended = process.wait(60)
        self.assertGreater(time.monotonic() - began, 2)
        self.assertEqual(1, ended.code, str(ended))
        self.assertIn("destination_unavailable", ended.stderr)
        self.assertEqual("failed", ended.report["status"])
        self.cluster.start()
        self.open_gate(scenario)
        self.assert_complete(scenario, scenario.run())

    def test_destination_that_was_never_there(self):
        scenario = self.scenario(retry={"max_outage_s": 2})
        self.cluster.stop()
        ended = scenario.run(timeout=60)
        self.assertEqual(1, ended.code, str(ended))
        self.assertIn("destination_unavailable", ended.stderr)
        self.cluster.start()
        self.assert_complete(scenario, scenario.run())

    def test_storage_down_in_the_middle(self):
        scenario = self.scenario(destination="sqlite", storage="postgresql", batch={"max_records": 20})
        process = scenario.start("--workers", "2", fault="stop:destination.after_commit:2")
        process.wait_until_stopped()
        self.cluster.stop()
        process.go_on()
        time.sleep(OUTAGE)
        self.cluster.start()
        self.assert_complete(scenario, process.wait())

    def test_storage_and_destination_down_in_the_middle(self):
        scenario = self.scenario(storage="postgresql")
        process = self.begun(scenario)
        self.cluster.stop()
        time.sleep(OUTAGE)
        self.cluster.start()
        self.open_gate(scenario)
        self.assert_complete(scenario, process.wait())

    def test_a_replay_waits_for_a_storage_that_is_away(self):
        scenario = self.scenario(destination="sqlite", storage="postgresql")
        job = scenario.run().report["job_id"]
        self.cluster.stop()
        process = self.start(
            "replay", job, "--json", "--storage", scenario.storage.url, folder=scenario.folder
        )
        process.wait_for_stderr("waiting: ")
        self.cluster.start()
        self.assert_complete(scenario, process.wait())

    def test_every_connection_cut_again_and_again(self):
        generator = random.Random()
        scenario = self.scenario(storage="postgresql")
        process = self.begun(scenario)
        for number in range(ROUNDS):
            time.sleep(generator.uniform(0.02, 0.3))
            scenario.target.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if number == 0:
                self.open_gate(scenario)
        self.assert_complete(scenario, process.wait())

    def test_server_restarted_again_and_again(self):
        generator = random.Random()
        scenario = self.scenario()
        process = self.begun(scenario)
        for number in range(max(2, ROUNDS // 4)):
            self.cluster.stop()
            self.cluster.start()
            if number == 0:
                self.open_gate(scenario)
            time.sleep(generator.uniform(0.1, 0.5))
        self.assert_complete(scenario, process.wait())


if __name__ == "__main__":
    unittest.main()
