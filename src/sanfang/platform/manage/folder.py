"""The data folder as far as the management API is concerned: its token, and where it listens.

Both files are for the owner alone (0600): who can read them can do everything.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

import msgspec

TOKEN_FILE, SERVER_FILE = "admin.token", "server.json"


class Running(msgspec.Struct, frozen=True):
    """What ``server.json`` says, so that the command line finds a running platform."""

    url: str
    token: str
    pid: int


class DataFolder:
    """A folder that exists, made for the owner alone when it did not.

    :raises OSError: it cannot be made or read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def token_file(self) -> Path:
        return self.path / TOKEN_FILE

    def admin_token(self) -> str:
        """Return the token of the management API; the first call makes it."""
        with contextlib.suppress(FileNotFoundError):
            self.token_file.chmod(0o600)
            token = self.token_file.read_text("utf-8", "replace").strip()
            if token and not (token.isascii() and token.isprintable()):
                raise OSError(errno.EINVAL, f"{TOKEN_FILE} holds no token", str(self.token_file))
            if token:
                return token
        token = secrets.token_urlsafe(32)
        _write_private(self.token_file, token + "\n")
        return token

    def announce(self, url: str, token: str) -> None:
        """Write ``server.json``."""
        running = Running(url, token, os.getpid())
        _write_private(self.path / SERVER_FILE, msgspec.json.encode(running).decode())

    def withdraw(self) -> None:
        """Remove ``server.json`` if it is this process's own."""
        file = self.path / SERVER_FILE
        with contextlib.suppress(OSError, msgspec.DecodeError):
            if msgspec.json.decode(file.read_bytes(), type=Running).pid == os.getpid():
                file.unlink()


def _write_private(file: Path, text: str) -> None:
    """Write a file whole or not at all, never readable by others."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)
