"""Starts freightd as a server and talks to it; every answer is held against its own description."""

import http.client
import json
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

import jsonschema

from case import FreightCase
from freightd import wait_until

FINAL = {"completed", "completed_with_errors", "failed", "cancelled"}


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    _json: object = field(default=None)

    @property
    def json(self):
        if self._json is None:
            self._json = json.loads(self.body)
        return self._json

    @property
    def text(self):
        return self.body.decode()

    def __str__(self):
        return f"{self.status} {self.headers}\n{self.body[:2000].decode(errors='replace')}"


class Description:
    """/openapi.json, and what it says about an answer."""

    def __init__(self, document):
        self.document = document
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]
        self._paths = [
            (method, re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "$"), operation)
            for method, path, operation in self.operations
        ]
        # Paths without parts that stand for something win over those with.
        self._paths.sort(key=lambda entry: entry[1].pattern.count("[^/]+"))

    def operation(self, method, path):
        for one, pattern, operation in self._paths:
            if one == method and pattern.match(path):
                return operation
        return None

    def validate(self, schema, value):
        validator = self._validator(json.dumps(schema, sort_keys=True))
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if error is not None:
            raise AssertionError(f"not as described: {error.json_path}: {error.message}")

    @lru_cache(maxsize=None)
    def _validator(self, schema):
        whole = {**json.loads(schema), "components": self.document["components"]}
        return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())

    def check(self, method, path, answer):
        """Holds an answer against what the description says of it."""
        operation = self.operation(method, urlsplit(path).path)
        kind = answer.headers.get("content-type", "").split(";")[0]
        if operation is None or method == "HEAD":
            return
        described = operation["responses"].get(str(answer.status))
        if described is None:
            if answer.status < 400:
                raise AssertionError(f"{method} {path}: {answer.status} is not described")
            described = operation["responses"]["default"]
        if answer.status == 204:
            assert not answer.body, answer
            return
        content = described["content"]
        assert kind in content, f"{method} {path} {answer.status}: {kind} is not described"
        if kind.endswith("json") and kind != "application/x-ndjson":
            self.validate(content[kind]["schema"], answer.json)


class Client:
    """One caller. Not thread-safe: a connection of its own for each request unless told otherwise."""

    def __init__(self, server, key=None, headers=None):
        self.server = server
        self.key = key
        self.headers = headers or {}

    def send(self, method, path, body=None, headers=None, timeout=60):
        sent = {**self.headers, **(headers or {})}
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None and not isinstance(body, (bytes, str)) and not hasattr(body, "read"):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = self.server.connect(timeout)
        try:
            if not path.startswith("/"):
                path = "/api/v1/" + path
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            answer = Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()
        assert answer.status < 500 or answer.status == 503, f"{method} {path}: {answer}"
        if self.server.description is not None:
            self.server.description.check(method, path, answer)
        return answer

    def get(self, path, headers=None, **query):
        if query:
            path += "?" + urlencode(query, doseq=True, quote_via=quote)
        return self.send("GET", path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.send("POST", path, body, headers)

    def put(self, path, body=None, headers=None):
        return self.send("PUT", path, body, headers)

    def delete(self, path):
        return self.send("DELETE", path)

    def upload(self, content, filename="data.csv"):
        if isinstance(content, str):
            content = content.encode()
        answer = self.send("POST", f"uploads?filename={quote(filename)}", content)
        assert answer.status == 201, answer
        return answer.json["upload_id"]

    def submit(self, spec, headers=None):
        answer = self.post("jobs", spec, headers)
        assert answer.status == 201, answer
        return answer.json["id"]

    def job(self, job_id):
        answer = self.get(f"jobs/{job_id}")
        assert answer.status == 200, answer
        return answer.json

    def wait(self, job_id, timeout=60):
        """The job once it has ended."""
        job = {}

        def ended():
            job.update(self.job(job_id))
            return job["status"] in FINAL

        wait_until(ended, timeout, lambda: f"the job did not end: {job}")
        return job

    def run(self, spec):
        return self.wait(self.submit(spec))

    def events(self, path, headers=None, timeout=30):
        """Follows a stream; yields (id, event, data), and None for a comment."""
        connection = self.server.connect(timeout)
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        connection.request("GET", "/api/v1/" + path, headers=sent)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        try:
            entry = {}
            while line := response.readline().decode():
                line = line.rstrip("\n")
                if line.startswith(":"):
                    yield None
                elif line:
                    name, _, value = line.partition(": ")
                    entry[name] = value
                elif entry:
                    yield int(entry["id"]), entry["event"], json.loads(entry["data"])
                    entry = {}
        finally:
            connection.close()


class Server:
    """A freightd that serves, with its keys."""

    def __init__(self, process, folder, admin_key_file):
        self.process = process
        process.wait_for_stderr("listening on ")
        said = process.stderr_so_far()
        self.url = re.search(r"listening on (\S+)", said).group(1)
        parts = urlsplit(self.url)
        self.tls = parts.scheme == "https"
        self.host, self.port = parts.hostname, parts.port
        self.admin_key = self.tenant_key = self.description = None
        if admin_key_file.exists():
            self.admin_key, self.tenant_key = admin_key_file.read_text().split()

    def describe(self):
        answer = Client(self).get("/openapi.json")
        self.description = Description(answer.json)
        return self

    def connect(self, timeout=60):
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def socket(self, timeout=20):
        return socket.create_connection((self.host, self.port), timeout=timeout)

    def exchange(self, sent, timeout=20, half_close=False):
        """Sends bytes as they are, and returns all that comes back until the connection ends."""
        with self.socket(timeout) as connection:
            try:
                connection.sendall(sent)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return read_all(connection)


def read_all(connection):
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except (ConnectionResetError, TimeoutError, socket.timeout):
        pass
    return received


class RestCase(FreightCase):
    """Tests that talk to a server of their own."""

    def serve(self, storage=None, *arguments, describe=True, env=None):
        """`storage`: a database; without one an SQLite file of the test's."""
        url = f"sqlite:{self.folder / 'freight.db'}" if storage is None else storage.url
        key_file = self.folder / "admin.key"
        process = self.start(
            "serve", "--storage", url, "--listen", "127.0.0.1:0", "--admin-key-file", key_file,
            "--allow-path", self.folder, "--allow-host", "127.0.0.1",
            *arguments, env=env,
        )  # fmt: skip
        server = Server(process, self.folder, key_file)
        if describe:
            server.describe()
        self.server = server
        self.admin = Client(server, server.admin_key)
        self.client = Client(server, server.tenant_key)
        return server

    def tenant(self, name, scopes=None, limits=None, **key):
        """A new tenant, and a client with a key of it."""
        made = self.admin.post("admin/tenants", {"name": name, "limits": limits or {}})
        self.assertEqual(201, made.status, str(made))
        body = {**({"scopes": scopes} if scopes else {}), **key}
        created = self.admin.post(f"admin/tenants/{made.json['id']}/keys", body)
        self.assertEqual(201, created.status, str(created))
        client = Client(self.server, created.json["key"])
        client.tenant_id = made.json["id"]
        client.key_id = created.json["id"]
        return client

    def assert_problem(self, answer, status, code=None):
        self.assertEqual(status, answer.status, str(answer))
        self.assertEqual("application/problem+json", answer.headers["content-type"], str(answer))
        problem = answer.json
        for key in ("type", "title", "status", "detail", "instance", "code", "request_id"):
            self.assertIn(key, problem)
        self.assertEqual(status, problem["status"])
        self.assertEqual(answer.headers["x-request-id"], problem["request_id"])
        if code is not None:
            self.assertEqual(code, problem["code"], str(answer))
        return problem

    def people(self, *rows):
        return "id,name,amount\n" + "".join(f"{row}\n" for row in rows)

    def people_spec(self, upload, table="people", database=None, **changes):
        database = database or self.folder / "out.db"
        return {
            "name": "people",
            "source": {"type": "csv", "upload": upload},
            "schema": {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"},
                                  {"name": "amount", "type": "number"}]},
            "destination": {"type": "sql", "url": f"sqlite:{database}", "table": table,
                            "create_table": True},
            **changes,
        }  # fmt: skip


def inline_spec(records=({"a": 1},), **changes):
    return {"name": "inline", "source": {"type": "inline", "records": list(records)},
            "destination": {"type": "null"}, **changes}  # fmt: skip


def in_parallel(calls):
    """Runs the calls at once and returns what they returned; raises what one of them raised."""
    results = [None] * len(calls)
    raised = []

    def run(at, call):
        try:
            results[at] = call()
        except BaseException as error:  # handed on to the caller
            raised.append(error)

    threads = [threading.Thread(target=run, args=(at, call)) for at, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return results


def sleep_until(condition, timeout=20):
    wait_until(condition, timeout)
    return time.monotonic()
