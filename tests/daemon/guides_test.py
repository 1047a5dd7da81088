"""The migration guide: its commands, run as they stand in the page, say what the page says."""

import pathlib
import re
import shutil
import tempfile
import unittest

from pages import BLOCK, ROOT, pattern, run_blocks


class GuidesTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="freight-guides-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "examples").symlink_to(ROOT / "examples")

    def test_the_migration_guide_tells_what_happens(self):
        page = (ROOT / "docs/guides/migration.md").read_text(encoding="utf-8")
        blocks = BLOCK.findall(page)
        self.assertEqual(len(blocks), page.count("```sh\n"))
        self.assertEqual(sum(bool(text) for _, text, _ in blocks), page.count("```text\n"))
        ran = run_blocks([commands for commands, _, _ in blocks], self.folder)
        self.assertEqual(len(ran), len(blocks))
        for (commands, expected, prose), (output, status) in zip(blocks, ran):
            with self.subTest(commands):
                said = re.search(r"\bexits\s+with\s+(\d)", prose)
                self.assertEqual(status, said[1] if said else "0", output)
                self.assertRegex(output, pattern(expected) if expected else r"\A\Z")


if __name__ == "__main__":
    unittest.main()
