#!/usr/bin/env python3
"""Says what the tests of one or more runs came to.

  test_results.py [--brief] [--slowest N] FOLDER...

Each FOLDER is a build folder: tests.xml in it is ctest's result in JUnit's format, and tests-again.xml,
where there is one, that of the tests which were tried a second time. Prints the end of the output of
each test that failed (not with --brief), a line `flaky: NAME` for each that passed at its second try,
and `failed: NAME` for each that did not. Exits with 1 when one failed or nothing was run.
"""

import argparse
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

LAST_LINES = 40
LAST_CHARACTERS = 4000


def cases_in(file):
    """Each test of a file of results by its name."""
    if not file.exists():
        return {}
    try:
        return {case.get("name"): case for case in xml.parse(file).getroot().iter("testcase")}
    except xml.ParseError as error:
        sys.exit(f"{file}: {error}")


def has_failed(case):
    return case.get("status") in ("fail", "notrun")


def output_of(case):
    return case.findtext("system-out") or ""


def parts_of(case):
    """The tests within a GoogleTest program that failed, or the one that it ended in."""
    output = output_of(case)
    failed = sorted(set(re.findall(r"^\[  FAILED  \] ([^\s,]+\.[^\s,]+)", output, re.MULTILINE)))
    if failed:
        return failed
    begun = re.findall(r"^\[ RUN      \] (\S+)", output, re.MULTILINE)
    ended = re.findall(r"^\[       OK \] (\S+)", output, re.MULTILINE)
    return [begun[-1]] if len(begun) > len(ended) else []


def full_names(name, case):
    parts = parts_of(case)
    return [f"{name}: {part}" for part in parts] if parts else [name]


def look_at(folder, arguments):
    """Prints what a folder's tests came to; true when all is well."""
    first = cases_in(folder / "tests.xml")
    again = cases_in(folder / "tests-again.xml")
    failed, flaky = {}, {}
    for name, case in first.items():
        if not has_failed(case):
            continue
        second = again.get(name)
        if second is not None and not has_failed(second) and second.get("status") == "run":
            flaky[name] = case
        else:
            failed[name] = case if second is None else second
    if not arguments.brief:
        for name, case in {**flaky, **failed}.items():
            print(f"--- {folder.name}: {name}")
            print("\n".join(output_of(case)[-LAST_CHARACTERS:].splitlines()[-LAST_LINES:]))
    if arguments.slowest:
        slowest = sorted(first.values(), key=lambda case: -float(case.get("time", 0)))
        print(f"The slowest tests of {folder.name}, in seconds:")
        for case in slowest[: arguments.slowest]:
            print(f"{float(case.get('time', 0)):8.1f}  {case.get('name')}")
    for title, cases in (("flaky", flaky), ("failed", failed)):
        for name, case in cases.items():
            for full_name in full_names(name, case):
                print(f"{title}: {full_name}")
    return bool(first) and not failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--slowest", type=int, default=0)
    parser.add_argument("folders", nargs="+", type=Path)
    arguments = parser.parse_args()
    results = [look_at(folder, arguments) for folder in arguments.folders]
    sys.exit(0 if all(results) else 1)


main()
