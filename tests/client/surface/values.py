"""Arguments that fit what the catalogue says of an API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sanfang.catalog import Catalog, Endpoint, Field, load
from sanfang.client.surface.names import FILE, identifier


@cache
def catalog() -> Catalog:
    return load()


def methods() -> dict[str, Endpoint]:
    """All methods with their endpoints, by the list that the client reads."""
    lines = FILE.read_text("utf-8").splitlines()
    return {name: catalog().endpoints[id_] for name, id_ in (line.split(" ") for line in lines)}


def value(field: Field) -> Any:
    """A value that the field's type and its allowed values permit."""
    match field.type:
        case "array":
            return [_element(field)]
        case "map":
            return {"key": _element(field)}
        case "object":
            return fields(field.fields)
    return _single(field, field.type)


def fields(members: Sequence[Field]) -> dict[str, Any]:
    """An object with all its members."""
    return {each.name: value(each) for each in members}


def _element(field: Field) -> Any:
    match field.items or "any":
        case "object":
            return fields(field.fields)
        case "array":
            return [fields(field.fields) if field.fields else "text"]
        case "map":
            return {"key": fields(field.fields) if field.fields else "text"}
        case kind:
            return _single(field, kind)


def _single(field: Field, kind: str) -> Any:
    if field.enum:
        return field.enum[0]
    match kind:
        case "integer" | "number":
            return int(field.min or 1)
        case "boolean":
            return True
        case "file":
            return b"content"
    if field.format == "date-time":
        return "2024-01-01 00:00:00"
    return "文本" if field.name not in ("x-client-token", "serviceGroup") else "text"


def arguments(endpoint: Endpoint, *, whole: bool = True) -> dict[str, Any]:
    """Arguments of a method: all of them, or only what is required."""
    first = {name for group in endpoint.one_of[:1] for name in group}
    return {
        identifier(param.name): value(param)
        for param in endpoint.params
        if whole or param.required or param.name in first
    }


def leaves(given: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to all values inside that are no containers."""
    pairs: Any = ()
    if isinstance(given, dict):
        pairs = given.items()
    elif isinstance(given, list):
        pairs = enumerate(given)
    else:
        yield path
    for key, below in pairs:
        yield from leaves(below, (*path, key))
