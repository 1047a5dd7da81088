#!/usr/bin/env python3
"""Prints the end of the output of each test that failed: failed_tests.py TESTS_XML..."""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path

LAST_LINES = 40
LAST_CHARACTERS = 4000


def failed(results):
    """Name and output of each failed test in one file of results in JUnit's format."""
    for case in xml.parse(results).getroot().iter("testcase"):
        if case.get("status") == "fail":
            yield case.get("name"), case.findtext("system-out") or ""


for file in map(Path, sys.argv[1:]):
    for name, output in failed(file):
        print(f"--- {file.parent.name}: {name}")
        print("\n".join(output[-LAST_CHARACTERS:].splitlines()[-LAST_LINES:]))
