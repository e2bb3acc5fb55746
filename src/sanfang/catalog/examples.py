"""Answers made up from a shape: valid, the same for the same question, and recognisably invented.

A value comes from the first of these that has one: the request's field of the same name, what a
success and a last page look like, the allowed values, the documents' own example, and at last the
field's name with a number. The number depends on the endpoint and the field's place alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import msgspec

from .records import Endpoint, Field, Scalar
from .shapes import check

_LAST_PAGE = re.compile(r"(?i)next_?(token|cursor|page_?token)")
_MORE = re.compile(r"(?i)(has_?(more|next)(_?data|_?page)?|more)")
_FINE: dict[str, Scalar] = {
    "errcode": 0,
    "errmsg": "ok",
    "errorCode": 0,
    "error_code": 0,
    "success": True,
    "succ": True,
    "isSuccess": True,
    "is_success": True,
}
_NOT_ECHOED = re.compile(r"(?i)secret|password|token|cursor|^err|^code$|^message$|^success$")
_MOMENT = re.compile(r"(?i)(time|timestamp|date|created|modified|updated|gmt\w*|at)$")
_LINK = re.compile(r"(?i)(url|uri|link|avatar|icon|picture|logo)$")
_LATER = re.compile(r"\[[1-9]")  # an element that is not the first of its array
_PNG = b"\x89PNG\r\n\x1a\n"
_LONGEST = 200  # letters of a text or elements of an array that are repeated
_2024 = 1_704_067_200  # seconds, 1 January 2024 in UTC
_YEAR = 31_536_000


def example(endpoint: Endpoint, request: Mapping[str, Any] | None = None) -> Any:
    """Make an answer that `sanfang.catalog.check_answer` accepts.

    ``request`` holds the fields of the request: an answer repeats those it shares with it. Bytes
    for a ``binary`` answer, None for an ``empty`` one, for a ``redirect`` the parameters to add to
    the target.
    """
    maker = _Maker(endpoint, request or {})
    if endpoint.response_type == "empty":
        return None
    if endpoint.response_type == "binary":
        return _PNG + maker.number("binary").to_bytes(4, "big")
    if endpoint.response_type == "redirect":
        given = {n: v for n, v in (request or {}).items() if isinstance(v, str) and _readings(v)}
        names = [name for name in endpoint.redirect_params if name != "error"]
        return {name: given.get(name, f"{name}-{maker.number(name):x}") for name in names}
    return maker.body(endpoint.response)


class _Maker:
    def __init__(self, endpoint: Endpoint, request: Mapping[str, Any]) -> None:
        self._id = endpoint.id
        self._request = request
        paging = endpoint.pagination
        self._more = paging.more if paging else ""
        self._out = paging.out if paging else ""

    def number(self, where: str) -> int:
        return crc32(f"{self._id} {where}".encode())

    def body(self, shape: Sequence[Field]) -> Any:
        if len(shape) == 1 and shape[0].root:
            return self._value(shape[0], "", echo=False)
        return self._members(shape, "", echo=True)

    def _members(self, fields: Sequence[Field], where: str, *, echo: bool) -> dict[str, Any]:
        return {
            field.name: self._value(field, f"{where}.{field.name}".lstrip("."), echo=echo)
            for field in fields
        }

    def _value(self, field: Field, where: str, *, echo: bool) -> Any:
        if echo and field.name in self._request and not _NOT_ECHOED.search(field.name):
            for given in _readings(self._request[field.name]):
                if field.type not in ("object", "any") and _fits(field, given):
                    return given
        if field.type == "object":
            return self._members(field.fields, where, echo=echo)
        if field.type == "array":
            return self._array(field, where, echo=echo)
        if field.type == "map":
            return {f"key-{self.number(where) % 100}": self._element(field, where, echo=echo)}
        if field.type == "any":
            return {}
        return self._scalar(field, where)

    def _array(self, field: Field, where: str, *, echo: bool) -> list[Any]:
        deep = where.count(".") + where.count("[") > 3
        count = min(1 if deep else 2, field.max_items if field.max_items is not None else 2)
        return [self._element(field, f"{where}[{n}]", echo=echo and n == 0) for n in range(count)]

    def _element(self, field: Field, where: str, *, echo: bool) -> Any:
        kind = field.items or "any"
        if kind == "object":
            return self._members(field.fields, where, echo=echo)
        if kind in ("array", "map"):
            inner = [self._members(field.fields, where, echo=echo)] if field.fields else []
            return inner if kind == "array" else {f"key-{n}": v for n, v in enumerate(inner)}
        if kind == "any":
            return {}
        single = msgspec.structs.replace(field, type=kind, items=None, max_items=None)
        return self._scalar(single, where)

    def _scalar(self, field: Field, where: str) -> Scalar:
        for candidate in self._candidates(field, where):
            if candidate is not None and _fits(field, candidate):
                return candidate
        return self._invented(field, where)

    def _candidates(self, field: Field, where: str) -> list[Scalar | None]:
        plain = re.sub(r"\[\d+\]", "", where)
        fine = _FINE.get(field.name)
        candidates: list[Scalar | None] = []
        if plain == self._more or _MORE.fullmatch(field.name):
            candidates += [False, 0, "false"]  # texts and numbers in a few SDKs' models
        elif plain == self._out or _LAST_PAGE.fullmatch(field.name):
            candidates += ["", 0]
        elif fine is not None:
            candidates += [fine, str(fine).lower()]
        if field.enum:
            candidates.append(field.enum[self.number(where) % len(field.enum)])
        if not _LATER.search(where):  # no two people with the same userid
            candidates.append(field.example)
        return candidates

    def _invented(self, field: Field, where: str) -> Scalar:
        number = self.number(where)
        if field.type == "boolean":
            return bool(number & 1)
        if field.type == "string":
            return self._text(field, number)
        moment = _MOMENT.search(field.name) is not None
        value = (_2024 + number % _YEAR) * 1000 if moment else 1000 + number % 9000
        if field.max is not None and value > field.max:
            value = int(field.max)
        if field.min is not None and value < field.min:
            value = int(field.min)
        return value

    def _text(self, field: Field, number: int) -> str:
        day = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
        if field.format == "date-time":
            text = f"{day} 09:00:00"
        elif field.format == "json":
            members = self._members(field.fields, field.name, echo=False)
            return msgspec.json.encode(members).decode()
        elif _LINK.search(field.name):
            text = f"https://example.com/{field.name}/{number % 10000}"
        elif re.search(r"(?i)mobile|phone", field.name):
            text = f"1380000{number % 10000:04}"
        elif re.search(r"(?i)e?mail", field.name):
            text = f"user{number % 10000}@example.com"
        else:
            text = f"{field.name}-{number % 10000}"
        if field.format is None:
            text = text.ljust(field.min_length or 0, "x")[: field.max_length]
        return text


def _readings(given: object) -> list[object]:
    """Return what of a field of the request may be repeated: as it is, as a number, as text.

    Long, odd and nested values are not worth repeating, and some could not be encoded.
    """
    if isinstance(given, list):
        plain = all(_readings(each) and not isinstance(each, list) for each in given[:_LONGEST])
        return [given] if plain and len(given) <= _LONGEST else []
    if isinstance(given, bool):
        return [given]
    if isinstance(given, int):
        return [given, str(given)] if abs(given) < 1 << 63 else []
    if isinstance(given, str) and given.isprintable() and len(given) <= _LONGEST:
        number = given.isascii() and given.isdecimal() and len(given) <= 18
        return [given, int(given)] if number else [given]
    return []


def _fits(field: Field, value: object) -> bool:
    return not field.root and not check([field], {field.name: value})
