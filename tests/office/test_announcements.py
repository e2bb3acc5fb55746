"""Announcements, and what the profile of 2016 does not offer (F63, F64)."""

from __future__ import annotations

import asyncio

from sanfang.platform.domain.core import Settings

from ..openapi.world import World, a_world, story
from .people import hire

CREATE = {
    "operation_userid": "manager",
    "title": "入职须知",
    "content": "内容",
    "blackboard_receiver": {"userid_list": ["zhang"]},
}


def test_an_announcement_goes_up_is_changed_seen_and_taken_down() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        made = await world.post("/topapi/blackboard/create", {"create_request": CREATE}, world.own)
        assert made.code == 0
        ask = {"query_request": {"operation_userid": "manager", "page": 1, "page_size": 10}}
        (number,) = (await world.post("/topapi/blackboard/listids", ask, world.own)).json["result"]
        change = {"operation_userid": "manager", "blackboard_id": number, "title": "改"}
        fields = {"update_request": {**change, "content": "新"}}
        assert (await world.post("/topapi/blackboard/update", fields, world.own)).code == 0
        one = {"blackboard_id": number, "operation_userid": "manager"}
        seen = (await world.post("/topapi/blackboard/get", one, world.own)).json["result"]
        assert (seen["title"], seen["content"]) == ("改", "新")
        for userid, titles in (("zhang", ["改"]), ("li", [])):
            ask = {"userid": userid}
            ten = await world.post("/topapi/blackboard/listtopten", ask, world.own)
            assert [each["title"] for each in ten.json["blackboard_list"]] == titles
        assert (await world.post("/topapi/blackboard/delete", one, world.own)).code == 0
        assert (await world.post("/topapi/blackboard/get", one, world.own)).code == 40035

    story(body)


def test_2016_has_no_announcements_and_no_approvals_or_check_ins_for_isvs() -> None:
    async def run() -> None:
        async with a_world(Settings(office_profile="isv2016")) as world:
            await hire(world, "zhang")
            reply = await world.post(
                "/topapi/blackboard/create", {"create_request": CREATE}, world.own
            )
            assert (reply.code, reply.headers["x-sanfang-faq"]) == (48002, "F63")
            days = {"workDateFrom": "2023-11-15", "workDateTo": "2023-11-16"}
            fields = {**days, "userIdList": ["zhang"], "offset": 0, "limit": 50}
            reply = await world.post("/attendance/list", fields, world.isv)
            assert (reply.code, reply.headers["x-sanfang-faq"]) == (48002, "F64")
            assert (await world.post("/attendance/list", fields, world.own)).code == 0
            query = "/v1.0/workflow/processInstances?processInstanceId=x"
            reply = await world.v1("GET", query, token=world.isv)
            assert (reply.status, reply.headers["x-sanfang-faq"]) == (403, "F64")

    asyncio.run(run())
