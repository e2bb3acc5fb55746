"""Contents of files, found by their SHA-256: in a folder, or in memory.

A content is whole or not there: it is written beside its place, flushed to the disk, then renamed
into it. The same content is kept once. Nothing is ever changed; several processes may share a folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, Protocol

PIECE = 1 << 18  # bytes read and written at a time
_STALE_S = 24 * 3600  # a draft older than this belongs to a process that died


class Stored(NamedTuple):
    sha256: str  # lower-case hex
    size: int


class Files(Protocol):
    async def put(self, stream: Iterable[bytes]) -> Stored:
        """Keep a content; return once it is on disk. ``stream`` may be read in a thread."""

    async def open(self, sha256: str) -> IO[bytes]:
        """Open a content for reading.

        :raises FileNotFoundError: it was never kept.
        """

    async def join(self, parts: Sequence[str]) -> Stored:
        """Keep what several contents are one after another.

        :raises FileNotFoundError: one of them was never kept.
        """


class MemoryFiles:
    """Forgotten with the process: for tests, and for a platform without a data folder."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    async def put(self, stream: Iterable[bytes]) -> Stored:
        content = b"".join(stream)
        sha256 = hashlib.sha256(content).hexdigest()
        self._contents.setdefault(sha256, content)
        return Stored(sha256, len(content))

    async def open(self, sha256: str) -> IO[bytes]:
        try:
            return io.BytesIO(self._contents[sha256])
        except KeyError:
            raise FileNotFoundError(sha256) from None

    async def join(self, parts: Sequence[str]) -> Stored:
        return await self.put([(await self.open(part)).read() for part in parts])


class FolderFiles:
    """Kept under ``folder/ab/abcdef...``, for the owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)

    async def put(self, stream: Iterable[bytes]) -> Stored:
        return await asyncio.to_thread(self._put, stream)

    async def open(self, sha256: str) -> IO[bytes]:
        return await asyncio.to_thread(self._place(sha256).open, "rb")

    async def join(self, parts: Sequence[str]) -> Stored:
        return await self.put(self._one_after_another(parts))

    def _one_after_another(self, parts: Sequence[str]) -> Iterator[bytes]:
        for part in parts:
            with self._place(part).open("rb") as file:
                yield from pieces(file)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _put(self, stream: Iterable[bytes]) -> Stored:
        draft = self._folder / f".{secrets.token_hex(8)}.draft"
        try:
            stored = _write(draft, stream)
            place = self._place(stored.sha256)
            if not place.exists():
                place.parent.mkdir(mode=0o700, exist_ok=True)
                draft.replace(place)
                _flush(self._folder)
            _flush(place.parent)  # also when another put renamed it a moment ago
        finally:
            draft.unlink(missing_ok=True)
        return stored


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file from its beginning, piece by piece."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


async def chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Read an open file without holding up the loop, and close it."""
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()


def _write(draft: Path, stream: Iterable[bytes]) -> Stored:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        for piece in stream:
            digest.update(piece)
            size += len(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return Stored(digest.hexdigest(), size)


def _flush(folder: Path) -> None:
    """Make a rename in a folder durable, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Remove what a process left that died while writing."""
    for draft in folder.glob(".*.draft"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > _STALE_S:
                draft.unlink()
