"""Runs the commands of a page as they stand there."""

import os
import pathlib
import re
import subprocess

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


def run_blocks(commands, folder, environment=None):
    """What each of the blocks wrote and exited with; one shell runs them all."""
    script = "".join(f"{block}\nprintf '%s%s\\n' '{MARK}' \"$?\"\n" for block in commands)
    path = f"{pathlib.Path(program()).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", script], cwd=folder, env={**os.environ, "PATH": path, **(environment or {})}, timeout=110,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return re.findall(rf"(.*?){MARK}(\d+)\n", ended.stdout, re.DOTALL)
