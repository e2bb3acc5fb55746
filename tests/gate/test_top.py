"""The TOP gateway: one address, told apart by the field ``method``."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from ..openapi.world import FORM, World, story
from .world import ask_top

USER = "dingtalk.oapi.user.get"
KEY = "dingtalk_oapi_user_get_response"


def test_a_method_that_names_an_oapi_endpoint_reaches_its_handler() -> None:
    async def body(world: World) -> None:
        reply = await ask_top(world.api, world, USER, {"userid": "manager"})
        told = reply.json[KEY]
        assert told["userid"] == "manager"
        assert told["request_id"]
        assert "x-sanfang-synthetic" not in reply.headers

    story(body)


def test_fields_may_come_in_query_or_form_by_get_or_post() -> None:
    async def body(world: World) -> None:
        fields = {"method": USER, "session": world.own, "userid": "manager", "format": "json"}
        sent = urlencode(fields)
        for reply in (
            await world.raw("GET", f"/router/rest?{sent}"),
            await world.raw("POST", "/router/rest", sent.encode(), FORM),
            await world.raw("POST", f"/router/rest?method={USER}", sent.encode(), FORM),
        ):
            assert reply.json[KEY]["userid"] == "manager"

    story(body)


@pytest.mark.parametrize(
    ("fields", "code", "sub_code"),
    [
        ({}, 40, "isv.missing-parameter:method"),
        ({"method": "dingtalk.no.such"}, 22, "isv.invalid-method"),
        ({"method": USER, "userid": "x"}, 26, "41001"),
        ({"method": USER, "userid": "x", "session": "dead"}, 27, "40014"),
    ],
)
def test_refusals_are_error_responses(fields: dict[str, str], code: int, sub_code: str) -> None:
    async def body(world: World) -> None:
        reply = await world.raw("POST", f"/router/rest?{urlencode(fields)}")
        error = reply.json["error_response"]
        assert (error["code"], error["sub_code"]) == (code, sub_code)
        assert error["msg"]
        assert error["sub_msg"]
        assert reply.explained

    story(body)


def test_parameters_are_named_in_the_gateways_words() -> None:
    async def body(world: World) -> None:
        reply = await ask_top(world.api, world, USER, {})
        assert reply.json["error_response"]["sub_code"] == "isv.missing-parameter:userid"

    story(body)


def test_the_names_of_2016_reach_the_later_twin() -> None:
    async def body(world: World) -> None:
        fields = {"agent_id": world.app.agent_id, "msgtype": "text", "userid_list": "manager"}
        fields["msgcontent"] = '{"content": "hello"}'
        method = "dingtalk.corp.message.corpconversation.asyncsend"
        reply = await ask_top(world.api, world, method, fields)
        assert "dingtalk_corp_message_corpconversation_asyncsend_response" in reply.json

    story(body)


def test_other_methods_and_paths_of_the_gateway_are_refused() -> None:
    async def body(world: World) -> None:
        reply = await world.raw("DELETE", "/router/rest")
        assert reply.json["error_response"]["code"] == 22

    story(body)
