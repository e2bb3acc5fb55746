"""Paths and methods."""

from __future__ import annotations

import pytest

from sanfang.catalog import load
from sanfang.platform.openapi import OpenApi
from sanfang.platform.openapi.handlers import ALL
from sanfang.platform.openapi.routes import Router

from .world import World, send, story


def test_a_wrong_path_is_answered_404_with_the_right_one() -> None:
    async def body(world: World) -> None:
        reply = await world.get("/getuserinfo", world.own, code="x")
        assert reply.code == 404
        assert reply.json["errmsg"] == "请求的URI地址不存在"
        assert "did you mean /user/getuserinfo" in reply.explained
        assert reply.headers["x-sanfang-faq"] == "F34"

    story(body)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("/department/lists", "/department/list"),
        ("/department/list/", "/department/list"),
        ("/service/get_suite_tokens", "/service/get_suite_token"),
        ("/user/simple_list", "/user/simplelist"),
    ],
)
def test_slips_of_all_kinds_find_their_path(wrong: str, right: str) -> None:
    async def body(world: World) -> None:
        reply = await world.get(wrong)
        assert reply.code == 404
        assert right in reply.explained

    story(body)


def test_a_path_like_nothing_else_is_404_without_a_guess() -> None:
    async def body(world: World) -> None:
        reply = await world.get("/zzzzzzzzzzzzzzzzzz")
        assert reply.code == 404
        assert "check the path" in reply.explained

    story(body)


def test_without_synthetic_answers_an_api_without_a_handler_is_refused() -> None:
    async def body(world: World) -> None:
        api = OpenApi(world.core, handlers=[])
        reply = await send(api, "GET", f"/user/get_admin?access_token={world.own}")
        assert reply.code == 404
        assert "synthetic_answers is off" in reply.explained

    story(body, synthetic_answers=False)


def test_an_unknown_topapi_is_answered_22_with_the_api_name() -> None:
    async def body(world: World) -> None:
        reply = await world.post("/topapi/app/remove_auth", {}, world.own)
        said = "不合法ApiName，ApiName = dingtalk.oapi.app.remove_auth"
        assert reply.code == 22
        assert reply.json["sub_msg"] == said
        assert reply.json["errmsg"] == f"Invalid method[submsg={said}]"
        assert reply.json["request_id"]
        assert reply.explained

    story(body)


def test_an_unknown_v1_path_is_a_real_404() -> None:
    async def body(world: World) -> None:
        reply = await world.v1("POST", "/v1.0/oauth2/accessTokens", {})
        assert reply.status == 404
        assert reply.json["code"] == "InvalidAction.NotFound"
        assert reply.json["requestid"]
        assert "/v1.0/oauth2/accessToken" in reply.explained

    story(body)


def test_post_where_get_is_wanted_is_43001_and_the_other_way_43002() -> None:
    async def body(world: World) -> None:
        reply = await world.post("/department/list", {}, world.own)
        assert reply.code == 43001
        assert "takes GET" in reply.explained
        reply = await world.get("/message/send", world.own)
        assert reply.code == 43002
        assert reply.json["errmsg"] == "需要POST请求"
        assert (await world.raw("HEAD", "/department/list")).code == 43001

    story(body)


def test_a_path_with_both_methods_takes_both() -> None:
    async def body(world: World) -> None:
        assert (await world.get("/user/delete", world.own, userid="nobody")).code == 60111
        reply = await world.post("/user/delete", {"useridlist": ["nobody"]}, world.own)
        assert reply.code == 60111

    story(body)


def test_the_wrong_method_of_a_v1_path_is_not_found() -> None:
    async def body(world: World) -> None:
        reply = await world.v1("GET", "/v1.0/oauth2/accessToken")
        assert (reply.status, reply.json["code"]) == (404, "InvalidAction.NotFound")
        assert "takes POST" in reply.explained

    story(body)


def test_a_template_gives_its_values_and_a_literal_path_wins_over_it() -> None:
    router = Router(load(), ALL)
    route, values = router.find("POST", "/v1.0/oauth2/dingexample/token")
    assert (route.path, values) == ("/v1.0/oauth2/{corpId}/token", {"corpId": "dingexample"})
    route, values = router.find("GET", "/v1.0/oauth2/apps/authInfo")
    assert (route.path, values) == ("/v1.0/oauth2/apps/authInfo", {})


def test_every_handler_is_registered_under_an_id_of_the_catalogue_and_only_once() -> None:
    ids = [handler.endpoint for handler in ALL]
    assert len(ids) == len(set(ids))
    assert set(ids) <= load().endpoints.keys()
