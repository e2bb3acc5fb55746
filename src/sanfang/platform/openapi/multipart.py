"""multipart/form-data: a strict reader that works on pieces, so that a file never is whole in memory.

Strict means: RFC 7578 with CRLF line ends, every part with a name, nothing missing at the end. Kept
small on purpose: files go to a spooled file, everything else is a short text.
"""

from __future__ import annotations

import mimetypes
import re
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import unquote_to_bytes

from . import reasons

MOST_PARTS = 100
LONGEST_HEADERS = 8192  # bytes of the headers of one part
LONGEST_TEXT = 1 << 20  # bytes of a part that is no file
IN_MEMORY = 1 << 18  # bytes of a file before it goes to disk

_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_PARAMETER = re.compile(r';\s*([\w!#$&^.+-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))')
_START, _HEADERS, _DATA, _END = range(4)


class Upload:
    """A file that came in a request. It is closed when the request is answered.

    ``content_type`` is what the client said, else what the file's name suggests; ``stated`` tells
    whether the client said it.
    """

    def __init__(self, name: str, filename: str, content_type: str) -> None:
        self.name = name
        self.filename = filename
        guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        self.stated = bool(content_type)
        self.content_type = content_type or guessed
        self.size = 0
        self.file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115

    def __repr__(self) -> str:
        return f"Upload({self.name!r}, {self.filename!r}, {self.content_type!r}, {self.size})"

    @property
    def data(self) -> bytes:
        """Return the whole content; for large files read ``file`` piece by piece instead."""
        self.file.seek(0)
        return self.file.read()

    def write(self, piece: bytes | bytearray) -> None:
        self.file.write(piece)
        self.size += len(piece)

    def close(self) -> None:
        self.file.close()


class _Text:
    """A part that is no file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = bytearray()

    def write(self, piece: bytes | bytearray) -> None:
        self.data += piece
        if len(self.data) > LONGEST_TEXT:
            raise reasons.too_long(LONGEST_TEXT)

    def read(self) -> str:
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            raise reasons.bad_charset(bytes(self.data)) from error


class Multipart:
    """Reads one body: ``feed`` its pieces, then ``finish``. Refuses 43008, and 40035 or -1."""

    def __init__(self, content_type: bytes) -> None:
        boundary = _boundary(content_type)
        self._line = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # so that the first boundary looks like the others
        self._state = _START
        self._part: Upload | _Text | None = None
        self._parts: list[Upload | _Text] = []

    def feed(self, piece: bytes) -> None:
        self._buffer += piece
        while self._step():
            pass

    def finish(self) -> dict[str, Any]:
        """Return texts and uploads by name; of equal names the first."""
        if self._state != _END:
            raise reasons.broken_multipart(
                "结尾的分隔行（--boundary--）没有收到", "the closing boundary line is missing"
            )
        fields: dict[str, Any] = {}
        for part in self._parts:
            value = part if isinstance(part, Upload) else part.read()
            fields.setdefault(part.name, value)
        return fields

    def close(self) -> None:
        """Close every file, also of parts that `finish` did not return."""
        for part in self._parts:
            if isinstance(part, Upload):
                part.close()

    def _step(self) -> bool:
        if self._state == _HEADERS:
            return self._headers()
        if self._state == _END:
            self._buffer.clear()  # what stands after the end is nobody's
            return False
        return self._data()

    def _data(self) -> bool:
        buffer, line = self._buffer, self._line
        at = buffer.find(line)
        whole = at if at >= 0 else max(0, len(buffer) - len(line) + 1)
        if whole:
            if self._part is not None:
                self._part.write(buffer[:whole])
            del buffer[:whole]
        if at < 0 or len(buffer) < len(line) + 2:
            return False
        after = buffer[len(line) : len(line) + 2]
        if after == b"--":
            self._state = _END
        elif after == b"\r\n":
            self._state = _HEADERS
        else:
            raise reasons.broken_multipart(
                "分隔行之后应为换行（CRLF）", "a boundary line ends with CRLF"
            )
        del buffer[: len(line) + 2]
        return True

    def _headers(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 and len(self._buffer) <= LONGEST_HEADERS:
            return False
        if end < 0 or end > LONGEST_HEADERS:
            raise reasons.broken_multipart("分段的头过长", "the headers of a part are too long")
        raw = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        if len(self._parts) >= MOST_PARTS:
            raise reasons.too_many_fields(MOST_PARTS)
        self._part = _part(raw)
        self._parts.append(self._part)
        self._state = _DATA
        return True


def _boundary(content_type: bytes) -> bytes:
    found = dict(_parameters(content_type.decode("latin-1"))).get("boundary", "")
    boundary = found.encode("latin-1")
    if not _BOUNDARY.fullmatch(boundary):
        raise reasons.broken_multipart(
            "Content-Type 里没有合法的 boundary；请让 HTTP 库自己生成这个头",
            "the Content-Type has no valid boundary; let the HTTP library write that header",
        )
    return boundary


def _part(raw: bytes) -> Upload | _Text:
    try:
        lines = raw.decode().split("\r\n")
    except UnicodeDecodeError as error:
        raise reasons.bad_charset(raw) from error
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    said = dict(_parameters(disposition))
    if disposition.partition(";")[0].strip().lower() != "form-data" or not said.get("name"):
        raise reasons.broken_multipart(
            '有一段缺少 Content-Disposition: form-data; name="..."',
            'a part lacks Content-Disposition: form-data; name="..."',
        )
    filename = said.get("filename") or _extended(said.get("filename*", ""))
    if not filename:
        return _Text(said["name"])
    kind = headers.get("content-type", "")[:200]
    return Upload(said["name"], filename[:1000], kind)


def _parameters(header: str) -> list[tuple[str, str]]:
    found = []
    for match in _PARAMETER.finditer(header):
        quoted = match[2]
        value = match[3] if quoted is None else re.sub(r'\\(["\\])', r"\1", quoted)
        found.append((match[1].lower(), value))
    return found


def _extended(value: str) -> str:
    """Read RFC 5987: ``utf-8''%E5%9B%BE.png``."""
    charset, _, rest = value.partition("'")
    _, _, encoded = rest.partition("'")
    if charset.lower() not in ("utf-8", "us-ascii", "iso-8859-1"):
        return ""
    return unquote_to_bytes(encoded).decode(charset, "replace")


def check_uploads(names: tuple[str, ...], fields: dict[str, Any], *, strict: bool) -> None:
    """Refuse 43008 saying which file is missing or what a part lacks, 44001 for an empty file (F31).

    ``strict``: the part must state its Content-Type, as the documents of 2015 demand.
    """
    for name in names:
        file = fields.get(name)
        if not isinstance(file, Upload):
            files = [each.name for each in fields.values() if isinstance(each, Upload)]
            raise reasons.no_file(name, is_text=file is not None, files=files)
        if strict and not file.stated:
            raise reasons.untyped_file(name)
        if not file.size:
            raise reasons.empty_file(name)
