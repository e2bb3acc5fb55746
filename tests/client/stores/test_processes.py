"""Many processes on one store: one renews, whoever dies or stalls, and nobody gets a dead token."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sanfang.client import Client, Token, TokenKey
from tests.client.living import living
from tests.client.stand_in import Seen, StandIn
from tests.manage.running import QUICK

from .places import KINDS, opened, place
from .worker import APP, Worker

pytestmark = pytest.mark.process

Start = Callable[..., Worker]


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with place(request.param, tmp_path) as where:
        yield where


@pytest.fixture
def start(address: str, platform: StandIn) -> Iterator[Start]:
    workers: list[Worker] = []

    def begin(kind: str = "sync", **options: Any) -> Worker:
        workers.append(Worker(address, platform.url, kind, **options))
        return workers[-1]

    yield begin
    for worker in workers:
        worker.end()


def all_at_once(workers: list[Worker], order: str) -> list[Any]:
    for worker in workers:
        worker.order(order)
    return [answer for worker in workers for answer in worker.answer()]


def corp_key(platform: StandIn, kind: str = "corp") -> TokenKey:
    return TokenKey(kind, app=APP.app_key, platform=platform.url)


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


def test_many_processes_renew_once_when_cold_and_once_when_refused(
    platform: StandIn, start: Start
) -> None:
    kinds = ("sync", "async", "sync", "async")
    workers = [worker.ready() for worker in [start(kind, callers=10) for kind in kinds]]
    assert all_at_once(workers, "call") == [0] * 40
    assert platform.token_calls == 1
    platform.refuse_all()
    assert all_at_once(workers, "call") == [0] * 40
    assert platform.token_calls == 2


def test_many_processes_renew_once_ahead_of_expiry_and_nobody_fails(
    address: str, platform: StandIn, start: Start
) -> None:
    now = time.time()
    with opened(address, platform.url) as store:
        old = Token(platform.issue(APP.app_key), now - 7000, now + 200)
        store.put(corp_key(platform), old)
    workers = [worker.ready() for worker in [start(kind, callers=10) for kind in ("sync", "async")]]
    for _ in range(3):
        assert all_at_once(workers, "call") == [0] * 20
    assert platform.token_calls == 1


def test_many_processes_fetch_one_jsapi_ticket(platform: StandIn, start: Start) -> None:
    """In the mode in which a new ticket kills the one before, two fetches would be one dead page."""
    numbers = iter(range(1, 100))
    platform.on(
        "/get_jsapi_ticket",
        lambda _: {"errcode": 0, "ticket": f"ticket-{next(numbers)}", "expires_in": 7200},
    )
    workers = [worker.ready() for worker in [start(kind, callers=10) for kind in ("sync", "async")]]
    assert all_at_once(workers, "ticket") == ["ticket-1"] * 20
    assert len(platform.calls("/get_jsapi_ticket")) == 1


def test_on_our_platform_where_tickets_rotate_all_hold_the_one_that_lives(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rotating = msgspec.structs.replace(QUICK, jsapi_ticket_mode="rotate")
    with living(tmp_path / "platform", rotating) as here, Client(here.app, base_url=here.url) as by:
        monkeypatch.setenv("WORKERS_APP", " ".join(here.app))
        workers = [Worker(address, here.url, kind, callers=8) for kind in ("sync", "async")]
        try:
            tickets = all_at_once([worker.ready() for worker in workers], "ticket")
        finally:
            for worker in workers:
                worker.end()
        asked = [
            call
            for call in here.platform.get("/calls")["items"]
            if call["path"] == "/get_jsapi_ticket"
        ]
        assert len(set(tickets)) == len(asked) == 1
        assert by.get_jsapi_ticket() not in tickets, "another program that fetches kills it"


class Held:
    """Answer the first token call only when told; the others at once."""

    def __init__(self, platform: StandIn) -> None:
        self.platform = platform
        self.asked = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, seen: Seen) -> dict[str, Any]:
        answer = self.platform.grant(seen)
        if not self.asked.is_set():
            self.asked.set()
            self.go_on.wait(30)
        return answer


def test_the_death_of_the_one_who_renews_is_survived(
    address: str, platform: StandIn, start: Start
) -> None:
    held = Held(platform)
    platform.on("/gettoken", held)
    first = start(timeout=1.0, margin=0.2).ready()
    second = start("async", callers=5, timeout=1.0, margin=0.2).ready()
    first.order("call")
    assert held.asked.wait(20)
    second.order("call")
    first.process.kill()
    assert second.answer() == [0] * 5
    assert platform.token_calls == 2
    with opened(address, platform.url) as store:
        assert store.get(corp_key(platform)).value == "token-0002-of-dingexampleapp"
    held.go_on.set()


def test_one_who_stalls_while_renewing_overwrites_nothing(
    address: str, platform: StandIn, start: Start
) -> None:
    held = Held(platform)
    platform.on("/gettoken", held)
    first = start(timeout=1.0, margin=0.2).ready()
    second = start("async", timeout=1.0, margin=0.2).ready()
    first.order("call")
    assert held.asked.wait(20)
    first.process.send_signal(signal.SIGSTOP)
    second.order("call")
    assert second.answer() == [0]
    platform.refuse("token-0001-of-dingexampleapp")  # a newer token kills the one before
    held.go_on.set()
    first.process.send_signal(signal.SIGCONT)
    first.answer()  # it may have timed out meanwhile
    with opened(address, platform.url) as store:
        assert store.get(corp_key(platform)).value == "token-0002-of-dingexampleapp"
    first.order("call")
    assert first.answer() == [0]
    assert platform.token_calls == 2


def test_a_process_that_comes_later_finds_the_token(platform: StandIn, start: Start) -> None:
    for kind in ("sync", "async"):
        worker = start(kind).ready()
        worker.order("call")
        assert worker.answer() == [0]
        worker.end()
    assert platform.token_calls == 1
