"""Real processes and real HTTP: what the journeys are made of."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import urllib3

from ..store.fixtures import durable_address, hot_address

T = TypeVar("T")

STORES = ["sqlite", "postgres+redis"]
DEADLINE = 60.0


def until(look: Callable[[], T], what: str, *, seconds: float = DEADLINE) -> T:
    """Return the first truthy answer of ``look``; fail naming ``what`` when none comes in time."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s for {what}; last seen: {found!r}")
        time.sleep(0.02)


@dataclass
class Child:
    """A child process that prints one JSON line when it is ready."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def kill(self) -> None:
        """kill -9, at once."""
        self.process.kill()
        self._ended()

    def wait_killed(self) -> None:
        """Wait until the process has died of a SIGKILL (its own failpoint's)."""
        assert self._ended() == -signal.SIGKILL

    def stop(self) -> None:
        """SIGTERM, and kill -9 when that does not end it."""
        self.process.terminate()
        try:
            self._ended(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def _ended(self, seconds: float = DEADLINE) -> int:
        code = self.process.wait(seconds)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def start(*command: str, log: Path, env: dict[str, str] | None = None) -> Child:
    """Start a Python command line and wait for its ready line."""
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **(env or {})},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(10)
        pytest.fail(f"{command} did not get ready:\n{log.read_text()[-3000:]}")
    return Child(process, json.loads(line))


@dataclass
class Stores:
    """Where a platform under test keeps its state; survives the platform's death."""

    data: Path
    options: list[str] = field(default_factory=list)


@contextlib.contextmanager
def stores(kind: str, folder: Path) -> Iterator[Stores]:
    """Fresh stores of a kind; skips (in CI: fails) when no server answers."""
    data = folder / "platform"
    if kind == "sqlite":
        yield Stores(data)
        return
    with durable_address("postgres", folder) as database, hot_address("redis", folder) as redis:
        yield Stores(data, ["--database", database, "--redis", redis])


class Admin:
    """The management API, called as any language would."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/") + "/sanfang/api"
        self._http = urllib3.PoolManager(headers={"Authorization": f"Bearer {token}"})

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(
            method, self._url + path, json=body, timeout=30.0, retries=False
        )
        parsed = answer.json() if answer.data else None
        assert answer.status < 400, (answer.status, parsed)
        return parsed

    def post(self, path: str, **body: Any) -> Any:
        return self.call("POST", path, body)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def close(self) -> None:
        self._http.clear()


@dataclass
class Platform:
    """A `sanfang serve` that can be killed and started again over the same state."""

    where: Stores
    settings: dict[str, str]
    log: Path
    child: Child | None = None
    admin: Admin = field(init=False)
    port: int = 0

    def start(self, *options: str) -> Platform:
        arguments = ["-m", "sanfang.cli", "serve", "--json", "--port", str(self.port)]
        arguments += ["--data", str(self.where.data), *self.where.options, *options]
        for name, value in self.settings.items():
            arguments += ["--set", f"{name}={value}"]
        self.child = start(*arguments, log=self.log)
        token = json.loads((self.where.data / "server.json").read_text())["token"]
        self.admin = Admin(self.url, token)
        self.port = int(self.url.rpartition(":")[2])  # a restarted platform is found where it was
        return self

    @property
    def url(self) -> str:
        assert self.child is not None
        return self.child.url

    def kill(self) -> None:
        assert self.child is not None
        self.admin.close()
        self.child.kill()

    def stop(self) -> None:
        if self.child is not None:
            self.admin.close()
            self.child.stop()


@contextlib.contextmanager
def platform(kind: str, folder: Path, *options: str, **settings: str) -> Iterator[Platform]:
    """A running platform on fresh stores of a kind."""
    quick = {"push_retry_first_ms": "50", "push_retry_most_ms": "200", "push_lease_ms": "3000"}
    quick |= {"push_timeout_ms": "2000"} | settings
    with stores(kind, folder) as where:
        one = Platform(where, quick, folder / "platform.log")
        try:
            yield one.start(*options)
        finally:
            one.stop()


def free_port() -> int:
    """A port nobody listens on now, for a server that must come back where it was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
