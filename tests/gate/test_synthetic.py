"""APIs without behaviour of their own answer from the catalogue, and say so."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode

from sanfang.catalog import check, check_answer, load
from sanfang.platform.openapi import OpenApi

from ..openapi.world import Reply, World, a_world, send, story
from .world import ask, sound

LIST_SIMPLE = "/topapi/smartwork/hrm/employee/queryonjob"


def synthetic(reply: Reply) -> bool:
    return reply.headers.get("x-sanfang-synthetic") == "1"


def test_every_endpoint_of_the_catalogue_answers_in_its_envelope_and_shape() -> None:
    async def run() -> list[str]:
        catalog, wrong = load(), []
        async with a_world() as world:
            await world.sign_in()
            api = OpenApi(world.core, handlers=[])
            for entry in catalog.entries:
                endpoint = catalog.endpoints[entry.id]
                reply = await ask(api, world, endpoint, sound(endpoint))
                if not synthetic(reply):
                    wrong.append(f"{entry.id}: {reply.status} {reply.body[:200]!r}")
                    continue
                wrong += [f"{entry.id}: {each}" for each in misfits(endpoint, reply)]
        return wrong

    assert asyncio.run(run()) == []


def misfits(endpoint: object, reply: Reply) -> list[str]:
    from sanfang.catalog import Endpoint

    assert isinstance(endpoint, Endpoint)
    if endpoint.response_type == "empty":
        return check_answer(endpoint, None if reply.body == b"" else reply.body)
    if endpoint.response_type == "binary":
        return check_answer(endpoint, reply.body)
    if endpoint.response_type == "redirect":
        return [] if reply.status == 302 and "code=" in reply.headers["location"].lower() else ["?"]
    value = json.loads(reply.body)
    if endpoint.host == "top":
        value = value[endpoint.top_api.replace(".", "_") + "_response"]
    elif endpoint.host == "oapi" and isinstance(value, dict):
        assert (value["errcode"], value["errmsg"]) == (0, "ok")
    if endpoint.host == "oapi":
        value.pop("errcode", None)  # one page says text; it never was
    return check(endpoint.response, value)


def test_the_same_question_gets_the_same_answer_which_repeats_what_was_asked() -> None:
    async def body(world: World) -> None:
        api = OpenApi(world.core, handlers=[])
        replies = [
            await send(api, "GET", f"/user/get?access_token={world.own}&userid=zhang3")
            for _ in range(2)
        ]
        assert replies[0].body == replies[1].body
        assert replies[0].json["userid"] == "zhang3"
        assert synthetic(replies[0])

    story(body)


def test_a_body_may_be_a_list_or_a_map_itself_where_the_page_says_so() -> None:
    async def body(world: World) -> None:
        api = OpenApi(world.core, handlers=[])
        endpoint = load().endpoints["v1_0_agoal_entities_post"]
        assert [param.root for param in endpoint.params] == [True]
        for sent in ([{"code": "a"}], []):
            reply = await ask(api, world, endpoint, {"body": sent})
            assert synthetic(reply), reply.body
        refused = await ask(api, world, endpoint, {"body": {"body": []}})
        assert refused.status == 400
        other = load().endpoints["v1_0_todo_users_by_union_id_tasks_post"]
        assert (await ask(api, world, other, {"unionId": "x"})).status == 400  # fields are missing
        as_list = await send(
            api,
            "POST",
            "/v1.0/todo/users/x/tasks",
            b"[]",
            [(b"x-acs-dingtalk-access-token", world.own.encode())],
        )
        assert as_list.status == 400

    story(body)


def test_a_synthetic_answer_comes_only_after_token_and_parameters_were_checked() -> None:
    async def body(world: World) -> None:
        api = OpenApi(world.core, handlers=[])
        reply = await send(api, "GET", "/user/get?userid=x")
        assert reply.code == 41001
        assert not synthetic(reply)
        reply = await send(api, "GET", f"/user/get?access_token={world.own}")
        assert reply.code == 41009
        assert not synthetic(reply)

    story(body)


def test_one_setting_refuses_what_would_be_made_up() -> None:
    async def body(world: World) -> None:
        reply = await world.post(
            LIST_SIMPLE, {"status_list": "2", "offset": 0, "size": 9}, world.own
        )
        assert reply.code == 22
        assert "synthetic_answers is off" in reply.explained

    story(body, synthetic_answers=False)


def test_a_redirect_goes_to_web_addresses_only() -> None:
    rest = {"appid": "a", "response_type": "code", "scope": "snsapi_login", "state": "s1"}

    async def body(world: World) -> None:
        api = OpenApi(world.core, handlers=[])

        async def ask(target: str) -> Reply:
            query = urlencode({**rest, "redirect_uri": target})
            return await send(api, "GET", f"/connect/qrconnect?{query}")

        for target in ("javascript:alert(1)", "file:///etc", ""):
            assert (await ask(target)).code == 40035
        reply = await ask("https://example.com/a\r\nset-cookie: x")
        assert reply.status == 302
        assert "\r" not in reply.headers["location"]
        assert "state=s1" in reply.headers["location"]

    story(body)
