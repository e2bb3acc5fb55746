"""An app mounted in a framework, as docs/jsapi-server.md has it: nobody tells it of its start."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from sanfang.isv import CorpApp, NotConfigured, SuiteApp

from .house import corp_house


def mounted(app: SuiteApp, origin: str) -> Starlette:
    doors = app.pages()

    async def hello(request: Any) -> JSONResponse:
        person = doors.person(request.scope)
        return JSONResponse({"hello": person.name if person else "?"})

    routes = [Mount("/dingtalk", doors), Route("/callback", app), Route("/hello", hello)]
    return Starlette(routes=routes)


@pytest.mark.parametrize("first", ["signin", "login", "config"])
def test_every_door_opens_whichever_is_asked_first(first: str) -> None:
    with corp_house(mounted) as house:
        house.run(house.app.stop())  # as if it had never been started
        stranger = house.send("GET", "/hello", Cookie="sanfang_session=v1.e30.e30")
        assert stranger.json == {"hello": "?"}
        if first == "signin":
            assert house.send("GET", "/dingtalk/signin").status == 302
        elif first == "login":
            signed_in = house.post("login", {"code": house.code()})
            cookie = "; ".join(f"{name}={value}" for name, value in signed_in.cookies().items())
            assert house.send("GET", "/hello", Cookie=cookie).json == {"hello": "测试员甲"}
        else:
            # An own app knows its corp.
            assert house.post("config", {"url": house.origin}).json["corpId"] == house.corp_id


def test_with_the_frameworks_lifespan_it_starts_and_stops() -> None:
    app = CorpApp(corp_id="ding1", agent_id=1, app_secret="a-secret-of-the-example")

    async def live() -> None:
        web = Starlette(lifespan=app.lifespan)
        async with web.router.lifespan_context(web):
            assert "ding1" in str(app.client().identity)
        with pytest.raises(NotConfigured):
            app.client()

    asyncio.run(live())
