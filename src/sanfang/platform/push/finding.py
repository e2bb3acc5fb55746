"""What was found wrong, in two languages."""

from __future__ import annotations

import re
from typing import NamedTuple

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Finding(NamedTuple):
    """One thing that is wrong with a reply: ``step`` for programs, ``zh`` and ``en`` for people."""

    step: str
    zh: str
    en: str
    faq: str | None = "F40"


def cut(text: str, most: int = 60) -> str:
    """Shorten a stranger's text to ``most`` characters on one line, fit to be quoted."""
    line = _CONTROL.sub(" ", text).strip()
    return line if len(line) <= most else line[: most - 1] + "…"


def cut_bytes(body: bytes, most: int = 500) -> str:
    """Show the beginning of a body as text, whatever it is."""
    return cut(body[: most * 4].decode("utf-8", "replace"), most)
