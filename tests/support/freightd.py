"""Runs freightd as a process of its own and says how it ended."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


def program():
    path = os.environ.get("FREIGHTD")
    if not path or not os.access(path, os.X_OK):
        sys.exit("FREIGHTD must name the freightd program; ctest sets it")
    return path


@dataclass
class Ended:
    """What a process left behind. `code` is negative when a signal ended it."""

    code: int
    stdout: str
    stderr: str
    seconds: float
    peak_bytes: int
    command: list

    @property
    def report(self):
        """The report of --json: the whole of stdout, and nothing else."""
        return json.loads(self.stdout)

    def __str__(self):
        return (
            f"$ {' '.join(self.command)}\nexit code {self.code} after {self.seconds:.2f} s\n"
            f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"
        )


class Process:
    """A freightd that runs. Its output goes to files, so that no pipe can fill up."""

    def __init__(self, arguments, folder, environment=None, stdin=None, **options):
        self.command = [program(), *map(str, arguments)]
        self._began = time.monotonic()
        self._outputs = [Path(folder) / f".{name}.{time.monotonic_ns()}" for name in ("out", "err")]
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("FREIGHT")}
        # A password file or default user of the person at the machine is none of a test's business.
        inherited.update({"PGPASSFILE": "/nonexistent/pgpass", "HOME": str(folder)})
        with open(self._outputs[0], "wb") as out, open(self._outputs[1], "wb") as err:
            self._process = subprocess.Popen(
                self.command,
                cwd=folder,
                env={**inherited, **(environment or {})},
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=out,
                stderr=err,
                **options,
            )
        if stdin is not None:
            with self._process.stdin as pipe:
                pipe.write(stdin if isinstance(stdin, bytes) else stdin.encode())
        self.pid = self._process.pid
        self._ended = None

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def poll(self):
        """None while it runs, else how it ended."""
        if self._ended is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid != 0:
                self._end(status, usage)
        return self._ended

    def wait(self, timeout=240):
        deadline = time.monotonic() + timeout
        pause = 0.001
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.signal(signal.SIGABRT)
                time.sleep(0.5)
                if self.poll() is None:
                    self.kill()
                raise AssertionError(f"did not end within {timeout} s\n{self._ended}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        return self._ended

    def wait_until_stopped(self, timeout=120):
        """Until it has stopped itself, where FREIGHT_FAULT=stop:… told it to; go_on() lets it go on."""
        wait_until(self._has_stopped, timeout, lambda: f"did not stop:\n{self.stderr_so_far()}")

    def _has_stopped(self):
        found = os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found and found.si_code not in (os.CLD_STOPPED, os.CLD_TRAPPED):
            raise AssertionError(f"ended and did not stop\n{self.wait()}")
        return found is not None

    def go_on(self):
        self.signal(signal.SIGCONT)

    def stderr_so_far(self):
        return self._ended.stderr if self._ended else self._outputs[1].read_text(errors="replace")

    def wait_for_stderr(self, text, timeout=60):
        """Waits until the process has said `text`; fails when it ends or takes too long."""
        wait_until(
            lambda: text.lower() in self.stderr_so_far().lower() or self.poll() is not None,
            timeout,
            lambda: f"no {text!r} on stderr:\n{self.stderr_so_far()}",
        )
        if text.lower() not in self.stderr_so_far().lower():
            raise AssertionError(f"ended without saying {text!r}\n{self._ended}")

    def _end(self, status, usage):
        self._process.returncode = os.waitstatus_to_exitcode(status)
        out, err = (path.read_text(errors="backslashreplace") for path in self._outputs)
        for path in self._outputs:
            path.unlink()
        self._ended = Ended(
            code=self._process.returncode,
            stdout=out,
            stderr=err,
            seconds=time.monotonic() - self._began,
            peak_bytes=usage.ru_maxrss * 1024,
            command=self.command,
        )


def wait_until(condition, timeout=60, message=lambda: "waited in vain"):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(message())
        time.sleep(0.01)
