"""The C++ of the embedding guide compiles as it stands in the page, and only as C++20.

Called with the compiler: embedding_guide_test.py /usr/bin/c++
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
COMPILER = sys.argv.pop(1)
BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.DOTALL | re.MULTILINE)

HEADERS = ("algorithm atomic chrono condition_variable cstdio filesystem functional memory mutex span stop_token string "
           "vector").split()
# What the page takes as given, before and behind each of its blocks; None: not compiled here.
AROUND = [
    ("void run_a_job(const std::string& json, const std::filesystem::path& folder) {\n", "}\n"),
    ("void find_a_customer(const std::unique_ptr<freight::Storage>& storage) {\n", "}\n"),
    *[("", "")] * 6,  # submit_once, submit_many, shutdown, source, destination, registry
    ("std::unique_ptr<freight::Source> make_queue();\n", ""),
    # Half a minute of compiling, which the consumer test `testing` does with the program of this block.
    None,
    *[("", "")] * 3,  # policy; executor and sinks; options
]


class EmbeddingGuide(unittest.TestCase):
    def test_its_code_compiles(self):
        blocks = BLOCK.findall((ROOT / "docs/guides/embedding.md").read_text(encoding="utf-8"))
        self.assertEqual(len(blocks), len(AROUND))
        source = "".join(f"#include <{header}>\n" for header in HEADERS)
        source += "\n#include <freight/freight.hpp>\n\n"
        # The includes of a block stay before what it takes as given.
        for around, block in zip(AROUND, blocks):
            if around is None:
                continue
            before, behind = around
            includes, rest = re.fullmatch(r"((?:#include [^\n]*\n|\n)*)(.*)", block, re.DOTALL).groups()
            source += f"{includes}{before}{rest}{behind}"
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "guide.cpp"
            file.write_text(source, encoding="utf-8")
            compiled = subprocess.run(
                [COMPILER, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                 f"-I{ROOT / 'libfreight/include'}", f"-I{ROOT / 'libfreight/testing/include'}", file], capture_output=True, text=True)
            self.assertEqual(compiled.returncode, 0, compiled.stderr + source)

    def test_a_compiler_that_is_not_set_to_cxx20_is_told_so_first(self):
        # The first lines of whoever includes all of it, and of whoever includes what everything includes.
        for header in ("freight.hpp", "codes.hpp", "version.hpp"):
            with self.subTest(header):
                compiled = subprocess.run(
                    [COMPILER, "-std=c++17", "-fsyntax-only", "-x", "c++", f"-I{ROOT / 'libfreight/include'}",
                     "-include", f"freight/{header}", "/dev/null"], capture_output=True, text=True)  # fmt: skip
                errors = [line for line in compiled.stderr.splitlines() if "error:" in line]
                self.assertIn("Freight's headers need C++20", (errors or [compiled.stderr])[0])


if __name__ == "__main__":
    unittest.main()
