"""免登: codes of requestAuthCode, and what they are exchanged for."""

from __future__ import annotations

import asyncio

from sanfang.platform.domain import contacts, corps, signin
from sanfang.platform.domain.refusals import Refusal

from ..openapi.world import Reply, World, story
from .people import a_member, another_corp, hide

OLD, NEW = "/user/getuserinfo", "/topapi/v2/user/getuserinfo"


async def _code(world: World, app: str = "", userid: str = "jia") -> str:
    made = await signin.login_code(world.core, world.corp.corp_id, userid, app or world.app.app_key)
    return made.code


async def _refused(world: World, **who: str) -> Refusal:
    who = {"corp_id": world.corp.corp_id, "userid": "jia", "app": world.app.app_key, **who}
    try:
        await signin.login_code(world.core, **who)
    except Refusal as refusal:
        return refusal
    raise AssertionError("a code was made")


def test_a_code_names_its_member_to_the_app_it_was_made_for() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        reply = await world.get(OLD, world.own, code=await _code(world))
        told = reply.json
        assert (told["userid"], told["is_sys"], told["sys_level"]) == ("jia", False, 0)
        assert told["name"] == member.name
        assert "x-sanfang-synthetic" not in reply.headers
        assert len(told["deviceId"]) == 32

    story(body)


def test_the_newer_name_tells_more_and_takes_the_code_anywhere() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        for ask in (
            lambda code: world.post(NEW, {"code": code}, world.own),
            lambda code: world.post(NEW, {"code": code, "access_token": world.own}),
            lambda code: world.raw("POST", f"{NEW}?access_token={world.own}&code={code}"),
            lambda code: world.raw(
                "POST",
                NEW,
                f"access_token={world.own}&code={code}".encode(),
                [(b"content-type", b"application/x-www-form-urlencoded")],
            ),
        ):
            told = (await ask(await _code(world))).json
            assert (told["errcode"], told["errmsg"]) == (0, "ok")
            assert told["result"]["userid"] == "jia"
            assert told["result"]["unionid"] == member.unionid
            assert told["result"]["sys_level"] == 0

    story(body)


def test_levels_of_administrators_differ_by_generation() -> None:
    async def levels(world: World) -> tuple[int, int]:
        new = await world.post(NEW, {"code": await _code(world, userid="manager")}, world.own)
        old = await world.get(OLD, world.own, code=await _code(world, userid="manager"))
        assert (new.json["result"]["sys"], old.json["is_sys"]) == (True, True)
        return new.json["result"]["sys_level"], old.json["sys_level"]

    async def modern(world: World) -> None:
        assert await levels(world) == (1, 1)

    async def old(world: World) -> None:
        assert await levels(world) == (1, 2)
        refused = await world.get(OLD, world.own, code="x")
        assert refused.code == 40029
        assert (await world.post(NEW, {"code": "x"}, world.own)).json["errcode"] == 40078

    story(modern)
    story(old, signin_profile="isv2016")


def test_an_isv_exchanges_with_its_token_of_that_corp() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        code = await _code(world, str(world.agent.agent_id))
        assert (await world.get(OLD, world.isv, code=code)).json["userid"] == "jia"
        code = await _code(world, world.suite.suite_key)
        assert (await world.get(OLD, world.isv, code=code)).json["userid"] == "jia"

    story(body)


def test_a_code_is_good_once_and_the_second_is_told_when_and_by_what() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        code = await _code(world)
        assert (await world.get(OLD, world.own, code=code)).code == 0
        world.core.clock.travel(7000)
        again = await world.get(OLD, world.own, code=code)
        assert again.json == {"errcode": 40078, "errmsg": "不存在的临时授权码"}
        assert "used 7 s ago by /user/getuserinfo" in again.explained
        assert again.headers["x-sanfang-faq"] == "F3"

    story(body)


def test_a_code_lives_five_minutes() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        early, late = await _code(world), await _code(world)
        world.core.clock.travel(299_999)
        assert (await world.get(OLD, world.own, code=early)).code == 0
        world.core.clock.travel(1)
        refused = await world.get(OLD, world.own, code=late)
        assert refused.code == 40078
        assert "expired: made 300 s ago, good for 300 s" in refused.explained

    story(body)


def test_a_code_nobody_made_is_refused_whatever_it_looks_like() -> None:
    async def body(world: World) -> None:
        for code in ("x", "a" * 32, "9" * 5000, "示例", "code:x", "%00"):
            refused = await world.post(NEW, {"code": code}, world.own)
            assert refused.json["errcode"] == 40078, code
            assert "never gave out" in refused.explained

    story(body)


def test_a_code_of_another_app_or_corp_is_refused_and_not_used_up() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        _, stranger = await another_corp(world)
        code = await _code(world)
        other_app = await world.get(OLD, world.isv, code=code)
        assert other_app.code == 40078
        assert f"of the app {world.app.app_key}, not of {world.suite.suite_key}" in (
            other_app.explained
        )
        other_corp = await world.get(OLD, stranger, code=code)
        assert other_corp.code == 40078
        assert f"is of corp {world.corp.corp_id}" in other_corp.explained
        assert (await world.get(OLD, world.own, code=code)).code == 0

    story(body)


def test_a_code_of_another_way_to_sign_in_is_refused_by_name() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        made = await signin.oauth_code(world.core, world.corp.corp_id, "jia", world.app.app_key)
        refused = await world.get(OLD, world.own, code=made.code)
        assert refused.code == 40078
        assert "This is an authorisation code of the OAuth2 page" in refused.explained

    story(body)


def test_who_has_left_since_is_nobody() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        code = await _code(world)
        await contacts.delete_member(world.core, world.corp.corp_id, "jia")
        refused = await world.get(OLD, world.own, code=code)
        assert refused.code == 40078
        assert "has left corp" in refused.explained

    story(body)


def test_of_fifty_exchanges_at_once_exactly_one_succeeds() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        for _ in range(5):
            code = await _code(world)
            replies: list[Reply] = await asyncio.gather(
                *(world.get(OLD, world.own, code=code) for _ in range(50))
            )
            codes = sorted(reply.code for reply in replies)
            assert codes == [0] + [40078] * 49
            assert all("used" in reply.explained for reply in replies if reply.code)

    story(body)


def test_no_code_for_who_may_not_open_the_app() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        await hide(world, world.app.agent_id)
        refused = await _refused(world)
        assert refused.code == 50002
        assert f"agentid {world.app.agent_id}" in refused.en
        assert (await _refused(world, userid="nobody")).code == 60111
        assert (await _refused(world, app="no-such-app")).code == 40056
        assert (await _refused(world, corp_id="ding0nothing")).code == 33001
        assert await _code(world, userid="manager")  # administrators see hidden apps
        stranger = await corps.create_corp(world.core, "没有授权的公司")
        unauthorised = await _refused(
            world, corp_id=stranger.corp_id, userid="manager", app=world.suite.suite_key
        )
        assert unauthorised.code == 40056
        assert "authorised" in unauthorised.en

    story(body)


def test_no_code_for_an_app_that_is_stopped_or_a_corp_that_has_ended() -> None:
    async def body(world: World) -> None:
        from sanfang.platform.domain import authorisations

        await a_member(world)
        await authorisations.set_enabled(
            world.core, world.suite.suite_key, world.corp.corp_id, False
        )
        stopped = await _refused(world, app=world.suite.suite_key)
        assert (stopped.code, "stopped" in stopped.en) == (50003, True)
        code = await _code(world)
        await corps.dissolve_corp(world.core, world.corp.corp_id)
        assert (await _refused(world)).code == 33001
        assert (await world.get(OLD, world.own, code=code)).code == 40014

    story(body)


def test_nothing_answers_synthetically_to_a_code() -> None:
    async def body(world: World) -> None:
        from .test_open_apps import signed

        asked = {
            "user/getuserinfo": await world.get(OLD, world.own, code="made-up"),
            "v2": await world.post(NEW, {"code": "made-up"}, world.own),
            "userAccessToken": await world.v1(
                "POST",
                "/v1.0/oauth2/userAccessToken",
                {
                    "clientId": world.app.app_key,
                    "clientSecret": world.app.secret,
                    "code": "made-up",
                    "grantType": "authorization_code",
                },
            ),
            "bycode": await signed(world, world.app.app_key, world.app.secret, "made-up"),
        }
        for name, reply in asked.items():
            assert "x-sanfang-synthetic" not in reply.headers, name
            assert reply.json.get("errcode", reply.json.get("code")) in (40078, "invalidCode"), name

    story(body)
