"""Decode what an app compressed although it was asked not to, piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

# Most that one step produces: a bomb unfolds at the browser's pace, not in memory.
_PIECE = 64 * 1024


class Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece decodes to. Raises ValueError for what is not in this coding."""


def decoder(coding: str) -> Decoder | None:
    """Return a decoder for a Content-Encoding; None for one that nobody here can read."""
    name = coding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip"):
        return _Zlib(31)
    return _Deflate() if name == "deflate" else None


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Zlib:
    """gzip or zlib; a gzip file may hold several parts one after another."""

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self._one = zlib.decompressobj(kind)

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            while data:
                if self._one.eof:
                    data = data.lstrip(b"\0")  # padding
                    if not data or self._kind != 31:
                        return
                    self._one = zlib.decompressobj(self._kind)
                yield self._one.decompress(data, _PIECE)
                data = self._one.unconsumed_tail or self._one.unused_data
            while not self._one.eof and (rest := self._one.decompress(b"", _PIECE)):
                yield rest
        except zlib.error as error:
            raise ValueError(str(error)) from None


class _Deflate:
    """``deflate`` means zlib, and many send it bare."""

    def __init__(self) -> None:
        self._start = b""
        self._one: _Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._one is None:
            self._start += data
            if len(self._start) < 2:
                return
            data = self._start
            wrapped = data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._one = _Zlib(15 if wrapped else -15)
        yield from self._one.feed(data)
