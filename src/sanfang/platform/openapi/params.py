"""Parameters: from what clients send to the documented type.

Clients send ``False``, ``false`` and ``0`` for booleans, ids as text or numbers, arrays as JSON text
or joined by commas or bars (clients.md, *On the wire*). A converter takes any JSON value and returns
one of its own type or raises ``Unfit``; the plan of an endpoint is made once, at start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from sanfang.catalog import Endpoint

from . import reasons
from .codes import missing_code, unfit_code
from .handling import Handler

Convert = Callable[[Any], Any]

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INT64 = 1 << 63


class Unfit(Exception):  # noqa: N818 - becomes a Refusal
    """A value that cannot be read as the documented type."""


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
        return [item(each) for each in value]

    return convert


def _from_json_text(value: Any, opening: str) -> Any:
    if isinstance(value, str) and value[:1] == opening:
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unfit from error
    return value


def _as_it_is(value: Any) -> Any:
    return value


_CONVERTERS: dict[str, Convert] = {
    "string": to_text,
    "integer": to_integer,
    "number": to_number,
    "boolean": to_boolean,
    "object": to_object,
    "map": to_object,
}
_FORMATS: dict[str | None, Convert] = {"csv": to_joined, "json": to_json_text}
_EXPECTED = {
    "string": ("文本", "text"),
    "integer": ("整数", "an integer"),
    "number": ("数字", "a number"),
    "boolean": ("布尔值（true/false）", "a boolean (true/false)"),
    "object": ("JSON 对象", "a JSON object"),
    "map": ("JSON 对象", "a JSON object"),
    "array": ("JSON 数组", "a JSON array"),
}


class Field(NamedTuple):
    """One documented parameter, ready to be read."""

    name: str
    convert: Convert
    code: int
    expected: tuple[str, str]
    is_text: bool


class Plan(NamedTuple):
    """All parameters of an endpoint; of ``groups`` one whole group has to be there."""

    fields: tuple[Field, ...]
    required: tuple[tuple[str, int], ...]
    groups: tuple[tuple[tuple[str, int], ...], ...]


def plan(endpoint: Endpoint, handler: Handler) -> Plan:
    """Decide once how the parameters of an endpoint are read."""
    path = endpoint.path
    fields: dict[str, Field] = {}
    required: list[str] = []
    for param in endpoint.params:
        needed = param.required and param.name not in handler.optional
        kind = handler.types.get(param.name, param.type)
        base, _, item = kind.partition(" of ")
        if base == "array":
            convert = to_array(_CONVERTERS.get(item or param.items or "", _as_it_is))
        elif base == "string" and param.format in _FORMATS:
            convert = _FORMATS[param.format]
        else:
            convert = _CONVERTERS.get(base, _as_it_is)
        fields[param.name] = Field(
            *(param.name, convert, unfit_code(param.name, path)),
            *(_EXPECTED.get(base, ("合法的值", "valid")), base == "string"),
        )
        if needed:
            required.append(param.name)
    coded = {name: missing_code(name, path) for name in fields}
    return Plan(
        tuple(fields.values()),
        tuple((name, coded[name]) for name in dict.fromkeys(required)),
        tuple(tuple((name, coded[name]) for name in group) for group in endpoint.one_of),
    )


def read_params(plan: Plan, given: dict[str, Any]) -> dict[str, Any]:
    """Convert documented fields in place and return them all.

    An absent field, ``null``, and an empty text where no text is wanted, are the same. Refuses with
    the documented number, else 40035 naming the field.
    """
    for name, convert, code, expected, is_text in plan.fields:
        value = given.get(name)
        if value is None:
            continue
        if value == "" and not is_text:
            given[name] = None
            continue
        try:
            given[name] = convert(value)
        except Unfit as error:
            raise reasons.unfit(code, name, expected) from error
    for name, code in plan.required:
        if given.get(name) in (None, ""):
            raise reasons.missing(code, name)
    if plan.groups:
        _check_groups(plan.groups, given)
    return given


def _check_groups(groups: tuple[tuple[tuple[str, int], ...], ...], given: dict[str, Any]) -> None:
    begun = groups[-1]
    for group in groups:
        here = [given.get(name) not in (None, "") for name, _ in group]
        if all(here):
            return
        if any(here):
            begun = group
    for name, code in begun:
        if given.get(name) in (None, ""):
            raise reasons.missing(code, name)
