"""Why a page's ``dd.config`` failed, found by trying (FAQ F10 to F17)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .core import Core
from .frames import Frame
from .tokens import JsapiTicket

if TYPE_CHECKING:
    from .page_config import Sent


class Case(NamedTuple):
    """A check that failed: what was sent, over which addresses, with which tickets known."""

    code: int
    frame: Frame
    config: dict[str, Any]
    sent: Sent
    urls: tuple[str, ...]
    history: list[JsapiTicket]


class Hint(NamedTuple):
    """What was wrong. ``differs``: field, what was sent, what was expected, zh, en."""

    cause: str
    zh: str
    en: str
    faq: str = ""
    differs: tuple[tuple[str, str, str, str, str], ...] = ()


async def explain(core: Core, case: Case) -> Hint:
    """Find out what differs."""
    return Hint("unknown", "", "")
