"""What most tests of signing in need: somebody to sign in, and something to sign in to."""

from __future__ import annotations

from sanfang.platform.domain import app_scopes, contacts, corps, signin_apps, tokens
from sanfang.platform.domain.app_scopes import AppScope
from sanfang.platform.domain.model import Corp, Member
from sanfang.platform.domain.signin_apps import OpenApp

from ..openapi.world import World

SITE = "https://app.example.com/back"


async def a_member(world: World, userid: str = "jia", corp_id: str = "") -> Member:
    return await contacts.create_member(
        world.core,
        corp_id or world.corp.corp_id,
        name=f"测试员 {userid}",
        userid=userid,
        mobile="13000000001" if userid == "jia" else "",
        email=f"{userid}@example.com",
    )


async def another_corp(world: World) -> tuple[Corp, str]:
    """Another corp and the token of its own app."""
    corp = await corps.create_corp(world.core, "另一家公司", is_authenticated=True)
    app = (await corps.list_apps(world.core, corp.corp_id))[0]
    return corp, (await tokens.app_token(world.core, app.app_key, app.secret))[0]


async def an_open_app(world: World, *hosts: str) -> OpenApp:
    return await signin_apps.create_open_app(world.core, "示例网站", hosts or ["app.example.com"])


async def hide(world: World, agent_id: int) -> None:
    """Let nobody but administrators see an app."""
    await app_scopes.set_scope(world.core, world.corp.corp_id, agent_id, AppScope(is_hidden=True))
