"""The newer OAuth2: a code for a user's token, and what that token may do."""

from __future__ import annotations

import asyncio
from typing import Any

from sanfang.platform.domain import contacts, corps, permissions, signin

from ..openapi.world import Reply, World, story
from .people import a_member, an_open_app, another_corp

TOKEN, ME = "/v1.0/oauth2/userAccessToken", "/v1.0/contact/users/me"


async def _code(world: World, key: str, scope: str = "openid", userid: str = "jia") -> str:
    made = await signin.oauth_code(world.core, world.corp.corp_id, userid, key, scope)
    return made.code


async def _exchange(world: World, key: str, secret: str, **fields: str) -> Reply:
    pair = {"clientId": key, "clientSecret": secret, "grantType": "authorization_code"}
    return await world.v1("POST", TOKEN, pair | fields)


async def _signed_in(world: World, scope: str = "openid", userid: str = "jia") -> dict[str, Any]:
    app = world.app
    code = await _code(world, app.app_key, scope, userid)
    reply = await _exchange(world, app.app_key, app.secret, code=code)
    assert reply.status == 200, reply.body
    return reply.json


async def _refresh(world: World, token: str, **changes: str) -> Reply:
    fields = {"refreshToken": token, "grantType": "refresh_token", **changes}
    return await _exchange(world, world.app.app_key, world.app.secret, **fields)


def test_a_user_token_tells_who_signed_in() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        signed_in = await _signed_in(world)
        assert signed_in["expireIn"] == 7200
        assert "corpId" not in signed_in
        told = await world.v1("GET", ME, token=signed_in["accessToken"])
        shown = told.json
        assert shown.pop("openId")
        assert shown == {
            "nick": "测试员 jia",
            "avatarUrl": "",
            "unionId": member.unionid,
            "mobile": "13000000001",
            "stateCode": "86",
            "email": "jia@example.com",
        }
        assert "x-sanfang-synthetic" not in told.headers
        by_id = f"/v1.0/contact/users/{member.unionid}"
        assert (await world.v1("GET", by_id, token=signed_in["accessToken"])).status == 200

    story(body)


def test_the_corp_is_named_to_who_asked_for_it() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        signed_in = await _signed_in(world, "openid corpid")
        assert signed_in["corpId"] == world.corp.corp_id
        told = await world.v1("GET", "/v1.0/oauth2/authRules/user", token=signed_in["accessToken"])
        assert [each["resource"] for each in told.json["result"]] == [
            "Contact.User",
            "Contact.Corp",
        ]

    story(body)


def test_suites_and_open_apps_sign_people_in_too() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        app = await an_open_app(world)
        for key, secret in (
            (world.suite.suite_key, world.suite.suite_secret),
            (app.app_id, app.secret),
        ):
            reply = await _exchange(world, key, secret, code=await _code(world, key))
            told = await world.v1("GET", ME, token=reply.json["accessToken"])
            assert told.json["unionId"] == member.unionid

    story(body)


def test_a_code_is_good_once_for_its_app_for_five_minutes() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        app = world.app
        code = await _code(world, app.app_key)
        other = await _exchange(world, world.suite.suite_key, world.suite.suite_secret, code=code)
        assert (other.status, other.json["code"]) == (400, "invalidCode")
        assert "of the app" in other.explained
        replies = await asyncio.gather(
            *(_exchange(world, app.app_key, app.secret, code=code) for _ in range(50))
        )
        assert sorted(reply.status for reply in replies) == [200] + [400] * 49
        late = await _code(world, app.app_key)
        world.core.clock.travel(300_000)
        expired = await _exchange(world, app.app_key, app.secret, code=late)
        assert (expired.json["code"], "expired" in expired.explained) == ("invalidCode", True)

    story(body)


def test_wrong_secrets_grants_and_missing_fields_have_their_codes() -> None:
    async def body(world: World) -> None:
        app = world.app
        wrong = await _exchange(world, app.app_key, "no", code="x")
        assert (wrong.status, wrong.json["code"]) == (400, "invalidClientIdOrSecret")
        unknown = await _exchange(world, "nobody", "no", code="x")
        assert unknown.json["code"] == "invalidClientIdOrSecret"
        kind = await _exchange(world, app.app_key, app.secret, code="x", grantType="password")
        assert (kind.status, kind.json["code"]) == (400, "unsupported.grant.type")
        nothing = await _exchange(world, app.app_key, app.secret)
        assert nothing.json["code"] == "missingParameter"
        made_up = await _refresh(world, "made-up")
        assert (made_up.status, made_up.json["code"]) == (400, "invalidCode")

    story(body)


def test_the_token_is_kept_and_renewed() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        first = await _signed_in(world)
        world.core.clock.travel(7_000_000)
        again = await _refresh(world, first["refreshToken"])
        assert again.json["accessToken"] == first["accessToken"]
        world.core.clock.travel(7_000_000)
        assert (await world.v1("GET", ME, token=first["accessToken"])).status == 200
        world.core.clock.travel(200_000)
        expired = await world.v1("GET", ME, token=first["accessToken"])
        assert (expired.status, expired.json["code"]) == (400, "InvalidAuthentication")
        fresh = (await _refresh(world, first["refreshToken"])).json
        assert fresh["accessToken"] != first["accessToken"]
        assert (await world.v1("GET", ME, token=fresh["accessToken"])).status == 200
        world.core.clock.travel(30 * 86_400_000)
        gone = await _refresh(world, fresh["refreshToken"])
        assert (gone.json["code"], "expired" in gone.explained) == ("invalidCode", True)

    story(body)


def test_a_refresh_token_is_its_apps_alone() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        token = (await _signed_in(world))["refreshToken"]
        suite = world.suite
        stolen = await _refresh(
            world, token, clientId=suite.suite_key, clientSecret=suite.suite_secret
        )
        assert (stolen.json["code"], "another app" in stolen.explained) == ("invalidCode", True)

    story(body)


def test_a_user_token_reaches_nobody_elses_data() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        manager = await contacts.get_member(world.core, world.corp.corp_id, "manager")
        token = (await _signed_in(world))["accessToken"]
        for path in ("/v1.0/contact/users/{}", "/v1.0/calendar/users/{}/calendars"):
            other = await world.v1("GET", path.format(manager.unionid), token=token)
            assert (other.status, other.json["code"]) == (
                403,
                "Forbidden.AccessDenied.AccessTokenPermissionDenied",
            )
            mine = await world.v1("GET", path.format(member.unionid), token=token)
            assert mine.status == 200
            assert (await world.v1("GET", path.format("me"), token=token)).status == 200
        todo = {"subject": "交周报", "creatorId": manager.unionid}
        path = f"/v1.0/todo/users/{member.unionid}/tasks"
        assert (await world.v1("POST", path, todo, token)).status == 403
        todo["creatorId"] = member.unionid
        assert (await world.v1("POST", path, todo, token)).status == 200

    story(body)


def test_tokens_of_apps_and_users_do_not_stand_in_for_each_other() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        token = (await _signed_in(world))["accessToken"]
        app = await world.v1("GET", ME, token=world.own)
        assert (app.status, app.json["code"]) == (400, "InvalidAuthentication")
        assert "needs a user's accessToken" in app.explained
        users = await world.v1(
            "POST", "/v1.0/contact/users/search", {"queryWord": "x", "offset": 0, "size": 1}, token
        )
        assert (users.status, users.json["code"]) == (400, "InvalidAuthentication")
        assert (await world.get("/user/get", token, userid="jia")).code == 40014

    story(body)


def test_a_token_ends_with_its_member_its_corp_and_its_app() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        token = await _signed_in(world)
        await contacts.delete_member(world.core, world.corp.corp_id, "jia")
        dead = await world.v1("GET", ME, token=token["accessToken"])
        assert (dead.status, dead.json["code"]) == (400, "InvalidAuthentication")
        assert "the user has left the corp" in dead.explained
        refused = await _refresh(world, token["refreshToken"])
        assert (refused.json["code"], "has left" in refused.explained) == ("invalidCode", True)
        # Somebody else under the same userid is not the same person.
        await contacts.create_member(world.core, world.corp.corp_id, name="丁", userid="jia")
        assert (await world.v1("GET", ME, token=token["accessToken"])).status == 400

        boss = await _signed_in(world, userid="manager")
        await corps.dissolve_corp(world.core, world.corp.corp_id)
        assert (await world.v1("GET", ME, token=boss["accessToken"])).status == 400

    story(body)


def test_anybody_may_sign_in_to_an_app_their_corp_does_not_have() -> None:
    async def body(world: World) -> None:
        other, _ = await another_corp(world)
        made = await signin.oauth_code(
            world.core, other.corp_id, "manager", world.app.app_key, "openid corpid"
        )
        reply = await _exchange(world, world.app.app_key, world.app.secret, code=made.code)
        assert reply.json["corpId"] == other.corp_id

    story(body)


def test_calls_with_a_users_token_count_as_the_apps() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        token = (await _signed_in(world))["accessToken"]
        codes = [(await world.v1("GET", ME, token=token)).status for _ in range(4)]
        assert codes == [200, 200, 200, 403]

    story(body, rate_corp_api=3)


def test_a_sign_in_code_of_the_assistants_call_works_too() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        path = "/v1.0/aiGlobalEC/authCode/getLoginUser"
        code = await signin.login_code(world.core, world.corp.corp_id, "jia", world.app.app_key)
        told = (await world.v1("POST", path, {"authCode": code.code}, world.own)).json
        assert (told["unionId"], told["isAdmin"]) == (member.unionid, False)
        used = await world.v1("POST", path, {"authCode": code.code}, world.own)
        assert (used.status, used.json["code"]) == (400, "invalidCode")

    story(body)


def test_points_are_asked_of_the_app_behind_a_users_token() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        app = await an_open_app(world)
        for key, secret in ((world.app.app_key, world.app.secret), (app.app_id, app.secret)):
            code = await _code(world, key)
            token = (await _exchange(world, key, secret, code=code)).json["accessToken"]
            refused = await world.v1("GET", ME, token=token)
            assert (refused.status, "Contact.User.Read" in refused.explained) == (403, True)
            await permissions.grant(world.core, key, ["Contact.User.Read"])
            assert (await world.v1("GET", ME, token=token)).status == 200

    story(body, permissions="enforce")
