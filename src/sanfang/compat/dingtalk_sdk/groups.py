"""``client.user``, ``client.department`` …: objects whose methods come out of the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from . import shaping
from .answers import taken
from .table import GATEWAY_GROUP, Method, methods

if TYPE_CHECKING:
    from .client.base import BaseClient


class Group:
    """The methods about one thing. What is not in the tables is reached with ``client.get`` etc."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    @property
    def corp_id(self) -> str:
        """The corp of the client."""
        return str(getattr(self._client, "corp_id", ""))

    def _get(self, url: str, params: Any = None, **more: Any) -> Any:
        return self._client.get(url, params, **more)

    def _post(self, url: str, data: Any = None, params: Any = None, **more: Any) -> Any:
        return self._client.post(url, data, params, **more)

    def _top_request(self, method: str, params: Any = None, **more: Any) -> Any:
        return self._client.top_request(method, params, **more)


class Attendance(Group):
    """Adds the constant that programs read."""

    DATE_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


class _Tags:
    """Read from the catalogue when it is asked for, of the class or of an object."""

    def __get__(self, instance: object, owner: type) -> tuple[str, ...]:
        from sanfang import catalog

        return catalog.event_tags()


class Callback(Group):
    """Adds the names of all events that can be subscribed to."""

    ALL_CALL_BACK_TAGS = _Tags()


_BASES: dict[str, type[Group]] = {"attendance": Attendance, "callback": Callback}


@cache
def group_class(name: str) -> type[Group] | None:
    """Return the class of a group, or None for a name that is no group."""
    table = methods("gateway.txt" if name == GATEWAY_GROUP else "methods.txt").get(name)
    if table is None:
        return None
    made = {each.name: _function(each) for each in table.values()}
    return type(name.capitalize(), (_BASES.get(name, Group),), made)


def group_names() -> tuple[str, ...]:
    """List the groups."""
    return (*methods("methods.txt"), GATEWAY_GROUP)


def _function(method: Method) -> Callable[..., Any]:
    if method.verb == "LOCAL":
        return staticmethod(getattr(shaping, method.target))
    signature = method.signature

    def call(self: Group, *args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as problem:
            raise TypeError(f"{method.title}(): {problem}") from None
        bound.apply_defaults()
        return _call(self._client, method, bound.arguments)

    call.__name__ = method.name
    call.__qualname__ = method.title
    call.__doc__ = f"{method.verb.rstrip('?')} {method.target}"
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def _call(client: BaseClient, method: Method, given: Mapping[str, Any]) -> Any:
    fields, files = _fields(method, given)
    if method.verb == "TOP":
        answer = client.top_request(method.target, fields)
    elif method.verb == "GET":
        raw = method.taken == "@raw"
        answer = client.request("GET", method.target, params=fields, raw=raw)
    elif method.verb == "POST?":
        answer = client.request("POST", method.target, params=fields, files=files or None)
    else:
        answer = client.request("POST", method.target, data=fields or None)
    return taken(answer, method.taken, given)


def _fields(method: Method, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    fields: dict[str, Any] = {}
    files: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for each in method.parameters:
        value = given[each.name]
        if each.conversion:
            value = shaping.CONVERSIONS[each.conversion](value, given)
        if not each.field or (each.optional and value is None):
            continue
        if each.field == "*":
            merged = value
        elif each.field.startswith("file:"):
            files[each.field.removeprefix("file:")] = value
        else:
            _put(fields, each.field, value)
    return {**merged, **fields}, files


def _put(fields: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    for part in above:
        fields = fields.setdefault(part, {})
    fields[last] = list(value) if isinstance(value, (tuple, set, frozenset)) else value
