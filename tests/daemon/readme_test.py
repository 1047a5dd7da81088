#!/usr/bin/env python3
"""The walk-through of the README: its commands, run as they stand there, say what it says."""

import unittest

from pages import BLOCK, ROOT, pattern, run_blocks
from rest import RestCase


class Readme(RestCase):
    def test_the_walk_through_tells_what_happens(self):
        page = (ROOT / "README.md").read_text(encoding="utf-8")
        begin = page.index("## A file, its bad row")
        section = page[begin : page.index("## Build")]
        blocks = BLOCK.findall(section)
        self.assertGreater(len(blocks), 5)
        self.serve(describe=False)
        environment = {"KEY": self.server.tenant_key, "API": f"{self.server.url}/api/v1"}
        ran = run_blocks([commands for commands, _, _ in blocks], self.folder, environment)
        self.assertEqual(len(ran), len(blocks))
        for (commands, expected, _), (output, status) in zip(blocks, ran):
            with self.subTest(commands):
                self.assertEqual("0", status, output)
                self.assertRegex(output, pattern(expected) if expected else r"\A\Z")


if __name__ == "__main__":
    unittest.main()
