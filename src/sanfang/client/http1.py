"""HTTP/1.1, the caller's half, without I/O: a request goes out as bytes, an answer comes in as bytes.

Both transports run it, so an odd answer is read alike by threads and by tasks. It is small because
of what it does not know: redirects, cookies, compression, upgrades, pipelining. And it is strict
where leniency has cost others: two lengths that differ, a length that is no number, a chunk that is
none, control characters in a header. RFC 9112 is cited by section.

Everything is bounded: a head by `HEAD_LIMIT`, a body by the request's limit, the framing of chunks by
as much again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

from .errors import AnswerCutShort, AnswerTooLong, BadAnswer, BadCall
from .wire import OWN_HEADERS, Request, Response

HEAD_LIMIT = 65536
"""Bytes of status line and headers, interim answers and trailers included."""

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")
_CHUNK_BEGUN = re.compile(rb"[0-9A-Fa-f]{1,15}(?:[ \t;][^\n]*)?\r?")
_CHUNK_LINE = 1024
_STATUS = re.compile(r"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: .*)?")
_known_names: dict[str, str] = {}
_OWN = "".join(f"{name}: {value}\r\n" for name, value in OWN_HEADERS.items())
_BODILESS = ("GET", "HEAD", "DELETE", "CONNECT")


def head(request: Request, target: str, host: str, extra: str = "") -> bytes:
    """Return the head of a request: ``extra`` are whole header lines for the next hop.

    Raises `BadCall` for a target or a header that would break out of its line.
    """
    body = request.body
    lines = [request.method, " ", target, " HTTP/1.1\r\nHost: ", host, "\r\n", _OWN, extra]
    for name, value in request.headers.items():
        if not (value.isprintable() and _known(name)):
            raise BadCall(f"请求头 {name[:40]!r} 不合法 / this header cannot be sent")
        lines += (name, ": ", value, "\r\n")
    if body is not None:
        size = len(body) if isinstance(body, bytes) else body.size
        lines += ("Content-Length: ", str(size), "\r\n")
    elif request.method not in _BODILESS:
        lines.append("Content-Length: 0\r\n")
    lines.append("\r\n")
    if not (target.isprintable() and " " not in target):
        raise BadCall("地址里有空格或控制字符 / the address holds blanks or control characters")
    try:
        return "".join(lines).encode("latin-1" if target.isascii() else "ascii")
    except UnicodeError:
        raise BadCall(
            "地址与请求头只能是 ASCII 文本 / address and headers must be ASCII text"
        ) from None


def _known(name: str) -> str | None:
    """Return a header's name in lower case, or None if it is no name."""
    known = _known_names.get(name)
    if known is None and _NAME.fullmatch(name):
        known = name.lower()
        if len(_known_names) < 500:
            _known_names[name] = known
    return known


class Reader:
    """Read one answer: `feed` until it says that the answer is complete, or `eof`.

    ``keep_alive`` says afterwards whether the connection can be used again, ``began`` whether a
    byte came at all. Both raise `BadAnswer` for what is no answer.
    """

    __slots__ = (
        "_body", "_buffer", "_expect", "_framing", "_left", "_limit", "_next", "_overhead", "_request",
        "_sinks", "_size", "began", "done", "headers", "keep_alive", "keep_for", "status",
    )  # fmt: skip

    def __init__(self, request: Request) -> None:
        self._request = request
        self._limit = request.limit
        self._buffer = bytearray()
        self._framing = 0  # bytes of heads
        self._overhead = 0  # bytes of chunk lines
        self._expect = "size"
        self._body: bytes | bytearray = b""
        self._size = 0
        self._left = 0
        self._sinks = False
        # A function and not a bound method: that would be a cycle, left to the garbage collector.
        self._next: Callable[[Reader, bytes], bytes | None] = Reader._head
        self.began = self.done = self.keep_alive = False
        self.keep_for: float | None = None
        self.status = 0
        self.headers: dict[str, str] = {}

    def feed(self, data: bytes) -> bool:
        """Take the next bytes; tell whether the answer is complete."""
        self.began = True
        rest = self._next(self, data)
        while rest is not None and not self.done:
            rest = self._next(self, rest)
        if self.done and rest:
            self.keep_alive = False  # it says more than it was asked
        return self.done

    def eof(self) -> bool:
        """Tell whether the end of the connection completes the answer; raise if it cuts it."""
        if not self.began:
            return False
        if self._next is Reader._until_close:
            self.done = True
            return True
        raise self.cut()

    def response(self) -> Response:
        """Return the complete answer."""
        body = self._body
        return Response(self.status, self.headers, body if type(body) is bytes else bytes(body))

    def cut(self) -> BadAnswer:
        """Make the error for an answer that ends too early."""
        return AnswerCutShort("应答中断 / the answer was cut short", self._request.api, self.status)

    # Each step takes bytes and returns what is left for the next one, or None for "more, please".

    def _head(self, data: bytes) -> bytes | None:
        waiting = self._buffer
        if waiting:
            waiting += data
            if b"\n" not in data:
                self._frame(0, len(waiting))
                return None
            data = bytes(waiting)
        end, size = data.find(b"\r\n\r\n"), 4
        bare = data.find(b"\n\n", 0, end if end >= 0 else len(data))
        if bare >= 0:  # 2.2: a line feed alone will do
            end, size = bare, 2
        if end < 0:
            if not waiting:
                waiting += data
            if data[:7] != b"HTTP/1."[: len(data)]:  # do not wait for the end of something else
                self._malformed(repr(data[:40]))
            self._frame(0, len(waiting))
            return None
        if waiting:
            waiting.clear()
        self._frame(end + size)
        self._parse(data[:end].decode("latin-1"))
        if self.status < 200:
            if self.status == 101:
                self._malformed("101 Switching Protocols")
            return data[end + size :] or None
        return self._framed(data, end + size)

    def _frame(self, size: int, waiting: int = 0) -> None:
        self._framing += size
        if self._framing + waiting > HEAD_LIMIT:
            raise AnswerTooLong(
                f"应答头超过 {HEAD_LIMIT} 字节 / the answer's head is longer than that",
                self._request.api,
                self.status,
            )

    def _parse(self, text: str) -> None:
        lines = text.split("\r\n") if "\r" in text else text.split("\n")
        first = _STATUS.fullmatch(lines[0])
        breaks = len(lines) - 1
        if first is None or "\0" in text or text.count("\n") != breaks:
            self._malformed(lines[0])
        if text.count("\r") not in (0, breaks):
            self._malformed(lines[0])
        self.status = int(first[2])
        headers: dict[str, str] = {}
        name: str | None = None
        for line in lines[1:]:
            if line[:1] in " \t":  # 5.2: a folded line, obsolete and still seen
                if name is None:
                    self._malformed(line)
                headers[name] += " " + line.strip()
                continue
            key, _, value = line.partition(":")
            name = _known(key) if len(key) < len(line) else None
            if name is None:
                self._malformed(line)
            value = value.strip(" \t")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        self.headers = headers
        connection = headers.get("connection", "").lower()
        self.keep_alive = "close" not in connection and (
            first[1] == "1" or "keep-alive" in connection
        )
        hint = headers.get("keep-alive")
        if hint and (found := re.search(r"timeout=(\d{1,6})", hint)):
            self.keep_for = float(found[1])

    def _framed(self, data: bytes, start: int) -> bytes | None:
        """Find out how the body ends (6.3) and go on with it."""
        headers, request = self.headers, self._request
        if self.status in (204, 304) or request.method in ("HEAD", "CONNECT"):
            self.done = True
            return data[start:]
        if request.sink is not None and 200 <= self.status < 300:
            self._sinks = self._accepted(request.sink)
        coding = headers.get("transfer-encoding")
        if coding is not None:
            if coding.lower() != "chunked":
                self._malformed(f"Transfer-Encoding: {coding}")
            self.keep_alive = self.keep_alive and "content-length" not in headers
            self._body = bytearray()
            self._next = Reader._chunked
            return data[start:]
        length = headers.get("content-length")
        if length is None:
            self.keep_alive = False
            self._body = bytearray()
            self._next = Reader._until_close
            return data[start:] or None
        self._left = left = self._length(length)
        if left > self._limit:
            self._too_long()
        if len(data) - start >= left and not self._sinks:  # nearly always: it came in one piece
            self._body = data[start : start + left]
            self.done = True
            return data[start + left :]
        self._body = bytearray()
        self._next = Reader._of_length
        return data[start:]

    def _accepted(self, sink: Any) -> bool:
        """Ask a sink that wants to be asked whether this answer is for it, and how long it may be."""
        if not hasattr(sink, "begin"):
            return "json" not in self.headers.get("content-type", "").lower()
        accepted = bool(sink.begin(self.status, self.headers))
        if accepted:
            self._limit = sink.most
        return accepted

    def _length(self, text: str) -> int:
        values = {value.strip() for value in text.split(",")}  # 6.3: repeated, if all are equal
        value = values.pop()
        if values or not (value.isascii() and value.isdigit()) or len(value) > 18:
            self._malformed(f"Content-Length: {text}")
        return int(value)

    def _of_length(self, data: bytes) -> bytes | None:
        left = self._left
        piece = data if len(data) <= left else data[:left]
        self._left = left - len(piece)
        self._put(piece)
        if self._left:
            return None
        self.done = True
        return data[left:]

    def _until_close(self, data: bytes) -> None:
        self._put(data)

    def _chunked(self, data: bytes) -> bytes | None:
        """Take chunks (7.1): a size, that many bytes, an empty line; after size 0 the trailer."""
        if self._buffer:
            data = bytes(self._buffer) + data
            self._buffer.clear()
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                self._put(piece)
                continue
            end = data.find(b"\n", at, at + _CHUNK_LINE)
            if end < 0:
                if len(data) - at >= _CHUNK_LINE:
                    self._malformed("chunk")
                self._check_begun(data[at:])
                self._buffer += data[at:]
                return None
            line = data[at:end].removesuffix(b"\r")
            self._overhead += end + 1 - at
            at = end + 1
            if self._chunk_line(line):
                self.done = True
                return data[at:]
        return None

    def _check_begun(self, line: bytes) -> None:
        """Refuse the beginning of a line that cannot become one, rather than wait for its end."""
        if self._expect == "size" and not _CHUNK_BEGUN.fullmatch(line):
            self._malformed(f"chunk {line[:40]!r}")
        if self._expect == "end" and line != b"\r":
            self._malformed(f"chunk {line[:40]!r}")

    def _chunk_line(self, line: bytes) -> bool:
        """Take a line between chunks; tell whether it is the last one."""
        if self._overhead > self._limit + HEAD_LIMIT:
            self._too_long()
        if self._expect == "trailer":
            return not line
        if self._expect == "end":
            if line:
                self._malformed(f"chunk {line[:40]!r}")
            self._expect = "size"
            return False
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            self._malformed(f"chunk {line[:40]!r}")
        self._left = int(match[1], 16)
        if self._size + self._left > self._limit:
            self._too_long()
        self._expect = "end" if self._left else "trailer"
        return False

    def _put(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            self._too_long()
        if self._sinks:
            assert self._request.sink is not None
            if piece:
                self._request.sink(piece)
        else:
            assert type(self._body) is bytearray
            self._body += piece

    def _too_long(self) -> NoReturn:
        limit = self._limit
        raise AnswerTooLong(
            f"应答超过 {limit} 字节 / the answer is longer than {limit} bytes",
            self._request.api,
            self.status,
        )

    def _malformed(self, detail: str) -> NoReturn:
        text = self._request.mask(detail)[:80]
        raise BadAnswer(
            "http",
            f"应答不是 HTTP/1.1：{text!r} / the answer is not HTTP/1.1",
            api=self._request.api,
            status=self.status,
        )
