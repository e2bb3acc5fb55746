"""The error catalogue: DingTalk's numbers and texts, and our explanations for people.

The rows come from ``errors_data.json`` (written by ``tools/build_errors.py``), read at first use.
Four scopes are kept apart since only ``oapi`` numbers are unique: ``oapi`` (numbers), ``v1`` (names
of the newer API), ``client`` (JSAPI), ``library`` (numbers that only an SDK knows).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path  # not importlib.resources, whose import takes 10 ms
from typing import Literal

import msgspec

Scope = Literal["oapi", "v1", "client", "library"]


class ErrorInfo(msgspec.Struct, frozen=True, array_like=True):
    """One row of the catalogue.

    ``errmsg`` is the text on the wire, ``zh`` and ``en`` explain it to a person: what happened
    and what to do. ``hint`` is a class of remedy for programs (``retry``, ``fix-token``, ...),
    ``faq`` the row of the project's FAQ, ``http`` the status where the scope is ``v1``.
    """

    code: int | str
    errmsg: str
    area: str
    note: str
    hint: str
    scope: Scope
    zh: str
    en: str
    faq: str | None = None
    http: int | None = None


class _Table:
    def __init__(self, rows: list[ErrorInfo]) -> None:
        self.rows: dict[tuple[str, str], list[ErrorInfo]] = {}
        for row in rows:
            self.rows.setdefault((row.scope, str(row.code)), []).append(row)
        self.texts: dict[int | str, str] = {}
        for row in rows:
            if row.scope in ("oapi", "v1"):
                self.texts.setdefault(row.code, row.errmsg)


@cache
def _table() -> _Table:
    raw = Path(__file__).with_name("errors_data.json").read_bytes()
    return _Table(msgspec.json.decode(raw, type=list[ErrorInfo]))


def text(code: int | str, reason: str = "") -> str:
    """Return the errmsg to send with a code; one without a text gives the code itself.

    ``reason`` fills the variable part of texts that have one (71012).
    """
    found = _table().texts.get(code)
    if not found:
        return str(code)
    return found.replace("%s", reason) if "%s" in found else found


def lookup(code: int | str, scope: Scope = "oapi") -> ErrorInfo | None:
    """Find the row of a code, or None. Where a JSAPI code has several rows: the first."""
    rows = variants(code, scope)
    return rows[0] if rows else None


def variants(code: int | str, scope: Scope = "client") -> list[ErrorInfo]:
    """List all rows of a code: the same JSAPI number means several things."""
    return list(_table().rows.get((scope, str(code)), ()))


def explain(code: int | str, scope: Scope = "oapi") -> str:
    """Explain a code to a person: one line Chinese, one line English, and the FAQ row if any."""
    info = lookup(code, scope)
    if info is None and scope == "oapi":
        info = lookup(code, "v1")
    if info is None:
        return f"{code}: 未收录的错误码 / not in the catalogue"
    faq = f" (FAQ {info.faq})" if info.faq else ""
    return f"{info.code} {info.errmsg}{faq}\n{info.zh}\n{info.en}"
