"""Sending: what goes out, what is refused to come in (issue: 'Bad input and faults')."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web

from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Settings
from sanfang.platform.push.answer import Answer
from sanfang.platform.push.reply import Verdict, judge
from sanfang.platform.push.sender import Sender

from .isv import Isv, Talk, an_isv, raw, serving
from .sealing import KEYS

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def push(url: str, **settings: Any) -> Answer:
    async def main() -> Answer:
        chosen = Settings(**{"push_timeout_ms": 2000, **settings})
        async with Sender(chosen, Clock(frozen_at=1_700_000_000_000)) as sender:
            return await sender.post(url, KEYS, '{"EventType":"t"}')

    return asyncio.run(main())


def push_to(talk: Talk, **settings: Any) -> Verdict:
    async def main() -> Verdict:
        chosen = Settings(**{"push_timeout_ms": 2000, **settings})
        async with raw(talk) as url, Sender(chosen, Clock()) as sender:
            return judge(await sender.post(url, KEYS, '{"EventType":"t"}'), KEYS)

    return asyncio.run(main())


def test_the_request_carries_both_spellings_of_the_signature_and_a_json_body() -> None:
    async def main() -> None:
        clock = Clock(frozen_at=1_700_000_000_000)
        async with an_isv() as isv, Sender(Settings(), clock) as sender:
            answer = await sender.post(f"{isv.url}?from=test#part", KEYS, '{"名":"测试员甲"}')
            assert judge(answer, KEYS).ok
            assert isv.events == [{"名": "测试员甲"}]
            query, headers = isv.requests[0]["query"], isv.requests[0]["headers"]
            assert query["signature"] == query["msg_signature"]
            assert query["timestamp"] == "1700000000000"
            assert query["from"] == "test"
            assert set(query) == {"signature", "msg_signature", "timestamp", "nonce", "from"}
            assert headers["Content-Type"] == "application/json"
            assert headers["Accept-Encoding"] == "identity"
            assert "Cookie" not in headers
            assert answer.started_at == 1_700_000_000_000

    asyncio.run(main())


def test_one_connection_is_kept_for_pushes_one_after_another() -> None:
    async def main() -> None:
        async with an_isv() as isv, Sender(Settings(), Clock()) as sender:
            for _ in range(5):
                await sender.post(isv.url, KEYS, "{}")
            assert len(isv.events) == 5
            assert len(isv.peers) == 1

    asyncio.run(main())


def test_cookies_are_not_kept_and_proxies_of_the_environment_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")

    class Baker(Isv):
        async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
            response = self.sealed("success")
            response.set_cookie("session", "1")
            return response

    async def main() -> None:
        async with an_isv(Baker()) as isv, Sender(Settings(), Clock()) as sender:
            await sender.post(isv.url, KEYS, "{}")
            await sender.post(isv.url, KEYS, "{}")
            assert len(isv.requests) == 2
            assert "Cookie" not in isv.requests[1]["headers"]

    asyncio.run(main())


def test_a_redirect_is_not_followed() -> None:
    async def main() -> None:
        async with an_isv() as isv:

            async def redirect(_: web.Request) -> web.StreamResponse:
                raise web.HTTPTemporaryRedirect(isv.url)

            async with serving(redirect) as url, Sender(Settings(), Clock()) as sender:
                answer = await sender.post(url, KEYS, "{}")
            assert (answer.status, answer.location) == (307, isv.url)
            assert isv.events == []
            verdict = judge(answer, KEYS)
            assert (verdict.code, verdict.step) == (71012, "redirect")

    asyncio.run(main())


def test_a_port_where_nobody_listens_is_71012() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    answer = push(f"http://127.0.0.1:{port}/")
    assert answer.trouble is not None
    assert (answer.trouble.code, answer.trouble.step, answer.status) == (71012, "connect", 0)
    assert "没有服务在监听" in answer.trouble.zh


def test_a_bad_url_is_a_failed_answer_and_not_an_exception() -> None:
    answer = push("ftp://isv.example/")
    assert answer.trouble is not None
    assert answer.trouble.code == 71011
    assert answer.sent is None


async def _read_request(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"\r\n\r\n")


def test_an_isv_that_hangs_is_cut_off_at_the_timeout() -> None:
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        await asyncio.Event().wait()

    verdict = push_to(hang, push_timeout_ms=60)
    assert (verdict.code, verdict.step) == (71012, "timeout")
    assert verdict.errmsg == (
        "url地址访问异常,错误原因为:java.net.SocketTimeoutException: Read timed out"
    )
    assert "60" in verdict.zh


def test_an_isv_that_answers_byte_by_byte_is_cut_off_at_the_timeout() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.005)

    verdict = push_to(drip, push_timeout_ms=80)
    assert (verdict.code, verdict.step) == (71012, "timeout")
    assert "没有传完" in verdict.zh


def test_headers_that_never_end_are_cut_off() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(100_000):
            writer.write(b"X-%d: %s\r\n" % (n, b"y" * 1000))
            await writer.drain()

    verdict = push_to(chatter)
    assert verdict.code == 71012
    assert not verdict.ok


@pytest.mark.parametrize("framing", [b"Content-Length: 999999999\r\n\r\n", b"\r\n"])
def test_an_endless_answer_is_refused_after_the_limit(framing: bytes) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await _read_request(reader)
        writer.write(HEAD + framing)
        while True:
            writer.write(b"x" * 4096)
            sent += 4096
            await writer.drain()

    verdict = push_to(flood)
    assert (verdict.code, verdict.step) == (71012, "too_long")
    assert "65536" in verdict.zh
    assert sent < 20_000_000
    assert verdict.received.startswith("xxxx")


def test_an_endless_chunked_answer_is_refused_after_the_limit() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    assert push_to(flood).step == "too_long"


def test_a_compressed_answer_is_not_unpacked() -> None:
    async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        body = b"\x1f\x8b" + b"\0" * 100
        writer.write(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 102\r\n\r\n" + body)
        await writer.drain()

    verdict = push_to(bomb)
    assert (verdict.code, verdict.step) == (71009, "encoding")


@pytest.mark.parametrize(
    ("bytes_", "step"),
    [
        (b"", "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "closed"),
        (HEAD + b'Content-Length: 300\r\n\r\n{"msg_', "closed"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "closed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "http"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "http"),
        (b"HTTP/1.1 9999 ??\r\n\r\n", "http"),
        (HEAD + b"Content-Length: -5\r\n\r\n", "http"),
    ],
)
def test_an_answer_cut_short_or_not_http_is_71012(bytes_: bytes, step: str) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(bytes_)
        await writer.drain()

    verdict = push_to(close)
    assert (verdict.code, verdict.step) == (71012, step), verdict
    assert verdict.zh
    assert verdict.en


def test_https_on_a_plain_port_is_named_a_tls_failure() -> None:
    async def main() -> Verdict:
        async with an_isv() as isv, Sender(Settings(push_timeout_ms=2000), Clock()) as sender:
            url = isv.url.replace("http:", "https:")
            return judge(await sender.post(url, KEYS, "{}"), KEYS)

    verdict = asyncio.run(main())
    assert (verdict.code, verdict.step) == (71012, "tls")
    assert "HTTPS" in verdict.zh


def test_a_sender_may_be_used_again_after_closing() -> None:
    async def main() -> None:
        sender = Sender(Settings(), Clock())
        async with an_isv() as isv:
            assert (await sender.post(isv.url, KEYS, "{}")).status == 200
            await sender.close()
            assert (await sender.post(isv.url, KEYS, "{}")).status == 200
            await sender.close()

    asyncio.run(main())
