"""Tables beside the endpoints: error codes and the names of permission points."""

from __future__ import annotations

from functools import cache

import msgspec

from .files import DATA


class ErrorCode(msgspec.Struct, frozen=True, array_like=True):
    """An error code that some page prints: a name of our own, and the HTTP statuses it came with."""

    code: int | str
    name: str = ""
    http: list[int] = []


@cache
def error_codes() -> dict[int | str, ErrorCode]:
    """Read the 2,024 codes of all hosts; texts and explanations are in sanfang.protocol.errors."""
    raw = (DATA / "errors.json").read_bytes()
    return {row.code: row for row in msgspec.json.decode(raw, type=list[ErrorCode])}


@cache
def permission_names() -> dict[str, list[str]]:
    """Read the Chinese names of permission points by their code; pages name some differently."""
    raw = (DATA / "permissions.json").read_bytes()
    return dict(msgspec.json.decode(raw, type=list[tuple[str, list[str]]]))
