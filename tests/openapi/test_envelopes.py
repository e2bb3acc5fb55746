"""Answers and the explanations beside them."""

from __future__ import annotations

import json
import logging

import pytest

from sanfang.catalog import load
from sanfang.platform.domain.refusals import Refusal
from sanfang.platform.openapi import Call, OpenApi, handler
from sanfang.platform.openapi.answers import OAPI, TOPAPI, V1, V1Style, explained

from .world import World, send, story


def test_a_success_has_errcode_and_errmsg_and_nothing_else_of_ours() -> None:
    assert OAPI.accepted({}) == b'{"errcode":0,"errmsg":"ok"}'
    assert OAPI.accepted({"id": 2}) == b'{"errcode":0,"errmsg":"ok","id":2}'
    assert V1.accepted({"expireIn": 1}) == b'{"expireIn":1}'
    assert b'"result":[],"request_id":"' in TOPAPI.accepted({"result": []})
    assert TOPAPI.accepted({}).startswith(b'{"errcode":0,"errmsg":"ok","request_id":"')


def test_chinese_goes_out_as_utf8() -> None:
    assert OAPI.accepted({"name": "部门"}) == '{"errcode":0,"errmsg":"ok","name":"部门"}'.encode()


def test_the_samples_of_topapi_have_result_and_request_id() -> None:
    async def body(world: World) -> None:
        reply = await world.post("/topapi/v2/user/get", {"userid": "manager"}, world.own)
        assert reply.json["result"]["userid"] == "manager"
        assert reply.json["request_id"]
        reply = await world.post("/topapi/v2/department/listsub", {}, world.own)
        assert reply.json["result"] == []
        reply = await world.post("/topapi/v2/department/listsub", {"dept_id": 9}, world.own)
        assert reply.code == 60003
        assert reply.json["request_id"]

    story(body)


def test_an_explanation_never_leaves_its_header() -> None:
    """Chinese, newlines and lone surrogates in a reason cannot split or break a header."""
    refusal = Refusal(
        40035, "坏\r\nx: y\ud800", "bad\r\nset-cookie: 坏\ud800" + "x" * 5000, faq="F1"
    )
    for name, value in explained(refusal):
        assert name.isascii()
        assert not set(value) & {10, 13}
        assert len(value) < 4000


def test_a_refusal_without_a_faq_takes_the_one_of_its_code() -> None:
    names = dict(explained(Refusal(40078, "甲", "a")))
    assert names[b"x-sanfang-faq"] in (b"F3", b"F44")


@pytest.mark.parametrize("error", [RuntimeError("secret 1234"), RecursionError(), KeyError("x")])
def test_our_own_failure_is_system_busy_logged_and_never_a_traceback(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    @handler("oapi_auth_scopes_get")
    async def broken(call: Call) -> dict[str, object]:
        raise error

    @handler("v1_0_oauth2_jsapi_tickets_post")
    async def broken_v1(call: Call) -> dict[str, object]:
        return {"result": object()}  # cannot be encoded

    async def body(world: World) -> None:
        world.api = OpenApi(world.core, handlers=[broken, broken_v1])
        with caplog.at_level(logging.ERROR):
            reply = await world.get("/auth/scopes", world.own)
        assert reply.json == {"errcode": -1, "errmsg": "系统繁忙"}
        assert "log" in reply.explained
        assert "1234" not in reply.explained
        assert "oapi_auth_scopes_get failed" in caplog.text
        assert world.own not in caplog.text
        reply = await world.v1("POST", "/v1.0/oauth2/jsapiTickets", None, world.own)
        assert (reply.status, reply.json["code"]) == (503, "ServiceUnavailable")

    story(body)


def test_a_handler_under_an_unknown_id_is_found_at_start() -> None:
    @handler("oapi_no_such_thing")
    async def lost(call: Call) -> dict[str, object]:
        return {}

    async def body(world: World) -> None:
        with pytest.raises(KeyError):
            OpenApi(world.core, handlers=[lost])

    story(body)


def test_lifespan_and_websockets_are_answered_in_their_own_way() -> None:
    async def body(world: World) -> None:
        messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        sent: list[dict[str, object]] = []

        async def receive() -> dict[str, str]:
            return messages.pop(0)

        async def collect(message: dict[str, object]) -> None:
            sent.append(message)

        await world.api({"type": "lifespan"}, receive, collect)  # type: ignore[arg-type]
        assert [message["type"] for message in sent] == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
        ]
        sent.clear()
        await world.api({"type": "websocket"}, receive, collect)  # type: ignore[arg-type]
        assert sent == [{"type": "websocket.close", "code": 1003}]

    story(body)


def test_answers_are_not_shared_between_requests() -> None:
    """A refusal's headers come from a cache; a second request must not find the first's in it."""

    async def body(world: World) -> None:
        first = await send(world.api, "GET", "/department/list")
        second = await send(world.api, "GET", "/department/list")
        assert first.headers == second.headers
        assert first.body == second.body

    story(body)


def test_the_page_of_an_endpoint_decides_about_its_own_codes() -> None:
    style = V1Style(["itemNotFound", "busy", "userNotExist", "paramError"], {"itemNotFound": 404})

    def told(refusal: Refusal, names: dict[int, str] | None = None) -> tuple[int, str]:
        status, raw = style.refused(refusal, names or {})
        return status, json.loads(raw)["code"]

    assert told(Refusal(40035, "甲", "a", facts={"v1": "itemNotFound"})) == (404, "itemNotFound")
    assert told(Refusal(40035, "甲", "a"), {40035: "busy"}) == (400, "busy")
    assert told(Refusal(40035, "甲", "a", facts={"field": "x"})) == (400, "paramError")
    assert told(Refusal(60121, "甲", "a")) == (400, "userNotExist")
    assert told(Refusal(60020, "甲", "a"))[0] == 403
    assert told(Refusal(40035, "甲", "a", facts={"v1": "else", "http": 409})) == (409, "else")
    plain = json.loads(V1.refused(Refusal(60121, "甲", "a"), {}).body)
    assert plain["code"] == "invalidParameter"


def test_documented_statuses_reach_the_client() -> None:
    async def body(world: World) -> None:
        member = "/v1.0/calendar/users/nobody/calendars/primary/events"
        reply = await world.v1("GET", f"{member}/nothing", None, world.own)
        page = load().endpoints[_EVENT]
        assert reply.status == page.error_http.get(reply.json["code"], 400)
        assert reply.json["code"] in page.errors
        assert reply.explained

    story(body)


_EVENT = "v1_0_calendar_users_by_user_id_calendars_by_calendar_id_events_by_event_id_get"
