"""APIs of the TOP gateway, called by their names: ``call("dingtalk.corp.role.list")``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from sanfang.catalog import load
from sanfang.client import (
    AppKey,
    BadAnswer,
    BadCall,
    CallRefused,
    Forbidden,
    PlatformBusy,
    RateLimited,
    TokenRefused,
)
from sanfang.client.plans import Planner

from .conftest import Make
from .living import Living, living
from .stand_in import Reply, Seen, StandIn

APP = AppKey("dingexampleapp", "example-app-secret")
ROLES = "dingtalk.corp.role.list"
KEY = "dingtalk_corp_role_list_response"
PATH = "/router/rest"


def answering(platform: StandIn, answer: dict[str, Any]) -> None:
    platform.on(PATH, lambda _: answer)


def error(code: int, sub_code: str = "", **more: Any) -> dict[str, Any]:
    told = {"code": code, "msg": "Remote service error", "request_id": "r-7", **more}
    return {"error_response": told | ({"sub_code": sub_code} if sub_code else {})}


def test_a_call_goes_out_as_the_gateway_wants_it(make: Make, platform: StandIn) -> None:
    answering(platform, {KEY: {"result": {"list": [{"group_name": "默认"}]}, "request_id": "x"}})
    client = make(APP, base_url=platform.url)
    assert client.call(ROLES, size=20, offset=0)["result"]["list"][0]["group_name"] == "默认"
    seen = platform.seen[-1]
    assert (seen.method, seen.path, seen.body) == ("POST", PATH, b"")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", seen.query.pop("timestamp"))
    assert seen.query == {
        "session": "token-0001-of-dingexampleapp",
        "method": ROLES,
        "format": "json",
        "v": "2.0",
        "simplify": "false",
        "size": "20",
        "offset": "0",
    }


def test_lists_go_as_json_or_joined_as_the_catalogue_says(make: Make, platform: StandIn) -> None:
    answering(platform, {"x_response": {}})
    client = make(APP, base_url=platform.url)
    client.call("dingtalk.corp.role.removerolesforemps", rolelid_list=[1], userid_list=["a", "b"])
    assert platform.seen[-1].query["userid_list"] == "a,b"
    client.call("dingtalk.corp.made.up", body={"values": [{"name": "天数"}]}, query={"a": True})
    query = platform.seen[-1].query
    assert (query["values"], query["a"]) == ('[{"name":"天数"}]', "true")
    client.get("dingtalk.corp.made.up", x=None)
    assert platform.seen[-1].method == "GET"
    assert "x" not in platform.seen[-1].query
    with pytest.raises(BadCall, match="body"):
        client.call("dingtalk.corp.made.up", body=[1])


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (error(50, "isv.invalid-parameter", sub_msg="非法参数"), CallRefused, "isv.invalid-parameter"),
        (error(50, "60121", sub_msg="找不到该用户"), CallRefused, 60121),
        (error(22, "isv.invalid-method"), CallRefused, "isv.invalid-method"),
        (error(41), CallRefused, 41),
        (error(7, "accesscontrol.limited-by-api-access-count"), RateLimited, None),
        (error(7, "90018"), RateLimited, 90018),
        (error(10), PlatformBusy, 10),
        (error(11, "isv.permission-api-package-limit"), Forbidden, None),
        ({KEY: {"errcode": 40035, "errmsg": "不合法的参数"}}, CallRefused, 40035),
        ({KEY: {"result": {"errcode": "40035", "errmsg": "x"}}}, CallRefused, 40035),
        ({KEY: {"result": {"success": False, "ding_open_errcode": 33012, "error_msg": "无效"}}},
         CallRefused, 33012),
        ({KEY: {"result": '{"success":false,"error_msg":"no"}'}}, CallRefused, "unsuccessful"),
    ],
)  # fmt: skip
def test_refusals_are_typed(
    make: Make, platform: StandIn, answer: dict[str, Any], kind: type, code: int | str | None
) -> None:
    answering(platform, answer)
    with pytest.raises(kind) as caught:
        make(APP, base_url=platform.url, retries=0).call(ROLES)
    refused: Any = caught.value
    assert refused.api == ROLES
    assert code in (None, refused.code)
    if "error_response" in answer:
        assert refused.request_id == "r-7"
        assert refused.errmsg


@pytest.mark.parametrize("sub_code", ["40014", "invalid-sessionkey", ""])
def test_a_dead_session_is_renewed_once(make: Make, platform: StandIn, sub_code: str) -> None:
    def answer(seen: Seen) -> dict[str, Any]:
        if seen.query["session"].startswith("token-0001"):
            return error(27, sub_code, msg="Invalid session")
        return {KEY: {"result": {"list": []}}}

    platform.on(PATH, answer)
    client = make(APP, base_url=platform.url)
    assert client.call(ROLES) == {"result": {"list": []}}
    assert platform.token_calls == 2
    answering(platform, error(27, sub_code, msg="Invalid session"))
    with pytest.raises(TokenRefused) as caught:
        client.call("dingtalk.corp.ext.list")
    assert "token-" not in str(caught.value)


def test_an_answer_that_is_none_of_the_gateways_is_no_result(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    answering(platform, {"errcode": 40035, "errmsg": "x"})
    with pytest.raises(CallRefused):
        client.call(ROLES)
    platform.on(PATH, lambda _: {KEY: {"result": '{"cut'}})
    assert client.call(ROLES) == {"result": '{"cut'}
    answering(platform, {"simplified": 1})
    assert client.call(ROLES) == {"simplified": 1}
    platform.on(PATH, Reply("<html>", content_type="text/html"))
    with pytest.raises(BadAnswer):
        client.call(ROLES)


def test_dingtalks_gateway_has_a_host_of_its_own() -> None:
    plan = Planner("https://oapi.dingtalk.com", "https://api.dingtalk.com").plan
    assert plan(ROLES, None, False).url == "https://eco.taobao.com/router/rest"
    documented = plan("dingtalk.oapi.workrecord.add", None, False)
    assert documented.url == "https://oapi.dingtalk.com/topapi/workrecord/add"
    assert not documented.gateway


def test_every_name_that_only_the_gateway_knows_can_be_called() -> None:
    planner = Planner("https://ding.example", "https://ding.example")
    names = [entry.top_api for entry in load().entries if entry.host == "top"]
    assert len(names) == 97
    for name in names:
        plan = planner.plan(name, None, False)
        assert (plan.url, plan.token_name) == ("https://ding.example/router/rest", "session")
    assert planner.plan("dingtalk.smartwork.bpms.processinstance.get", None, False).safe
    assert not planner.plan("dingtalk.smartwork.bpms.processinstance.create", None, False).safe


# -- our own platform --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Iterator[Living]:
    with living() as one:
        yield one


def test_an_approval_is_asked_for_and_read_on_our_platform(make: Make, live: Living) -> None:
    client = make(live.app, base_url=live.url)
    form = [{"component_name": "TextField", "props": {"id": "T-1", "label": "事由"}}]
    saved = {"agentid": 1, "name": uuid4().hex, "description": "示例", "form_component_list": form}
    code = client.call(
        "topapi/process/save", saveProcessRequest={**saved, "disable_form_edit": True}
    )["result"]["process_code"]
    asked = {
        "process_code": code,
        "originator_user_id": "zhang",
        "dept_id": 1,
        "approvers": ["li"],
        "form_component_values": [{"name": "事由", "value": "休息 & 出差"}],
    }
    bpms = "dingtalk.smartwork.bpms.processinstance"
    made = client.call(f"{bpms}.create", **asked)
    number = made.get("process_instance_id") or made["result"]["process_instance_id"]
    found = client.call(f"{bpms}.get", process_instance_id=number)
    assert "休息 & 出差" in str(found)
    with pytest.raises(CallRefused) as caught:
        client.call(f"{bpms}.get", process_instance_id="nothing")
    assert caught.value.api == f"{bpms}.get"
    assert caught.value.request_id
    with pytest.raises(CallRefused) as caught:
        client.call("dingtalk.corp.made.up")
    assert caught.value.code == "isv.invalid-method"
