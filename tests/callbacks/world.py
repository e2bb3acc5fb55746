"""A platform that pushes for real, and an app's receiver on the unmodified crypto of dingtalk-sdk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from dingtalk import SecretClient
from dingtalk.client.isv import ISVClient

from sanfang.platform.domain import corp_events
from sanfang.platform.domain.core import Settings
from sanfang.platform.push.dispatcher import Dispatcher
from sanfang.platform.push.probe import UrlProbe
from sanfang.platform.push.sender import Sender
from sanfang.platform.store.ports import Tx

from ..domain.world import AES_KEY
from ..openapi.world import World, a_world
from ..push.isv import Isv, an_isv
from ..push.world import until

TOKEN = "callback-token"
TAGS = ["user_add_org", "user_leave_org", "org_dept_create"]


class Receiver(Isv):
    """Answers what it is told to: ``success``, another text, or an HTTP error."""

    def __init__(self, crypto: Any) -> None:
        super().__init__()
        self.crypto = crypto
        self.says = "success"
        self.refused: list[dict[str, Any]] = []
        self.refuses: Callable[[dict[str, Any]], bool] = lambda event: False

    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        if self.refuses(event):
            self.refused.append(event)
            return web.Response(status=500)
        return self.sealed(self.says)

    def named(self, tag: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["EventType"] == tag]


class Place:
    """The world behind the gate, with what a test of callbacks does over and over."""

    def __init__(self, world: World, receiver: Receiver, token: str) -> None:
        self.world = world
        self.receiver = receiver
        self.token = token
        self.corp_id = world.corp.corp_id

    def form(self, **changes: Any) -> dict[str, Any]:
        fields = {
            "call_back_tag": TAGS,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "url": self.receiver.url,
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not None}

    async def register(self, **changes: Any) -> int:
        path = "/call_back/register_call_back"
        return (await self.world.post(path, self.form(**changes), self.token)).code

    async def ask(self, name: str) -> dict[str, Any]:
        return (await self.world.get(f"/call_back/{name}", self.token)).json

    async def happens(self, tag: str, *, corp_id: str = "", **fields: Any) -> None:
        """Something changes in the corp, and is announced with the change."""
        core = self.world.core

        async def body(tx: Tx) -> None:
            await corp_events.announce(tx, core, corp_id or self.corp_id, tag, fields)

        await core.durable.transact(body)


@asynccontextmanager
async def a_place(*, isv: bool = False, **settings: Any) -> AsyncIterator[Place]:
    """A corp whose own app (or an ISV's) has a receiver; the clock stands still."""
    chosen = Settings(**{"push_timeout_ms": 2000, **settings})
    async with a_world(chosen) as world, Sender(chosen, world.core.clock) as sender:
        world.core.probe = UrlProbe(sender, chosen)
        async with an_isv(Receiver(None)) as receiver:
            assert isinstance(receiver, Receiver)
            if isv:
                suite = world.suite
                client: Any = ISVClient(suite.suite_key, suite.suite_secret, TOKEN, AES_KEY)
            else:
                client = SecretClient(world.corp.corp_id, world.app.secret, TOKEN, AES_KEY)
            receiver.crypto = client.crypto
            dispatcher = Dispatcher(world.core, sender)
            await dispatcher.start()
            try:
                yield Place(world, receiver, world.isv if isv else world.own)
            finally:
                await dispatcher.stop()


def story(body: Callable[[Place], Awaitable[None]], *, isv: bool = False, **settings: Any) -> None:
    """Run a test in a fresh place."""

    async def run() -> None:
        async with a_place(isv=isv, **settings) as place:
            await body(place)

    asyncio.run(run())


__all__ = ["TAGS", "TOKEN", "Place", "Receiver", "a_place", "story", "until"]
