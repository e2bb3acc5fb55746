"""The pages a browser is sent to: what they refuse, and where they send people back to."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from sanfang.platform.domain import micro_apps, signin, signin_apps, signin_pages
from sanfang.platform.domain.refusals import Refusal

from ..openapi.world import World, story
from .people import SITE, a_member, an_open_app, another_corp, hide

CORP, SNS = "/connect/oauth2/authorize", "/connect/oauth2/sns_authorize"
QR, OAUTH = "/connect/qrconnect", "/oauth2/auth"
HOME = "https://app.example.com/home?corpid=$CORPID$"


def corp_query(world: World, **changes: str) -> str:
    fields = {"appid": world.corp.corp_id, "redirect_uri": SITE, "response_type": "code"}
    return urlencode({**fields, "scope": "snsapi_base", "state": "S1", **changes})


def sns_query(app_id: str, **changes: str) -> str:
    fields = {"appid": app_id, "redirect_uri": SITE, "response_type": "code"}
    return urlencode({**fields, "scope": "snsapi_login", "state": "S1", **changes})


def oauth_query(key: str, **changes: str) -> str:
    fields = {"client_id": key, "redirect_uri": SITE, "response_type": "code"}
    return urlencode({**fields, "scope": "openid", "prompt": "consent", "state": "S1", **changes})


async def sent(world: World, path: str, query: str, userid: str = "jia", corp_id: str = "") -> str:
    request = await signin_pages.examine(world.core, path, query)
    return await signin_pages.admit(world.core, request, corp_id or world.corp.corp_id, userid)


async def refused(world: World, path: str, query: str, **who: str) -> Refusal:
    with pytest.raises(Refusal) as found:
        await sent(world, path, query, **who)
    return found.value


def fields_of(location: str) -> dict[str, str]:
    assert location.startswith(SITE + "?")
    return dict(parse_qsl(urlsplit(location).query))


async def _home(world: World) -> None:
    await micro_apps.update_app(
        world.core, world.corp.corp_id, world.app.agent_id, micro_apps.NEW, home_url=HOME
    )


def test_the_page_of_a_corp_gives_a_code_for_the_app_on_that_host() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        await _home(world)
        back = fields_of(await sent(world, CORP, corp_query(world)))
        assert back["state"] == "S1"
        told = await world.get("/user/getuserinfo", world.own, code=back["code"])
        assert told.json["userid"] == "jia"

    story(body)


def test_the_page_of_a_corp_names_each_cause() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        await _home(world)
        other, _ = await another_corp(world)
        plain = corp_query(world).replace(quote(SITE, safe=""), SITE)
        elsewhere = corp_query(world, redirect_uri="https://evil.example/")
        for query, code, cause in (
            (plain, 50001, "not URL-encoded"),
            (elsewhere, 50001, "no secure host"),
            (corp_query(world, response_type="token"), 40035, "response_type"),
            (corp_query(world, scope="snsapi_login"), 40035, "scope"),
            (corp_query(world, state="a b"), 40035, "state"),
            (corp_query(world, appid="ding0nothing"), 33001, "no corp"),
            (corp_query(world) + "&redirect_uri=https%3A%2F%2Fevil.example", 40035, "twice"),
            ("", 40035, "response_type"),
        ):
            told = await refused(world, CORP, query)
            assert (told.code, cause in told.en) == (code, True), told
        stranger = await refused(
            world, CORP, corp_query(world), userid="manager", corp_id=other.corp_id
        )
        assert (stranger.code, "for members of corp" in stranger.en) == (50002, True)
        assert stranger.facts["page"] == "对不起,您无权限查看该页面"
        await hide(world, world.app.agent_id)
        assert (await refused(world, CORP, corp_query(world))).code == 50002

    story(body)


@pytest.mark.parametrize("path", [SNS, QR])
def test_a_web_site_gets_a_code_of_its_own(path: str) -> None:
    async def body(world: World) -> None:
        await a_member(world)
        app = await an_open_app(world)
        back = fields_of(await sent(world, path, sns_query(app.app_id)))
        found = await signin.redeem_for(world.core, app.app_id, back["code"], "sns", used_in="x")
        assert (found.userid, back["state"]) == ("jia", "S1")
        for query, code, cause in (
            (sns_query(app.app_id, redirect_uri="https://evil.example/"), 50001, "no secure host"),
            (sns_query(app.app_id).replace(quote(SITE, safe=""), SITE), 50001, "not URL-encoded"),
            (sns_query("nobody"), 40035, "appid"),
            (sns_query(app.app_id, scope="snsapi_base"), 40035, "scope"),
        ):
            told = await refused(world, path, query)
            assert (told.code, cause in told.en) == (code, True), told

    story(body)


def test_the_embedded_qr_code_leads_through_the_open_api() -> None:
    """goto is encoded as a whole, so the address in it arrives as it is (sso-and-login.md 6)."""

    async def body(world: World) -> None:
        await a_member(world)
        app, other = await an_open_app(world), await an_open_app(world)
        query = sns_query(app.app_id).replace(quote(SITE, safe=""), SITE)
        nobody = await world.raw("GET", f"{SNS}?{sns_query(app.app_id)}")
        assert (nobody.code, "sanfang signin open" in nobody.explained) == (51002, True)
        scan = await signin.scan_code(world.core, world.corp.corp_id, "jia", app.app_id)
        foreign = sns_query(other.app_id, loginTmpCode=scan.code)
        assert (await world.raw("GET", f"{SNS}?{foreign}")).code == 40078
        reply = await world.raw("GET", f"{SNS}?{query}&loginTmpCode={scan.code}")
        assert reply.status == 302
        back = fields_of(reply.headers["location"])
        assert back["state"] == "S1"
        found = await signin.redeem_for(world.core, app.app_id, back["code"], "sns", used_in="x")
        assert found.userid == "jia"
        again = await world.raw("GET", f"{SNS}?{query}&loginTmpCode={scan.code}")
        assert (again.code, "used" in again.explained) == (40078, True)

    story(body)


def test_no_page_redirects_to_where_it_may_not() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        app = await an_open_app(world)
        evil = "https://evil.example/"
        for path, query in (
            (SNS, sns_query(app.app_id, redirect_uri=evil)),
            (QR, sns_query(app.app_id, redirect_uri=evil)),
            (OAUTH, oauth_query(app.app_id, redirect_uri=evil)),
            (OAUTH, oauth_query("nobody")),
        ):
            reply = await world.raw("GET", f"{path}?{query}")
            assert reply.status == 200
            assert "location" not in reply.headers
            assert reply.code in (50001, 40035)

    story(body)


def test_the_newer_page_gives_the_code_under_two_names() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        app = world.app
        await signin_apps.set_hosts(world.core, app.app_key, ["app.example.com"])
        query = oauth_query(app.app_key, scope="openid corpid", state="a/b=&示例")
        back = fields_of(await sent(world, OAUTH, query))
        assert back["authCode"] == back["code"]
        assert back["state"] == "a/b=&示例"
        token = await world.v1(
            "POST",
            "/v1.0/oauth2/userAccessToken",
            {
                "clientId": app.app_key,
                "clientSecret": app.secret,
                "code": back["authCode"],
                "grantType": "authorization_code",
            },
        )
        assert token.json["corpId"] == world.corp.corp_id
        request = await signin_pages.examine(world.core, OAUTH, query)
        assert fields_of(signin_pages.deny(request)) == {
            "error": "access_denied",
            "state": "a/b=&示例",
        }

    story(body)


def test_the_newer_page_can_be_narrowed() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        key = world.app.app_key
        await signin_apps.set_hosts(world.core, key, ["app.example.com"])
        other, _ = await another_corp(world)
        for changes, code in (
            ({"corpId": other.corp_id}, 50002),
            ({"exclusiveLogin": "true", "exclusiveCorpId": other.corp_id}, 50002),
            ({"org_type": "management"}, 51005),
            ({"scope": "corpid"}, 40035),
            ({"prompt": "none"}, 40035),
            ({"redirect_uri": "https://evil.example/"}, 50001),
        ):
            assert (await refused(world, OAUTH, oauth_query(key, **changes))).code == code
        narrowed = oauth_query(key, corpId=world.corp.corp_id)
        assert await sent(world, OAUTH, narrowed)
        managed = oauth_query(key, org_type="management")
        assert await sent(world, OAUTH, managed, userid="manager")
        await hide(world, world.app.agent_id)
        assert (await refused(world, OAUTH, oauth_query(key))).code == 50002

    story(body)


def test_request_auth_code_wants_the_page_on_an_apps_host() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        await _home(world)
        corp = world.corp.corp_id

        async def ask(page: str, asked: str = corp) -> str:
            made = await signin_pages.request_auth_code(
                world.core, corp, "jia", asked=asked, page_url=page
            )
            return made.code

        code = await ask("https://APP.example.com/some/where?x=1")
        told = await world.get("/user/getuserinfo", world.own, code=code)
        assert told.json["userid"] == "jia"

        with pytest.raises(Refusal) as elsewhere:
            await ask("https://else.example.com/")
        assert elsewhere.value.errmsg == "err msg redirect_uri domain is not secure domain"
        assert elsewhere.value.facts["client_code"] == 3
        assert elsewhere.value.facts["client_text_2026"] == "对应企业没有else.example.com域名微应用"
        with pytest.raises(Refusal) as stranger:
            await ask("https://app.example.com/", "ding0other")
        assert stranger.value.facts["client_text"] == "1002,corpId不合法"
        await hide(world, world.app.agent_id)
        with pytest.raises(Refusal) as unseen:
            await ask("https://app.example.com/")
        assert unseen.value.code == 50002

    story(body)


def test_apps_on_one_host_are_told_apart_by_their_ports() -> None:
    """As in a sandbox, where every app is on 127.0.0.1."""

    async def body(world: World) -> None:
        await a_member(world)
        corp, mine = world.corp.corp_id, "http://127.0.0.1:9000/home"
        await micro_apps.update_app(
            world.core, corp, world.app.agent_id, micro_apps.NEW, home_url=mine
        )
        form = micro_apps.AppForm(name="另一个", description="x", home_url="http://127.0.0.1:9001/")
        other = await micro_apps.create_app(world.core, corp, form, micro_apps.NEW)
        for page, key in ((mine, world.app.app_key), (form.home_url, other.app_key)):
            made = await signin_pages.request_auth_code(
                world.core, corp, "jia", asked=corp, page_url=page
            )
            assert made.made_for.key == key
            where = await sent(world, CORP, corp_query(world, redirect_uri=page))
            assert where.startswith(page + "?code=")
        nobody = "http://127.0.0.1:9002/"
        with pytest.raises(Refusal) as refused_page:
            await signin_pages.request_auth_code(
                world.core, corp, "jia", asked=corp, page_url=nobody
            )
        assert refused_page.value.code == 50001
        told = await refused(world, CORP, corp_query(world, redirect_uri=nobody))
        assert (told.code, "127.0.0.1:9000" in told.en) == (50001, True)

    story(body)
