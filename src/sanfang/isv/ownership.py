"""Which process handles: any number may receive, one works through the inbox.

Order per corp needs one worker. Several server processes on one data file elect it by a lock on a
file beside it, which the operating system frees when a process dies, however it dies.
"""

from __future__ import annotations

import contextlib
import os

from .database import MEMORY

try:
    import fcntl
except ImportError:  # Windows: run one process
    fcntl = None  # type: ignore[assignment]


class Ownership:
    """The right to handle the events of one data file."""

    def __init__(self, path: str) -> None:
        self._path = "" if path == MEMORY or fcntl is None else f"{path}.worker"
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the right if it is free; tell whether we have it."""
        if not self._path or self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the right back."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
