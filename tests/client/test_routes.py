"""Where a request goes: origins, proxies, and addresses that are none."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time

import pytest

from sanfang.client import AppKey, BadCall, Request, TimedOut, Timeout
from sanfang.client.routes import origin_of, proxy_for, route_to

from .conftest import Make
from .stand_in import StandIn


@pytest.mark.parametrize(
    ("url", "origin", "target", "authority", "port"),
    [
        ("http://h/a?b=1", "http://h", "/a?b=1", "h", 80),
        ("https://h/a", "https://h", "/a", "h", 443),
        ("https://h:8443/", "https://h:8443", "/", "h:8443", 8443),
        ("http://h:80/a", "http://h:80", "/a", "h", 80),
        ("http://h", "http://h", "/", "h", 80),
        ("http://[::1]:8000/a", "http://[::1]:8000", "/a", "[::1]:8000", 8000),
        ("http://例子.测试/a", "http://例子.测试", "/a", "xn--fsqu00a.xn--0zwm56d", 80),
    ],
)
def test_the_parts_of_an_address(
    url: str, origin: str, target: str, authority: str, port: int
) -> None:
    assert origin_of(url) == origin
    route = route_to(origin, "")
    assert (route.target(url), route.authority, route.port) == (target, authority, port)


@pytest.mark.parametrize(
    "url",
    ["ftp://h", "h", "http://", "http://user:secret@h", "http://h:0", "http://h:x", "http://a..b",
     "http://" + "a" * 64, "http://[::1", "http://h?x", "http://h#x"],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(BadCall) as caught:
        route_to(url, "")
    assert "secret" not in str(caught.value)


def test_a_proxy_forwards_http_by_its_whole_address_and_the_rest_by_connect() -> None:
    plain = route_to("http://h:81", "http://user:pass@p:3128")
    assert plain.target("http://h:81/a?b") == "http://h:81/a?b"
    assert plain.first_line_extra == "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"
    secure = route_to("https://h", "p")
    assert (secure.target("https://h/a"), secure.connect) == ("/a", "h:443")
    assert secure.first_line_extra == ""
    assert secure.proxy is not None
    assert (secure.proxy.host, secure.proxy.port, secure.proxy.tls) == ("p", 80, False)
    assert "pass" not in repr(plain.proxy)


def test_the_environment_is_asked_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "p:3128")
    monkeypatch.setenv("NO_PROXY", "inner.example")
    assert proxy_for("https://h/") == "http://p:3128"
    assert route_to("https://inner.example", None).proxy is None
    assert route_to("https://h", None).proxy is not None
    assert route_to("https://h", "").proxy is None


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_a_name_with_two_addresses_is_reached_at_the_one_that_answers(
    make: Make, platform: StandIn
) -> None:
    """``localhost`` is ::1 as well on many systems, and nobody listens there."""
    client = make(AppKey("a", "b"), base_url=platform.url.replace("127.0.0.1", "localhost"))
    assert client.call("user/get")["errcode"] == 0
    assert platform.seen[-1].headers["host"].startswith("localhost:")


def test_a_resolver_that_hangs_ends_with_the_time_to_connect(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hold.wait(20) and [])
    client = make(AppKey("a", "b"), base_url="http://platform.example", retries=0,
                  timeout=Timeout(connect=0.2))  # fmt: skip
    started = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        client.get_access_token()
    assert caught.value.phase == "connect"
    assert time.monotonic() - started < 2
    hold.set()


def test_a_program_does_not_wait_for_a_resolver_at_its_end() -> None:
    code = """
import asyncio, socket, time
from sanfang.client import *
socket.getaddrinfo = lambda *_, **__: time.sleep(60)
async def go():
    async with AsyncClient(AppKey("a", "b"), base_url="http://h.example", timeout=0.2) as client:
        await client.get_access_token()
try:
    asyncio.run(go())
except TimedOut:
    print("timed out")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )
    assert (done.stdout, done.returncode) == ("timed out\n", 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a b", "http://127.0.0.1:9/a\r\nX: y"])
def test_a_url_that_breaks_out_of_its_line_is_refused(make: Make, url: str) -> None:
    from sanfang.client.pool import PoolTransport

    with pytest.raises(BadCall):
        PoolTransport().send(Request("GET", url, {}))
