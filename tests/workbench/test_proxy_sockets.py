"""WebSockets of micro-apps through the proxy."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.utils import accept_key

from .raw_app import raw_app
from .site import Site
from .test_proxy import another_app


@contextlib.contextmanager
def a_socket(
    site: Site, path: str = "/ws", agent_id: int = 0, **given: Any
) -> Iterator[ClientConnection]:
    """Open a WebSocket as a browser does that knows where ``*.localhost`` is."""
    raw = socket.create_connection(("127.0.0.1", site.port))
    url = site.vhost("android", agent_id).replace("http", "ws", 1) + path
    with connect(url, sock=raw, open_timeout=10, **given) as one:
        yield one


async def echo(request: web.Request) -> web.StreamResponse:
    app = web.WebSocketResponse(protocols=("chat.v2", "chat.v1"), max_msg_size=0)
    app.headers["Set-Cookie"] = "ws=1; Domain=127.0.0.1"
    await app.prepare(request)
    async for message in app:
        if message.type is aiohttp.WSMsgType.TEXT:
            if message.data == "bye":
                await app.close(code=4001, message=b"as you wish")
            else:
                await app.send_str(message.data)
        else:
            await app.send_bytes(message.data)
    return app


def test_messages_go_both_ways(site: Site) -> None:
    site.pages["/ws"] = echo
    with a_socket(site, "/ws?room=%20a") as one:
        for message in ("三方", "", b"\x00\xff", b"", "x" * 100_000):
            one.send(message)
            assert one.recv(10) == message
    assert site.app.targets() == ["/ws?room=%20a"]


def test_a_message_larger_than_servers_usually_take(site: Site) -> None:
    site.pages["/ws"] = echo
    with a_socket(site, max_size=None) as one:
        one.send(b"y" * (20 << 20))
        assert len(one.recv(30)) == 20 << 20


def test_the_app_is_asked_at_its_own_origin(site: Site) -> None:
    site.pages["/ws"] = echo
    cookies = {"Cookie": "a=1; sanfang_desk=SECRET"}
    with a_socket(site, origin=site.vhost(), subprotocols=["other", "chat.v1"],
                  additional_headers=cookies) as one:  # fmt: skip
        assert one.subprotocol == "chat.v1"
        assert one.response is not None
        assert one.response.headers["Set-Cookie"] == "ws=1"
    seen = site.app.requests[0]
    assert seen.header("Origin") == site.app.origin
    assert seen.header("Host") == site.app.origin.removeprefix("http://")
    assert seen.header("Cookie") == "a=1"
    assert "AliApp(DingTalk/" in seen.header("User-Agent")
    assert seen.header("Sec-WebSocket-Protocol") == "other,chat.v1"


def test_the_apps_goodbye_arrives(site: Site) -> None:
    site.pages["/ws"] = echo
    with a_socket(site) as one:
        one.send("bye")
        with pytest.raises(ConnectionClosed):
            one.recv(10)
        assert (one.close_code, one.close_reason) == (4001, "as you wish")


def test_the_browsers_goodbye_arrives(site: Site) -> None:
    closed: list[int | None] = []
    done = threading.Event()

    async def wait(request: web.Request) -> web.StreamResponse:
        app = web.WebSocketResponse()
        await app.prepare(request)
        async for _ in app:
            pass
        closed.append(app.close_code)
        done.set()
        return app

    site.pages["/ws"] = wait
    with a_socket(site) as one:
        one.close(4002, "done here")
    assert done.wait(10)
    assert closed == [4002]


def test_a_browser_that_vanishes_frees_the_app(site: Site) -> None:
    done = threading.Event()

    async def wait(request: web.Request) -> web.StreamResponse:
        app = web.WebSocketResponse()
        await app.prepare(request)
        async for _ in app:
            pass
        done.set()
        return app

    site.pages["/ws"] = wait
    with contextlib.suppress(ConnectionClosed), a_socket(site) as one:
        one.socket.shutdown(socket.SHUT_RDWR)
    assert done.wait(10)


def test_what_the_app_refuses_is_refused(site: Site) -> None:
    site.pages["/ws"] = web.Response(status=403)
    with pytest.raises(InvalidStatus) as refused, a_socket(site):
        pass
    assert refused.value.response.status_code == 403


def test_an_app_that_is_down(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    agent_id = another_app(site, f"http://127.0.0.1:{port}/")
    with pytest.raises(InvalidStatus) as refused, a_socket(site, agent_id=agent_id):
        pass
    assert refused.value.response.status_code == 502


ODD_STARTS = [
    b"HTTP/1.1 101 Fine\r\n\r\n",
    b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
    b"SSH-2.0\r\n\r\n",
]


@pytest.mark.parametrize("said", ODD_STARTS)
def test_what_is_no_websocket_is_a_bad_gateway(
    site: Site, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with raw_app(lambda connection, head: connection.sendall(said)) as origin:
        agent_id = another_app(site, f"{origin}/")
        with (
            pytest.raises(InvalidStatus) as refused,
            a_socket(site, "/ws?code=SECRET", agent_id),
        ):
            pass
    assert refused.value.response.status_code == 502
    assert "SECRET" not in caplog.text
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("said", "heard"),
    [(1000, 1000), (1014, 1014), (3000, 3000), (4999, 4999), (5000, 1011), (65535, 1011)],
)
def test_only_codes_that_may_be_said_are_passed_on(site: Site, said: int, heard: int) -> None:
    def goodbye(connection: socket.socket, head: bytes) -> None:
        key = re.search(rb"(?i)sec-websocket-key: (\S+)", head)
        assert key is not None
        accept = accept_key(key[1].decode())
        connection.sendall(
            b"HTTP/1.1 101 Fine\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
            b"\x88\x02" + said.to_bytes(2, "big")
        )
        connection.recv(100)

    with raw_app(goodbye) as origin, a_socket(site, "/", another_app(site, f"{origin}/")) as one:
        with pytest.raises(ConnectionClosed):
            one.recv(10)
        assert one.close_code == heard


@pytest.mark.parametrize("path", ["/.ddc/x", "/.ddc/bridge.js"])
def test_our_paths_take_none(site: Site, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused, a_socket(site, path):
        pass
    assert refused.value.response.status_code == 403
    assert site.app.requests == []


def test_unknown_apps_take_none(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused, a_socket(site, agent_id=99_999):
        pass
    assert refused.value.response.status_code == 403


def test_the_rest_of_the_platform_takes_none(site: Site) -> None:
    raw = socket.create_connection(("127.0.0.1", site.port))
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{site.port}/", sock=raw):
        pass
    assert refused.value.response.status_code == 403
