"""Whether a value is what the catalogue says of it, quickly, and before anything is sent.

`sanfang.catalog.check` does the same for the platform and finds every fault there is; this one
stops at the first, and costs a look into a set for each value that is right. Allowed values and
limits are left to the platform: those of the catalogue come from prose and may lag behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sanfang.catalog import Endpoint, Field, Param

Inspect = Callable[[Any], None]

_NOTHING: frozenset[type] = frozenset()


class Wrong(Exception):  # noqa: N818 - never leaves this package
    """A value is not what it should be; ``path`` leads to it, from the inside out."""

    def __init__(self, zh: str, en: str, *path: str | int) -> None:
        super().__init__(zh, en)
        self.zh, self.en = zh, en
        self.path: list[str | int] = list(path)

    def where(self) -> str:
        """Return the way to the value as it would be written: ``body.users[0].name``."""
        text = ""
        for part in reversed(self.path):
            dot = "." if text else ""
            text += f"[{part}]" if isinstance(part, int) else f"{dot}{part}"
        return text


class Shape:
    """What a value must be: of one of the ``plain`` types exactly, or else pass ``inspect``."""

    __slots__ = ("inspect", "plain")

    def __init__(self, plain: frozenset[type], inspect: Inspect) -> None:
        self.plain = plain
        self.inspect = inspect


def shape_of(field: Field, container: Sequence[Field]) -> Shape:
    """Make the shape of a field; ``container`` is the list that the field is in."""
    if field.type == "array" or field.type == "map":
        return _many(field.type, _element(field, container))
    if field.type == "object":
        return _object(field.fields)
    if field.format == "csv":
        return Shape(frozenset((str,)), _csv)
    return _scalar(field.type)


_NUMBERS = frozenset(
    ("agentid", "agent_id", "agentId", "department_id", "dept_id", "deptId", "parentid")
)


def is_numbered(endpoint: Endpoint, param: Param) -> bool:
    """Tell whether a text may be given as a number: the id of a department or an agent.

    Answers have these as integers, which one does not want to turn into texts for the next call.
    """
    known = param.name in _NUMBERS or (param.name == "id" and "/department/" in endpoint.path)
    return known and param.type == "string" and not param.enum and param.format is None


def shapes_of(endpoint: Endpoint) -> dict[str, Shape]:
    """Make the shapes of an API's parameters."""
    shapes = members_of(endpoint.params)
    numbered = [param.name for param in endpoint.params if is_numbered(endpoint, param)]
    return shapes | dict.fromkeys(numbered, _of_types(str, int))


def members_of(fields: Sequence[Field]) -> dict[str, Shape]:
    """Make the shapes of a list of fields."""
    return {field.name: shape_of(field, fields) for field in fields}


# -- single values -----------------------------------------------------------------------------

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def _scalar(kind: str) -> Shape:
    types = _SCALARS.get(kind)
    if types is None:
        return Shape(_NOTHING, lambda _: None)  # any; a file is the transport's to judge
    return _of_types(*types)


def _of_types(*types: type) -> Shape:
    expected = " / ".join(each.__name__ for each in types)

    def inspect(value: Any) -> None:  # a subclass (StrEnum, IntEnum) or a mistake
        if isinstance(value, bool) or not isinstance(value, types):
            raise _mistyped(expected, value)

    return Shape(frozenset(types), inspect)


def _csv(value: Any) -> None:
    if not isinstance(value, (str, list, tuple)):
        raise _mistyped("str / list", value)
    if not isinstance(value, str):
        for number, part in enumerate(value):
            if isinstance(part, bool) or not isinstance(part, (str, int)):
                raise _mistyped("str / int", part, number)


def _mistyped(expected: str, value: Any, *path: str | int) -> Wrong:
    got = type(value).__name__
    return Wrong(f"应为 {expected}，而不是 {got}", f"should be {expected}, not {got}", *path)


# -- structures --------------------------------------------------------------------------------


def _object(fields: Sequence[Field]) -> Shape:
    if not fields:
        return Shape(frozenset((dict,)), _dictionary)
    required = [field.name for field in fields if field.required]
    return _of_members(members_of(fields), required)


def _of_members(known: Mapping[str, Shape], required: Sequence[str]) -> Shape:
    def inspect(value: Any) -> None:
        _dictionary(value)
        for name, member in value.items():
            shape = known.get(name)
            if shape is None:
                raise unknown(name, known)
            if type(member) not in shape.plain:
                try:
                    shape.inspect(member)
                except Wrong as wrong:
                    wrong.path.append(name)
                    raise
        for name in required:
            if name not in value:
                raise Wrong("必填，却没有给出", "is required", name)

    return Shape(_NOTHING, inspect)


def _many(kind: str, element: Shape) -> Shape:
    plain, look = element.plain, element.inspect

    def inspect(value: Any) -> None:
        pairs: Any
        if kind == "map":
            _dictionary(value)
            pairs = value.items()
        elif isinstance(value, (list, tuple)):
            pairs = enumerate(value)
        else:
            raise _mistyped("list", value)
        for key, each in pairs:
            if type(each) not in plain:
                try:
                    look(each)
                except Wrong as wrong:
                    wrong.path.append(key)
                    raise

    return Shape(_NOTHING, inspect)


def _element(field: Field, container: Sequence[Field]) -> Shape:
    kind = field.items or "any"
    if kind == "object":
        return _recursive(field, container) if field.recursive else _object(field.fields)
    if kind in ("array", "map"):  # an array of arrays, a map of arrays: of what is not always said
        inner = _object(field.fields) if field.fields else _scalar("any")
        return _many(kind, inner)
    return _scalar(kind)


def _recursive(field: Field, container: Sequence[Field]) -> Shape:
    """The elements are built like the container, with members of their own besides.

    What the container must have, its elements need not.
    """
    known = members_of(field.fields)
    element = _of_members(known, [each.name for each in field.fields if each.required])
    for other in container:
        if other.name == field.name:
            known.setdefault(other.name, _many(field.type, element))
        else:
            known.setdefault(other.name, shape_of(other, container))
    return element


def _dictionary(value: Any) -> None:
    if not isinstance(value, dict):
        raise _mistyped("dict", value)


# -- slips -------------------------------------------------------------------------------------


def unknown(name: object, known: Mapping[str, Any] | Sequence[str]) -> Wrong:
    """Say that there is no such member, and which one may have been meant."""
    meant = nearest(str(name), known)
    zh, en = "没有这个字段", "is unknown"
    if meant:
        zh, en = f"{zh}，是否想写 {meant}？", f"{en}; did you mean {meant}?"
    return Wrong(zh, en, str(name))


def nearest(name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """Return the known name that a mistaken one may have meant, or an empty text."""
    from difflib import get_close_matches  # 5 ms to import, for mistakes only

    plain: dict[str, str] = {}
    for each in known:
        plain.setdefault(each.replace("_", "").lower(), each)
    wrong = name.replace("_", "").lower()
    found = [wrong] if wrong in plain else get_close_matches(wrong, plain, 1, 0.7)
    return plain[found[0]] if found else ""
