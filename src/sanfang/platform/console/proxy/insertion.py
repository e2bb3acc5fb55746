"""Put a script first into a page's head, while the page streams by.

The place is where a browser's parser would begin the head's contents: right after ``<head ...>``, or,
when a page does without that tag, before the first thing that is neither white space, comment,
doctype nor ``<html ...>``. Nothing else is changed: the bytes before and after are the app's, in
whatever encoding. All encodings that browsers know keep ASCII in this part of a page as it is, save
UTF-16, which is recognised (byte order mark, or the Content-Type's charset) and looked at two bytes
at a time.

Only the first 64 KB are held back; a page that has not come to the point by then (a giant comment)
gets the script before whatever it is in the middle of. So does one that comes in so many tiny pieces
that looking at it again and again would keep everybody else waiting.
"""

from __future__ import annotations

WINDOW = 64 * 1024
PATIENCE = 1 << 20  # units looked at, again and again, until a page is given up
_SPACE = b"\t\n\f\r "
_ENDS_NAME = _SPACE + b"/>"
_BOM = b"\xef\xbb\xbf"
# These end tags imply the head; all others are ignored before it.
_IMPLYING = (b"head", b"body", b"html", b"br")


class Insertion:
    """A page going by: `feed` and `end` return what can be sent on.

    ``charset`` is the Content-Type's, if any.
    """

    def __init__(self, script: str, charset: str = "") -> None:
        self._script = script
        self._charset = charset.lower()
        self._wide = ""  # utf-16-le, utf-16-be, or empty
        self._known = False  # whether `_wide` has been found out
        self._held = bytearray()
        self._units = bytearray()  # of a wide page: what is held, one byte a unit
        self._at = 0  # in units: where the thing under examination begins
        self._looked = 0  # units
        self._done = False

    def feed(self, data: bytes) -> bytes:
        """Take the next piece of the page."""
        if self._done:
            return data
        self._held += data
        if not self._known and not self._find_width(final=False):
            return b""
        spot = self._look()
        if spot is None and len(self._held) < WINDOW and self._looked < PATIENCE:
            return b""
        return self._cut(self._at if spot is None else spot)

    def end(self) -> bytes:
        """Say that the page has ended; an empty one stays empty."""
        if self._done or not self._held:
            return b""
        if not self._known:
            self._find_width(final=True)
        spot = self._look()
        return self._cut(self._at if spot is None else spot)

    def _look(self) -> int | None:
        text = self._ascii()
        self._looked += len(text) - self._at
        spot, self._at = spot_in(text, self._at)
        return spot

    def _find_width(self, *, final: bool) -> bool:
        start = bytes(self._held[:3])
        if len(start) < 3 and not final:
            return False
        self._known = True
        if start[:2] == b"\xff\xfe":
            self._wide, self._at = "utf-16-le", 1
        elif start[:2] == b"\xfe\xff":
            self._wide, self._at = "utf-16-be", 1
        elif start == _BOM:
            self._at = 3
        elif self._charset in ("utf-16", "utf-16le"):
            self._wide = "utf-16-le"
        elif self._charset == "utf-16be":
            self._wide = "utf-16-be"
        return True

    def _ascii(self) -> bytearray:
        """Return what is held one byte a unit; a unit that is not ASCII is 0x80."""
        if not self._wide:
            return self._held
        new = self._held[2 * len(self._units) :]
        low, high = new[0::2], new[1::2]
        if self._wide == "utf-16-be":
            low, high = high, low
        self._units += bytes(
            a if b == 0 and a < 0x80 else 0x80 for a, b in zip(low, high, strict=False)
        )
        return self._units

    def _cut(self, spot: int) -> bytes:
        self._done = True
        held, self._held = bytes(self._held), bytearray()
        spot *= 2 if self._wide else 1
        return held[:spot] + self._script.encode(self._wide or "ascii") + held[spot:]


def spot_in(page: bytes | bytearray, at: int = 0) -> tuple[int | None, int]:
    """Find where the script goes, in a page whose examination has come to ``at``.

    Returns the spot, or None while it depends on what follows, and how far everything was clear.
    """
    while True:
        while at < len(page) and page[at] in _SPACE:
            at += 1
        if at == len(page):
            return None, at
        step = _step(page, at)
        if step is None:
            return None, at
        end, is_spot = step
        if is_spot:
            return end, at
        at = end


def _step(page: bytes | bytearray, at: int) -> tuple[int, bool] | None:
    """Look at what begins here: return its end, or the spot and True; None while it is cut off."""
    here = (at, True)
    if page[at] != ord("<"):
        return here
    if len(page) - at < 4 and b">" not in page[at:]:
        return None
    if page[at : at + 4] == b"<!--":
        return _passed(_comment_end(page, at + 4))
    if page[at + 1] in b"!?":
        return _passed(_after(page, b">", at + 2))
    closing = page[at + 1] == ord("/")
    name_at = at + 2 if closing else at + 1
    if not page[name_at : name_at + 1].isalpha():
        # "</" and no name is one more kind of comment, a lone "<" is text.
        return _passed(_after(page, b">", name_at)) if closing else here
    name_end = name_at
    while name_end < len(page) and page[name_end] not in _ENDS_NAME:
        name_end += 1
    name = bytes(page[name_at:name_end]).lower()
    if name_end == len(page):
        return None if closing or b"html".startswith(name) or b"head".startswith(name) else here
    if closing:
        return here if name in _IMPLYING else _passed(_tag_end(page, name_end))
    if name == b"html":
        return _passed(_tag_end(page, name_end))
    if name == b"head":
        end = _tag_end(page, name_end)
        return None if end is None else (end, True)
    return here


def _passed(end: int | None) -> tuple[int, bool] | None:
    return None if end is None else (end, False)


def _after(page: bytes | bytearray, mark: bytes, at: int) -> int | None:
    found = page.find(mark, at)
    return None if found < 0 else found + len(mark)


def _comment_end(page: bytes | bytearray, at: int) -> int | None:
    for abrupt in (b">", b"->"):
        if page[at : at + len(abrupt)] == abrupt:
            return at + len(abrupt)
    ends = [end for mark in (b"-->", b"--!>") if (end := _after(page, mark, at)) is not None]
    return min(ends, default=None)


def _tag_end(page: bytes | bytearray, at: int) -> int | None:
    """Return the end of a tag whose attributes begin here: a ">" in a quoted value is not it."""
    size = len(page)
    while at < size:
        if page[at] in _SPACE or page[at] == ord("/"):
            at += 1
            continue
        if page[at] == ord(">"):
            return at + 1
        at += 1  # the first character belongs to the name, even "="
        while at < size and page[at] not in b"\t\n\f\r />=":
            at += 1
        equals = at
        while equals < size and page[equals] in _SPACE:
            equals += 1
        if equals == size or page[equals] != ord("="):
            continue
        at = _value_end(page, equals + 1)
    return None


def _value_end(page: bytes | bytearray, at: int) -> int:
    """Return where an attribute's value ends; the page's size when that is not in sight."""
    size = len(page)
    while at < size and page[at] in _SPACE:
        at += 1
    if at < size and page[at] in b"\"'":
        closing = page.find(page[at], at + 1)
        return size if closing < 0 else closing + 1
    while at < size and page[at] not in b"\t\n\f\r >":
        at += 1
    return at
