"""A store in one JSON file, for the processes of one machine.

The file is never written in place: the new text is written beside it, flushed to disk, and takes
its name in one step, so that a reader, or whoever comes after a kill -9 or a power cut, sees the
old text or the new one. Writers exclude one another by a lock on a file of its own, which the
system gives back when its holder dies. The whole file is written each time: with more than a few
hundred corps take `SQLiteStore`.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import msgspec

from ..errors import StoreFailed
from ..tokens import Token, TokenKey
from .common import PATIENCE, DurableStore, checked, key_text, seconds_left, text_of

if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

    def _unlock(fd: int) -> None:
        os.lseek(fd, 0, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)


class _Entry(msgspec.Struct, omit_defaults=True):
    """A token and the lease on it; ``expires_at`` None is never."""

    fence: int = 0
    value: str | None = None
    fetched_at: float = 0.0
    expires_at: float | None = None
    leased_at: float = 0.0
    leased_until: float = 0.0


class _Suite(msgspec.Struct, omit_defaults=True):
    ticket: str | None = None
    codes: dict[str, str] = {}


class _Content(msgspec.Struct):
    sanfang_tokens: int  # the version of this layout
    tokens: dict[str, _Entry] = {}
    suites: dict[str, _Suite] = {}


_decode = msgspec.json.Decoder(_Content).decode
_encode = msgspec.json.Encoder().encode
_VERSION = 1


class FileStore(DurableStore):
    """Keep tokens, tickets and permanent codes in one file, made with mode 0600 when needed.

    ``path`` is the file; ``path`` with ``.lock`` and ``.new`` added are used beside it.
    ``base_url`` and ``api_url``: see `DurableStore`. ``clock`` gives the time of leases, in
    seconds, and must be the same for all processes. Methods raise `StoreFailed`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        base_url: str | None = None,
        api_url: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(base_url, api_url)
        self._path = Path(path)
        self._clock = clock

    # -- tokens -----------------------------------------------------------------------------

    def get(self, key: TokenKey, /) -> Token | None:
        entry = self._read().tokens.get(key_text(key))
        if entry is None or entry.value is None:
            return None
        expires_at = math.inf if entry.expires_at is None else entry.expires_at
        return Token(entry.value, entry.fetched_at, expires_at)

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        name, now = key_text(key), self._clock()
        # A look without the lock first: those who wait their turn come often.
        if _leased(self._read().tokens.get(name), now):
            return None
        with self._changing() as content:
            entry = content.tokens.setdefault(name, _Entry())
            now = self._clock()
            if _leased(entry, now):
                return None
            entry.fence += 1
            entry.leased_at, entry.leased_until = now, now + seconds
            self._write(content)
            return entry.fence

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        with self._changing() as content:
            entry = content.tokens.get(key_text(key))
            if entry is None or entry.fence != fence or not entry.leased_until:
                return False
            now = self._clock()
            entry.leased_at, entry.leased_until = now, now + seconds
            self._write(content)
            return True

    def release(self, key: TokenKey, fence: int, /) -> None:
        with self._changing() as content:
            entry = content.tokens.get(key_text(key))
            if entry is not None and entry.fence == fence:
                entry.leased_at = entry.leased_until = 0.0
                self._write(content)

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        with self._changing() as content:
            entry = content.tokens.setdefault(key_text(key), _Entry())
            if fence is not None and fence != entry.fence:
                return False
            if fence is None:
                entry.fence += 1
            entry.value, entry.fetched_at = token.value, token.fetched_at
            entry.expires_at = token.expires_at if token.expires_at < math.inf else None
            entry.leased_at = entry.leased_until = 0.0
            self._write(content)
            return True

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        with self._changing() as content:
            entry = content.tokens.get(key_text(key))
            if entry is None or entry.value != value:
                return False
            entry.value, entry.fetched_at, entry.expires_at = None, 0.0, None
            self._write(content)
            return True

    # -- tickets and permanent codes --------------------------------------------------------

    def ticket(self, suite_key: str, /) -> str | None:
        return self._suite(self._read(), suite_key).ticket

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        checked("ticket", ticket)
        with self._changing() as content:
            self._suite(content, suite_key).ticket = ticket
            self._write(content)

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        return self._suite(self._read(), suite_key).codes.get(corp_id)

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        checked("code", code)
        with self._changing() as content:
            self._suite(content, suite_key).codes[corp_id] = code
            self._write(content)

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        with self._changing() as content:
            if self._suite(content, suite_key).codes.pop(corp_id, None) is not None:
                self._write(content)

    def _suite(self, content: _Content, suite_key: str) -> _Suite:
        return content.suites.setdefault(text_of(self.platform, suite_key), _Suite())

    # -- the file ---------------------------------------------------------------------------

    def _read(self) -> _Content:
        try:
            with self._path.open("rb") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                    self._path.chmod(0o600)  # it was made by hand, or copied
                raw = file.read()
        except FileNotFoundError:
            return _Content(_VERSION)
        except OSError as problem:
            self._fail("读不了", "cannot be read", problem)
        try:
            content = _decode(raw)
        except (msgspec.DecodeError, UnicodeError):
            raise StoreFailed(
                "FileStore",
                f"{self._path} 不是令牌文件或已损坏；为免丢失授权码，没有覆盖它，请移开后重试",
                f"{self._path} is no token file, or damaged; it was not overwritten, for it may hold "
                "permanent codes: move it away",
            ) from None
        if content.sanfang_tokens != _VERSION:
            raise StoreFailed(
                "FileStore",
                f"{self._path} 由更新版本的 sanfang 写成，请升级",
                f"{self._path} was written by a newer sanfang: upgrade",
            )
        return content

    @contextlib.contextmanager
    def _changing(self) -> Iterator[_Content]:
        """Hold the lock; give what the file says now."""
        fd = self._lock()
        try:
            yield self._read()
        finally:
            # Unlocked before it is closed: a process forked meanwhile has a copy of it.
            _unlock(fd)
            os.close(fd)

    def _lock(self) -> int:
        deadline = time.monotonic() + PATIENCE
        try:
            fd = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            self._fail("锁文件打不开", "its lock file cannot be opened", problem)
        while True:
            try:
                _try_lock(fd)
            except OSError as problem:
                if time.monotonic() >= deadline:
                    os.close(fd)
                    self._fail(
                        f"{PATIENCE:g} 秒内没有等到锁，另有进程卡住",
                        f"no lock within {PATIENCE:g} s, another process hangs in it",
                        problem,
                    )
                time.sleep(random.uniform(0.002, 0.01))  # noqa: S311 - no secret
            else:
                return fd

    def _write(self, content: _Content) -> None:
        new = f"{self._path}.new"
        try:
            text = _encode(content)
        except UnicodeError:
            raise StoreFailed(
                "FileStore", "内容不是有效的文本", "what is to be kept is no valid text"
            ) from None
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        try:
            fd = os.open(new, flags, 0o600)
            with os.fdopen(fd, "wb") as file:
                if os.name == "posix":
                    os.fchmod(file.fileno(), 0o600)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _replace(new, self._path)
        except OSError as problem:
            self._fail("写不了", "cannot be written", problem)

    def _fail(self, zh: str, en: str, problem: OSError) -> NoReturn:
        reason = problem.strerror or type(problem).__name__
        raise StoreFailed(
            "FileStore",
            f"{self._path} {zh}：{reason}。请检查目录、权限与磁盘空间",
            f"{self._path} {en}: {reason}; check folder, permissions and disk space",
        ) from problem

    def __repr__(self) -> str:
        return f"<FileStore {str(self._path)!r}>"


def _leased(entry: _Entry | None, now: float) -> bool:
    return entry is not None and seconds_left(now, entry.leased_at, entry.leased_until)


def _replace(new: str, path: Path) -> None:
    if os.name != "posix":  # there a file that somebody reads cannot be replaced for a moment
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(PermissionError):
                os.replace(new, path)  # noqa: PTH105 - new is a text
                return
            time.sleep(0.01)
    os.replace(new, path)  # noqa: PTH105
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
