"""Handling one event: the built-in lifecycle first, then the app's handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sanfang.protocol.events import Event, SuiteTicket

from .authorised import AuthorisedCorp
from .handlers import Handlers, Named
from .inbox import SUITE_LANE, UNKNOWN_CORP, Inbox
from .lifecycle import Lifecycle
from .steps import CONCERNED

_BUILT_IN = frozenset({SuiteTicket, *CONCERNED})


class Handling:
    """What `lanes.Lanes` calls for each event. ``timeout`` bounds an async handler, in seconds."""

    def __init__(
        self,
        inbox: Inbox,
        lifecycle: Lifecycle,
        handlers: Handlers,
        corp: Callable[[str], AuthorisedCorp],
        timeout: float | None,
    ) -> None:
        self._inbox = inbox
        self._lifecycle = lifecycle
        self._handlers = handlers
        self._corp = corp
        self._timeout = timeout

    async def __call__(self, event_id: int, event: Event, lane: str, done: list[str]) -> None:
        """Handle; handlers named in ``done`` completed in an earlier attempt and are left out."""
        built_in = type(event) in _BUILT_IN
        kinds: tuple[str, ...] = ()
        if built_in:
            kinds = await self._lifecycle.advance(event_id, event, lane)
        wanted = self._handlers.of(event.event_type, kinds)
        if not wanted:
            if not built_in:
                self._handlers.hint(event.event_type)
            return
        left = [each for each in wanted if each.name not in done] if done else wanted
        no_corp = lane == SUITE_LANE or lane.startswith(UNKNOWN_CORP)
        corp = None if no_corp else self._corp(lane)
        for handler in left:
            await self._call(handler, event, corp)
            if handler is not left[-1]:
                done.append(handler.name)
                await self._inbox.progress(event_id, done)

    async def _call(self, handler: Named, event: Event, corp: AuthorisedCorp | None) -> None:
        try:
            async with asyncio.timeout(self._timeout) as limit:
                await handler.call(event, corp)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise TimeoutError(
                f"{handler.name} 超过 {self._timeout:g} 秒没有结束（SuiteApp(handler_timeout=...)）"
                f" / {handler.name} did not end within {self._timeout:g} s"
            ) from error
