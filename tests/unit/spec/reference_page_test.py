"""docs/reference/job-spec.md against the JSON Schema: every key with its default, and no other."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/job-spec.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "libfreight/src/core/spec/job_spec.schema.json").read_text(encoding="utf-8"))
NEEDED = "needed"


def section(heading):
    """The text under a heading, up to the next one of any level."""
    lines = PAGE.split("\n")
    begin = lines.index(heading) + 1
    end = next((at for at in range(begin, len(lines)) if lines[at].startswith("#")), len(lines))
    return "\n".join(lines[begin:end])


def rows(heading):
    """The first table under the heading that has keys and defaults: {key: default's cell}."""
    table = {}
    for line in section(heading).split("\n"):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3 and re.fullmatch(r"`[^`]+`", cells[0]) and not table.get(cells[0][1:-1]):
            table[cells[0][1:-1]] = cells[1].strip("`")
        elif table and not line.startswith("|"):
            break
    return table


def keys(node, prefix=""):
    """{dotted key: JSON text of the default, NEEDED or ""} of an object of the schema."""
    found = {}
    for key, value in node["properties"].items():
        if "$ref" in value:
            value = SCHEMA["$defs"][value["$ref"].rsplit("/", 1)[1]]
        if "const" in value and key == "type":
            continue  # It stands in the heading.
        if value.get("properties") and value.get("type") == "object":
            found.update(keys(value, f"{prefix}{key}."))
        elif key in node.get("required", []):
            found[prefix + key] = NEEDED
        else:
            found[prefix + key] = json.dumps(value["default"]) if "default" in value else ""
    return found


class ReferencePage(unittest.TestCase):
    maxDiff = None

    def check(self, heading, node):
        self.assertEqual(rows(heading), keys(node))

    def test_the_job(self):
        self.check("## The job", SCHEMA)

    def test_sources(self):
        defs = SCHEMA["$defs"]
        of_json = keys(defs["jsonSource"])
        pointer = {"records_pointer": of_json.pop("records_pointer")}
        of_csv = keys(defs["csvSource"])
        self.assertEqual(of_csv | pointer, rows("### Files: `csv`, `jsonl` and `json`"))
        for of_type in (keys(defs["jsonlSource"]), of_json):
            self.assertEqual(of_type, {key: of_csv[key] for key in of_csv if not key.startswith("dialect.")})
        self.check("### `sql`", defs["sqlSource"])
        self.check("### `inline`", defs["inlineSource"])

    def test_schema(self):
        self.check("## Schema", SCHEMA["$defs"]["schema"])
        self.check("### Fields", SCHEMA["$defs"]["field"])

    def test_types_of_fields(self):
        words = re.findall(r"`([^`]+)`", section("### Fields"))
        self.assertLessEqual(set(SCHEMA["$defs"]["field"]["properties"]["type"]["enum"]), set(words))

    def test_filter(self):
        self.check("## Filter", SCHEMA["$defs"]["condition"])
        for combination in ("allOf", "anyOf", "notOf"):
            for key in SCHEMA["$defs"][combination]["properties"]:
                self.assertIn(f'`{{"{key}": ', section("## Filter"))

    def test_mapping(self):
        self.check("## Mapping", SCHEMA["$defs"]["entry"])
        for column in SCHEMA["$defs"]["entry"]["properties"]["system"]["enum"]:
            self.assertIn(f"`{column}`", section("## Mapping"))

    def test_transforms(self):
        plain, with_arguments = SCHEMA["$defs"]["transform"]["anyOf"]
        cells = re.findall(r"^\| ([^|]*) \|", section("### Transforms"), re.MULTILINE)
        in_page = re.findall(r'`\{?"(\w+)"', " ".join(cells))
        self.assertEqual(sorted(in_page), sorted([*plain["enum"], *with_arguments["properties"]]))

    def test_destinations(self):
        defs = SCHEMA["$defs"]
        self.check("### `sql`: a table", defs["sqlDestination"])
        self.check("### `csv`: a file", defs["csvDestination"])
        self.check("### `jsonl`: a file", defs["jsonlDestination"])
        self.assertEqual(keys(defs["nullDestination"]), {})
        self.assertIn("### `null`\n", PAGE)

    def test_every_definition_is_looked_at(self):
        """A connector that is added to the schema needs a test above."""
        types = [ref["$ref"].rsplit("/", 1)[1] for side in ("source", "destination")
                 for ref in SCHEMA["properties"][side]["oneOf"]]
        self.assertEqual(sorted(types), ["csvDestination", "csvSource", "inlineSource",
                                         "jsonSource", "jsonlDestination", "jsonlSource", "nullDestination",
                                         "sqlDestination", "sqlSource"])


if __name__ == "__main__":
    unittest.main()
