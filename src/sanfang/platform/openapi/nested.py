"""Readers made from the catalogue: types all the way down, allowed values, bounds and lengths.

A reader converts in place what clients write loosely (``"1"`` for 1) at every depth, and raises
``Unfit`` with the path of the field that does not fit. Members that the catalogue does not know are
let through; so is everything below a structure that repeats itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sanfang.catalog import Field

from .convert import CONVERTERS, EXPECTED, FORMATS, Convert, Unfit, as_it_is, to_array

_ANY = ("合法的值", "valid")
# types: nothing else. sizes: allowed values and the most that a list or a text may have; for
# endpoints with a handler, which knows by itself what must be there and how pages are cut. all: also
# what is required inside structures, least lengths and the bounds of numbers.
Limits = Literal["types", "sizes", "all"]


def reader(field: Field, *, limits: Limits = "all") -> Convert:
    """Make the reader of one field."""
    kind = field.type
    if kind == "array":
        convert = to_array(_element(field, limits))
    elif kind == "map":
        convert = _map(_element(field, limits))
    elif kind == "string" and field.format in FORMATS:
        convert = FORMATS[field.format]
    elif kind == "object" and field.fields and not field.recursive:
        convert = _members(field.fields, limits)
    else:
        convert = CONVERTERS.get(kind, as_it_is)
    return convert if limits == "types" else _limited(convert, field, limits)


def _element(field: Field, limits: Limits) -> Convert:
    kind = field.items or "any"
    if kind == "object" and field.fields and not field.recursive:
        convert = _members(field.fields, limits)
    else:
        convert = CONVERTERS.get(kind, as_it_is)
    listed = limits != "types" and kind in ("string", "integer", "number")
    return _allowed(convert, field.enum) if listed else convert


def _members(fields: Sequence[Field], limits: Limits) -> Convert:
    readers = [(each.name, reader(each, limits=limits), each.type) for each in fields]
    required = [each.name for each in fields if each.required and limits == "all"]
    to_object = CONVERTERS["object"]

    def convert(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = to_object(value)
        for name, read, kind in readers:
            given = found.get(name)
            if given is None or (given == "" and kind != "string"):
                continue
            try:
                found[name] = read(given)
            except Unfit as error:
                expected = error.expected or EXPECTED.get(kind, _ANY)
                raise Unfit(error.inside(name).where, expected) from error
        for name in required:
            if found.get(name) is None:
                raise Unfit(name, ("填写（必填）", "given (it is required)"))
        return found

    return convert


def _map(item: Convert) -> Convert:
    to_object = CONVERTERS["object"]
    if item is as_it_is:
        return to_object

    def convert(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = to_object(value)
        for name, given in found.items():
            try:
                found[name] = item(given)
            except Unfit as error:
                raise error.inside(name[:50]) from error
        return found

    return convert


def _limited(convert: Convert, field: Field, limits: Limits) -> Convert:
    whole = limits == "all"
    if field.type == "array":
        most = field.max_items
        return convert if most is None else _at_most(convert, most)
    if field.type == "string":
        if field.format is None and field.enum is None:
            return _sized(convert, field.min_length if whole else None, field.max_length)
        return _allowed(convert, field.enum) if field.format is None else convert
    if field.type in ("integer", "number"):
        allowed = _allowed(convert, field.enum)
        return _bounded(allowed, field.min, field.max) if whole else allowed
    return convert


def _at_most(convert: Convert, most: int) -> Convert:
    def limited(value: Any) -> Any:
        read = convert(value)
        if len(read) > most:
            raise Unfit("", (f"最多 {most} 个元素的数组", f"an array of at most {most} elements"))
        return read

    return limited


def _sized(convert: Convert, least: int | None, most: int | None) -> Convert:
    if not least and most is None:
        return convert

    def limited(value: Any) -> Any:
        read = convert(value)
        if most is not None and len(read) > most:
            raise Unfit("", (f"最多 {most} 个字符的文本", f"text of at most {most} characters"))
        if read and least and len(read) < least:
            raise Unfit("", (f"至少 {least} 个字符的文本", f"text of at least {least} characters"))
        return read

    return limited


def _bounded(convert: Convert, least: float | None, most: float | None) -> Convert:
    if least is None and most is None:
        return convert

    def limited(value: Any) -> Any:
        read = convert(value)
        if least is not None and read < least:
            raise Unfit("", (f"不小于 {least:g} 的数", f"at least {least:g}"))
        if most is not None and read > most:
            raise Unfit("", (f"不大于 {most:g} 的数", f"at most {most:g}"))
        return read

    return limited


def _allowed(convert: Convert, allowed: Sequence[object] | None) -> Convert:
    if not allowed:
        return convert
    known = frozenset(allowed)
    shown = ", ".join(str(each)[:40] for each in list(allowed)[:8])

    def limited(value: Any) -> Any:
        read = convert(value)
        if read not in known and read != "":
            raise Unfit("", (f"{shown} 之一", f"one of {shown}"))
        return read

    return limited
