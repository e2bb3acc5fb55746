"""Connections: kept alive, closed in time, and every way an answer may be framed."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Settings
from sanfang.platform.push import pool
from sanfang.platform.push.connection import Connection
from sanfang.platform.push.reply import judge
from sanfang.platform.push.sender import Sender

from .isv import Talk, raw
from .sealing import KEYS

BODY = KEYS.cipher.seal("success").reply()
FULL = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


async def read_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    await reader.readexactly(length)


def with_sender(talk: Talk, work: Callable[[Sender, str], Awaitable[None]], **more: Any) -> None:
    async def main() -> None:
        chosen = Settings(**{"push_timeout_ms": 2000, **more})
        async with raw(talk) as url, Sender(chosen, Clock()) as sender:
            await work(sender, url)

    asyncio.run(main())


@pytest.mark.parametrize(
    "pieces",
    [
        [FULL],
        [FULL[:20], FULL[20:70], FULL[70:]],
        [b"HTTP/1.1 100 Continue\r\n\r\n", FULL],
        [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + FULL],
        [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY),
            BODY,
            b"\r\n0\r\n\r\n",
        ],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
        + [b"1\r\n%c\r\n" % byte for byte in BODY]
        + [b"0\r\nTrailer: x\r\n\r\n"],
    ],
)
def test_an_answer_is_read_however_it_is_framed_and_the_connection_kept(
    pieces: list[bytes],
) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await read_request(reader)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()

    async def work(sender: Sender, url: str) -> None:
        for _ in range(3):
            answer = await sender.post(url, KEYS, "{}")
            assert judge(answer, KEYS).ok, answer
        assert connections == 1

    with_sender(talk, work)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + BODY,
        b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BODY,
        FULL.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1),
    ],
)
def test_an_answer_that_ends_with_the_connection_is_complete(answer: bytes) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(answer)

    async def work(sender: Sender, url: str) -> None:
        for _ in range(2):
            assert judge(await sender.post(url, KEYS, "{}"), KEYS).ok
        assert connections == 2

    with_sender(talk, work)


def test_a_connection_closed_while_idle_costs_no_attempt() -> None:
    """The server closes just as the next push is written: it goes out once more, on a new one."""
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        first = connections == 1
        await read_request(reader)
        writer.write(FULL)
        await read_request(reader)
        if not first:
            writer.write(FULL)
            await read_request(reader)

    async def work(sender: Sender, url: str) -> None:
        for _ in range(3):
            assert judge(await sender.post(url, KEYS, "{}"), KEYS).ok
        assert connections == 2

    with_sender(talk, work)


def test_a_server_that_always_closes_is_asked_once_per_attempt() -> None:
    asked = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await read_request(reader)
        asked += 1

    async def work(sender: Sender, url: str) -> None:
        answer = await sender.post(url, KEYS, "{}")
        assert answer.trouble is not None
        assert answer.trouble.step == "closed"
        assert asked == 1

    with_sender(talk, work)


@pytest.mark.parametrize("more", [FULL, b"garbage", b"\0"])
def test_more_than_was_asked_for_ends_the_connection_and_not_the_answer(more: bytes) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(FULL + more)
        await writer.drain()
        await reader.read()

    async def work(sender: Sender, url: str) -> None:
        for _ in range(2):
            assert judge(await sender.post(url, KEYS, "{}"), KEYS).ok
        assert connections == 2

    with_sender(talk, work)


def test_an_upgrade_is_refused() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello"
        )
        await reader.read()

    async def work(sender: Sender, url: str) -> None:
        answer = await sender.post(url, KEYS, "{}")
        assert answer.trouble is not None
        assert answer.trouble.step == "http"

    with_sender(talk, work)


def test_idle_connections_are_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_IDLE_S", 0.02)
    closed = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(FULL)
        assert await reader.read() == b""
        closed.set()

    async def work(sender: Sender, url: str) -> None:
        assert judge(await sender.post(url, KEYS, "{}"), KEYS).ok
        await asyncio.wait_for(closed.wait(), 5)

    with_sender(talk, work)


def test_a_cancelled_post_drops_its_connection() -> None:
    gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        try:
            await reader.read()
        finally:
            gone.set()

    asked = asyncio.Event()

    async def work(sender: Sender, url: str) -> None:
        task = asyncio.create_task(sender.post(url, KEYS, "{}"))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(gone.wait(), 5)

    with_sender(talk, work)


class Wire(asyncio.Transport):
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False

    def write(self, data: Any) -> None:
        pass

    def abort(self) -> None:
        self.aborted = True


@settings(deadline=None)
@given(
    st.lists(
        st.binary(max_size=80)
        | st.sampled_from(
            [FULL, FULL[:60], b"HTTP/1.1 200 OK\r\n", b"\r\n", b"1\r\nx\r\n", b"0\r\n"]
        ),
        max_size=6,
    )
)
def test_any_bytes_as_an_answer_end_in_an_answer_or_in_trouble(pieces: list[bytes]) -> None:
    async def main() -> None:
        connection = Connection(limit=500, timeout_ms=1000)
        connection.connection_made(Wire())
        task = asyncio.create_task(connection.exchange(b"", 1))
        await asyncio.sleep(0)
        for piece in pieces:
            connection.data_received(piece)
        connection.connection_lost(None)
        [result] = await asyncio.gather(task, return_exceptions=True)
        assert type(result).__name__ in ("Raw", "Trouble")
        assert not connection.reusable

    asyncio.run(main())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(
    ("host", "trusted", "step"),
    [("localhost", True, ""), ("localhost", False, "tls"), ("127.0.0.1", True, "tls")],
)
def test_https_checks_the_certificate_and_the_name(
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    trusted: bool,
    step: str,
) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=BODY, content_type="application/json")

    async def main() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        app = web.Application()
        app.router.add_post("/", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        url = f"https://{host}:{runner.addresses[0][1]}/"
        async with Sender(Settings(push_timeout_ms=5000), Clock()) as sender:
            for _ in range(2):
                verdict = judge(await sender.post(url, KEYS, "{}"), KEYS)
                assert verdict.step == step, verdict
                assert verdict.ok == (not step)
        await runner.cleanup()

    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    asyncio.run(main())
