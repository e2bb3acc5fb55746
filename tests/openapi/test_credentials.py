"""Tokens, signed calls, kinds of apps, IP whitelist, rates and https."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from sanfang.platform.domain import authorisations, suites
from sanfang.platform.domain.clock import Clock
from sanfang.platform.openapi import Call, OpenApi, handler
from sanfang.protocol.signatures import signed_query

from .world import FORM, JSON, World, story

LIST = "/department/list"


def test_the_token_is_found_in_query_form_json_body_and_header() -> None:
    async def body(world: World) -> None:
        token = world.own.encode()
        header = [(b"x-acs-dingtalk-access-token", token)]
        assert (await world.get(LIST, world.own)).code == 0
        # A sample of 2026: access_token in a form body, even of a GET.
        assert (await world.raw("GET", LIST, b"access_token=" + token, FORM)).code == 0
        assert (await world.raw("GET", LIST, b'{"access_token":"%s"}' % token, JSON)).code == 0
        assert (await world.raw("GET", LIST, b"", header)).code == 0
        fields = b'{"access_token":"%s","name":"d","parentid":1}' % token
        assert (await world.raw("POST", "/department/create", fields, JSON)).code == 0

    story(body)


def test_a_get_may_carry_a_content_type_and_no_body() -> None:
    async def body(world: World) -> None:
        target = f"{LIST}?access_token={world.own}"
        for headers in (JSON, FORM, [(b"content-type", b""), (b"content-length", b"0")]):
            assert (await world.raw("GET", target, b"", headers)).code == 0

    story(body)


def test_no_token_is_41001_and_a_wrong_one_40014() -> None:
    async def body(world: World) -> None:
        reply = await world.get(LIST)
        assert (reply.code, reply.json["errmsg"]) == (41001, "缺少access_token参数")
        assert "access_token" in reply.explained
        for wrong in ("", "undefined", "x" * 10_000, world.suite_token):
            reply = await world.get(LIST, wrong)
            assert (reply.code, reply.json["errmsg"]) == (40014, "不合法的access_token")
        reply = await world.raw("GET", LIST, b'{"access_token": 12}', JSON)
        assert reply.code == 40014

    story(body)


def test_an_expired_token_is_a_wrong_token() -> None:
    async def body(world: World) -> None:
        assert isinstance(world.core.clock, Clock)
        world.core.clock.travel(7_199_000)
        assert (await world.get(LIST, world.own)).code == 0
        world.core.clock.travel(1_000)
        reply = await world.get(LIST, world.own)
        assert reply.code == 40014
        assert "expired" in reply.explained
        assert (await world.service("get_unactive_corp", app_id=1)).code == 40082

    story(body)


def test_a_relieved_corps_token_is_dead_at_once() -> None:
    async def body(world: World) -> None:
        assert (await world.get(LIST, world.isv)).code == 0
        await authorisations.relieve(world.core, world.suite.suite_key, world.corp.corp_id)
        reply = await world.get(LIST, world.isv)
        assert reply.code == 40014
        assert "relieved" in reply.explained

    story(body)


def test_topapi_wraps_token_errors_in_88() -> None:
    async def body(world: World) -> None:
        reply = await world.post("/topapi/v2/user/get", {"userid": "manager"}, "wrong")
        assert reply.json == {
            "errcode": 88,
            "sub_code": "40014",
            "sub_msg": "不合法的access_token",
            "errmsg": "ding talk error[subcode=40014,submsg=不合法的access_token]",
            "request_id": reply.json["request_id"],
        }
        assert reply.explained

    story(body)


def test_the_newer_api_wants_its_header_and_answers_real_400s() -> None:
    async def body(world: World) -> None:
        path = "/v1.0/oauth2/jsapiTickets"
        for token in (None, "", "wrong", world.suite_token):
            reply = await world.v1("POST", path, None, token)
            assert reply.status == 400
            assert reply.json["code"] == "InvalidAuthentication"
            assert reply.json["message"] == "不合法的access_token"
            assert len(reply.json["requestid"]) == 36
        reply = await world.raw("POST", f"{path}?access_token={world.own}")
        assert reply.json["code"] == "InvalidAuthentication"
        assert "in the header" in reply.explained

    story(body)


def test_suite_calls_say_41022_without_and_40082_with_a_wrong_suite_token() -> None:
    async def body(world: World) -> None:
        fields = {"auth_corpid": world.corp.corp_id, "permanent_code": world.permanent_code}
        reply = await world.post("/service/get_corp_token", fields)
        assert (reply.code, reply.json["errmsg"]) == (41022, "缺少suitetoken")
        for wrong in ("wrong", world.own, world.isv):
            reply = await world.post("/service/get_corp_token", fields, wrong)
            assert (reply.code, reply.json["errmsg"]) == (40082, "不合法的suitetoken")
        assert "needs a suite_access_token" in reply.explained

    story(body)


def test_an_app_of_a_kind_that_an_api_is_closed_to_is_60011() -> None:
    """In each family's way: wrapped in 88, bare, and a real 403."""

    async def answer(call: Call) -> dict[str, object]:
        return {}

    topapi = "oapi_topapi_v2_user_getbymobile_post"
    v1 = "v1_0_event_callbacks_failed_results_get"
    handlers = [handler(each)(answer) for each in (topapi, "oapi_user_get_by_mobile_get", v1)]

    async def body(world: World) -> None:
        world.api = OpenApi(world.core, handlers=handlers)
        reply = await world.post("/topapi/v2/user/getbymobile", {"mobile": "1"}, world.isv)
        assert (reply.code, reply.json["sub_code"]) == (88, "60011")
        reply = await world.get("/user/get_by_mobile", world.isv, mobile="1")
        assert reply.code == 60011
        assert "not open to" in reply.explained
        reply = await world.v1("GET", "/v1.0/event/callbacks/failedResults", None, world.isv)
        assert reply.status == 403
        assert reply.json["code"] == "Forbidden.AccessDenied.AccessTokenPermissionDenied"
        assert (await world.get("/user/get_by_mobile", world.own, mobile="1")).code == 0

    story(body)


# --- signed calls


def test_a_signed_query_replaces_token_and_permanent_code() -> None:
    async def body(world: World) -> None:
        for name, more in (
            ("get_corp_token", b""),
            ("get_auth_info", b""),
            ("get_agent", b',"agentid":%d' % world.agent.agent_id),
            ("activate_suite", b""),
        ):
            sent = b'{"auth_corpid":"%s"%s}' % (world.corp.corp_id.encode(), more)
            target = f"/service/{name}?{world.signature()}"
            assert (await world.raw("POST", target, sent, JSON)).code == 0, name

    story(body)


def test_each_signed_call_gives_a_new_token_and_the_old_ones_go_on_working() -> None:
    async def body(world: World) -> None:
        sent = b'{"auth_corpid":"%s"}' % world.corp.corp_id.encode()
        got = []
        for _ in range(2):
            target = f"/service/get_corp_token?{world.signature()}"
            reply = await world.raw("POST", target, sent, JSON)
            got.append(reply.json["access_token"])
        assert got[0] != got[1]
        for token in got:
            assert (await world.get(LIST, token)).code == 0

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timestamp": "1600000000"}, 853001),
        ({"timestamp": ""}, 853001),
        ({"timestamp": "1600000000000"}, 853002),
        ({"accessKey": "suitenobody"}, 853003),
        ({"signature": "abc"}, 853004),
        ({"signature": ""}, 853004),
        ({"suiteTicket": "other"}, 853004),
    ],
)
def test_a_bad_signature_is_told_apart_by_its_cause(changes: dict[str, str], code: int) -> None:
    async def body(world: World) -> None:
        sent = b'{"auth_corpid":"%s"}' % world.corp.corp_id.encode()
        target = f"/service/get_corp_token?{world.signature(**changes)}"
        reply = await world.raw("POST", target, sent, JSON)
        assert reply.code == code
        assert reply.explained

    story(body)


def test_a_plus_that_arrived_as_a_space_is_a_plus_again() -> None:
    async def body(world: World) -> None:
        sent = b'{"auth_corpid":"%s"}' % world.corp.corp_id.encode()
        assert isinstance(world.core.clock, Clock)
        for _ in range(400):
            query = world.signature()
            if "%2B" in query.partition("signature=")[2]:
                break
            world.core.clock.travel(1)
        assert "%2B" in query
        target = f"/service/get_corp_token?{query.replace('%2B', '+')}"
        assert (await world.raw("POST", target, sent, JSON)).code == 0

    story(body)


def test_a_finished_suite_must_sign_with_a_valid_ticket() -> None:
    async def body(world: World) -> None:
        await suites.update_suite(world.core, world.suite.suite_key, status="finished")
        timestamp = str(world.core.clock.now())
        key, secret = world.suite.suite_key, world.suite.suite_secret
        query = urlencode(signed_query(key, secret, timestamp, "TestSuiteTicket"))
        sent = b'{"auth_corpid":"%s"}' % world.corp.corp_id.encode()
        reply = await world.raw("POST", f"/service/get_corp_token?{query}", sent, JSON)
        assert (reply.code, reply.json["errmsg"]) == (853005, "签名中套件ticket参数无效")

    story(body)


# --- whitelist


def test_an_address_off_the_whitelist_is_60020_and_told_what_was_seen() -> None:
    async def body(world: World) -> None:
        await suites.update_suite(world.core, world.suite.suite_key, ip_whitelist=["203.0.113.7"])
        target = f"{LIST}?access_token={world.isv}"
        assert (await world.raw("GET", target, client="203.0.113.7")).code == 0
        assert (await world.raw("GET", target, client="::ffff:203.0.113.7")).code == 0
        reply = await world.raw("GET", target, client="203.0.113.8")
        assert reply.code == 60020
        assert "203.0.113.8" in reply.json["errmsg"]
        assert "203.0.113.8" in reply.explained
        assert reply.headers["x-sanfang-faq"] == "F48"
        own = await world.raw("GET", f"{LIST}?access_token={world.own}", client="203.0.113.8")
        assert own.code == 0  # the own app has a list of its own

    story(body)


def test_suite_calls_are_checked_too_by_token_and_by_signature() -> None:
    async def body(world: World) -> None:
        await suites.update_suite(world.core, world.suite.suite_key, ip_whitelist=["203.0.113.7"])
        sent = b'{"auth_corpid":"%s"}' % world.corp.corp_id.encode()
        for query in (f"suite_access_token={world.suite_token}", world.signature()):
            target = f"/service/get_auth_info?{query}"
            for client, code in (("203.0.113.7", 0), ("203.0.113.8", 60020)):
                reply = await world.raw("POST", target, sent, JSON, client=client)
                assert reply.code == code

    story(body)


def test_the_newer_api_refuses_an_address_with_its_own_403() -> None:
    async def body(world: World) -> None:
        await suites.update_suite(world.core, world.suite.suite_key, ip_whitelist=["203.0.113.7"])
        reply = await world.v1("POST", "/v1.0/oauth2/jsapiTickets", None, world.isv)
        assert reply.status == 403
        assert reply.json["code"] == "Forbidden.AccessDenied.IpNotInWhiteList"
        assert reply.json["message"] == "访问ip不在白名单之中"

    story(body)


def test_only_the_trusted_header_tells_the_callers_address() -> None:
    async def body(world: World) -> None:
        await suites.update_suite(world.core, world.suite.suite_key, ip_whitelist=["203.0.113.7"])
        target = f"{LIST}?access_token={world.isv}"
        header = [(b"x-forwarded-for", b"198.51.100.1, 203.0.113.7")]
        assert (await world.raw("GET", target, b"", header)).code == 0
        header = [(b"x-forwarded-for", b"203.0.113.7, 198.51.100.1")]
        assert (await world.raw("GET", target, b"", header)).code == 60020

    story(body, trusted_proxy_header="X-Forwarded-For")


def test_an_untrusted_header_is_not_believed() -> None:
    async def body(world: World) -> None:
        await suites.update_suite(world.core, world.suite.suite_key, ip_whitelist=["203.0.113.7"])
        header = [(b"x-forwarded-for", b"203.0.113.7")]
        reply = await world.raw("GET", f"{LIST}?access_token={world.isv}", b"", header)
        assert reply.code == 60020

    story(body)


def test_a_server_that_knows_no_client_address_still_answers() -> None:
    async def body(world: World) -> None:
        reply = await world.raw("GET", f"{LIST}?access_token={world.own}")
        assert reply.code == 0
        scope = {"type": "http", "method": "GET", "path": LIST, "headers": []}
        sent: list[dict[str, object]] = []

        async def collect(message: dict[str, object]) -> None:
            sent.append(message)

        query = f"access_token={world.own}".encode()
        await world.api({**scope, "query_string": query}, None, collect)  # type: ignore[arg-type]
        assert b'"errcode":0' in sent[-1]["body"]  # type: ignore[operator]

    story(body)


# --- rates


@pytest.mark.parametrize(
    ("settings", "token", "code", "rule"),
    [
        ({"rate_corp_api": 2}, "own", 90005, "R1"),
        ({"rate_isv_api": 2}, "isv", 90010, "R2"),
        ({"rate_isv_corp_api": 2}, "isv", 90008, "R3"),
        ({"rate_suite_corp_api": 2}, "isv", 90014, "R4"),
    ],
)
def test_each_of_the_four_rules_has_its_code(
    settings: dict[str, int], token: str, code: int, rule: str
) -> None:
    async def body(world: World) -> None:
        used = getattr(world, token)
        codes = [(await world.get(LIST, used)).code for _ in range(2)]
        assert codes == [0, 0]
        reply = await world.get(LIST, used)
        assert reply.code == code
        assert rule in reply.explained
        assert reply.headers["x-sanfang-faq"] == "M5"
        assert (await world.get("/department/get", used, id=1)).code == 0  # another API
        assert isinstance(world.core.clock, Clock)
        world.core.clock.travel(61_000)
        assert (await world.get(LIST, used)).code == 0

    story(body, **settings)


def test_the_newer_api_has_its_own_names_for_an_over_run() -> None:
    async def body(world: World) -> None:
        path = "/v1.0/oauth2/jsapiTickets"
        for token in (world.isv, world.own):
            assert (await world.v1("POST", path, None, token)).status == 200
        codes = [
            (await world.v1("POST", path, None, token)).json["code"]
            for token in (world.isv, world.own)
        ]
        prefix = "Forbidden.AccessDenied.QpmLimitFor"
        assert codes == [f"{prefix}SuitekeyAndOrgAndApi", f"{prefix}AppkeyAndApi"]
        assert (await world.v1("POST", path, None, world.own)).status == 403

    story(body, rate_suite_corp_api=1, rate_corp_api=1)


def test_a_refused_call_is_counted_by_nobody_and_a_wrong_parameter_by_all() -> None:
    async def body(world: World) -> None:
        assert (await world.get(LIST, "wrong")).code == 40014
        assert (await world.get(LIST, world.own, id="x")).code == 40009
        assert (await world.get(LIST, world.own)).code == 90005

    story(body, rate_corp_api=1)


# --- https


def test_plain_http_is_43003_when_https_is_required() -> None:
    async def body(world: World) -> None:
        target = f"{LIST}?access_token={world.own}"
        reply = await world.raw("GET", target)
        assert (reply.code, reply.json["errmsg"]) == (43003, "需要HTTPS")
        assert (await world.raw("GET", target, scheme="https")).code == 0
        forwarded = [(b"x-forwarded-proto", b"https")]
        assert (await world.raw("GET", target, b"", forwarded)).code == 43003

    story(body, require_https=True)


def test_x_forwarded_proto_counts_behind_a_trusted_proxy_only() -> None:
    async def body(world: World) -> None:
        target = f"{LIST}?access_token={world.own}"
        for value, code in ((b"https", 0), (b"http, https", 0), (b"https, http", 43003)):
            reply = await world.raw("GET", target, b"", [(b"x-forwarded-proto", value)])
            assert reply.code == code

    story(body, require_https=True, trusted_proxy_header="x-real-ip")
