"""The migration guide: its commands, run as they stand in the page, say what the page says."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from freightd import program

ROOT = pathlib.Path(__file__).parents[2]
# ```sh blocks, each with the ```text block right after it, if there is one, and the prose behind.
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?(.*?)(?=^```sh\n|\Z)", re.DOTALL | re.MULTILINE)
MARK = "--- the end of a block, with "


def pattern(text):
    """Lines of a page, in their order; `…` is anything, and alone in its line any lines."""
    lines = []
    for line in text.rstrip("\n").split("\n"):
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(re.escape(line).replace("…", ".*?") + r"\n")
    return re.compile("".join(lines), re.MULTILINE)


class GuidesTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="freight-guides-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "examples").symlink_to(ROOT / "examples")

    def run_blocks(self, commands):
        """What each of the blocks wrote and exited with; one shell runs them all."""
        script = "".join(f"{block}\nprintf '%s%s\\n' '{MARK}' \"$?\"\n" for block in commands)
        path = f"{pathlib.Path(program()).parent}:{os.environ['PATH']}"
        ended = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env={**os.environ, "PATH": path}, timeout=110,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return re.findall(rf"(.*?){MARK}(\d+)\n", ended.stdout, re.DOTALL)

    def test_the_migration_guide_tells_what_happens(self):
        page = (ROOT / "docs/guides/migration.md").read_text(encoding="utf-8")
        blocks = BLOCK.findall(page)
        self.assertEqual(len(blocks), page.count("```sh\n"))
        self.assertEqual(sum(bool(text) for _, text, _ in blocks), page.count("```text\n"))
        ran = self.run_blocks([commands for commands, _, _ in blocks])
        self.assertEqual(len(ran), len(blocks))
        for (commands, expected, prose), (output, status) in zip(blocks, ran):
            with self.subTest(commands):
                said = re.search(r"\bexits\s+with\s+(\d)", prose)
                self.assertEqual(status, said[1] if said else "0", output)
                self.assertRegex(output, pattern(expected) if expected else r"\A\Z")


if __name__ == "__main__":
    unittest.main()
