"""The local ends of a transfer: what is sent, and where what comes is put. No HTTP.

A download never shows half a file: it is written under another name in the same folder and renamed
when it is whole and has been checked. Whatever ends it early - an error, a cancelled task, Ctrl-C -
takes the half with it. Neither end holds more than a piece in memory.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, Protocol

from .errors import BadCall, FileFailed

PIECE = 65536
Progress = Callable[[int, int | None], object]
"""Called with the bytes done, and with all there are or None while that is unknown."""

Source = str | os.PathLike[str] | bytes | BinaryIO
Target = str | os.PathLike[str] | BinaryIO


# -- what is sent -----------------------------------------------------------------------------


class Content:
    """The bytes to send: a path, bytes, or an open binary file from where it stands.

    ``name`` is the file's name, ``size`` its bytes. A file that cannot be rewound (a pipe) is
    copied to a temporary one first, because its size is asked for before its content.
    """

    def __init__(self, source: Source, name: str = "") -> None:
        self.name = name
        self._mine = False
        self._file: IO[bytes]
        try:
            self._file, found = self._opened(source)
            self._start = self._file.tell()
            self.size = self._file.seek(0, os.SEEK_END) - self._start
        except (OSError, ValueError) as problem:
            raise _no_file(source, problem) from None
        self.name = name or found
        self._offset, self._length = 0, self.size

    def _opened(self, source: Source) -> tuple[IO[bytes], str]:
        if isinstance(source, (bytes, bytearray, memoryview)):
            return io.BytesIO(bytes(source)), ""
        if isinstance(source, (str, os.PathLike)):
            path = Path(source)
            self._mine = True
            return path.open("rb"), path.name
        if not hasattr(source, "read") or _is_text(source):
            raise BadCall(
                "file 应为路径、bytes 或以二进制打开的文件"
                " / file is a path, bytes, or a file opened in binary mode"
            )
        named = getattr(source, "name", "")
        name = Path(named).name if isinstance(named, str) and "<" not in named else ""
        seekable = getattr(source, "seekable", None)
        if seekable is not None and seekable():
            return source, name
        return self._spooled(source), name

    def _spooled(self, source: BinaryIO) -> IO[bytes]:
        import tempfile  # and what it drags in, only for pipes

        spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._mine = True
        while piece := source.read(PIECE):
            spool.write(piece)
        spool.seek(0)
        return spool

    def part(self, offset: int, length: int) -> Body:
        """Return a piece of the content as a body to send."""
        return Body(self, offset, length)

    def read_at(self, offset: int, length: int) -> Iterator[bytes]:
        """Give ``length`` bytes from ``offset``, piece by piece."""
        left = length
        try:
            self._file.seek(self._start + offset)
            while left > 0:
                piece = self._file.read(min(PIECE, left))
                if not piece:
                    break
                left -= len(piece)
                yield piece
        except (OSError, ValueError) as problem:
            raise _no_file(self.name, problem) from None
        if left:
            raise FileFailed(self.name, "文件变短了 / the file has become shorter")

    def digest(self, algorithm: str) -> str:
        """Return the content's digest in hex."""
        made = hashlib.new(algorithm, usedforsecurity=False)
        for piece in self.read_at(0, self.size):
            made.update(piece)
        return made.hexdigest()

    def close(self) -> None:
        """Close what was opened here; a file of the caller's stays open."""
        if self._mine:
            self._file.close()


class Body:
    """A piece of a content as a request's body, perhaps with a form's lines around it."""

    def __init__(
        self,
        content: Content,
        offset: int,
        length: int,
        *,
        before: bytes = b"",
        after: bytes = b"",
        moved: Callable[[int], object] | None = None,
    ) -> None:
        self._content, self._offset, self._length = content, offset, length
        self._before, self._after = before, after
        self.moved = moved
        """Told of the content's bytes that have been sent in this try."""
        self.size = len(before) + length + len(after)

    def __iter__(self) -> Iterator[bytes]:
        done = 0
        if self.moved is not None:
            self.moved(0)
        if self._before:
            yield self._before
        for piece in self._content.read_at(self._offset, self._length):
            yield piece
            done += len(piece)
            if self.moved is not None:
                self.moved(done)
        if self._after:
            yield self._after


def form(
    content: Content, field: str, content_type: str, offset: int = 0, length: int | None = None
) -> tuple[Body, str]:
    """Return a multipart body with one file, or a part of it, and its Content-Type."""
    boundary = f"sanfang-{secrets.token_hex(16)}"
    name = content.name or field
    # As browsers write it: UTF-8, with the three characters escaped that would end the value.
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    before = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{quoted}"'
        f"\r\nContent-Type: {content_type}\r\n\r\n"
    ).encode("utf-8", "replace")
    after = f"\r\n--{boundary}--\r\n".encode()
    size = content.size - offset if length is None else length
    body = Body(content, offset, size, before=before, after=after)
    return body, f"multipart/form-data; boundary={boundary}"


# -- where what comes is put ------------------------------------------------------------------


class Landing(Protocol):
    """Where a download goes."""

    def write(self, piece: bytes) -> None: ...

    def restart(self) -> None:
        """Begin again: the other end does not go on where it stopped."""

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


class FileLanding:
    """A path: a draft beside it becomes it in one step."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        draft = self.path.with_name(f".{self.path.name[:100]}.{secrets.token_hex(6)}.part")
        if self.path.is_dir():
            raise BadCall(f"{self.path} 是目录，请给出文件名 / is a folder: name a file in it")
        try:
            self._file: IO[bytes] = draft.open("xb")
        except (OSError, ValueError) as problem:
            raise _no_file(self.path, problem) from None
        self._draft = draft

    def write(self, piece: bytes) -> None:
        try:
            self._file.write(piece)
        except (OSError, ValueError) as problem:
            raise _no_file(self.path, problem) from None

    def restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()

    def finish(self) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._draft.replace(self.path)
        except (OSError, ValueError) as problem:
            raise _no_file(self.path, problem) from None

    def abandon(self) -> None:
        try:
            self._file.close()
        except OSError:  # a full disk refuses the last flush as well
            pass
        finally:
            self._draft.unlink(missing_ok=True)


class StreamLanding:
    """An open binary file of the caller's: written as it comes, never closed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if not hasattr(file, "write") or _is_text(file):
            raise BadCall(
                "to 应为路径或以二进制打开的文件 / to is a path or a file opened in binary mode"
            )
        seekable = getattr(file, "seekable", None)
        self._start = file.tell() if seekable is not None and seekable() else None
        self._written = False

    def write(self, piece: bytes) -> None:
        self._written = True
        try:
            self._file.write(piece)
        except (OSError, ValueError) as problem:
            raise _no_file("to", problem) from None

    def restart(self) -> None:
        if not self._written:
            return
        if self._start is None:
            raise FileFailed(
                "to",
                "对方不支持续传，而输出不能倒回：请下载到文件"
                " / the other end cannot resume and the output cannot be rewound: download to a file",
            )
        self._file.seek(self._start)
        self._file.truncate()

    def finish(self) -> None:
        try:
            self._file.flush()
        except (OSError, ValueError) as problem:
            raise _no_file("to", problem) from None

    def abandon(self) -> None:
        pass


def landing(to: Target) -> Landing:
    """Return the landing of a target."""
    if isinstance(to, (str, os.PathLike)):
        return FileLanding(to)
    return StreamLanding(to)


class Expect(NamedTuple):
    """What a download must be, or it is thrown away: its bytes, and its digests in hex."""

    size: int | None = None
    sha256: str | None = None
    md5: str | None = None

    def hashes(self) -> dict[str, Any]:
        """Return the hashes to be computed on the way, by name."""
        made: dict[str, Any] = {}
        if self.sha256 is not None:
            made["sha256"] = hashlib.sha256()
        if self.md5 is not None:
            made["md5"] = hashlib.md5(usedforsecurity=False)
        return made


def _is_text(file: object) -> bool:
    return isinstance(file, io.TextIOBase)


def _no_file(path: object, problem: Exception) -> FileFailed:
    text = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return FileFailed(path if isinstance(path, (str, os.PathLike)) else "file", text)
