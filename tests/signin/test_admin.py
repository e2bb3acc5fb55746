"""The admin backend: SSOSecret, sso tokens, codes, and the landing page."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from sanfang.platform.domain import contacts, developers, signin, signin_apps, signin_pages
from sanfang.platform.domain.refusals import Refusal

from ..openapi.world import World, story
from .people import SITE, a_member, another_corp

LANDING = "/omp/api/micro_app/admin/landing"


async def _token(world: World, corp_id: str = "") -> str:
    corp_id = corp_id or world.corp.corp_id
    secret = await signin_apps.sso_secret(world.core, corp_id)
    reply = await world.get("/sso/gettoken", corpid=corp_id, corpsecret=secret)
    assert reply.json["expires_in"] == 7200
    return str(reply.json["access_token"])


async def _isv_corp(world: World) -> str:
    found = await developers.get_developer(world.core, world.suite.developer_id)
    return found.corp_id


def test_an_administrator_is_named_to_the_backend() -> None:
    async def body(world: World) -> None:
        made = await signin.admin_code(world.core, world.corp.corp_id, "manager", world.app.app_key)
        token = await _token(world)
        reply = await world.get("/sso/getuserinfo", token, code=made.code)
        assert reply.json == {
            "errcode": 0,
            "errmsg": "ok",
            "corp_info": {"corp_name": "示例公司", "corpid": world.corp.corp_id},
            "is_sys": True,
            "user_info": {"avatar": "", "email": "", "name": "管理员", "userid": "manager"},
        }
        again = await world.get("/sso/getuserinfo", token, code=made.code)
        assert again.json == {"errcode": 41007, "errmsg": "无效的ssocode"}
        assert "by /sso/getuserinfo" in again.explained

    story(body)


def test_the_newer_names_do_the_same_with_codes_of_their_own() -> None:
    async def body(world: World) -> None:
        secret = await signin_apps.sso_secret(world.core, world.corp.corp_id)
        fields = {"corpid": world.corp.corp_id, "ssoSecret": secret}
        got = await world.v1("POST", "/v1.0/oauth2/ssoAccessToken", fields)
        token = got.json["accessToken"]
        assert got.json["expireIn"] == 7200
        path = "/v1.0/oauth2/ssoUserInfo"
        for number in range(2):  # in the query, or in the body of the GET as the sample sends it
            made = await signin.admin_code(
                world.core, world.corp.corp_id, "manager", world.app.app_key
            )
            told = (
                await world.v1("GET", f"{path}?code={made.code}", token=token)
                if number
                else await world.v1("GET", path, {"code": made.code}, token)
            )
            assert (told.json["corpId"], told.json["userId"], told.json["isAdmin"]) == (
                *(world.corp.corp_id, "manager"),
                True,
            )
            bad = await world.v1("GET", f"{path}?code={made.code}", token=token)
            assert (bad.status, bad.json["code"]) == (400, "invalidCode")
        dead = await world.v1("GET", f"{path}?code=x", token="dead")
        assert (dead.status, dead.json["code"]) == (400, "invalidToken")
        wrong = await world.v1("POST", "/v1.0/oauth2/ssoAccessToken", fields | {"ssoSecret": "no"})
        assert (wrong.status, wrong.json["code"]) == (400, "invalidClientIdOrSecret")

    story(body)


def test_an_isv_uses_its_own_corps_secret_for_every_customer() -> None:
    async def body(world: World) -> None:
        made = await signin.admin_code(
            world.core, world.corp.corp_id, "manager", world.suite.suite_key
        )
        wrong = await world.get("/sso/getuserinfo", await _token(world), code=made.code)
        assert wrong.code == 41007
        assert "ISV uses its own corp's" in wrong.explained
        isv_corp = await _isv_corp(world)
        right = await world.get("/sso/getuserinfo", await _token(world, isv_corp), code=made.code)
        assert right.json["corp_info"]["corpid"] == world.corp.corp_id

    story(body)


def test_a_wrong_pair_and_tokens_of_other_kinds_are_refused() -> None:
    async def body(world: World) -> None:
        corp = world.corp.corp_id
        assert (await world.get("/sso/gettoken", corpid=corp, corpsecret="x")).code == 40089
        await signin_apps.sso_secret(world.core, corp)
        told = await world.get("/sso/gettoken", corpid=corp, corpsecret=world.app.secret)
        assert told.code == 40089
        assert "not the corpsecret" in told.explained
        other = await world.get("/sso/getuserinfo", world.own, code="x")
        assert other.code == 40014
        assert "needs an sso token" in other.explained
        assert (await world.get("/user/get", await _token(world), userid="manager")).code == 40014

    story(body)


def test_a_renewed_secret_replaces_the_old_one() -> None:
    async def body(world: World) -> None:
        corp = world.corp.corp_id
        old = await signin_apps.sso_secret(world.core, corp)
        assert await signin_apps.sso_secret(world.core, corp) == old
        new = await signin_apps.sso_secret(world.core, corp, renew=True)
        assert new != old
        assert (await world.get("/sso/gettoken", corpid=corp, corpsecret=old)).code == 40089
        assert (await world.get("/sso/gettoken", corpid=corp, corpsecret=new)).code == 0

    story(body)


def test_only_administrators_get_a_code() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        with pytest.raises(Refusal) as refused:
            await signin.admin_code(world.core, world.corp.corp_id, "jia", world.app.app_key)
        assert refused.value.code == 51005

    story(body)


def test_who_is_deleted_meanwhile_is_nobody() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        from sanfang.platform.domain import admins

        await admins.set_admin(world.core, world.corp.corp_id, "jia", 2)
        made = await signin.admin_code(world.core, world.corp.corp_id, "jia", world.app.app_key)
        await contacts.delete_member(world.core, world.corp.corp_id, "jia")
        told = await world.get("/sso/getuserinfo", await _token(world), code=made.code)
        assert (told.code, "has left" in told.explained) == (41007, True)

    story(body)


def test_the_landing_page_sends_administrators_of_customers_back_with_a_code() -> None:
    async def body(world: World) -> None:
        isv_corp = await _isv_corp(world)
        await signin_apps.set_hosts(world.core, world.suite.suite_key, ["app.example.com"])
        query = f"corpid={isv_corp}&redirect_url={quote(SITE, safe='')}"
        request = await signin_pages.examine(world.core, LANDING, query)
        where = await signin_pages.admit(world.core, request, world.corp.corp_id, "manager")
        assert where.startswith(SITE + "?code=")
        code = parse_qs(urlsplit(where).query)["code"][0]
        token = await _token(world, isv_corp)
        told = (await world.get("/sso/getuserinfo", token, code=code)).json
        assert told["corp_info"]["corpid"] == world.corp.corp_id

        await a_member(world)
        stranger, _ = await another_corp(world)
        for corp_id, userid, number in (
            (world.corp.corp_id, "jia", 51005),
            (stranger.corp_id, "manager", 51004),
        ):
            with pytest.raises(Refusal) as refused:
                await signin_pages.admit(world.core, request, corp_id, userid)
            assert refused.value.code == number

    story(body)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("corpid={corp}&redirect_url=https%3A%2F%2Felse.example.com%2F", 51000),
        ("corpid=ding0nothing&redirect_url=https%3A%2F%2Fapp.example.com%2F", 51001),
        ("corpid={corp}&redirect_url=https://app.example.com/", 51008),
        ("corpid={corp}&redirect_url=javascript%3Aalert(1)", 51009),
        ("corpid={corp}", 40035),
    ],
)
def test_the_landing_page_names_what_is_wrong(query: str, number: int) -> None:
    async def body(world: World) -> None:
        await signin_apps.set_hosts(world.core, world.app.app_key, ["app.example.com"])
        with pytest.raises(Refusal) as refused:
            await signin_pages.examine(
                world.core, LANDING, query.replace("{corp}", world.corp.corp_id)
            )
        assert refused.value.code == number

    story(body)
