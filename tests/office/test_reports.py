"""Reports (日志): the documents' walk from template to statistics."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.domain.refusals import Refusal
from sanfang.platform.manage import office, office_forms
from sanfang.platform.openapi.moments import local

from ..gate.world import ask_top
from ..openapi.world import Reply, World, story
from .people import hire

DAILY = ("今日完成工作", "未完成工作", "需协调工作", "备注")
WINDOW = {"start_time": 0, "end_time": 253_402_000_000_000, "cursor": 0, "size": 20}


async def ask(world: World, name: str, **fields: Any) -> Reply:
    return await world.post(f"/topapi/report/{name}", fields, world.own)


async def template_id(world: World, name: str = "日报") -> str:
    reply = await ask(world, "template/getbyname", userid="zhang", template_name=name)
    return str(reply.json["result"]["id"])


async def write(world: World, **changes: Any) -> Reply:
    param = {
        "template_id": await template_id(world),
        "userid": "zhang",
        "dd_from": "sanfang",
        "to_chat": False,
        "to_userids": ["li"],
        "contents": [
            {
                "key": key,
                "sort": sort,
                "type": 1,
                "content_type": "markdown",
                "content": f"第{sort}项",
            }
            for sort, key in enumerate(DAILY)
        ],
        **changes,
    }
    return await ask(world, "create", create_report_param=param)


def test_the_documents_walk() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li", "wang")
        found = (await ask(world, "template/listbyuserid", userid="zhang")).json["result"]
        assert [each["name"] for each in found["template_list"]] == ["日报", "周报", "月报"]
        form = await ask(world, "template/getbyname", userid="zhang", template_name="日报")
        fields = form.json["result"]["fields"]
        assert [(each["field_name"], each["sort"]) for each in fields] == [
            (key, sort) for sort, key in enumerate(DAILY)
        ]
        assert form.json["result"]["id"] == found["template_list"][0]["report_code"]

        report_id = (await write(world)).json["result"]
        assert (await ask(world, "getunreadcount", userid="li")).json["count"] == 1
        listed = (await ask(world, "list", **WINDOW, userid="zhang")).json["result"]
        (report,) = listed["data_list"]
        assert (listed["size"], listed["has_more"]) == (1, False)
        assert (report["report_id"], report["template_name"]) == (report_id, "日报")
        assert (report["creator_id"], report["creator_name"]) == ("zhang", "测试员zhang")
        assert report["create_time"] == report["modified_time"] == world.core.clock.now()
        assert report["contents"][1] == {
            "key": "未完成工作",
            "sort": "1",
            "type": "1",
            "value": "第1项",
        }
        brief = (await ask(world, "simplelist", **WINDOW)).json["result"]["data_list"]
        assert "contents" not in brief[0]
        receivers = (await ask(world, "receiver/list", report_id=report_id)).json["result"]
        assert receivers == {"userid_list": ["li"], "has_more": False}

        corp_id = world.corp.corp_id
        of = {"corp_id": corp_id, "report_id": report_id}
        await office.read_report(world.core, office_forms.ReportOf(**of, userid="li"))
        await office.like_report(world.core, office_forms.ReportOf(**of, userid="wang"))
        for text in ("不错", "继续"):
            said = office_forms.ReportComment(**of, userid="li", content=text)
            counts = await office.comment_report(world.core, said)
        assert (counts.read, counts.liked, counts.comments, counts.commenters) == (2, 1, 2, 1)
        assert (await ask(world, "statistics", report_id=report_id)).json["result"] == {
            "read_num": 2,
            "comment_num": 2,
            "comment_user_num": 1,
            "like_num": 1,
        }
        for kind, people in ((0, ["li", "wang"]), (1, ["li"]), (2, ["wang"])):
            reply = await ask(world, "statistics/listbytype", report_id=report_id, type=kind)
            assert reply.json["result"]["userid_list"] == people
        heard = (await ask(world, "comment/list", report_id=report_id, size=1)).json["result"]
        now = local(world.core.clock.now())
        assert heard["comments"] == [{"userid": "li", "content": "不错", "create_time": now}]
        rest = await ask(world, "comment/list", report_id=report_id, offset=heard["next_cursor"])
        assert [each["content"] for each in rest.json["result"]["comments"]] == ["继续"]
        assert (await ask(world, "getunreadcount", userid="li")).json["count"] == 0

    story(body)


def test_lists_are_narrowed_and_paged() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        ids = [(await write(world)).json["result"] for _ in range(3)]
        world.core.clock.travel(60_000)
        later = world.core.clock.now()
        weekly: dict[str, Any] = {"template_id": await template_id(world, "周报"), "userid": "li"}
        weekly["contents"] = [{"key": "备注", "content": "x", "sort": 0, "type": 1}]
        weekly["contents"][0]["content_type"] = "markdown"
        ids.append((await write(world, **weekly)).json["result"])

        async def listed(**changes: Any) -> list[str]:
            reply = await ask(world, "list", **{**WINDOW, **changes})
            return [each["report_id"] for each in reply.json["result"]["data_list"]]

        assert await listed() == ids
        assert await listed(userid="zhang") == ids[:3]
        assert await listed(template_name="周报") == ids[3:]
        assert await listed(start_time=later) == ids[3:]
        assert await listed(modified_end_time=later - 1) == ids[:3]
        assert await listed(end_time=later - 1, start_time=later - 2) == []
        first = (await ask(world, "list", **{**WINDOW, "size": 3})).json["result"]
        assert first["has_more"] is True
        assert await listed(cursor=first["next_cursor"]) == ids[3:]
        by_top = await ask_top(
            world.api, world, "dingtalk.corp.report.list", {**WINDOW, "userid": "li"}
        )
        found = by_top.json["dingtalk_corp_report_list_response"]["result"]["result"]
        assert [each["report_id"] for each in found["data_list"]] == ids[3:]

    story(body)


def test_a_draft_is_nobodys_report_and_a_corps_templates_are_its_own() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        corp_id = world.corp.corp_id
        form = office_forms.TemplateAdd(corp_id=corp_id, name="拜访记录", fields=["客户", "结果"])
        await office.add_template(world.core, form)
        with pytest.raises(Refusal):
            await office.add_template(world.core, form)
        built_in = office_forms.TemplateAdd(corp_id=corp_id, name="日报", fields=["x"])
        with pytest.raises(Refusal):
            await office.add_template(world.core, built_in)
        param = {
            "template_id": await template_id(world, "拜访记录"),
            "userid": "zhang",
            "dd_from": "x",
            "contents": [
                {"key": "客户", "content": "示例", "sort": 0, "type": 1, "content_type": "markdown"}
            ],
        }
        saved = await ask(world, "savecontent", create_report_param=param)
        assert saved.json["result"]
        assert (await ask(world, "list", **WINDOW)).json["result"]["data_list"] == []
        assert (await ask(world, "statistics", report_id=saved.json["result"])).code == 40035
        names = await ask(world, "template/listbyuserid", offset=2, size=1)
        assert names.json["result"]["next_cursor"] == 3

    story(body)


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"userid": "nobody"}, 60111, "nobody"),
        ({"template_id": "none"}, 40035, "none"),
        ({"to_userids": ["nobody"]}, 60111, "nobody"),
        ({"to_cids": ["nowhere"]}, 40016, "nowhere"),
        ({"contents": []}, 40035, "contents"),
        ({"contents": [{"key": "没有", "content": "x"}]}, 40035, "没有"),
        ({"contents": [{"key": "备注", "content": "x" * 1001}]}, 40035, "content"),
        ({"contents": [{"key": "备注"}]}, 40035, "content"),
    ],
)
def test_a_report_that_cannot_be_is_refused_and_not_kept(
    changes: dict[str, Any], code: int, named: str
) -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        reply = await write(world, **changes)
        assert reply.code == code
        assert named in reply.explained
        assert (await ask(world, "list", **WINDOW)).json["result"]["data_list"] == []

    story(body)


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("list", {"size": 21}, 40069),
        ("list", {"start_time": 2, "end_time": 1}, 40035),
        ("list", {"cursor": -1}, 40035),
        ("list", {"userid": "nobody"}, 60111),
        ("statistics", {"report_id": "none"}, 40035),
        ("template/getbyname", {"userid": "zhang", "template_name": "年报"}, 40035),
        ("getunreadcount", {"userid": "nobody"}, 60111),
    ],
)
def test_a_question_that_cannot_be_is_refused(name: str, fields: dict[str, Any], code: int) -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang")
        base = WINDOW if name == "list" else {}
        assert (await ask(world, name, **{**base, **fields})).code == code

    story(body)
