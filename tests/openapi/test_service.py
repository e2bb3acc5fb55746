"""/service/*: the lifecycle of an ISV, with the tolerances of isv-lifecycle.md section 5."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from sanfang.platform.domain import authorisations, corps, outbox, suites
from sanfang.platform.domain.clock import Clock

from .world import FORM, World, story


async def a_code(world: World) -> tuple[str, str]:
    """Another corp authorises: its corpid and temporary code."""
    corp = await corps.create_corp(world.core, "另一公司")
    await authorisations.authorise(world.core, world.suite.suite_key, corp.corp_id)
    found = await authorisations.get_authorisation(world.core, world.suite.suite_key, corp.corp_id)
    assert found is not None
    return corp.corp_id, found.tmp_auth_code


def credentials(world: World, **changes: object) -> dict[str, object]:
    suite = world.suite
    fields = {
        "suite_key": suite.suite_key,
        "suite_secret": suite.suite_secret,
        "suite_ticket": suite.ticket,
    }
    return {**fields, **changes}


def test_the_old_form_from_ticket_to_contacts() -> None:
    async def body(world: World) -> None:
        corp_id, code = await a_code(world)
        reply = await world.post("/service/get_suite_token", credentials(world))
        assert reply.json["errcode"] == 0
        assert reply.json["errmsg"] == "ok"
        assert reply.json["expires_in"] == 7200
        world.suite_token = reply.json["suite_access_token"]
        reply = await world.service("get_permanent_code", tmp_auth_code=code)
        assert reply.json["auth_corp_info"] == {"corpid": corp_id, "corp_name": "另一公司"}
        permanent = reply.json["permanent_code"]
        known: dict[str, Any] = {"auth_corpid": corp_id, "permanent_code": permanent}
        reply = await world.service("activate_suite", suite_key=world.suite.suite_key, **known)
        assert reply.json == {"errcode": 0, "errmsg": "ok"}
        reply = await world.service("get_corp_token", **known)
        assert reply.json["expires_in"] == 7200
        token = reply.json["access_token"]
        assert (await world.get("/department/list", token)).code == 0

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"suite_key": None}, 41021),
        ({"suite_key": ""}, 41021),
        ({"suite_secret": None}, 41024),
        ({"suite_ticket": None}, 41023),
        ({"suite_key": "suitenobody"}, 40083),
        ({"suite_secret": "wrong"}, 40088),
        ({"suite_ticket": "wrong"}, 40085),
    ],
)
def test_get_suite_token_tells_its_mistakes_apart(changes: dict[str, Any], code: int) -> None:
    async def body(world: World) -> None:
        reply = await world.post("/service/get_suite_token", credentials(world, **changes))
        assert reply.code == code
        assert "suite_access_token" not in reply.json

    story(body)


def test_secrets_that_are_no_text_or_not_ascii_are_refused_like_wrong_ones() -> None:
    async def body(world: World) -> None:
        for wrong, code in (("密码", 40088), (12, 40088), (["x"], 40035), ({}, 40035)):
            fields = credentials(world, suite_secret=wrong)
            assert (await world.post("/service/get_suite_token", fields)).code == code
        fields = credentials(world, suite_secret="a\x00b")
        assert (await world.post("/service/get_suite_token", fields)).code == 40035

    story(body)


def test_a_code_works_once_and_then_says_when_it_was_used() -> None:
    async def body(world: World) -> None:
        _, code = await a_code(world)
        assert (await world.service("get_permanent_code", tmp_auth_code=code)).code == 0
        assert isinstance(world.core.clock, Clock)
        world.core.clock.travel(5_000)
        reply = await world.service("get_permanent_code", tmp_auth_code=code)
        assert (reply.code, reply.json["errmsg"]) == (40078, "不存在的临时授权码")
        assert "5 s ago" in reply.explained
        assert reply.headers["x-sanfang-faq"] == "F44"
        assert (await world.service("get_permanent_code", tmp_auth_code="no")).code == 40078
        assert (await world.service("get_permanent_code")).code == 41026

    story(body)


def test_of_two_callers_with_one_code_exactly_one_wins() -> None:
    async def body(world: World) -> None:
        _, code = await a_code(world)
        replies = await asyncio.gather(
            *(world.service("get_permanent_code", tmp_auth_code=code) for _ in range(20))
        )
        assert sorted(reply.code for reply in replies) == [0] + [40078] * 19

    story(body)


def test_what_the_official_jar_leaves_out_is_not_missed() -> None:
    """activate_suite and get_agent without permanent_code, get_auth_info without it as well."""

    async def body(world: World) -> None:
        corp = {"auth_corpid": world.corp.corp_id}
        suite = {"suite_key": world.suite.suite_key}
        assert (await world.service("activate_suite", **suite, **corp)).code == 0
        reply = await world.service("get_agent", **suite, **corp, agentid=str(world.agent.agent_id))
        assert reply.json["close"] == 1
        assert reply.json["name"] == "签到看板0"
        reply = await world.service("get_auth_info", **suite, **corp)
        assert reply.code == 0
        nothing = await world.service("activate_suite", **suite, **corp, permanent_code=None)
        assert nothing.code == 0

    story(body)


def test_the_official_sdks_forms_are_understood() -> None:
    async def body(world: World) -> None:
        sent = urlencode(credentials(world)).encode()
        reply = await world.raw("POST", "/service/get_suite_token", sent, FORM)
        assert reply.code == 0
        token = reply.json["suite_access_token"]
        fields = {"suite_access_token": token, "auth_corpid": world.corp.corp_id}
        sent = urlencode({**fields, "permanent_code": world.permanent_code}).encode()
        reply = await world.raw("POST", "/service/get_corp_token", sent, FORM)
        assert reply.code == 0
        sent = urlencode({**fields, "ip_whitelist": '["127.0.0.1"]'}).encode()
        reply = await world.raw("POST", "/service/set_corp_ipwhitelist", sent, FORM)
        assert reply.code == 0

    story(body)


def test_auth_info_has_what_clients_read() -> None:
    async def body(world: World) -> None:
        reply = await world.service("get_auth_info", auth_corpid=world.corp.corp_id)
        info = reply.json
        assert info["auth_corp_info"]["corpid"] == world.corp.corp_id
        assert info["auth_corp_info"]["corp_name"] == "示例公司"
        assert info["auth_corp_info"]["invite_code"] == ""
        assert info["auth_user_info"] == {"userId": "manager"}
        (agent,) = info["auth_info"]["agent"]
        assert agent["agentid"] == world.agent.agent_id
        assert (agent["appid"], agent["agent_name"]) == (world.agent.app_id, "签到看板0")
        # The official demo fails with a null pointer without it.
        assert info["channel_auth_info"] == {"channelAgent": []}

    story(body)


def test_corps_codes_and_agents_of_others_are_told_apart() -> None:
    async def body(world: World) -> None:
        other, code = await a_code(world)
        reply = await world.service("get_permanent_code", tmp_auth_code=code)
        others_code = reply.json["permanent_code"]
        stranger = (await corps.create_corp(world.core, "路人公司")).corp_id
        mine, right = world.corp.corp_id, world.permanent_code
        for corp_id, given, expected in (
            (None, right, 41027),
            (mine, None, 41025),
            (mine, "wrong", 40084),
            (mine, others_code, 41031),
            (stranger, right, 41030),
            ("dingnobody", right, 41030),
        ):
            reply = await world.service("get_corp_token", auth_corpid=corp_id, permanent_code=given)
            assert reply.code == expected
        assert (await world.service("get_auth_info", auth_corpid=stranger)).code == 40079
        agents = await authorisations.list_agents(world.core, world.suite.suite_key, other)
        for agent_id, expected in ((None, 41011), (99, 70003), (agents[0].agent_id, 70004)):
            reply = await world.service("get_agent", auth_corpid=mine, agentid=agent_id)
            assert reply.code == expected
        assert (await world.service("get_agent", auth_corpid=mine, agentid="x")).code == 40056

    story(body)


def test_after_a_relieve_the_permanent_code_is_dead_and_the_relation_48004() -> None:
    async def body(world: World) -> None:
        await authorisations.relieve(world.core, world.suite.suite_key, world.corp.corp_id)
        fields = {"auth_corpid": world.corp.corp_id, "permanent_code": world.permanent_code}
        assert (await world.service("get_corp_token", **fields)).code == 48004
        assert (await world.service("activate_suite", **fields)).code == 48004

    story(body)


def test_a_suite_key_of_another_suite_in_the_body_is_40083() -> None:
    async def body(world: World) -> None:
        reply = await world.service(
            "activate_suite", suite_key="suiteother", auth_corpid=world.corp.corp_id
        )
        assert reply.code == 40083
        assert "token's" in reply.explained

    story(body)


def test_the_demos_polling_for_pending_activations() -> None:
    async def body(world: World) -> None:
        corp_id, _ = await a_code(world)
        app_id = world.agent.app_id
        reply = await world.service("get_unactive_corp", app_id=app_id)
        assert reply.json["corp_list"] == [corp_id]
        assert reply.json["has_more"] is False
        assert reply.json["app_id"] == app_id
        reply = await world.service("reauth_corp", app_id=str(app_id), corpid_list=[corp_id])
        assert reply.json == {"errcode": 0, "errmsg": "ok"}
        pushes = await outbox.list_pushes(
            world.core, suite_key=world.suite.suite_key, corp_id=corp_id
        )
        assert [push.event_type for push in pushes] == ["tmp_auth_code"]
        assert (await world.service("get_unactive_corp", app_id=999)).code == 40086
        assert (await world.service("get_unactive_corp")).code == 40086
        assert (await world.service("reauth_corp", app_id="x", corpid_list=[])).code == 40086

    story(body)


def test_a_corps_own_whitelist_joins_the_suites() -> None:
    async def body(world: World) -> None:
        reply = await world.service(
            "set_corp_ipwhitelist",
            auth_corpid=world.corp.corp_id,
            ip_whitelist=["5.6.*.*"],
        )
        assert reply.code == 0
        target = f"/department/list?access_token={world.isv}"
        assert (await world.raw("GET", target, client="5.6.7.8")).code == 0
        assert (await world.raw("GET", target, client="5.7.7.8")).code == 60020
        reply = await world.service(
            "set_corp_ipwhitelist", auth_corpid=world.corp.corp_id, ip_whitelist=["*.6.7.8"]
        )
        assert reply.code == 40035
        assert "*.6.7.8" in reply.explained

    story(body)


def test_service_window_tokens_are_refused_with_the_way_out() -> None:
    async def body(world: World) -> None:
        reply = await world.service(
            "get_channel_corp_token", auth_corpid=world.corp.corp_id, ch_permanent_code="x"
        )
        assert reply.code == 48002
        assert "get_corp_token" in reply.explained

    story(body)


# --- newer forms


def test_the_newer_forms_of_the_token_calls() -> None:
    async def body(world: World) -> None:
        suite = world.suite
        names = {
            "suiteKey": suite.suite_key,
            "suiteSecret": suite.suite_secret,
            "suiteTicket": suite.ticket,
        }
        reply = await world.v1("POST", "/v1.0/oauth2/suiteAccessToken", names)
        assert (reply.status, reply.json["expireIn"]) == (200, 7200)
        suite_token = reply.json["accessToken"]
        fields = {**names, "authCorpId": world.corp.corp_id}
        tokens = [
            (await world.v1("POST", "/v1.0/oauth2/corpAccessToken", fields)).json["accessToken"]
            for _ in range(2)
        ]
        assert tokens[0] != tokens[1]
        assert (await world.get("/department/list", tokens[0])).code == 0
        path = f"/v1.0/oauth2/apps/authInfo?authCorpId={world.corp.corp_id}"
        reply = await world.v1("GET", path, None, suite_token)
        assert reply.json["authCorpInfo"]["corpName"] == "示例公司"
        (agent,) = reply.json["authAppInfo"]["agentList"]
        assert agent["agentId"] == world.agent.agent_id

    story(body)


def test_an_own_apps_newer_token_is_the_same_as_its_older_one() -> None:
    async def body(world: World) -> None:
        app = world.app
        fields = {"appKey": app.app_key, "appSecret": app.secret}
        reply = await world.v1("POST", "/v1.0/oauth2/accessToken", fields)
        assert reply.json == {"accessToken": world.own, "expireIn": 7200}

    story(body)


def test_client_credentials_for_suites_and_own_apps() -> None:
    async def body(world: World) -> None:
        path = f"/v1.0/oauth2/{world.corp.corp_id}/token"
        grant = {"grant_type": "client_credentials"}
        for client, secret in (
            (world.suite.suite_key, world.suite.suite_secret),
            (world.app.app_key, world.app.secret),
        ):
            fields = {"client_id": client, "client_secret": secret, **grant}
            reply = await world.v1("POST", path, fields)
            assert reply.json["expires_in"] == 7200
            assert (await world.get("/department/list", reply.json["access_token"])).code == 0
            wrong = {**fields, "client_secret": "wrong"}
            reply = await world.v1("POST", path, wrong)
            assert (reply.status, reply.json["code"]) == (400, "invalid.client")
            reply = await world.v1("POST", "/v1.0/oauth2/dingnobody/token", fields)
            assert (reply.status, reply.json["code"]) == (401, "unauthorized.client")
        fields["grant_type"] = "password"
        reply = await world.v1("POST", path, fields)
        assert (reply.status, reply.json["code"]) == (400, "unsupported.grant.type")

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"suiteKey": "suitenobody"}, "invalidSuiteKey"),
        ({"suiteSecret": "wrong"}, "invalidClientIdOrSecret"),
        ({"suiteTicket": "wrong"}, "invalidSuiteTicket"),
        ({"authCorpId": "dingnobody"}, "invalidAuthInfo"),
        ({"authCorpId": None}, "missingParameter"),
        ({"authCorpId": ["x"]}, "invalidParameter"),
    ],
)
def test_the_newer_api_names_its_mistakes(changes: dict[str, Any], code: str) -> None:
    async def body(world: World) -> None:
        suite = world.suite
        fields = {
            "suiteKey": suite.suite_key,
            "suiteSecret": suite.suite_secret,
            "suiteTicket": suite.ticket,
            "authCorpId": world.corp.corp_id,
        }
        reply = await world.v1("POST", "/v1.0/oauth2/corpAccessToken", {**fields, **changes})
        assert (reply.status, reply.json["code"]) == (400, code)
        assert set(reply.json) == {"code", "message", "requestid"}
        assert reply.json["message"]
        assert reply.explained

    story(body)


def test_repush_by_number_and_secret() -> None:
    async def body(world: World) -> None:
        query = {"suiteId": world.suite.suite_id, "suiteSecret": world.suite.suite_secret}
        path = f"/v1.0/event/suiteTicket/rePush?{urlencode(query)}"
        assert (await world.v1("POST", path)).status == 200
        after = await suites.get_suite(world.core, world.suite.suite_key)
        assert after.ticket != world.suite.ticket
        wrong = path.replace(world.suite.suite_secret, "wrong")
        reply = await world.v1("POST", wrong)
        assert (reply.status, reply.json["code"]) == (400, "invalidClientIdOrSecret")
        reply = await world.v1("POST", "/v1.0/event/suiteTicket/rePush")
        assert (reply.status, reply.json["code"]) == (400, "missingParameter")

    story(body)
