"""Bodies in pieces, sinks, and the bound on connections: what transfers build on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sanfang.client import (
    AnswerTooLong,
    BadCall,
    Request,
    Response,
    SanfangError,
    TimedOut,
)
from sanfang.client.pool import PoolTransport
from sanfang.client.session import SessionTransport

from .raw_server import RawServer, Script
from .stand_in import Reply, StandIn


class Pieces:
    def __init__(self, size: int, pieces: list[bytes]) -> None:
        self.size = size
        self._pieces = pieces
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.given += 1
            yield piece


class Blocking:
    """A `SessionTransport` with the face of a `PoolTransport`."""

    def __init__(self, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._transport = SessionTransport(**options)

    def send(self, request: Request) -> Response:
        return self._runner.run(self._transport.send(request))

    def close(self) -> None:
        self._runner.run(self._transport.close())
        self._runner.close()


@pytest.fixture(params=[PoolTransport, Blocking], ids=["sync", "async"])
def transport(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = request.param()
    yield made
    made.close()


def upload(platform: StandIn, body: Any) -> Request:
    return Request("POST", f"{platform.url}/gettoken?appkey=a", {}, body)


def test_a_body_in_pieces_arrives_whole(transport: Any, platform: StandIn) -> None:
    pieces = [bytes([n]) * 65_536 for n in range(80)]
    for _ in range(2):
        answer = transport.send(upload(platform, Pieces(80 * 65_536, pieces)))
        assert answer.status == 200
    assert platform.seen[-1].body == b"".join(pieces)
    assert platform.connections == 1


@pytest.mark.parametrize("pieces", [[b"12345"], [b"123", b"4567890123"], []])
def test_a_body_of_another_size_than_it_said_is_refused(
    transport: Any, platform: StandIn, pieces: list[bytes]
) -> None:
    with pytest.raises(BadCall, match="10"):
        transport.send(upload(platform, Pieces(10, pieces)))
    assert transport.send(upload(platform, b"1234567890")).status == 200


def test_a_body_that_breaks_passes_its_error_on_and_costs_the_connection(
    transport: Any, platform: StandIn
) -> None:
    class Broken(Pieces):
        def __iter__(self) -> Iterator[bytes]:
            yield b"123"
            raise RuntimeError("the disk")

    with pytest.raises(RuntimeError, match="the disk"):
        transport.send(upload(platform, Broken(10, [])))
    assert transport.send(upload(platform, b"x")).status == 200
    assert platform.connections == 2


def test_a_file_that_cannot_be_read_is_no_fault_of_the_network(
    transport: Any, platform: StandIn
) -> None:
    class Bad(Pieces):
        def __iter__(self) -> Iterator[bytes]:
            yield b"123"
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        transport.send(upload(platform, Bad(10, [])))


def test_an_upload_that_is_refused_early_leaves_no_half_request_behind(transport: Any) -> None:
    """The connection must not be used again: the server would read the next request as a body."""
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}"
    server = RawServer(lambda _: Script(refusal, "keep"))
    try:
        for _ in range(3):
            body = Pieces(64 * 65_536, [b"x" * 65_536] * 64)
            with contextlib.suppress(SanfangError):
                answer = transport.send(Request("POST", f"{server.url}/media/upload", {}, body))
                assert answer.status == 413
        heads = [request.split(b"\r\n")[0] for request in server.requests]
        assert b"POST /media/upload HTTP/1.1" in heads
    finally:
        server.close()


def test_a_sink_gets_the_pieces_and_the_response_none(transport: Any, platform: StandIn) -> None:
    platform.on("/file", Reply(b"ab" * 100_000, content_type="image/png"))
    got: list[bytes] = []
    answer = transport.send(Request("GET", f"{platform.url}/file", {}, sink=got.append))
    assert (answer.status, answer.body, b"".join(got)) == (200, b"", b"ab" * 100_000)


@pytest.mark.parametrize(
    "reply",
    [Reply({"errcode": 40004}), Reply(b"no such file", status=404, content_type="text/plain")],
    ids=["JSON", "404"],
)
def test_a_sink_gets_no_refusal(transport: Any, platform: StandIn, reply: Reply) -> None:
    platform.on("/file", reply)
    got: list[bytes] = []
    answer = transport.send(Request("GET", f"{platform.url}/file", {}, sink=got.append))
    assert got == []
    assert answer.body == reply.raw()


def test_a_sink_is_bounded_by_the_limit_too(transport: Any, platform: StandIn) -> None:
    platform.on("/file", Reply(b"x" * 2000, content_type="image/png"))
    with pytest.raises(AnswerTooLong):
        transport.send(Request("GET", f"{platform.url}/file", {}, limit=1000, sink=lambda _: None))


def test_what_a_sink_raises_ends_the_exchange(transport: Any, platform: StandIn) -> None:
    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    platform.on("/file", Reply(b"x" * 2000, content_type="image/png"))
    with pytest.raises(OSError, match="No space"):
        transport.send(Request("GET", f"{platform.url}/file", {}, sink=full))
    assert transport.send(upload(platform, b"x")).status == 200


# -- the bound on connections ---------------------------------------------------------------------


def test_more_calls_than_connections_wait_in_turn(platform: StandIn) -> None:
    async def go() -> None:
        session = SessionTransport(connections=3)
        request = Request("GET", f"{platform.url}/gettoken?appkey=a", {})
        answers = await asyncio.gather(*(session.send(request) for _ in range(50)))
        assert [answer.status for answer in answers] == [200] * 50
        await session.close()

    asyncio.run(go())
    assert platform.connections == 3


def test_waiting_for_a_connection_counts_and_can_be_cancelled(platform: StandIn) -> None:
    platform.on("/slow", lambda _: platform.hold.wait(20) and None)

    async def go() -> None:
        session = SessionTransport(connections=1)
        slow = asyncio.create_task(session.send(Request("GET", f"{platform.url}/slow", {})))
        while not platform.calls("/slow"):
            await asyncio.sleep(0.001)
        fast = Request("GET", f"{platform.url}/gettoken?appkey=a", {}, timeout=0.1)
        with pytest.raises(TimedOut):
            await session.send(fast)
        waiting = asyncio.create_task(
            session.send(Request("GET", f"{platform.url}/gettoken?appkey=a", {}))
        )
        await asyncio.sleep(0)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        slow.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await slow
        answer = await session.send(Request("GET", f"{platform.url}/gettoken?appkey=a", {}))
        assert answer.status == 200
        await session.close()

    asyncio.run(go())


def test_an_idle_connection_makes_room_for_another_host(platform: StandIn) -> None:
    other = RawServer(lambda _: Script(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "keep"))

    async def go() -> None:
        session = SessionTransport(connections=1)
        for _ in range(3):
            await session.send(Request("GET", f"{platform.url}/gettoken?appkey=a", {}))
            await session.send(Request("GET", f"{other.url}/x", {}))
        assert len(session._open) == 1
        await session.close()

    asyncio.run(go())
    other.close()


def test_random_cancellation_leaks_no_connection_and_no_turn(platform: StandIn) -> None:
    """A hundred calls over five connections, most of them cancelled at odd moments."""

    async def go() -> None:
        session = SessionTransport(connections=5)
        request = Request("GET", f"{platform.url}/gettoken?appkey=a", {})
        for round_ in range(4):
            tasks = [asyncio.create_task(session.send(request)) for _ in range(25)]
            for number, task in enumerate(tasks):
                if number % 3 == round_ % 3:
                    await asyncio.sleep(0)
                    task.cancel()
                if number % 5 == 0:
                    await asyncio.sleep(0.001)
            done = await asyncio.gather(*tasks, return_exceptions=True)
            fine = [one for one in done if isinstance(one, Response)]
            assert all(isinstance(one, (Response, asyncio.CancelledError)) for one in done)
            assert len(fine) >= 8
        assert not session._waiting
        assert len(session._open) == sum(len(idle) for idle in session._idle.values()) <= 5
        await session.close()

    asyncio.run(go())


def test_closing_wakes_those_who_wait_and_ends_those_under_way(platform: StandIn) -> None:
    platform.on("/slow", lambda _: platform.hold.wait(20) and None)

    async def go() -> list[Any]:
        session = SessionTransport(connections=1)
        tasks = [
            asyncio.create_task(session.send(Request("GET", f"{platform.url}/slow", {})))
            for _ in range(3)
        ]
        while not platform.calls("/slow"):
            await asyncio.sleep(0.001)
        await session.close()
        return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)

    assert all(isinstance(one, SanfangError) for one in asyncio.run(go()))


def test_closing_does_not_wait_for_a_connection_that_hangs() -> None:
    """A queue that is full: the next connection is neither accepted nor refused."""

    async def go(url: str) -> Any:
        session = SessionTransport()
        task = asyncio.create_task(session.send(Request("GET", f"{url}/x", {})))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(session.close(), 2)
        return (await asyncio.gather(task, return_exceptions=True))[0]

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
        assert isinstance(asyncio.run(go(f"http://127.0.0.1:{address[1]}")), BadCall)


# -- whose answer it is -------------------------------------------------------------------------


def echo(request: bytes) -> Script:
    """Answer with the request's target; some answers come late, in pieces, or not at all."""
    target = request.split(b" ")[1]
    body = b'{"target":"%b"}' % target
    number = int(target.rpartition(b"=")[2])
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    if number % 7 == 3:
        return Script(head + body[:4], "reset")
    if number % 7 == 5:
        return Script(head + body, "keep", pause=0.0002)
    if number % 11 == 4:
        return Script(b"", "close")
    return Script(head + body, "keep")


@pytest.fixture
def echoing() -> Iterator[RawServer]:
    server = RawServer(lambda _: Script(b""), by_request=echo)
    yield server
    server.close()


def test_no_thread_gets_anothers_answer(echoing: RawServer) -> None:
    pool = PoolTransport()
    wrong: list[Any] = []
    done: list[int] = []

    def work(first: int) -> None:
        for number in range(first, first + 40):
            request = Request("GET", f"{echoing.url}/x?n={number}", {}, timeout=5)
            try:
                answer = pool.send(request)
            except SanfangError:
                continue
            done.append(number)
            if answer.body != b'{"target":"/x?n=%d"}' % number:
                wrong.append((number, answer.body))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 400, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert wrong == []
    assert len(done) > 200


def test_no_task_gets_anothers_answer_however_many_are_cancelled(echoing: RawServer) -> None:
    async def go() -> tuple[int, list[Any]]:
        session = SessionTransport(connections=10)
        wrong: list[Any] = []
        done = 0

        async def one(number: int) -> None:
            nonlocal done
            limit = 0.003 if number % 5 == 0 else 5
            answer = await session.send(
                Request("GET", f"{echoing.url}/x?n={number}", {}, timeout=limit)
            )
            done += 1
            if answer.body != b'{"target":"/x?n=%d"}' % number:
                wrong.append((number, answer.body))

        tasks = []
        for number in range(400):
            tasks.append(asyncio.create_task(one(number)))
            if number % 3 == 0:
                await asyncio.sleep(0.0005)
                tasks[number // 2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await session.close()
        return done, wrong

    done, wrong = asyncio.run(go())
    assert wrong == []
    assert done > 50
