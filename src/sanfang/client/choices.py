"""Which method a call means whose path has several, when only its arguments can tell.

``call("/v1.0/calendar/users/{userId}/…/events", …)`` lists events with one set of fields and makes
one with another. A guess that is wrong could delete what was to be read, so what the arguments
leave open is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .errors import BadCall

if TYPE_CHECKING:
    from sanfang.catalog import Catalog, Endpoint


def candidates(table: Catalog, host: str, path: str, has_body: bool) -> list[Endpoint]:
    """Return what a path without a method may mean: no entries, one, or several to `choose` from.

    A path written out is nearer than a template, an entry that takes a body fits a call with one,
    and what is documented comes before what only an SDK knows.
    """
    methods = table.methods(host, path)
    found = [each for method in methods if (each := table.find(host, method, path)) is not None]
    if len(found) < 2:
        return found
    found = [each for each in found if each.path == path] or found
    if has_body:
        found = [each for each in found if _takes_body(each)] or found
    return [each for each in found if each.documented] or found


def choose(path: str, found: Sequence[Endpoint], given: Sequence[Any]) -> str:
    """Return the method of the one entry that takes all that is given: query, body, parameters.

    Of several the one that lacks nothing it requires, and whose types the values have. Raises
    `BadCall` when that leaves a choice.
    """
    values = {each.id: _values(given, each) for each in found}
    fitting = [each for each in found if values[each.id].keys() <= _known(each)]
    complete = [each for each in fitting if _is_complete(path, each, values[each.id])]
    for few in (fitting, complete):
        if len(few) == 1:
            return few[0].method
    suited = [each for each in complete if _suits(each, values[each.id])]
    if len(suited) != 1:
        raise _undecided(path, found)
    return suited[0].method


def _takes_body(endpoint: Endpoint) -> bool:
    return endpoint.method not in ("GET", "DELETE") or any(
        param.in_ in ("body", "form") for param in endpoint.params
    )


def _values(given: Sequence[Any], endpoint: Endpoint) -> dict[str, Any]:
    query, body, params = given
    values = {**(query or {}), **params}
    root = next((param.name for param in endpoint.params if param.root), "")
    if root:
        values[root] = body
    elif isinstance(body, Mapping):
        values |= body
    return {name: value for name, value in values.items() if value is not None}


def _known(endpoint: Endpoint) -> set[str]:
    return {param.name for param in endpoint.params} | {endpoint.token_name}


def _is_complete(path: str, endpoint: Endpoint, values: Mapping[str, Any]) -> bool:
    names = set(values)
    if endpoint.path != path:  # the ids stand in it
        names.update(param.name for param in endpoint.params if param.in_ == "path")
    return all(not param.required or param.name in names for param in endpoint.params) and (
        not endpoint.one_of or any(names.issuperset(group) for group in endpoint.one_of)
    )


def _suits(endpoint: Endpoint, values: Mapping[str, Any]) -> bool:
    from .surface.shapes import Wrong, shapes_of

    shapes = shapes_of(endpoint)
    try:
        for name, value in values.items():
            if name in shapes and type(value) not in shapes[name].plain:
                shapes[name].inspect(value)
    except (Wrong, RecursionError):
        return False
    return True


def _undecided(path: str, found: Sequence[Endpoint]) -> BadCall:
    from .surface.names import method_name

    methods = "、".join(each.method for each in found)
    english = ", ".join(each.method for each in found)
    typed = [f"client.api.{'.'.join(method_name(each))}()" for each in found if each.documented]
    named = f" / {' / '.join(typed)}" if typed else ""
    return BadCall(
        f"{path} 有 {methods} 几种方法，参数分不出是哪一种：请用 get()、post() 或 request(方法, …)"
        f" / has the methods {english}, and the arguments do not tell which is meant:"
        f" use get(), post() or request(method, …){named}"
    )
