"""Outbound URLs: what may be called, and that nothing slips past (issue, point 4)."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Settings
from sanfang.platform.push import guard
from sanfang.platform.push.addresses import parse, refused
from sanfang.platform.push.guard import Origin, Resolver, read_url
from sanfang.platform.push.sender import Sender
from sanfang.platform.push.trouble import Trouble

from .isv import an_isv
from .sealing import KEYS

LOCAL = ["127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"]
LOCAL += ["100.64.0.1", "198.18.0.7", "::1", "fd12:3456::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"]
LOCAL += ["64:ff9b::7f00:1", "2002:7f00:1::"]
NEVER = [
    "0.0.0.0",
    "169.254.169.254",
    "169.254.1.1",
    "100.100.100.200",
    "224.0.0.1",
    "255.255.255.255",
]
NEVER += ["240.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.9", "::", "fe80::1", "fe80::1%eth0"]
NEVER += ["ff02::1", "fd00:ec2::254", "2001:db8::1", "::ffff:169.254.169.254", "100::1", "fec0::1"]
NEVER += ["64:ff9b::a9fe:a9fe", "2001::1"]
PUBLIC = ["8.8.8.8", "203.119.1.1", "172.32.0.1", "100.128.0.1", "2400:3200::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", LOCAL)
def test_local_addresses_are_for_the_sandbox_only(text: str) -> None:
    address = parse(text)
    assert address is not None
    assert refused(address, sandbox=True) is None
    found = refused(address, sandbox=False)
    assert found is not None
    assert found.local


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_called(text: str) -> None:
    address = parse(text)
    assert address is not None
    assert refused(address, sandbox=True) is not None
    assert refused(address, sandbox=False) is not None


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_may_be_called(text: str) -> None:
    address = parse(text)
    assert address is not None
    assert refused(address, sandbox=False) is None


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_what_python_calls_private_is_never_called_outside_the_sandbox(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner.is_private or inner.is_loopback or inner.is_link_local or inner.is_multicast:
        excused = {"2001:1::1", "2001:1::2", "192.0.0.9", "192.0.0.10"}
        assert str(inner) in excused or refused(address, sandbox=False) is not None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.example.com/callback",
        "ftp://isv.example/",
        "http://",
        "http:///path",
        "http://isv.example:0/",
        "http://isv.example:99999/",
        "http://user:secret@isv.example/",
        "http://isv.example/a b",
        "http://[::1/",
        "http://127.1/",
        "http://2130706433/",
        "http://1.2.3.4.5/",
        "http://１２７.１/",
        "javascript:alert(1)",
        "http://" + "a" * 3000,
    ],
)
def test_what_is_no_callback_url_is_71011(url: str) -> None:
    with pytest.raises(Trouble) as caught:
        read_url(url, sandbox=True)
    assert caught.value.code == 71011
    assert caught.value.zh
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_as_url_is_either_parsed_or_refused(text: str) -> None:
    for url in (text, f"http://{text}/"):
        with contextlib.suppress(Trouble):
            assert read_url(url, sandbox=False)[0].host


def test_a_literal_forbidden_address_is_71013_and_says_how_to_allow_it() -> None:
    with pytest.raises(Trouble) as caught:
        read_url("http://127.0.0.1:8000/callback", sandbox=False)
    assert caught.value.code == 71013
    assert "沙箱" in caught.value.zh
    assert "sandbox" in caught.value.en
    read_url("http://127.0.0.1:8000/callback", sandbox=True)
    with pytest.raises(Trouble) as caught:
        read_url("http://[::ffff:169.254.169.254]/latest", sandbox=True)
    assert caught.value.code == 71013
    assert "sandbox" not in caught.value.en


@pytest.mark.parametrize(
    ("url", "origin", "path", "host_header"),
    [
        ("http://isv.example", Origin(False, "isv.example", 80), "/", "isv.example"),
        ("https://ISV.example/a?b=c#d", Origin(True, "isv.example", 443), "/a?b=c", "isv.example"),
        ("http://isv.example:8080/回调", Origin(False, "isv.example", 8080), None, None),
        ("http://[2400:3200::1]:81/", Origin(False, "2400:3200::1", 81), "/", "[2400:3200::1]:81"),
        ("http://示例.example/", Origin(False, "xn--fsq092h.example", 80), "/", None),
        ("http://isv.example/%E5%9B%9E?x=%2F&y=a+b", None, "/%E5%9B%9E?x=%2F&y=a+b", None),
    ],
)
def test_a_url_is_read_into_origin_and_path(
    url: str, origin: Origin | None, path: str | None, host_header: str | None
) -> None:
    found, rest = read_url(url, sandbox=False)
    assert rest.isascii()
    assert origin in (None, found)
    assert path in (None, rest)
    assert host_header in (None, str(found))


def resolving(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> list[str]:
    """Make names resolve to addresses; returns the list of names asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int | None, **_: Any) -> list[Any]:
        asked.append(host)
        addresses = names.get(host.replace(".", "_"))
        if addresses is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = []
        for text in addresses:
            kind = socket.AF_INET6 if ":" in text else socket.AF_INET
            found.append((kind, socket.SOCK_STREAM, 6, "", (text, port)))
        return found

    monkeypatch.setattr(guard.socket, "getaddrinfo", getaddrinfo)
    return asked


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

        monkeypatch.setattr(guard.socket, "getaddrinfo", getaddrinfo)
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


def test_a_name_is_looked_up_once_for_all_who_ask_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        asked = resolving(monkeypatch, isv_example=["8.8.8.8", "8.8.4.4", "8.8.8.8"])
        resolver = Resolver(sandbox=False)
        found = await asyncio.gather(*(resolver.addresses("isv.example") for _ in range(20)))
        assert found == [["8.8.8.8", "8.8.4.4"]] * 20
        assert asked == ["isv.example"]

    asyncio.run(main())


def test_one_who_loses_patience_does_not_spoil_the_lookup_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        resolving(monkeypatch, isv_example=["8.8.8.8"])
        resolver = Resolver(sandbox=False)
        tasks = [asyncio.create_task(resolver.addresses("isv.example")) for _ in range(2)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        assert await tasks[1] == ["8.8.8.8"]
        assert tasks[0].cancelled()

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
