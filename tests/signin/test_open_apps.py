"""Signing in to any web site: the persistent chain of 2016 and the signed call that replaced it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from sanfang.platform.domain import contacts, signin, signin_apps
from sanfang.protocol.signatures import call_signature, signed_query

from ..openapi.world import Reply, World, story
from .people import a_member, an_open_app, another_corp

# tokens-and-limits.md 3: inputs printed in the documents, the signature computed for the spec.
VECTOR = ("testappSecret", "1546084445901", "HCbG3xNE3vzhO+u7qCUL1jS5hsu2n5r2cFhnTrtyDAE=")


async def signed(world: World, key: str, secret: str, code: str, **changes: str) -> Reply:
    query = signed_query(key, secret, str(world.core.clock.now())) | changes
    return await world.post("/sns/getuserinfo_bycode", {"tmp_auth_code": code}, **query)


async def _code(world: World, app: str, corp_id: str = "", userid: str = "jia") -> str:
    made = await signin.sns_code(world.core, corp_id or world.corp.corp_id, userid, app)
    return made.code


async def _token(world: World, app_id: str, secret: str) -> str:
    reply = await world.get("/sns/gettoken", appid=app_id, appsecret=secret)
    assert (reply.code, reply.json["expires_in"]) == (0, 7200)
    return str(reply.json["access_token"])


def test_the_chain_of_2016_ends_at_the_person() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        world.core.clock.travel(1)
        other, _ = await another_corp(world)
        twin = await contacts.create_member(
            world.core, other.corp_id, name="同一个人", userid="yi", mobile="13000000001"
        )
        assert twin.unionid == member.unionid
        app = await an_open_app(world)
        token = await _token(world, app.app_id, app.secret)
        assert await _token(world, app.app_id, app.secret) == token

        code = await _code(world, app.app_id)
        grant = (await world.post("/sns/get_persistent_code", {"tmp_auth_code": code}, token)).json
        assert grant["unionid"] == member.unionid
        pair = {"openid": grant["openid"], "persistent_code": grant["persistent_code"]}
        got = (await world.post("/sns/get_sns_token", pair, token)).json
        assert got["expires_in"] == 7200

        told = (await world.get(f"/sns/getuserinfo?sns_token={got['sns_token']}")).json
        assert told["user_info"]["openid"] == grant["openid"]
        assert told["user_info"]["unionid"] == member.unionid
        assert told["user_info"]["nick"] == "测试员 jia"
        assert told["user_info"]["maskedMobile"] == "130****0001"
        assert told["corp_info"] == [
            {"corp_name": "示例公司", "is_auth": False, "is_manager": False, "rights_level": 0},
            {"corp_name": "另一家公司", "is_auth": True, "is_manager": False, "rights_level": 100},
        ]

    story(body)


def test_a_code_is_good_once_and_only_for_its_app() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        app, other = await an_open_app(world), await an_open_app(world)
        code = await _code(world, app.app_id)
        path, fields = "/sns/get_persistent_code", {"tmp_auth_code": code}
        stranger = await world.post(path, fields, await _token(world, other.app_id, other.secret))
        assert (stranger.code, "of the app" in stranger.explained) == (40078, True)
        token = await _token(world, app.app_id, app.secret)
        replies = await asyncio.gather(*(world.post(path, fields, token) for _ in range(50)))
        assert sorted(reply.code for reply in replies) == [0] + [40078] * 49

    story(body)


def test_the_persistent_code_is_the_same_each_time_and_belongs_to_its_openid() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        await contacts.create_member(world.core, world.corp.corp_id, name="乙", userid="yi")
        app = await an_open_app(world)
        token = await _token(world, app.app_id, app.secret)
        grants = []
        for userid in ("jia", "jia", "yi"):
            code = await _code(world, app.app_id, userid=userid)
            reply = await world.post("/sns/get_persistent_code", {"tmp_auth_code": code}, token)
            grants.append({k: reply.json[k] for k in ("openid", "persistent_code")})
        assert grants[0] == grants[1] != grants[2]
        crossed = grants[0] | {"persistent_code": grants[2]["persistent_code"]}
        assert (await world.post("/sns/get_sns_token", crossed, token)).code == 40084
        unknown = grants[0] | {"openid": "nobody"}
        assert (await world.post("/sns/get_sns_token", unknown, token)).code == 40073

    story(body)


def test_an_sns_token_stays_the_same_and_is_not_renewed() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        app = await an_open_app(world)

        async def fetch(pair: dict[str, str]) -> tuple[str, int]:
            token = await _token(world, app.app_id, app.secret)
            reply = (await world.post("/sns/get_sns_token", pair, token)).json
            return reply["sns_token"], reply["expires_in"]

        token = await _token(world, app.app_id, app.secret)
        code = await _code(world, app.app_id)
        grant = (await world.post("/sns/get_persistent_code", {"tmp_auth_code": code}, token)).json
        pair = {name: grant[name] for name in ("openid", "persistent_code")}
        first, _ = await fetch(pair)
        world.core.clock.travel(7_000_000)
        assert await fetch(pair) == (first, 200)
        world.core.clock.travel(200_000)
        assert (await world.get(f"/sns/getuserinfo?sns_token={first}")).code == 40014
        second, seconds = await fetch(pair)
        assert (second != first, seconds) == (True, 7200)
        assert (await world.get(f"/sns/getuserinfo?sns_token={second}")).code == 0

    story(body)


def test_openids_differ_from_app_to_app() -> None:
    async def body(world: World) -> None:
        member = await a_member(world)
        told = []
        keys = [(world.app.app_key, world.app.secret)]
        keys.append((world.suite.suite_key, world.suite.suite_secret))
        open_app = await an_open_app(world)
        keys.append((open_app.app_id, open_app.secret))
        for key, secret in keys:
            reply = await signed(world, key, secret, await _code(world, key))
            assert reply.code == 0
            told.append(reply.json["user_info"])
        assert {each["unionid"] for each in told} == {member.unionid}
        assert len({each["openid"] for each in told}) == 3
        assert {each["main_org_auth_high_level"] for each in told} == {False}

    story(body)


def test_the_signature_is_checked_as_documented() -> None:
    secret, timestamp, expected = VECTOR
    assert call_signature(secret, timestamp) == expected

    async def body(world: World) -> None:
        await a_member(world)
        app = await an_open_app(world)
        code = await _code(world, app.app_id)
        now = world.core.clock.now()
        late = str(now + 60_001)
        for changes, number in (
            ({"timestamp": str(now // 1000)}, 853001),
            ({"timestamp": late, "signature": call_signature(app.secret, late)}, 853002),
            ({"accessKey": "nobody"}, 853003),
            ({"signature": call_signature("no", str(now))}, 853004),
            ({"signature": "示例"}, 853004),
        ):
            reply = await signed(world, app.app_id, app.secret, code, **changes)
            assert (reply.code, bool(reply.explained)) == (number, True)
        unsigned = await world.post("/sns/getuserinfo_bycode", {"tmp_auth_code": code})
        assert unsigned.code == 40035
        spaced = signed_query(app.app_id, app.secret, str(now))
        query = urlencode(spaced).replace("%2B", "+")  # sent without URL encoding
        reply = await world.raw(
            "POST",
            f"/sns/getuserinfo_bycode?{query}",
            b'{"tmp_auth_code":"%s"}' % code.encode(),
            [(b"content-type", b"application/json")],
        )
        assert reply.code == 0

    story(body)


def test_gettoken_is_for_open_apps() -> None:
    async def body(world: World) -> None:
        app = await an_open_app(world)
        assert (await world.get("/sns/gettoken", appid=app.app_id, appsecret="no")).code == 40089
        own = await world.get("/sns/gettoken", appid=world.app.app_key, appsecret=world.app.secret)
        assert (own.code, "for open apps" in own.explained) == (40089, True)
        token = await _token(world, app.app_id, app.secret)
        assert (await world.get("/user/get", token, userid="manager")).code == 40014
        pair = {"tmp_auth_code": "x"}
        other_kind = await world.post("/sns/get_persistent_code", pair, world.own)
        assert (other_kind.code, "an open app's" in other_kind.explained) == (40014, True)

    story(body)


def test_secrets_are_in_no_repr() -> None:
    async def body(world: World) -> None:
        app = await an_open_app(world)
        found = await signin_apps.find(world.core, app.app_id)
        assert app.secret not in repr(app) + repr(found)

    story(body)
