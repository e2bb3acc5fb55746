"""From what clients send to the documented type, one function per type.

Clients send ``False``, ``false`` and ``0`` for booleans, ids as text or numbers, arrays as JSON text
or joined by commas or bars (clients.md, *On the wire*). A converter takes any JSON value and returns
one of its own type or raises ``Unfit``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from .sanity import check_storable

Convert = Callable[[Any], Any]

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INT64 = 1 << 63


class Unfit(Exception):  # noqa: N818 - becomes a Refusal
    """A value that cannot be read as the documented type.

    ``where`` is the path inside the parameter, ``expected`` what should stand there; both are
    empty when the parameter itself is meant and its type says enough.
    """

    def __init__(self, where: str = "", expected: tuple[str, str] | None = None) -> None:
        super().__init__(where)
        self.where = where
        self.expected = expected

    def inside(self, outer: str) -> Unfit:
        """Return the same fault, seen from the structure around it."""
        joint = "." if self.where and self.where[0] != "[" else ""
        return Unfit(outer + joint + self.where, self.expected)


def to_text(value: Any) -> str:
    """Read text; numbers and booleans become what a client would have typed."""
    if type(value) is str:
        if "\x00" in value:
            raise Unfit
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -_INT64 <= value < _INT64:
        return str(value)
    if isinstance(value, float):
        return str(value)
    raise Unfit


def to_joined(value: Any) -> str:
    """Read text of values joined by commas, or a list of them."""
    return ",".join(map(to_text, value)) if isinstance(value, list) else to_text(value)


def to_json_text(value: Any) -> str:
    """Read JSON text, or the structure itself."""
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return to_text(value)


def to_integer(value: Any) -> int:
    """Read a 64-bit integer from a number or its text."""
    if type(value) is str and len(value) <= 18 and value.isdecimal() and value.isascii():
        return int(value)
    if type(value) is int:
        number = value
    elif isinstance(value, str):
        text = value.strip()
        if not text.isascii() or not text.lstrip("-").isdigit() or len(text) > 20:
            raise Unfit
        try:
            number = int(text)
        except ValueError as error:
            raise Unfit from error
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    else:
        raise Unfit
    if not -_INT64 <= number < _INT64:
        raise Unfit
    return number


def to_number(value: Any) -> int | float:
    """Read a number from a number or its text."""
    if isinstance(value, float):
        return value
    try:
        return to_integer(value)
    except Unfit:
        if not isinstance(value, str) or len(value) > 40:
            raise
    try:
        return float(value)
    except ValueError as error:
        raise Unfit from error


def to_boolean(value: Any) -> bool:
    """Read a boolean: true, True, "true", 1, "1" and their opposites."""
    text = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    known = _BOOLEANS.get(text)
    if known is None:
        raise Unfit
    return known


def to_object(value: Any) -> dict[str, Any]:
    """Read an object, or JSON text of one."""
    value = _from_json_text(value, "{")
    if not isinstance(value, dict):
        raise Unfit
    return value


def to_array(item: Convert) -> Convert:
    """Make a converter for arrays: JSON, JSON text, or text joined by ``,`` or ``|``."""

    def convert(value: Any) -> list[Any]:
        value = _from_json_text(value, "[")
        if isinstance(value, str):
            parts = value.replace("|", ",").split(",")
            value = [part.strip() for part in parts if part.strip()]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            value = [value]
        if not isinstance(value, list):
            raise Unfit
        return [_at(number, item, each) for number, each in enumerate(value)]

    return convert


def _at(number: int, item: Convert, value: Any) -> Any:
    try:
        return item(value)
    except Unfit as error:
        raise error.inside(f"[{number}]") from error


def _from_json_text(value: Any, opening: str) -> Any:
    if isinstance(value, str) and value[:1] == opening:
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unfit from error
        check_storable(value)
    return value


def as_it_is(value: Any) -> Any:
    return value


CONVERTERS: dict[str, Convert] = {
    "string": to_text,
    "integer": to_integer,
    "number": to_number,
    "boolean": to_boolean,
    "object": to_object,
    "map": to_object,
}
FORMATS: dict[str | None, Convert] = {"csv": to_joined, "json": to_json_text}
EXPECTED = {
    "string": ("文本", "text"),
    "integer": ("整数", "an integer"),
    "number": ("数字", "a number"),
    "boolean": ("布尔值（true/false）", "a boolean (true/false)"),
    "object": ("JSON 对象", "a JSON object"),
    "map": ("JSON 对象", "a JSON object"),
    "array": ("JSON 数组", "a JSON array"),
}
