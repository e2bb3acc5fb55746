"""kill -9 at the worst instants, with real processes: every authorisation reaches its end state."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3

from .harness import STORES, Child, Platform, free_port, platform, start, until

TOKEN = "kill-token"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"

pytestmark = pytest.mark.process
each_store = pytest.mark.parametrize("kind", STORES)


class Isv:
    """The toolkit's SuiteApp in its own process."""

    def __init__(self, folder: Path, platform_url: str) -> None:
        self.folder, self.port = folder, free_port()
        self.settings = {
            "folder": str(folder),
            "token": TOKEN,
            "aes_key": AES_KEY,
            "platform": platform_url,
            "port": self.port,
        }
        self.child: Child | None = None
        self.http = urllib3.PoolManager()

    def start(self, failpoint: str = "") -> Isv:
        self.child = start(
            *("-m", "tests.journeys.isv_child", json.dumps(self.settings)),
            log=self.folder / "isv.log",
            env={"FAILPOINT": failpoint},
        )
        return self

    def arm(self) -> None:
        """From now on the failpoint may fire."""
        (self.folder / "failpoint-armed").touch()

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        url = f"http://127.0.0.1:{self.port}/test/{path}"
        return self.http.request("POST", url, json=body or {}, timeout=10.0).json()

    def state(self, corp_id: str) -> str:
        return str(dict(self.control("corps")).get(corp_id, ""))

    @property
    def greeted(self) -> list[str]:
        log = self.folder / "activated.log"
        return log.read_text().split() if log.exists() else []

    def stop(self) -> None:
        self.http.clear()
        if self.child is not None:
            self.child.stop()


@contextmanager
def an_isv(running: Platform, folder: Path, failpoint: str = "") -> Iterator[tuple[Isv, str]]:
    """A running ISV with its suite registered and its first ticket received."""
    isv = Isv(folder, running.url).start(failpoint)
    try:
        suite = running.admin.post(
            "/suites",
            name="崩溃测试套件",
            token=TOKEN,
            aes_key=AES_KEY,
            callback_url=f"http://127.0.0.1:{isv.port}/callback",
        )
        key = suite["suite_key"]
        isv.control(
            "configure", {"suite_key": key, "suite_secret": suite["secrets"]["suite_secret"]}
        )
        running.admin.post(
            f"/suites/{key}/micro-apps", name="签到看板", home_url="http://isv.example/"
        )
        settled(running, key)
        yield isv, key
    finally:
        isv.stop()


def settled(running: Platform, key: str) -> None:
    """Wait until nothing is left to push for a suite."""
    until(
        lambda: all(
            push["state"] in ("delivered", "superseded")
            for push in running.admin.get(f"/pushes?suite_key={key}")["items"]
        ),
        "every push delivered",
    )


def active(running: Platform, key: str, corp_id: str) -> bool:
    found = running.admin.get(f"/authorisations/{key}/{corp_id}")
    return bool(found["authorisation"]["state"] == "active")


def corps(running: Platform, count: int) -> list[str]:
    return [running.admin.post("/corps", name=f"示例公司{n}")["corp_id"] for n in range(count)]


@each_store
def test_platform_killed_between_the_change_and_its_push(kind: str, tmp_path: Path) -> None:
    """The authorisations are on disk, nothing has gone out: a platform without a dispatcher dies."""
    with platform(kind, tmp_path) as running, an_isv(running, tmp_path) as (isv, key):
        ids = corps(running, 5)
        running.stop()
        running.start("--no-dispatch")
        for corp_id in ids:
            running.admin.post(f"/suites/{key}/authorize", corp_id=corp_id)
        running.kill()
        running.start()
        for corp_id in ids:
            until(lambda c=corp_id: active(running, key, c), f"{corp_id} active")
            until(lambda c=corp_id: isv.state(c) == "active", f"{corp_id} active at the ISV")
        until(lambda: sorted(isv.greeted) == sorted(ids), "each handler run once")


@each_store
def test_platform_killed_during_a_push(kind: str, tmp_path: Path) -> None:
    """The ISV has read the push and not answered: after the restart it gets it again."""
    holding, hold = threading.Event(), threading.Event()

    class Gate(BaseHTTPRequestHandler):
        """Sits before the ISV; holds the first push until released, then forwards everything."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if target["hold"] and not holding.is_set():
                holding.set()
                hold.wait(30)
                self.close_connection = True
                return
            answer = http.request("POST", target["url"] + self.path, body=body, timeout=10.0)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        def log_message(self, *_: object) -> None:
            pass

    http = urllib3.PoolManager()
    target: dict[str, Any] = {"hold": False}
    gate = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    threading.Thread(target=gate.serve_forever, daemon=True).start()
    try:
        with platform(kind, tmp_path) as running, an_isv(running, tmp_path) as (isv, key):
            target["url"] = f"http://127.0.0.1:{isv.port}"
            through = f"http://127.0.0.1:{gate.server_port}/callback"
            running.admin.call("PATCH", f"/suites/{key}", {"callback_url": through})
            (corp_id,) = corps(running, 1)
            target["hold"] = True
            running.admin.post(f"/suites/{key}/authorize", corp_id=corp_id)
            assert holding.wait(30)
            running.kill()
            hold.set()
            running.start()
            until(lambda: active(running, key, corp_id), "the authorisation active")
            until(lambda: isv.greeted == [corp_id], "the handler run once")
            settled(running, key)
    finally:
        hold.set()
        gate.shutdown()
        gate.server_close()
        http.clear()


@each_store
@pytest.mark.parametrize("failpoint", ["before_answer", "after_answer"])
def test_isv_killed_around_its_answer(kind: str, failpoint: str, tmp_path: Path) -> None:
    """Stored but not answered, or answered but not handled: the restarted ISV finishes the work."""
    with platform(kind, tmp_path) as running, an_isv(running, tmp_path, failpoint) as (isv, key):
        (corp_id,) = corps(running, 1)
        isv.arm()
        running.admin.post(f"/suites/{key}/authorize", corp_id=corp_id)
        assert isv.child is not None
        isv.child.wait_killed()
        isv.start()
        until(lambda: active(running, key, corp_id), "the authorisation active")
        until(lambda: isv.state(corp_id) == "active", "the ISV knowing it")
        until(lambda: isv.greeted == [corp_id], "the handler run once")
        settled(running, key)
