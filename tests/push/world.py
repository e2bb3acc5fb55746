"""A platform's outbox to dispatch from: real stores, a real sender, a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from dingtalk.crypto import DingTalkCrypto

from sanfang.platform.domain import corps, developers, outbox, suites
from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Core, ProbeResult, Settings
from sanfang.platform.domain.model import Attempt, Push, Suite
from sanfang.platform.push.dispatcher import Dispatcher
from sanfang.platform.push.sender import Sender
from sanfang.platform.store import open_durable, open_hot
from sanfang.platform.store.ports import Tx

from .isv import Isv
from .sealing import AES_KEY, TOKEN

START = 1_700_000_000_000


async def _any_url(url: str, **_: Any) -> ProbeResult:
    return ProbeResult(ok=True)


@asynccontextmanager
async def a_core(address: str, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Core]:
    """A core on the durable store at ``address``; the URL check is not what is tested here."""
    durable, hot = await open_durable(address), await open_hot(None)
    chosen = Settings(**{"push_timeout_ms": 10_000, **settings})
    try:
        yield Core(durable, hot, clock or Clock(frozen_at=START), chosen, _any_url)
    finally:
        await durable.close()
        await hot.close()


@asynccontextmanager
async def dispatching(core: Core, **options: Any) -> AsyncIterator[Dispatcher]:
    async with Sender(core.settings, core.clock) as sender:
        dispatcher = Dispatcher(core, sender, **options)
        await dispatcher.start()
        try:
            yield dispatcher
        finally:
            await dispatcher.stop()


async def a_suite(core: Core, isv: Isv, *, apps: int = 0) -> Suite:
    """A suite whose callback is ``isv``, which from now on uses its suite_key."""
    corp = await corps.create_corp(core, "示例软件公司")
    developer = await developers.create_developer(core, corp.corp_id, "示例开发者")
    app = suites.MicroAppForm(name="签到看板", home_url="http://isv.example/")
    form = suites.SuiteForm(
        name="示例套件",
        token=TOKEN,
        aes_key=AES_KEY,
        callback_url=isv.url,
        micro_apps=[app] * apps,
    )
    suite = await suites.create_suite(core, developer.developer_id, form)
    isv.crypto = DingTalkCrypto(TOKEN, AES_KEY, suite.suite_key)
    return suite


async def put(core: Core, suite_key: str, corp_id: str, *names: str) -> list[int]:
    """Enqueue pushes for one lane; the plain text carries corp and name."""

    async def body(tx: Tx) -> list[int]:
        return [
            await outbox.enqueue(
                tx, core, suite_key, corp_id, "change_auth", f'{{"corp":"{corp_id}","n":"{name}"}}'
            )
            for name in names
        ]

    return await core.durable.transact(body)


async def until(condition: Callable[[], bool | Awaitable[bool]], *, seconds: float = 10) -> None:
    """Give the loop away until ``condition`` holds; fail after a generous while."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if not isinstance(found, bool):
                found = await found
            if found:
                return
            await asyncio.sleep(0.001)


async def push(core: Core, push_id: int) -> Push:
    return (await outbox.get_push(core, push_id))[0]


async def attempts(core: Core, push_id: int) -> list[Attempt]:
    return [attempt for _, attempt in (await outbox.get_push(core, push_id))[1]]


async def attempted(core: Core, push_id: int, times: int) -> None:
    """Wait until a push has been attempted ``times`` times."""

    async def enough() -> bool:
        return (await push(core, push_id)).attempts >= times

    await until(enough)


async def delivered(core: Core, *push_ids: int) -> None:
    """Wait until all these pushes are delivered."""

    async def all_are() -> bool:
        for push_id in push_ids:
            if (await push(core, push_id)).state != "delivered":
                return False
        return True

    await until(all_are)
