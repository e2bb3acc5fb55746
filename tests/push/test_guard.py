"""Outbound URLs of pushes: what may be called, and that nothing slips past."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Settings
from sanfang.platform.outbound import resolver
from sanfang.platform.push.sender import Sender
from sanfang.platform.push.trouble import Trouble

from ..outbound.names import resolving
from .isv import an_isv
from .sealing import KEYS


def post(url: str, *, sandbox: bool) -> Trouble | None:
    async def main() -> Trouble | None:
        settings = Settings(sandbox=sandbox, push_timeout_ms=2000)
        async with Sender(settings, Clock()) as sender:
            return (await sender.post(url, KEYS, "{}")).trouble

    return asyncio.run(main())


def test_a_name_that_resolves_into_the_network_is_71013(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, isv_example=["10.0.0.8"])
    trouble = post("http://isv.example/callback", sandbox=False)
    assert trouble is not None
    assert (trouble.code, trouble.step) == (71013, "address")
    assert "isv.example → 10.0.0.8" in trouble.zh


def test_one_forbidden_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, isv_example=["8.8.8.8", "2400:3200::1", "169.254.169.254"])
    trouble = post("http://isv.example/callback", sandbox=True)
    assert trouble is not None
    assert trouble.code == 71013


def test_the_address_that_was_checked_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the name's later answers are not asked for once one was checked."""

    async def main() -> None:
        async with an_isv() as isv:
            port = isv.url.split(":")[2]
            asked = resolving(monkeypatch, isv_example=["127.0.0.1"])
            settings = Settings(sandbox=True, push_timeout_ms=2000)
            async with Sender(settings, Clock()) as sender:
                answer = await sender.post(f"http://isv.example:{port}", KEYS, '{"n":1}')
                assert answer.status == 200
                assert isv.requests[0]["headers"]["Host"] == f"isv.example:{port.split('/')[0]}"
                # By now the name points into the network; the connection stays where it was.
                resolving(monkeypatch, isv_example=["10.0.0.1"])
                answer = await sender.post(f"http://isv.example:{port}", KEYS, '{"n":2}')
                assert answer.status == 200
            assert asked == ["isv.example"]

    asyncio.run(main())


def test_an_unknown_name_is_71012(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch)
    trouble = post("http://nowhere.example/", sandbox=True)
    assert trouble is not None
    assert (trouble.code, trouble.step) == (71012, "dns")
    assert "nowhere.example" in trouble.zh


def test_numbers_in_disguise_go_through_the_resolver_and_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, **{"0x7f_1": ["127.0.0.1"]})
    trouble = post("http://0x7f.1/", sandbox=False)
    assert trouble is not None
    assert trouble.code == 71013


def test_a_name_server_that_hangs_costs_no_more_than_the_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        gate = asyncio.Event()
        loop = asyncio.get_running_loop()

        def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
            asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
            raise socket.gaierror(socket.EAI_AGAIN, "again")

        monkeypatch.setattr(resolver.socket, "getaddrinfo", getaddrinfo)
        settings = Settings(sandbox=True, push_timeout_ms=100)
        async with an_isv() as isv, Sender(settings, Clock()) as sender:
            stuck = asyncio.create_task(sender.post("http://stuck.example/", KEYS, "{}"))
            answers = [await sender.post(isv.url, KEYS, "{}") for _ in range(3)]
            assert [answer.status for answer in answers] == [200, 200, 200]
            trouble = (await stuck).trouble
            assert trouble is not None
            assert (trouble.code, trouble.step) == (71012, "timeout")
            gate.set()
            await asyncio.sleep(0)

    asyncio.run(main())


def test_the_next_address_is_tried_when_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with an_isv() as isv:
            port = isv.url.split(":")[2]
            resolving(monkeypatch, isv_example=["127.0.0.2", "127.0.0.1"])
            async with Sender(Settings(push_timeout_ms=2000), Clock()) as sender:
                answer = await sender.post(f"http://isv.example:{port}", KEYS, "{}")
                assert answer.status == 200

    asyncio.run(main())


@pytest.mark.parametrize(
    ("url", "code"),
    [("www.example.com/callback", 71011), ("http://127.1/", 71011), ("http://[::1]:8000/", 71013)],
)
def test_a_url_that_may_not_be_called_has_its_code(url: str, code: int) -> None:
    trouble = post(url, sandbox=False)
    assert trouble is not None
    assert trouble.code == code
    assert trouble.zh
