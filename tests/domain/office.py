"""A corp with three members and a micro-app, for what a member sees in the workbench."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from sanfang.platform.domain import contacts, corps, desks, micro_apps
from sanfang.platform.domain.core import Core, Settings
from sanfang.platform.domain.micro_apps import NEW, AppForm
from sanfang.platform.domain.model import Corp, CorpApp, Identity
from sanfang.platform.domain.refusals import Refusal

from .world import a_core

HOME = "http://app.example:8000/home?corpid=$CORPID$"
PC_HOME = "https://app.example/pc?corpid=$CORPID$"


class Office:
    """A corp, its members jia, yi and bing beside the manager, and its micro-app."""

    def __init__(self, core: Core, corp: Corp, app: CorpApp) -> None:
        self.core = core
        self.corp = corp
        self.corp_id = corp.corp_id
        self.app = app
        self.identity = Identity("internal", corp.corp_id, app.app_key, app.agent_id)

    async def desk(self, userid: str = "jia") -> str:
        return await desks.open_desk(self.core, self.corp_id, userid)

    async def another_app(self, **form: Any) -> CorpApp:
        return await an_app(self.core, self.corp_id, **form)


async def an_app(core: Core, corp_id: str, **changes: Any) -> CorpApp:
    fields = {"name": "签到看板", "description": "d", "home_url": HOME, "pc_home_url": PC_HOME}
    return await micro_apps.create_app(core, corp_id, AppForm(**fields | changes), NEW)


@asynccontextmanager
async def an_office(settings: Settings | None = None) -> AsyncIterator[Office]:
    async with a_core(settings) as core:
        corp = await corps.create_corp(core, "示例公司", is_authenticated=True)
        for userid, name in (("jia", "测试员甲"), ("yi", "测试员乙"), ("bing", "测试员丙")):
            await contacts.create_member(core, corp.corp_id, name=name, userid=userid)
        yield Office(core, corp, await an_app(core, corp.corp_id))


def story(body: Callable[[Office], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        async with an_office(Settings(**settings)) as office:
            await body(office)

    asyncio.run(main())


@contextmanager
def lasting() -> Iterator[tuple[asyncio.Runner, Office]]:
    """An office for many examples of one test."""
    with asyncio.Runner() as runner:
        manager = an_office()
        office = runner.run(manager.__aenter__())
        try:
            yield runner, office
        finally:
            runner.run(manager.__aexit__(None, None, None))


async def refused(code: int, waiting: Awaitable[object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await waiting
    assert caught.value.code == code
    assert caught.value.zh
    assert caught.value.en
    return caught.value
