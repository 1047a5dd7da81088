"""The server's storage, a PostgreSQL server, goes away while clients ask and jobs run, and comes back."""

import os
import time
import unittest

from cluster import Cluster
from freightd import wait_until
from rest import Client, RestCase

OUTAGE = float(os.environ.get("FREIGHT_OUTAGE_SECONDS", "4"))
JOBS = 20
RECORDS = 2_000


class ServedOutage(RestCase):
    def setUp(self):
        super().setUp()
        self.cluster = Cluster()
        self.addCleanup(self.cluster.remove)
        self.serve(self.cluster.database())
        self.probe = Client(self.server)

    def spec(self, number):
        upload = self.client.upload("id,name\n" + "".join(f"{i},n{i}\n" for i in range(RECORDS)))
        return {"name": f"job {number}", "source": {"type": "csv", "upload": upload},
                "batch": {"max_records": 50}, "destination": {"type": "null"}}  # fmt: skip

    def test_requests_are_refused_and_probes_say_so_until_the_storage_is_back(self):
        job = self.client.run(self.spec(1))["id"]
        self.cluster.stop()
        refused = self.client.send("GET", f"jobs/{job}")
        self.assert_problem(refused, 503)
        self.assertIn("retry-after", refused.headers)
        self.assertNotIn("postgres:", refused.text)
        self.assert_problem(self.client.send("POST", "jobs", b"{}"), 503)
        unhealthy = self.probe.get("/health")
        self.assertEqual((503, "failed"), (unhealthy.status, unhealthy.json["status"]))
        self.assertEqual("failed", unhealthy.json["checks"]["storage"]["status"])
        self.assertEqual(503, self.probe.get("/health/ready").status)
        self.assertEqual(200, self.probe.get("/health/live").status)
        self.cluster.start()
        wait_until(lambda: self.probe.get("/health").status == 200)
        self.assertEqual("completed", self.client.job(job)["status"])
        self.assertEqual("completed", self.client.run(self.spec(2))["status"])

    def test_jobs_that_run_meanwhile_lose_no_record(self):
        jobs = [self.client.submit(self.spec(number)) for number in range(JOBS)]
        self.cluster.stop()
        time.sleep(OUTAGE)
        self.cluster.start()
        wait_until(lambda: self.probe.get("/health").status == 200)
        for job in jobs:
            ended = self.client.wait(job, 120)
            self.assertEqual("completed", ended["status"], str(ended))
            progress = ended["progress"]
            self.assertEqual((RECORDS, RECORDS), (progress["read"], progress["succeeded"]))


if __name__ == "__main__":
    unittest.main()
