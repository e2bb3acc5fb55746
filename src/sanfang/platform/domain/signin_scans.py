"""QR codes for signing in: one screen shows it, somebody confirms elsewhere, the screen goes on.

Two names are given out. The *scan id* is in the picture, for everybody to see. The *watch* is known to
the page that shows the picture and to nobody else: what comes of the scan is given to its holder,
once. So who photographs a code over somebody's shoulder can sign in as himself there, and gets
nothing that is another's.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from . import secrets
from .core import Core
from .refusals import Refusal
from .signin_codes import LONGEST

Shown = Literal["page", "frame", "old_frame"]
State = Literal["waiting", "scanned", "done", "denied", "gone"]


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A QR code that waits: the page it opens (path and raw query) and where it is shown.

    ``page``: the hosted page; ``frame``: embedded by DTFrameLogin; ``old_frame``: by DDLogin.
    """

    path: str
    query: str
    shown: Shown
    watched_as: str


class Outcome(msgspec.Struct, frozen=True):
    """How it stands; ``result`` is an address or a ``loginTmpCode``, there once, when done."""

    state: State
    result: str = ""


_SCAN = msgspec.json.Decoder(Scan)


async def begin(core: Core, path: str, query: str, shown: Shown) -> tuple[str, str]:
    """Make a QR code for a page that was examined; return the scan id and the watch."""
    scan_id, watch = secrets.letters(24), secrets.letters(40)
    made = Scan(path=path, query=query, shown=shown, watched_as=_fingerprint(watch))
    now, ttl = core.clock.now(), lifetime(core)
    await core.hot.put(_scan(scan_id), msgspec.json.encode(made), now=now, ttl=ttl)
    await core.hot.put(_state(made.watched_as), b"waiting", now=now, ttl=ttl)
    return scan_id, watch


def lifetime(core: Core) -> int:
    """Return for how many milliseconds a QR code is good."""
    return core.settings.signin_code_ttl_s * 1000


async def look(core: Core, scan_id: str) -> Scan:
    """Return what a QR code stands for; refuse 40078 when it has ended."""
    sound = scan_id.isascii() and 0 < len(scan_id) <= LONGEST
    raw = await core.hot.get(_scan(scan_id), now=core.clock.now()) if sound else None
    if raw is None:
        raise _ended()
    return _SCAN.decode(raw)


async def note_scanned(core: Core, scan: Scan) -> None:
    """Tell the screen that somebody has opened the code and is deciding."""
    now, ttl = core.clock.now(), lifetime(core)
    # Only while it waits: somebody else may have finished it since it was looked at.
    await core.hot.swap(_state(scan.watched_as), b"waiting", b"scanned", now=now, ttl=ttl)


async def finish(core: Core, scan_id: str, result: str | None) -> None:
    """Use a QR code up: ``result`` goes to its watch, None means the person said no.

    Of any number of callers exactly one succeeds; refuses the others 40078.
    """
    now, ttl = core.clock.now(), lifetime(core)
    raw = await core.hot.take(_scan(scan_id), now=now)
    if raw is None:
        raise _ended()
    scan = _SCAN.decode(raw)
    if result is not None:
        await core.hot.put(_result(scan.watched_as), result.encode(), now=now, ttl=ttl)
    state = b"denied" if result is None else b"done"
    await core.hot.put(_state(scan.watched_as), state, now=now, ttl=ttl)


async def watch(core: Core, token: str) -> Outcome:
    """Say how a QR code stands, to the page that shows it. The result is given once."""
    if not token.isascii() or not 0 < len(token) <= LONGEST:
        return Outcome("gone")
    key, now = _fingerprint(token), core.clock.now()
    state = await core.hot.get(_state(key), now=now)
    if state == b"done":
        result = await core.hot.take(_result(key), now=now)
        return Outcome("gone") if result is None else Outcome("done", result.decode())
    if state == b"waiting":
        return Outcome("waiting")
    if state == b"scanned":
        return Outcome("scanned")
    return Outcome("denied" if state == b"denied" else "gone")


def _ended() -> Refusal:
    return Refusal(
        40078,
        "这个二维码已经用过、过期或不存在；回到显示二维码的页面刷新，再扫新的。",
        "This QR code was used, has expired, or never was; reload the page that shows it and scan"
        " the new one.",
        errmsg="二维码已失效",
        faq="F3",
    )


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _scan(scan_id: str) -> str:
    return "qr:" + scan_id


def _state(key: str) -> str:
    return "qrstate:" + key


def _result(key: str) -> str:
    return "qrresult:" + key
