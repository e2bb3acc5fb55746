"""The tables ``methods.txt`` and ``gateway.txt``: what each method of `dingtalk-sdk` calls.

The first was written by hand, the second is made by ``tools/build_sdk_table.py`` from the
signatures of the installed package. Both hold facts; the code that acts on them is `groups`.
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

_PARAMETER = re.compile(r"(\w+)(?:=([^>~?\s]+))?(>[\w.:*]*)?(?:~(\w+))?(\?)?")

GATEWAY_GROUP = "tbdingding"


class Parameter(NamedTuple):
    """One argument and the field it becomes: a dotted path, ``*``, ``file:name`` or nothing."""

    name: str
    default: Any
    field: str
    conversion: str
    optional: bool


class Method(NamedTuple):
    """One method. ``verb`` is GET, POST, POST?, TOP or LOCAL; ``target`` a path or a TOP name."""

    group: str
    name: str
    verb: str
    target: str
    parameters: tuple[Parameter, ...]
    taken: str

    @property
    def title(self) -> str:
        """The name that its users write: ``user.get``."""
        return f"{self.group}.{self.name}"

    @property
    def signature(self) -> inspect.Signature:
        """The parameters of `dingtalk-sdk`, with its defaults."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        names: dict[str, inspect.Parameter] = {}
        for each in self.parameters:
            names.setdefault(each.name, inspect.Parameter(each.name, kind, default=each.default))
        ordered = sorted(names.values(), key=lambda one: one.default is not one.empty)
        return inspect.Signature(ordered)


@cache
def methods(name: str) -> dict[str, dict[str, Method]]:
    """Return the methods of a table file by group and name."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    groups: dict[str, dict[str, Method]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            method = _read(line)
            groups.setdefault(method.group, {})[method.name] = method
    return groups


def every_method() -> list[Method]:
    """List the methods of both tables."""
    tables = (methods("methods.txt"), methods("gateway.txt"))
    return [method for table in tables for group in table.values() for method in group.values()]


def _read(line: str) -> Method:
    title, call, parameters, taken = (part.strip() for part in line.split("|"))
    group, name = title.split(".")
    verb, target = call.split(" ")
    return Method(group, name, verb, target, tuple(map(_parameter, parameters.split())), taken)


def _parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise ValueError(f"not a parameter: {text}")
    name, default, field, conversion, optional = match.groups()
    value = inspect.Parameter.empty if default is None else ast.literal_eval(default)
    return Parameter(
        name, value, name if field is None else field[1:], conversion or "", bool(optional)
    )
