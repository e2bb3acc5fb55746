"""The receiving side of an app: a push is opened, stored, and only then answered."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sanfang.protocol.events import CheckSuiteLicenseCode, SuiteTicket

from . import asgi, refusals
from .asgi import Answer, Receive, Scope, Send
from .reception import NOT_VALID, SUCCESS, Push, Reception
from .suite_file import Identity, Ticket

if TYPE_CHECKING:
    from .authorised import AuthorisedCorp
    from .clock import Clock
    from .datafile import DataFile
    from .health import Health
    from .records import CorpRecord
    from .runtime import Runtime

log = logging.getLogger("sanfang.isv")


class Receiving:
    """What `SuiteApp` does with a request of the platform. Use it through that."""

    body_limit: int
    _clock: Clock
    _reception: Reception
    _identity: Identity | None
    _file: DataFile | None
    _runtime: Runtime | None

    def _set_receiving(self, license_timeout: float) -> None:
        self._license: Callable[..., Any] | None = None
        self._license_timeout = license_timeout
        self._refused: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve ASGI."""
        if scope["type"] == "http":
            await asgi.http(self, scope, receive, send)
        else:
            await asgi.others(self, scope, receive, send)

    async def receive(self, query: bytes, body: bytes) -> Answer:
        """Receive one push; for servers that do not speak ASGI, and for tests.

        The answer is 200 with a sealed body, or a 4xx with an explanation; 503 when the event
        could not be stored, so that the platform pushes it again.
        """
        try:
            if self._runtime is None or self._runtime.loop is not asyncio.get_running_loop():
                await self.start()
            elif self._identity is None:
                self._known_identity()  # another process may have been told
            push = self._reception.open(query, body)
            answer = push.answer
            if answer is None and isinstance(push.event, CheckSuiteLicenseCode):
                answer = await self._judge(push.event)
            elif answer is None:
                await self._store(push)
                answer = SUCCESS
            return Answer(200, push.reply(answer))
        except refusals.Refused as refusal:
            self._refused[str(refusal.code)] += 1
            level = logging.WARNING if refusal.genuine else logging.INFO
            log.log(level, "拒绝请求 / refused: %s %s", refusal.zh, refusal.en)
            return asgi.of(refusal)
        except sqlite3.Error:
            log.exception("事件未能存盘 / the event could not be stored")
            return asgi.of(refusals.not_stored())

    def _store(self, push: Push) -> Awaitable[Any]:
        """Store an event, and a ticket in the same commit: nothing in a lane may delay it."""
        assert self._file is not None
        now = self._clock.time()
        stored = self._file.inbox.put(push.event, push.plain, now)
        if not isinstance(push.event, SuiteTicket):
            return stored
        ticket = Ticket(push.event.suite_ticket, push.event.timestamp or 0, int(now * 1000))
        return self._keep(ticket, stored)

    async def _keep(self, ticket: Ticket, stored: asyncio.Future[int | None]) -> None:
        assert self._file is not None
        await asyncio.gather(stored, self._file.suite.keep_ticket(ticket))
        if self._runtime is not None:
            self._runtime.lanes.ticket_arrived()

    async def _judge(self, event: CheckSuiteLicenseCode) -> bytes:
        if self._license is None:
            log.warning(
                "收到序列号校验，但没有 @app.license_check，应答为无效"
                " / a licence code was not judged: write @app.license_check"
            )
            return NOT_VALID
        corp = self._authorised(self._open().records.get(event.auth_corp_id))
        try:
            async with asyncio.timeout(self._license_timeout):
                return SUCCESS if await self._license(event, corp) else NOT_VALID
        except Exception:
            log.exception("序列号校验函数出错，应答为无效 / the licence check failed: not valid")
            return NOT_VALID

    def health_answer(self) -> Answer:
        """Answer a GET."""
        try:
            return Answer(200, self.health().public())
        except sqlite3.Error:
            log.exception("读不到数据文件 / cannot read the data file")
            return asgi.of(refusals.not_stored())

    async def start(self) -> None:
        """Start the app."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Stop it."""
        raise NotImplementedError

    def health(self) -> Health:
        """Return the state of things."""
        raise NotImplementedError

    def _open(self) -> DataFile:
        raise NotImplementedError

    def _known_identity(self) -> Identity | None:
        raise NotImplementedError

    def _authorised(self, record: CorpRecord) -> AuthorisedCorp:
        raise NotImplementedError
