"""The table of answers that are none, through real sockets, for both transports: a typed error each,
in bounded time and memory, and never a dead connection in the pool."""

from __future__ import annotations

import contextlib
import gzip
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sanfang.client import (
    AnswerCutShort,
    AnswerTooLong,
    AppKey,
    BadAnswer,
    Redirected,
    SanfangError,
    TimedOut,
    Timeout,
    TransportFailed,
)

from .conftest import Make
from .raw_server import Ending, RawServer, Script

APP = AppKey("dingexampleapp", "example-app-secret")
OK = b'{"errcode":0,"access_token":"token-1","expires_in":7200}'

Serve = Callable[..., RawServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that says the same bytes to everybody."""
    with contextlib.ExitStack() as stack:

        def start(data: bytes, ending: Ending = "close", pause: float = 0.0) -> RawServer:
            server = RawServer(lambda _: Script(data, ending, pause))
            stack.callback(server.close)
            return server

        yield start


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def fails(make: Make, server: RawServer, **options: Any) -> SanfangError:
    options.setdefault("retries", 0)
    options.setdefault("timeout", 5)
    started = time.monotonic()
    with pytest.raises(SanfangError) as caught:
        make(APP, base_url=server.url, **options).get_access_token()
    assert time.monotonic() - started < 5
    text = str(caught.value)
    assert text.isprintable()
    assert "example-app-secret" not in text
    assert len(text) < 1000
    return caught.value


BOMB = gzip.compress(b" " * 50_000_000)

TABLE: dict[str, tuple[bytes, type[SanfangError], str]] = {
    "a page": (answer(b"<html><h1>hello</h1></html>"), BadAnswer, "html"),
    "a page of a gateway": (answer(b"<h1>Bad</h1>", "502 Bad Gateway"), BadAnswer, "html"),
    "nothing": (answer(b""), BadAnswer, "empty"),
    "truncated JSON": (answer(OK[:-9]), BadAnswer, "truncated"),
    "GBK": (answer('{"errcode":0,"name":"张三"}'.encode("gbk")), BadAnswer, "charset"),
    "UTF-16": (answer('{"errcode":0}'.encode("utf-16")), BadAnswer, "charset"),
    "a number": (answer(b"5"), BadAnswer, "shape"),
    "text": (answer(b"hello"), BadAnswer, "json"),
    "too long by its word": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n{", AnswerTooLong, "too_long"),
    "too long by one chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nB2D05E00\r\n{", AnswerTooLong, "too_long"),
    "a gigabyte of headers": (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20000, AnswerTooLong, "too_long"),
    "a compressed bomb": (answer(BOMB, "200 OK", "Content-Encoding: gzip"), BadAnswer, "encoding"),
    "a redirect elsewhere": (
        answer(b"", "302 Found", "Location: https://elsewhere.example/x?token=1"),
        Redirected, "redirect"),
    "a redirect that keeps the method": (
        answer(b"", "307 T", "Location: //elsewhere.example"), Redirected, "redirect"),
    "a redirect to nowhere": (answer(b"", "301 Moved"), Redirected, "redirect"),
    "a length too great": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + OK, AnswerCutShort, "truncated"),
    "a length too small": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + OK, BadAnswer, "truncated"),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}1", BadAnswer, "http"),
    "no length at all": (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}", BadAnswer, "http"),
    "garbage for chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + OK, BadAnswer, "http"),
    "garbage for HTTP": (b"\x00\x01\x02\x03\r\n\r\n", BadAnswer, "http"),
    "another protocol": (b"220 smtp.example ESMTP\r\n\r\n", BadAnswer, "http"),
    "an upgrade": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", BadAnswer, "http"),
}  # fmt: skip


@pytest.mark.parametrize("ending", ["close", "hang"])
@pytest.mark.parametrize("name", TABLE)
def test_what_is_no_answer_is_a_typed_error(
    make: Make, serve: Serve, name: str, ending: Ending
) -> None:
    data, kind, what = TABLE[name]
    if ending == "hang" and (kind is AnswerCutShort or name == "a gigabyte of headers"):
        pytest.skip("these wait for the end of the connection")
    error = fails(make, serve(data, ending))
    assert isinstance(error, kind)
    assert isinstance(error, BadAnswer)
    assert error.what == what


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_an_answer_that_ends_at_any_byte_is_a_typed_error(make: Make, ending: Ending) -> None:
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
        len(OK),
        OK,
    )
    server = RawServer(lambda number: Script(whole[: number - 1], ending))
    client = make(APP, base_url=server.url, retries=0)
    try:
        for end in range(len(whole)):
            with pytest.raises((AnswerCutShort, TransportFailed)) as caught:
                client.get_access_token()
            # A reset may overtake the bytes before it; what came is never taken for an answer.
            if isinstance(caught.value, TransportFailed):
                assert caught.value.dropped
                assert ending == "reset" or end == 0
        assert client.get_access_token() == "token-1"
        assert server.connections == len(whole) + 1
    finally:
        client.close()
        server.close()


@pytest.mark.parametrize(
    "data",
    [b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500,
     answer(b" " * 500),
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 100],
    ids=["headers", "body", "chunks"],
)  # fmt: skip
def test_what_drips_byte_by_byte_ends_with_the_exchange(
    make: Make, serve: Serve, data: bytes
) -> None:
    started = time.monotonic()
    error = fails(make, serve(data, "hang", pause=0.02), timeout=0.4)
    assert isinstance(error, TimedOut)
    assert (error.phase, error.seconds) == ("exchange", 0.4)
    assert time.monotonic() - started < 1.5


def test_a_silence_within_an_answer_can_be_bounded_by_itself(make: Make, serve: Serve) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Le", "hang")
    error = fails(make, server, timeout=Timeout(exchange=4, read=0.2))
    assert isinstance(error, TimedOut)
    assert (error.phase, error.seconds) == ("read", 0.2)


def test_a_connection_that_is_not_made_in_time_is_a_timeout_of_its_own(make: Make) -> None:
    """A queue of one that is full: the next connection is neither accepted nor refused."""
    import socket

    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listener,
        contextlib.ExitStack() as all_,
    ):
        address = listener.getsockname()
        for _ in range(3):
            filler = all_.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(address)
        url = f"http://127.0.0.1:{address[1]}"
        client = make(APP, base_url=url, retries=0, timeout=Timeout(exchange=5, connect=0.3))
        with pytest.raises(TimedOut) as caught:
            client.get_access_token()
    assert (caught.value.phase, caught.value.seconds) == ("connect", 0.3)


def test_a_bad_answer_leaves_no_bad_connection_behind(make: Make) -> None:
    """After each kind of bad answer the same client makes a good call."""
    good = answer(OK)
    table = list(TABLE.values())

    def script(number: int) -> Script:
        if number % 2 == 0:
            return Script(good, "keep")
        data, kind, _ = table[number // 2]
        return Script(data, "close" if kind is AnswerCutShort else "keep")

    server = RawServer(script)
    client = make(APP, base_url=server.url, retries=0)
    try:
        for _ in table:
            with pytest.raises(BadAnswer):
                client.post("chat/get", body={}, access_token="x")
            assert client.post("chat/get", body={}, access_token="x")["errcode"] == 0
    finally:
        client.close()
        server.close()


def test_a_kept_connection_that_was_closed_meanwhile_is_not_used(make: Make) -> None:
    """Also for a call that may not be repeated: the end is seen before anything is sent."""
    server = RawServer(lambda _: Script(answer(OK), "close"))
    client = make(APP, base_url=server.url, retries=0)
    try:
        for _ in range(5):
            assert client.post("chat/send", body={}, access_token="x")["errcode"] == 0
            time.sleep(0.02)
            with contextlib.suppress(AttributeError):
                client._runner.run(_breathe())
    finally:
        client.close()
        server.close()


async def _breathe() -> None:
    import asyncio

    await asyncio.sleep(0.02)


def test_a_server_that_says_how_long_it_keeps_connections_is_believed(make: Make) -> None:
    server = RawServer(lambda _: Script(answer(OK, "200 OK", "Keep-Alive: timeout=1"), "keep"))
    client = make(APP, base_url=server.url, retries=0)
    try:
        for _ in range(3):
            client.post("chat/send", body={}, access_token="x")
        assert server.connections == 3, "less than a second is left: better not"
    finally:
        client.close()
        server.close()


def test_an_answer_before_the_request_was_read_is_read(make: Make) -> None:
    """A refusal of an upload that is too long comes early, and the connection with it ends."""
    refusal = answer(
        b'{"errcode":40006,"errmsg":"too large"}', "413 Too Large", "Connection: close"
    )
    server = RawServer(lambda _: Script(refusal, "close"))
    client = make(APP, base_url=server.url, retries=0)
    try:
        with pytest.raises(SanfangError) as caught:
            client.post("media/upload", body={"x": "y" * 5_000_000}, access_token="x")
        assert getattr(caught.value, "code", None) == 40006 or isinstance(
            caught.value, TransportFailed
        )
    finally:
        client.close()
        server.close()
