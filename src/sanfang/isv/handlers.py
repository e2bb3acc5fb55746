"""The app's own handlers: registered by event type or kind, called one after another."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

from sanfang.protocol.events import Event

from .authorised import AuthorisedCorp

log = logging.getLogger("sanfang.isv")

Handler = Callable[[Any, Any], Any]
H = TypeVar("H", bound=Handler)


class Named(NamedTuple):
    """A handler with the name under which its completion is remembered."""

    name: str
    call: Callable[[Event, AuthorisedCorp | None], Awaitable[Any]]


class Handlers:
    """Handlers by event type and by kind (``activated``, ``changed``, ``relieved``)."""

    def __init__(self) -> None:
        self._by_type: dict[str, list[Named]] = {}
        self._by_kind: dict[str, list[Named]] = {}
        self._hinted: set[str] = set()

    def on(self, event_type: str, handler: Handler) -> None:
        """Register for an event type."""
        _add(self._by_type.setdefault(event_type, []), handler)

    def on_kind(self, kind: str, handler: Handler) -> None:
        """Register for a kind."""
        _add(self._by_kind.setdefault(kind, []), handler)

    def of(self, event_type: str, kinds: tuple[str, ...]) -> list[Named]:
        """Return those to call for an event, in order: by kind, then by type; each once."""
        if not kinds:
            return self._by_type.get(event_type, [])
        lists = [self._by_kind.get(kind, []) for kind in kinds]
        lists.append(self._by_type.get(event_type, []))
        return list({handler.name: handler for some in lists for handler in some}.values())

    def hint(self, event_type: str) -> None:
        """Say once per type, in the log, how to handle an event that nobody handles."""
        # The type comes from outside: do not let it grow this set, or the log, without bound.
        if event_type in self._hinted or len(self._hinted) >= 1000:
            return
        self._hinted.add(event_type)
        shown = event_type[:80]
        log.info(
            "没有处理 %r 事件的函数（已收下）。可以这样写 / nobody handles %r (received and stored); "
            "you could write:\n"
            "    @app.on(%r)\n"
            "    async def handle(event, corp):\n"
            "        print(event, corp)",
            *(shown, shown, shown),
        )


def as_async(handler: Handler) -> Callable[..., Awaitable[Any]]:
    """Return a handler as a coroutine function; a sync one runs in a thread."""
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
        getattr(handler, "__call__", None)  # noqa: B004 - an object with async def __call__
    ):
        return handler

    async def in_thread(*arguments: Any) -> Any:
        result = await asyncio.to_thread(handler, *arguments)
        # A partial or lambda around a coroutine function ends up here.
        return await result if inspect.isawaitable(result) else result

    return in_thread


def _add(registered: list[Named], handler: Handler) -> None:
    if not callable(handler):
        raise TypeError(f"不是函数 / not a function: {handler!r}")
    kind = type(handler)
    module = getattr(handler, "__module__", kind.__module__)
    name = f"{module}.{getattr(handler, '__qualname__', kind.__qualname__)}"
    taken = sum(other.name.partition("#")[0] == name for other in registered)
    registered.append(Named(f"{name}#{taken}" if taken else name, as_async(handler)))
