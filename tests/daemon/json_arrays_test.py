"""Arrays of JSON objects as a source: what is loaded, what is rejected, and what freightd says of them."""

import gzip
import json
import random
import resource
import sqlite3
import unittest

from case import FreightCase


def people(count, seed=1):
    chance = random.Random(seed)
    texts = ['"', "\\", "],[", "}{", "\n", "é", "𝄞", "a,b", ""]
    return [
        {"id": n, "name": "".join(chance.choices(texts, k=5)), "tags": [{"n": [n]}], "score": chance.random()}
        for n in range(count)
    ]


LAYOUTS = {
    "one_line": lambda rows: json.dumps(rows, ensure_ascii=False),
    "indented": lambda rows: json.dumps(rows, indent=2),
    "line_each": lambda rows: "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n",
    "commas_first": lambda rows: "[ " + "\r\n, ".join(json.dumps(row) for row in rows) + " ]",
    "mark": lambda rows: "\ufeff" + json.dumps(rows),
}


class JsonArrays(FreightCase):
    def job(self, path, **source):
        spec = {
            "source": {"type": "json", "path": path, **source},
            "destination": {"type": "sql", "url": "sqlite:out.db", "table": "t", "create_table": True},
            "schema": {"fields": [{"name": "id", "type": "integer"}, {"name": "name"},
                                  {"name": "tags", "type": "json"}, {"name": "score", "type": "number"}]},
            "batch": {"max_records": 17},
        }  # fmt: skip
        self.write("job.json", json.dumps(spec))
        return self.freightd("run", "job.json", "--new", "--json", "--progress", "none", "--rejects", "rejects.csv")

    def rows(self):
        with sqlite3.connect(self.folder / "out.db") as connection:
            return connection.execute("SELECT id, name, tags, score FROM t ORDER BY id").fetchall()

    def test_every_layout_loads_the_same_rows(self):
        rows = people(200)
        expected = [(row["id"], row["name"], row["tags"], row["score"]) for row in rows]
        for name, lay_out in LAYOUTS.items():
            for pack in (bytes, gzip.compress):
                with self.subTest(layout=name, packed=pack is not bytes):
                    (self.folder / "out.db").unlink(missing_ok=True)
                    (self.folder / "in.json").write_bytes(pack(lay_out(rows).encode()))
                    ended = self.job("in.json")
                    self.assertEqual(0, ended.code, str(ended))
                    report = json.loads(ended.stdout)
                    self.assertEqual((200, 200, "verified"), (report["records"]["read"], report["records"]["succeeded"],
                                                              report["reconciliation"]["status"]))  # fmt: skip
                    found = [(row[0], row[1], json.loads(row[2]), row[3]) for row in self.rows()]
                    self.assertEqual(expected, found)

    def test_an_array_within_a_text_is_named_by_a_pointer(self):
        text = {"meta": {"next": None, "x": ["]"]}, "data": {"it/ems": people(50)}, "after": [{"id": "no"}]}
        self.write("in.json", json.dumps(text, indent=1))
        ended = self.job("in.json", records_pointer="/data/it~1ems")
        self.assertEqual(0, ended.code, str(ended))
        self.assertEqual(list(range(50)), [row[0] for row in self.rows()])
        self.assert_failed(self.job("in.json", records_pointer="/data/items"), "source_unreadable", "it/ems")
        self.assert_failed(self.job("in.json"), "source_unreadable", '"/data/it~1ems"')

    def test_between_broken_elements_nothing_is_lost(self):
        """The places of the rejects are those of the file; the others are loaded."""
        broken = ['{"id":', "5", '{"id": 1,}', '{"id": nul}', '{"id": "x"}}', '{"id": [1}', '{"name": "open}', "",
                  '{"name": "two\nlines"}', '{"id": 1 "name": 2}', "undefined", '{"id": "word"}']  # fmt: skip
        text, expected = "[", []
        for number, row in enumerate(people(len(broken) * 3)):
            text += ("" if number == 0 else ",\n") + json.dumps(row)
            if number % 3 == 1:
                text += ",\n"
                expected.append((text.count("\n") + 1, len(text.encode())))
                text += broken[number // 3]
        (self.folder / "in.json").write_bytes((text + "\n]").encode())
        ended = self.job("in.json")
        self.assertEqual(3, ended.code, str(ended))
        rejects = self.rejects()
        self.assertEqual(expected, [(int(row["line"]), int(row["byte_offset"])) for row in rejects])
        self.assertEqual(list(range(len(broken) * 3)), [row[0] for row in self.rows()])
        self.assertEqual({"invalid_json", "not_an_object", "type_mismatch"}, {row["code"] for row in rejects})

    def rejects(self):
        import csv

        with open(self.folder / "rejects.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_a_text_that_is_cut_off_fails_with_the_place(self):
        whole = json.dumps(people(100))
        for text, said in ((whole[:-1], "ends within"), (whole[:500], "ends within"), ("", "is empty"),
                           (whole + "]", "goes on behind its JSON"), ("id,name\n1,x\n", "holds no JSON")):  # fmt: skip
            with self.subTest(said=said):
                self.write("in.json", text)
                self.assert_failed(self.job("in.json"), "source_unreadable", said)

    def test_standard_input_is_read(self):
        rows = people(20)
        self.write("job.json", json.dumps({"source": {"type": "json", "path": "-"},
                                           "destination": {"type": "jsonl", "path": "out.jsonl"}}))  # fmt: skip
        ended = self.freightd("run", "job.json", stdin=json.dumps(rows))
        self.assertEqual(0, ended.code, str(ended))
        lines = (self.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertEqual([row["name"] for row in rows], [json.loads(line)["name"] for line in lines])

    def test_memory_does_not_grow_with_the_file(self):
        row = json.dumps({"id": 1, "name": "x" * 400, "tags": [], "score": 1})
        with open(self.folder / "in.json", "w", encoding="utf-8") as file:
            file.write('{"padding": [' + "0," * 5_000_000 + '0], "rows": [' + row)
            file.writelines(f",{row}" for _ in range(200_000))
            file.write("]}")
        self.write("job.json", json.dumps({"source": {"type": "json", "path": "in.json", "records_pointer": "/rows"},
                                           "destination": {"type": "null"}}))  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        ended = self.freightd("run", "job.json", "--progress", "none")
        self.assertEqual(0, ended.code, str(ended))
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(max(after, before), 90 * 1024, "KiB")

    def test_init_recognises_it_and_run_loads_it(self):
        rows = people(30)
        texts = {"array": (json.dumps(rows, indent=2), None), "line": (json.dumps(rows), None),
                 "within": (json.dumps({"page": 1, "result": {"items": rows}}, indent=2), "/result/items"),
                 "within_a_line": (json.dumps({"page": 1, "items": rows}), "/items")}  # fmt: skip
        for name, (text, pointer) in texts.items():
            with self.subTest(name=name):
                self.write(f"{name}.json", text)
                ended = self.freightd("init", f"{name}.json")
                self.assertEqual(0, ended.code, str(ended))
                source = json.loads(ended.stdout)["source"]
                self.assertEqual(("json", pointer), (source["type"], source.get("records_pointer")))
                ended = self.freightd("run", "--from", f"{name}.json", "--to", f"sqlite:{name}.db")
                self.assertEqual(0, ended.code, str(ended))
                with sqlite3.connect(self.folder / f"{name}.db") as connection:
                    self.assertEqual((30, 29), connection.execute(f"SELECT count(*), max(id) FROM {name}").fetchone())

    def test_init_leaves_one_object_a_line_to_jsonl(self):
        self.write("x.jsonl", '{"id": 1, "list": [{"a": 1}]}\n{"id": 2, "list": []}\n')
        self.assertEqual("jsonl", json.loads(self.freightd("init", "x.jsonl").stdout)["source"]["type"])

    def test_init_asks_which_of_several_arrays(self):
        self.write("x.json", json.dumps({"a": [{"x": 1}], "b": [{"y": 1}]}))
        self.assert_failed(self.freightd("init", "x.json"), "source_unreadable", '"/a", "/b"')


if __name__ == "__main__":
    unittest.main()
