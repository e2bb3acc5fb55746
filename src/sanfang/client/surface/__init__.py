"""``client.api``: every documented API as a method, found by its name and checked before sending.

Nothing is made before it is asked for. A name space is an object that looks its members up in the
list of `names` and keeps what it found, so that a method costs a look into a dict from the second
time on; a method is a function with the signature and the docstring of its API. What types, editors
and type checkers see is in ``sanfang/client/api/*.pyi``, made from the same catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .names import SELF, Tree, tree
from .operations import Operation, left_to_call, operation
from .shapes import nearest
from .special import SPECIAL

if TYPE_CHECKING:
    from ..core import Core


class Caller(NamedTuple):
    """What the methods of one client need of it: its core, and the driver's ``run``.

    A sync driver returns answers, an async one awaitables of them; the methods are the same.
    """

    core: Core
    run: Callable[[Any], Any]


class Namespace:
    """A part of the name of an API; its members are methods and name spaces."""

    def __init__(self, caller: Caller, name: str = "", node: Tree | None = None) -> None:
        self._caller = caller
        self._name = name
        self._node = tree() if node is None else node

    def __getattr__(self, part: str) -> Any:
        if part.startswith("_"):  # no API; and a copy in the making has no fields yet
            raise AttributeError(part)
        found = self._node.get(part)
        if found is None:
            raise AttributeError(self._unknown(part), name=part, obj=self)
        member = _member(self._caller, f"{self._name}.{part}".lstrip("."), found)
        self.__dict__[part] = member
        return member

    def __dir__(self) -> list[str]:
        return sorted(self._node)

    def __repr__(self) -> str:
        return f"<api{self._name and '.'}{self._name}: {', '.join(sorted(self._node))}>"

    def _unknown(self, part: str) -> str:
        name = f"{self._name}.{part}".lstrip(".")
        if path := left_to_call(name.replace(".", "/")):
            return (
                f"没有方法 {name}：这个接口没有文档，用 client.call({path!r}, …)"
                " / no such method: no page describes this API, use client.call()"
            )
        meant = nearest(part, list(self._node))
        hint_zh, hint_en = "", ""
        if meant:
            full = f"{self._name}.{meant}".lstrip(".")
            hint_zh, hint_en = f"，是否想写 {full}？", f"; did you mean {full}?"
        return f"没有接口 {name}{hint_zh} / there is no API of that name{hint_en}"


def _member(caller: Caller, name: str, node: str | Tree) -> Any:
    if isinstance(node, str):
        return bind(caller, operation(name, node))
    own = node.get(SELF)
    if own is None:
        return Namespace(caller, name, node)
    assert isinstance(own, str)
    method = bind(caller, operation(name, own))
    for part, below in node.items():
        if part != SELF:
            setattr(method, part, _member(caller, f"{name}.{part}", below))
    return method


def bind(caller: Caller, what: Operation) -> Callable[..., Any]:
    """Make the method of an API that calls through one client."""
    core, run = caller
    call, prepare, path, verb = core.call, what.prepare, what.path, what.method
    special = SPECIAL.get(what.kind)

    def method(*positional: Any, **arguments: Any) -> Any:
        if positional:
            raise what.positional()
        body, params = prepare(arguments)
        if special is not None:
            return special(core, run, what, params)
        return run(call(path, verb, None, body, params))

    made: Any = method
    made.__name__ = what.name.rpartition(".")[2]
    made.__qualname__ = what.name
    made.__module__ = "sanfang.client.api"
    made.__doc__ = what.doc
    made.__signature__ = what.signature
    return made  # type: ignore[no-any-return]


__all__ = ["Caller", "Namespace", "bind"]
