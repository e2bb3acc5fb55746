"""Parameters: what the catalogue says of them, applied to what came.

The plan of an endpoint is made once, when it is first called. Fields nobody knows are let through.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sanfang.catalog import Endpoint, Param

from . import reasons
from .codes import missing_code, unfit_code
from .convert import (
    CONVERTERS,
    EXPECTED,
    Convert,
    Unfit,
    as_it_is,
    to_array,
    to_boolean,
    to_integer,
    to_joined,
    to_json_text,
    to_number,
    to_object,
    to_text,
)
from .handling import Handler
from .nested import Limits, reader

__all__ = [
    "Field",
    "Plan",
    "Unfit",
    "plan",
    "read_params",
    "to_array",
    "to_boolean",
    "to_integer",
    "to_joined",
    "to_json_text",
    "to_number",
    "to_object",
    "to_text",
]


# Areas whose handlers have a number of DingTalk's own for nearly every field that is too long.
_NUMBERED = frozenset(("contacts", "microapp"))
_JUDGED = frozenset(("msgtype",))  # 40008; and each profile knows other kinds of messages


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


def plan(endpoint: Endpoint, handler: Handler, *, made_up: bool = False) -> Plan:
    """Decide once how the parameters of an endpoint are read.

    ``made_up``: no handler stands behind the gate, so it checks all that the catalogue says; else
    allowed values and greatest sizes, except of what the handler itself ``judges``.
    """
    limits: Limits = "all" if made_up else "sizes"
    if endpoint.area in _NUMBERED and not made_up:
        limits = "types"
    path = endpoint.path
    fields: dict[str, Field] = {}
    required: list[str] = []
    for param in endpoint.params:
        if param.in_ == "header":  # none of those that clients need to send is documented as needed
            continue
        kind = handler.types.get(param.name)
        base = (kind or param.type).partition(" of ")[0]
        fields[param.name] = Field(
            param.name,
            _reader(param, handler, limits) if kind is None else _corrected(kind),
            *(unfit_code(param.name, path), EXPECTED.get(base, ("合法的值", "valid"))),
            base == "string",
        )
        if param.required and param.name not in handler.optional:
            required.append(param.name)
    coded = {name: missing_code(name, path) for name in fields}
    return Plan(
        tuple(fields.values()),
        tuple((name, coded[name]) for name in dict.fromkeys(required)),
        tuple(tuple((name, coded[name]) for name in group) for group in endpoint.one_of),
    )


def _reader(param: Param, handler: Handler, limits: Limits) -> Convert:
    judged = limits == "sizes" and param.name in handler.judges | _JUDGED
    return reader(param, limits="types" if judged else limits)


def _corrected(kind: str) -> Convert:
    base, _, item = kind.partition(" of ")
    if base == "array":
        return to_array(CONVERTERS.get(item, as_it_is))
    return CONVERTERS.get(base, as_it_is)


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
            joint = "." if error.where and error.where[0] != "[" else ""
            where = name + joint + error.where
            raise reasons.unfit(code, where, error.expected or expected) from error
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
