"""Turn a session into a test: `Recorder` writes down what was sent and answered, `Replay` answers
from what was written.

A tape is a text file, one exchange per line in JSON, made to be read, committed and compared.
Secrets and tokens are not in it: each is replaced by a name such as ``masked-access_token-1``, the
same one wherever the same value appears, so that a replayed token call gives out the name and the
calls that follow are found by it. ``masked-appsecret-1`` matches whatever secret the test uses.

What is compared: method, path, query and body, and of the headers the token; not the host. Fields that
are new each time (``timestamp``, ``signature``, ``nonce``) are left out.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from msgspec.structs import replace

from .errors import SanfangError
from .tapes import (
    IGNORED,
    Masks,
    ReplayMismatch,
    bytes_of,
    differences_of,
    error_of,
    failure_of,
    line_of,
    request_of,
    response_of,
    without,
)
from .wire import AsyncTransport, Request, Response, Transport

__all__ = ["IGNORED", "AsyncRecorder", "AsyncReplay", "Recorder", "Replay", "ReplayMismatch"]

_MOST = 16 * 1024 * 1024


class _Tee:
    """A sink that keeps a copy of what it passes on."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink
        self.copy = bytearray()
        if hasattr(sink, "begin"):
            self.begin: Callable[..., Any] = sink.begin

    @property
    def most(self) -> int:
        return min(int(self._sink.most), _MOST)

    def __call__(self, piece: bytes) -> None:
        self.copy += piece
        self._sink(piece)


class _Tape:
    """The file that a recorder writes: readable by its owner only, a line at a time."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._masks = Masks(numbered=True)
        self._lock = threading.Lock()
        self._begun = False

    def tee(self, request: Request) -> tuple[Request, _Tee | None]:
        if request.sink is None:
            return request, None
        tee = _Tee(request.sink)
        return replace(request, sink=tee), tee

    def answer(self, request: Request, response: Response, tee: _Tee | None) -> None:
        body = bytes(tee.copy) if tee is not None and tee.copy else response.body
        with self._lock:
            asked = request_of(request, self._masks)
            said = response_of(response, body, self._masks)
            self._write({"request": asked, "response": said})

    def failure(self, request: Request, problem: SanfangError) -> None:
        with self._lock:
            asked = request_of(request, self._masks)
            self._write({"request": asked, "error": error_of(problem)})

    def _write(self, line: dict[str, Any]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if self._begun else os.O_TRUNC)
        if not self._begun:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self._path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._begun = True


class Recorder:
    """A transport that writes down what passes through it.

    ``path``: the tape, written anew. ``transport``: what really sends; without one it makes, and
    closes, a `PoolTransport`.
    """

    def __init__(self, path: str | os.PathLike[str], transport: Transport | None = None) -> None:
        self._tape = _Tape(path)
        self._own = transport is None
        if transport is None:
            from .pool import PoolTransport

            transport = PoolTransport()
        self._transport = transport

    def send(self, request: Request, /) -> Response:
        """Send one request and write it down."""
        sent, tee = self._tape.tee(request)
        try:
            response = self._transport.send(sent)
        except SanfangError as problem:
            self._tape.failure(request, problem)
            raise
        self._tape.answer(request, response, tee)
        return response

    def close(self) -> None:
        """Close the transport, if it is the recorder's own."""
        if self._own:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncRecorder:
    """The same for coroutines, over a `SessionTransport` if there is no other."""

    def __init__(
        self, path: str | os.PathLike[str], transport: AsyncTransport | None = None
    ) -> None:
        self._tape = _Tape(path)
        self._own = transport is None
        if transport is None:
            from .session import SessionTransport

            transport = SessionTransport()
        self._transport = transport

    async def send(self, request: Request, /) -> Response:
        """Send one request and write it down."""
        sent, tee = self._tape.tee(request)
        try:
            response = await self._transport.send(sent)
        except SanfangError as problem:
            self._tape.failure(request, problem)
            raise
        self._tape.answer(request, response, tee)
        return response

    async def close(self) -> None:
        """Close the transport, if it is the recorder's own."""
        if self._own:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


# -- replaying ------------------------------------------------------------------------------------


class _Played:
    """What a replay knows: the lines of the tape, and which of them were used."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        ordered: bool = False,
        ignore: Iterable[str] = IGNORED,
    ) -> None:
        self._path = Path(path)
        self._ordered = ordered
        self._ignored = frozenset(ignore)
        self._masks = Masks(numbered=False)
        self._lock = threading.Lock()
        self._lines = [line_of(text, number, self._path) for number, text in self._texts()]
        for line in self._lines:
            asked = line["request"]
            asked["query"] = without(asked.get("query", {}), self._ignored)
            if "json" in asked:
                asked["json"] = without(asked["json"], self._ignored)
        self._unused = list(range(len(self._lines)))

    def _texts(self) -> list[tuple[int, str]]:
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return [(number, text) for number, text in enumerate(lines, 1) if text.strip()]

    def play(self, request: Request) -> Response:
        """Return what the tape says to a request."""
        with self._lock:
            line = self._find(request_of(request, self._masks, self._ignored))
        if "error" in line:
            raise failure_of(line["error"])
        said = line["response"]
        body, headers = bytes_of(said), dict(said.get("headers", {}))
        if request.sink is not None and 200 <= said["status"] < 300:
            begin = getattr(request.sink, "begin", None)
            wanted = (
                begin(said["status"], headers)
                if begin is not None
                else "json" not in headers.get("content-type", "")
            )
            if wanted:
                request.sink(body)
                body = b""
        return Response(said["status"], headers, body)

    def _find(self, asked: dict[str, Any]) -> dict[str, Any]:
        what = f"{asked['method']} {asked['path']}"
        if not self._unused:
            raise ReplayMismatch(
                f"录音已放完，多出调用 {what} / the tape {self._path.name} has ended; one call too many",
                [],
            )
        candidates = self._unused[:1] if self._ordered else self._unused
        nearest: list[str] | None = None
        for number in candidates:
            differences = differences_of(self._lines[number]["request"], asked)
            if not differences:
                self._unused.remove(number)
                return self._lines[number]
            if nearest is None or len(differences) < len(nearest):
                nearest = [
                    f"第 {number + 1} 行最接近 / line {number + 1} is the nearest:",
                    *differences,
                ]
        raise ReplayMismatch(
            f"录音里没有这次调用 {what} / this call is not on the tape {self._path.name}",
            nearest or [],
        )

    def check(self) -> None:
        """Raise `ReplayMismatch` if something on the tape was not asked for."""
        left = [self._lines[number]["request"] for number in self._unused]
        if left:
            raise ReplayMismatch(
                f"录音里有 {len(left)} 次调用没有发生 / so many calls on the tape were not made:",
                [f"{asked['method']} {asked['path']}" for asked in left],
            )

    def leave(self, kind: type[BaseException] | None) -> None:
        if kind is None:
            self.check()


class Replay(_Played):
    """A transport that answers from a tape and sends nothing.

    A call is answered by the first line that fits it and was not used yet, or with ``ordered``
    only by the next line. ``ignore``: names of fields that are not compared. What does not fit
    raises `ReplayMismatch`; leaving the ``with`` block checks that all of the tape was used.
    """

    def send(self, request: Request, /) -> Response:
        """Answer one request from the tape."""
        return self.play(request)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave(kind)


class AsyncReplay(_Played):
    """The same for coroutines."""

    async def send(self, request: Request, /) -> Response:
        """Answer one request from the tape."""
        return self.play(request)

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave(kind)
