"""The TOP gateway: one address, told apart by the field ``method``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.openapi.top_protocol import SKEW_MS
from sanfang.protocol.signatures import TopMethod, top_signature

from ..openapi.world import FORM, Reply, World, story
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
        ({}, 21, "isv.missing-method"),
        ({"method": USER, "format": "xml"}, 23, "isv.invalid-format"),
        ({"method": USER, "v": "3.0"}, 34, "isv.unsupported-version"),
        ({"method": USER, "v": "two"}, 33, "isv.invalid-version"),
        ({"method": USER, "timestamp": "1480521600"}, 31, "isv.invalid-timestamp"),
        ({"method": USER, "sign": "A"}, 28, "isv.missing-app-key"),
        ({"method": USER, "app_key": "nobody", "sign": "A"}, 29, "isv.invalid-app-key"),
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


def protocol(world: World, **more: str) -> dict[str, str]:
    """What a client of the TOP protocol sends, but for the signature."""
    now = datetime.fromtimestamp(world.core.clock.now() / 1000, UTC) + timedelta(hours=8)
    fields = {"method": USER, "app_key": world.app.app_key, "session": world.own, "v": "2.0"}
    fields |= {"timestamp": f"{now:%Y-%m-%d %H:%M:%S}", "format": "json", "userid": "manager"}
    return {name: value for name, value in {**fields, **more}.items() if value != "-"}


async def signed(world: World, method: TopMethod = "md5", **more: str) -> Reply:
    fields = protocol(world, sign_method=method, **more)
    fields["sign"] = top_signature(world.app.secret, fields, method)
    return await world.raw("POST", "/router/rest", urlencode(fields).encode(), FORM)


def code_of(reply: Reply) -> int:
    return int(reply.json["error_response"]["code"])


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_a_signed_call_is_accepted_in_all_ways_of_signing(method: TopMethod) -> None:
    async def body(world: World) -> None:
        reply = await signed(world, method, note='{"a": ["b", 1]}', empty="")
        assert reply.json[KEY]["userid"] == "manager"
        fields = protocol(world, sign_method=method)
        fields["sign"] = top_signature(world.app.secret, fields, method).lower()
        reply = await world.raw("GET", f"/router/rest?{urlencode(fields)}")
        assert reply.json[KEY]["userid"] == "manager"
        reply = await world.raw("POST", f"/router/rest?{urlencode({**fields, 'userid': 'other'})}")
        assert code_of(reply) == 25

    story(body)


def test_a_suite_signs_with_its_own_secret_and_parameters_may_be_split() -> None:
    async def body(world: World) -> None:
        fields = protocol(world, app_key=world.suite.suite_key, session=world.isv, lang="zh {CN}")
        fields["sign"] = top_signature(world.suite.suite_secret, fields)
        query = {name: fields.pop(name) for name in ("app_key", "method", "sign", "v")}
        target = f"/router/rest?{urlencode(query)}"
        reply = await world.raw("POST", target, urlencode(fields).encode(), FORM)
        assert reply.json[KEY]["userid"] == "manager"

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timestamp": "-"}, 30),
        ({"timestamp": "2001-01-01 00:00:00"}, 31),
        ({"timestamp": "0001-01-01 00:00:00"}, 31),
        ({"v": "-"}, 32),
        ({"app_key": "-"}, 28),
    ],
)
def test_who_signs_is_held_to_the_whole_protocol(changes: dict[str, str], code: int) -> None:
    async def body(world: World) -> None:
        reply = await signed(world, "md5", **changes)
        assert code_of(reply) == code
        assert reply.explained

    story(body)


def test_a_signature_is_needed_made_by_the_app_and_not_old() -> None:
    async def body(world: World) -> None:
        bare = protocol(world)
        assert code_of(await world.raw("GET", f"/router/rest?{urlencode(bare)}")) == 24
        for sign, method in (
            ("x", "md5"),
            (top_signature("wrong", bare), "md5"),
            (top_signature(world.app.secret, bare), "sha1"),
        ):
            fields = {**bare, "sign": sign, "sign_method": method}
            reply = await world.raw("GET", f"/router/rest?{urlencode(fields)}")
            assert code_of(reply) == 25
            assert world.app.secret not in str(reply.headers) + reply.body.decode()
        late = protocol(world)
        late["sign"] = top_signature(world.app.secret, late)
        world.core.clock.travel(SKEW_MS + 1000)
        assert code_of(await world.raw("GET", f"/router/rest?{urlencode(late)}")) == 31

    story(body)


@given(st.dictionaries(st.text(min_size=1), st.text()), st.text(min_size=1))
def test_a_signature_changes_with_any_value(fields: dict[str, str], extra: str) -> None:
    fields.pop("sign", None)
    for method in ("md5", "hmac", "hmac-sha256"):
        made = top_signature("secret", fields, method)
        assert made == top_signature("secret", {**fields, "sign": extra}, method)
        assert made != top_signature("secret", {**fields, "\x00new": extra}, method)
        assert made != top_signature("secrets", fields, method)
