"""One API as a method: what it takes, how it is documented, and what is wrong with arguments."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from inspect import Parameter, Signature
from os import PathLike
from typing import Any, BinaryIO, Literal

from sanfang import catalog
from sanfang.catalog import Endpoint, Field

from ..errors import BadArgument
from .names import identifier
from .shapes import Shape, Wrong, is_numbered, shapes_of, unknown
from .special import kind_of
from .texts import manual


class Operation:
    """What all methods of one API share, whichever client they belong to.

    ``path`` and ``method`` are those of `Client.request`; ``kind`` is told by `special`.
    """

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.endpoint = endpoint
        self.method = endpoint.method
        self.path = endpoint.path if endpoint.host == "api" else endpoint.path.lstrip("/")
        self.kind = kind_of(endpoint)
        wire = [param.name for param in endpoint.params]
        self._wire = {identifier(each): each for each in wire if identifier(each) != each}
        self._root = next((identifier(p.name) for p in endpoint.params if p.root), "")
        shapes = shapes_of(endpoint)
        self._shapes: dict[str, Shape] = {identifier(each): shapes[each] for each in wire}
        self._required = frozenset(identifier(p.name) for p in endpoint.params if p.required)
        self._choice = [[identifier(name) for name in group] for group in endpoint.one_of]
        self._as_given = not self._wire and not self._root

    def prepare(self, arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Check arguments and return what to send: a body that is no object, and the parameters.

        Raises `BadArgument`.
        """
        shapes, required = self._shapes, self._required
        missing = not required <= arguments.keys()
        for name, value in arguments.items():
            shape = shapes.get(name)
            if shape is None or type(value) not in shape.plain:
                if value is None and shape is not None:  # as good as not given
                    missing = missing or name in required
                else:
                    self._look(name, value, shape)
        if missing:
            self._find_missing(arguments)
        if self._choice:
            self._find_choice(arguments)
        if self._as_given:
            return None, arguments
        params = {self._wire.get(name, name): value for name, value in arguments.items()}
        body = params.pop(self._root) if self._root in arguments else None
        return body, params

    def _look(self, name: str, value: Any, shape: Shape | None) -> None:
        try:
            if shape is None:
                raise unknown(name, self._shapes)
            shape.inspect(value)
        except Wrong as wrong:
            if shape is not None:
                wrong.path.append(name)
            raise self._refusal(wrong) from None
        except RecursionError:
            deep = Wrong("嵌套太深", "is nested too deeply", name)
            raise self._refusal(deep) from None

    def _find_missing(self, arguments: Mapping[str, Any]) -> None:
        for name in self._shapes:
            if name in self._required and arguments.get(name) is None:
                raise self._refusal(Wrong("必填，却没有给出", "is required", name))

    def _find_choice(self, arguments: Mapping[str, Any]) -> None:
        for group in self._choice:
            if all(arguments.get(name) is not None for name in group):
                return
        first, *others = ("+".join(group) for group in self._choice)
        zh = f"或 {'、'.join(others)} 须给出其一"
        raise self._refusal(Wrong(zh, f"or {' or '.join(others)} is required", first))

    def _refusal(self, wrong: Wrong) -> BadArgument:
        return BadArgument(self.name, wrong.where(), wrong.zh, wrong.en, tuple(self._shapes))

    def positional(self) -> BadArgument:
        """Return the refusal of arguments without names."""
        first = next(iter(self._shapes), "")
        zh, en = "这个接口没有参数", "this API takes no arguments"
        if first:
            zh, en = f"参数要写名字：{first}=…", f"arguments are given by name: {first}=…"
        return BadArgument(self.name, "", zh, en, tuple(self._shapes))

    @cached_property
    def signature(self) -> Signature:
        """Return the signature, with what is required in front."""
        found = []
        for param in sorted(self.endpoint.params, key=lambda each: not each.required):
            default = Parameter.empty if param.required else None
            kind = str | int if is_numbered(self.endpoint, param) else annotation(param)
            if not param.required:
                kind = kind | None if kind is not Any else Any
            name = identifier(param.name)
            found.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind))
        answer = {"page": str, "content": bytes}.get(self.kind)
        return Signature(found, return_annotation=answer or dict[str, Any])

    @cached_property
    def doc(self) -> str:
        """Return the docstring."""
        return manual(self.endpoint)


_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "object": dict[str, Any],
    "map": dict[str, Any],
    "array": list[Any],
    "file": bytes | BinaryIO | PathLike[str] | str,
}


def annotation(field: Field) -> Any:
    """Return the type of an argument, for signatures that people read."""
    if field.format == "csv":
        return str | list[str]
    if field.type == "array":
        return list[_literal(field, field.items or "any")]  # type: ignore[misc]
    if field.type == "map":
        return dict[str, _TYPES.get(field.items or "any", Any)]  # type: ignore[misc]
    return _literal(field, field.type)


def _literal(field: Field, kind: str) -> Any:
    return Literal[tuple(field.enum)] if field.enum else _TYPES.get(kind, Any)


@cache
def operation(name: str, id_: str) -> Operation:
    """Return the operation of an endpoint of the catalogue, made once."""
    return Operation(name, catalog.load().endpoints[id_])


def left_to_call(path: str) -> str:
    """Return the path of an API that only SDKs know, or of a near documented one, or nothing."""
    table = catalog.load()
    found = table.guess(path)
    return found.path.lstrip("/") if found is not None else ""
