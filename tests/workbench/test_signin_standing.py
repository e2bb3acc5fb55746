"""Apps, corps and people that are no longer what they were when the address was made."""

from __future__ import annotations

from urllib.parse import urlencode

from sanfang.platform.domain import (
    authorisations,
    contacts,
    corps,
    desks,
    leaving,
    signin_apps,
    suites,
)
from sanfang.platform.domain.model import Suite

from ..domain.world import a_suite
from ..openapi.world import World, story
from .signin_client import CORP, OAUTH, Reply, call, fields_of

BACK = "https://board.example/back"


async def opened(world: World, path: str, userid: str = "manager", **fields: str) -> Reply:
    """Open a page as somebody who has signed in."""
    token = await desks.open_desk(world.core, world.corp.corp_id, userid)
    query = urlencode({"response_type": "code", "redirect_uri": BACK, **fields}).encode()
    headers = {"cookie": f"sanfang_desk={token}"}
    return await call(world.core, "GET", path, query, headers=headers)


async def authorised(world: World, *, active: bool = True) -> Suite:
    page = suites.MicroAppForm(name="签到看板", home_url="https://board.example/")
    suite = await a_suite(world.core, micro_apps=[page])
    await authorisations.authorise(world.core, suite.suite_key, world.corp.corp_id)
    if active:
        row = await authorisations.get_authorisation(
            world.core, suite.suite_key, world.corp.corp_id
        )
        assert row is not None
        code, _ = await authorisations.exchange_code(world.core, suite.suite_key, row.tmp_auth_code)
        await authorisations.activate(world.core, suite.suite_key, world.corp.corp_id, code)
    return suite


async def corp_page(world: World, userid: str = "manager") -> Reply:
    return await opened(world, CORP, userid, appid=world.corp.corp_id, scope="snsapi_base")


def says(reply: Reply, status: int, *texts: str) -> None:
    assert reply.status == status
    for text in texts:
        assert text in reply.body.decode(), reply.body.decode()


def test_a_suites_app_waits_works_and_is_stopped() -> None:
    async def body(world: World) -> None:
        suite = await authorised(world, active=False)
        says(await corp_page(world), 403, "50003", "activate_suite", "对不起,您无权限查看该页面")
        await authorisations.relieve(world.core, suite.suite_key, world.corp.corp_id)
        suite = await authorised(world)
        assert (await corp_page(world)).status == 302
        corp_id = world.corp.corp_id
        await authorisations.set_enabled(world.core, suite.suite_key, corp_id, False)
        says(await corp_page(world), 403, "50003", "停用", "启用")
        await authorisations.relieve(world.core, suite.suite_key, corp_id)
        says(await corp_page(world), 403, "50001", "不是")

    story(body)


def test_a_corp_that_has_ended() -> None:
    async def body(world: World) -> None:
        await authorised(world)
        await corps.dissolve_corp(world.core, world.corp.corp_id)
        query = urlencode({"appid": world.corp.corp_id, "response_type": "code"})
        more = urlencode({"scope": "snsapi_base", "redirect_uri": BACK})
        told = await call(world.core, "GET", CORP, f"{query}&{more}".encode())
        says(told, 403, "50005", "已解散")

    story(body)


def test_a_member_who_has_left_is_asked_who_he_is() -> None:
    async def body(world: World) -> None:
        await authorised(world)
        await contacts.create_member(world.core, world.corp.corp_id, name="走了", userid="gone")
        token = await desks.open_desk(world.core, world.corp.corp_id, "gone")
        await leaving.delete_member(world.core, world.corp.corp_id, "gone")
        fields = {"appid": world.corp.corp_id, "response_type": "code", "scope": "snsapi_base"}
        query = urlencode({**fields, "redirect_uri": BACK}).encode()
        told = await call(
            world.core, "GET", CORP, query, headers={"cookie": f"sanfang_desk={token}"}
        )
        says(told, 200, "以谁的身份登录")

    story(body)


def test_a_suite_signs_people_in_on_the_newer_page() -> None:
    async def body(world: World) -> None:
        suite = await authorised(world)
        await signin_apps.set_hosts(world.core, suite.suite_key, ["board.example"])
        shown = await opened(world, OAUTH, client_id=suite.suite_key, scope="openid")
        says(shown, 200, "示例套件", "套件", "同意并登录")
        await contacts.create_member(world.core, world.corp.corp_id, name="甲", userid="jia")
        managed = {"client_id": suite.suite_key, "scope": "openid", "org_type": "management"}
        says(await opened(world, OAUTH, "jia", **managed), 403, "51005", "使用其他账号")
        says(await opened(world, OAUTH, **managed), 200, "同意并登录")
        other = await corps.create_corp(world.core, "另一家")
        only = {"exclusiveLogin": "true", "exclusiveCorpId": other.corp_id}
        says(
            await opened(world, OAUTH, client_id=suite.suite_key, scope="openid", **only),
            403,
            "50002",
        )

    story(body)


def test_what_comes_back_after_a_silent_sign_in() -> None:
    async def body(world: World) -> None:
        await authorised(world)
        told = await corp_page(world)
        assert told.headers["cache-control"] == "no-store"
        assert told.headers["referrer-policy"] == "no-referrer"
        assert set(fields_of(told.headers["location"])) == {"code"}

    story(body)
