"""Whether a value is what the catalogue says of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from .records import Endpoint, Field

# Members that every answer of the old hosts may have, whether its page lists them or not.
ENVELOPE = frozenset(("errcode", "errmsg", "request_id"))
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "map": (dict,),
    "array": (list,),
    "file": (str, bytes),
}
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?"
)


def check(shape: Sequence[Field], value: object, *, extra: bool = False) -> list[str]:
    """List what is wrong with a value; empty where its shape accepts it.

    Members that the shape does not know are wrong unless ``extra``; ``errcode``, ``errmsg`` and
    ``request_id`` always pass. Null is wrong: an absent value is left out.
    """
    if len(shape) == 1 and shape[0].root:
        return list(_field(shape[0], value, "the body", shape, extra))
    return list(_members(shape, value, "", extra, ENVELOPE))


def check_answer(endpoint: Endpoint, value: object, *, extra: bool = False) -> list[str]:
    """List what is wrong with an answer as `sanfang.catalog.example` returns them.

    Bytes for ``binary``, None for ``empty``, the parameters of the target for ``redirect``.
    """
    if endpoint.response_type == "empty":
        return [] if value is None else ["the body is not empty"]
    if endpoint.response_type == "binary":
        return [] if isinstance(value, bytes) else ["the body is not bytes"]
    if endpoint.response_type == "redirect":
        names = set(value) if isinstance(value, dict) else set()
        unknown = sorted(names - set(endpoint.redirect_params))
        return [f"{name} is no parameter of the redirect" for name in unknown]
    return check(endpoint.response, value, extra=extra)


def _members(
    shape: Sequence[Field],
    value: object,
    where: str,
    extra: bool,
    also: frozenset[str] = frozenset(),
) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where or 'the body'} is {_kind(value)}, not an object"
        return
    known = {field.name: field for field in shape}
    for name, field in known.items():
        if name in value:
            yield from _field(field, value[name], _join(where, name), shape, extra)
        elif field.required:
            yield f"{_join(where, name)} is missing"
    if extra:
        return
    for name in value:
        if name not in known and name not in also:
            yield f"{_join(where, str(name))} is unknown"


def _field(
    field: Field, value: object, where: str, container: Sequence[Field], extra: bool
) -> Iterator[str]:
    kind = field.type
    if kind == "any":
        return
    if not _is(kind, value):
        yield f"{where} is {_kind(value)}, not {kind}"
        return
    yield from _limits(field, value, where)
    fields: Sequence[Field] = field.fields
    if field.recursive:
        own = {member.name for member in fields}
        fields = [*fields, *(member for member in container if member.name not in own)]
    if kind == "object":
        if fields:
            yield from _members(fields, value, where, extra)
    elif isinstance(value, list):
        for number, element in enumerate(value):
            yield from _element(field, fields, element, f"{where}[{number}]", extra)
    elif isinstance(value, dict):
        for key, element in value.items():
            yield from _element(field, fields, element, _join(where, str(key)), extra)
    elif field.format == "json" and isinstance(value, str):
        yield from _json_text(fields, value, where, extra)


def _element(
    field: Field, fields: Sequence[Field], value: object, where: str, extra: bool
) -> Iterator[str]:
    kind = field.items or "any"
    if kind == "any":
        return
    if not _is(kind, value):
        yield f"{where} is {_kind(value)}, not {kind}"
    elif field.enum and kind in ("string", "integer", "number") and value not in field.enum:
        yield f"{where} is none of {_shown(field.enum)}"
    elif fields and isinstance(value, list):  # an array of arrays, a map of arrays
        for number, element in enumerate(value):
            yield from _members(fields, element, f"{where}[{number}]", extra)
    elif fields and kind == "map" and isinstance(value, dict):
        for key, element in value.items():
            yield from _members(fields, element, _join(where, str(key)), extra)
    elif fields:
        yield from _members(fields, value, where, extra)


def _limits(field: Field, value: Any, where: str) -> Iterator[str]:
    if isinstance(value, str):
        yield from _text_limits(field, value, where)
    elif isinstance(value, list):
        if field.max_items is not None and len(value) > field.max_items:
            yield f"{where} has {len(value)} elements, more than {field.max_items}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if field.min is not None and value < field.min:
            yield f"{where} is less than {field.min:g}"
        if field.max is not None and value > field.max:
            yield f"{where} is more than {field.max:g}"
    single = not isinstance(value, (list, dict)) and field.format != "csv"
    if field.enum and single and value not in field.enum:
        yield f"{where} is none of {_shown(field.enum)}"


def _text_limits(field: Field, value: str, where: str) -> Iterator[str]:
    if field.min_length is not None and len(value) < field.min_length:
        yield f"{where} is shorter than {field.min_length}"
    if field.max_length is not None and len(value) > field.max_length:
        yield f"{where} is longer than {field.max_length}"
    if field.format == "date-time" and not is_date(value):
        yield f"{where} is no date"
    if field.format == "csv":
        parts = value.split(",") if value else []
        if field.max_items is not None and len(parts) > field.max_items:
            yield f"{where} has {len(parts)} parts, more than {field.max_items}"
        if field.enum:
            names = {str(each) for each in field.enum}
            yield from (f"{where} has {p!r}, unknown" for p in parts if p not in names)


def _json_text(fields: Sequence[Field], text: str, where: str, extra: bool) -> Iterator[str]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        yield f"{where} is no JSON text"
        return
    if fields:
        for element in value if isinstance(value, list) else [value]:
            yield from _members(fields, element, where, extra)


def is_date(text: str) -> bool:
    """Tell whether a text is a day or a moment as DingTalk's pages write them."""
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    day, minute, second = found.groups()
    try:
        datetime.fromisoformat(f"{day} {minute or '00:00'}{second or ''}")
    except ValueError:
        return False
    return True


def _is(kind: str, value: object) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return kind == "any" or isinstance(value, _TYPES[kind])


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    names |= {dict: "object", list: "array"}
    return names.get(type(value), type(value).__name__)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _shown(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values[:8]) + (", …" if len(values) > 8 else "")
