"""Work notifications: task, progress, result, recall, status bar; the limits of receivers."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.domain import app_scopes, tokens
from sanfang.platform.domain.app_scopes import AppScope

from ..openapi.world import World
from .people import TEXT, inbox, read_all, refused, tale

ROOT = "/topapi/message/corpconversation"
OA = {
    "msgtype": "oa",
    "oa": {
        "message_url": "http://a.example",
        "head": {"bgcolor": "FFBBBBBB", "text": "审批"},
        "body": {"title": "请假"},
    },
}


async def send(world: World, **changes: Any) -> int:
    fields = {"agent_id": world.app.agent_id, "userid_list": "jia,yi", "msg": TEXT, **changes}
    reply = await world.post(f"{ROOT}/asyncsend_v2", fields, world.own)
    assert reply.code == 0, reply.body
    return int(reply.json["task_id"])


async def ask(world: World, name: str, task: int, field: str = "task_id", **more: Any) -> Any:
    fields = {"agent_id": world.app.agent_id, field: task, **more}
    return await world.post(f"{ROOT}/{name}", fields, world.own)


def test_a_task_tells_its_progress_and_who_has_read_it() -> None:
    async def body(world: World) -> None:
        task = await send(world, userid_list="jia,yi,nobody", dept_id_list="99")
        progress = (await ask(world, "getsendprogress", task)).json["progress"]
        assert progress == {"progress_in_percent": 100, "status": 2}
        await read_all(world, "jia")
        result = (await ask(world, "getsendresult", task)).json["send_result"]
        assert result["read_user_id_list"] == ["jia"]
        assert result["unread_user_id_list"] == ["yi"]
        assert result["invalid_user_id_list"] == ["nobody"]
        assert result["invalid_dept_id_list"] == [99]

    tale(body)


def test_a_recalled_task_leaves_the_unread_count() -> None:
    async def body(world: World) -> None:
        task = await send(world)
        assert (await ask(world, "recall", task, "msg_task_id")).code == 0
        assert (await inbox(world, "jia"))[0].recalled_at is not None
        refused(await ask(world, "recall", task + 1, "msg_task_id"), 400002)

    tale(body)


def test_the_status_bar_of_an_oa_message_is_changed_and_no_other() -> None:
    async def body(world: World) -> None:
        task = await send(world, msg=OA)
        bar = {"status_value": "已同意", "status_bg": "0xFF00FF00"}
        assert (await ask(world, "status_bar/update", task, **bar)).code == 0
        seen = (await inbox(world, "jia"))[0].body
        assert isinstance(seen, dict)
        assert seen["status_bar"] == bar
        assert seen["head"]["text"] == "审批"
        plain = await send(world)
        refused(await ask(world, "status_bar/update", plain, **bar), 400002)

    tale(body)


def test_a_task_belongs_to_the_micro_app_that_sent_it() -> None:
    async def body(world: World) -> None:
        task = await send(world)
        stranger = {"agent_id": world.agent.agent_id, "task_id": task}
        refused(await world.post(f"{ROOT}/getsendresult", stranger, world.isv), 400002)
        refused(await world.post(f"{ROOT}/getsendresult", stranger, world.own), 40056)

    tale(body)


def test_the_older_call_takes_the_content_beside_its_type() -> None:
    """asyncsend: msgtype, and msgcontent as an object or as JSON text."""

    async def body(world: World) -> None:
        for content in ({"content": "x"}, '{"content": "x"}'):
            fields = {
                "agent_id": world.agent.agent_id,
                "userid_list": ["jia"],
                "msgtype": "text",
                "msgcontent": content,
                "to_all_user": "false",
            }
            assert (await world.post(f"{ROOT}/asyncsend", fields, world.isv)).code == 0
        assert [each.body for each in await inbox(world, "jia")] == [{"content": "x"}] * 2

    tale(body)


def test_whoever_does_not_see_the_app_is_told_apart() -> None:
    """The visible scope decides: forbidden, neither invalid nor failed."""

    async def body(world: World) -> None:
        corp_id, agent_id = world.corp.corp_id, world.app.agent_id
        await app_scopes.set_scope(world.core, corp_id, agent_id, AppScope(userids=["jia"]))
        task = await send(world)
        result = (await ask(world, "getsendresult", task)).json["send_result"]
        assert result["forbidden_user_id_list"] == ["yi"]
        assert await inbox(world, "yi") == []
        fields = {"agentid": agent_id, "touser": "jia|yi", **TEXT}
        sent = (await world.post("/message/send", fields, world.own)).json
        assert sent["forbiddenUserId"] == "yi"

    tale(body)


def test_read_state_under_the_old_name() -> None:
    async def body(world: World) -> None:
        fields = {"agentid": world.app.agent_id, "touser": "jia|yi", **TEXT}
        sent = (await world.post("/message/send", fields, world.own)).json["messageId"]
        await read_all(world, "yi")
        status = await world.post("/message/list_message_status", {"messageId": sent}, world.own)
        assert (status.json["read"], status.json["unread"]) == (["yi"], ["jia"])
        other = await world.post("/message/list_message_status", {"messageId": sent}, world.isv)
        refused(other, 40035)

    tale(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"userid_list": ",".join(map(str, range(101)))}, 40032),
        ({"userid_list": "", "dept_id_list": ",".join(map(str, range(1, 22)))}, 40066),
        ({"userid_list": None}, 40035),
        ({"agent_id": 99}, 40056),
        ({"msg": {"msgtype": "x"}}, 40008),
        ({"msg": {"msgtype": "text"}}, 41015),
        ({"msg": {"msgtype": "text", "text": {}}}, 44004),
        ({"msg": "x"}, 40035),
        ({"msg": None}, 40035),
    ],
)
def test_a_task_that_cannot_be_sent_is_refused(changes: dict[str, Any], code: int) -> None:
    async def body(world: World) -> None:
        fields = {"agent_id": world.app.agent_id, "userid_list": "jia", "msg": TEXT, **changes}
        refused(await world.post(f"{ROOT}/asyncsend_v2", fields, world.own), code)
        assert await inbox(world, "jia") == []

    tale(body)


async def to_all(world: World) -> Any:
    fields = {"agent_id": world.app.agent_id, "to_all_user": "true", "msg": TEXT}
    return await world.post(f"{ROOT}/asyncsend_v2", fields, world.own)


async def next_day(world: World) -> None:
    world.core.clock.travel(24 * 3600_000)
    world.own, _ = await tokens.app_token(world.core, world.app.app_key, world.app.secret)


def test_three_messages_a_day_to_everybody_in_the_modern_profile() -> None:
    """41045; the next day (Beijing time) begins anew."""

    async def body(world: World) -> None:
        for _ in range(3):
            assert (await to_all(world)).code == 0
        refused(await to_all(world), 41045)
        await next_day(world)
        assert (await to_all(world)).code == 0

    tale(body, message_profile="modern")


def test_receivers_a_minute_of_an_app_and_of_a_corp() -> None:
    async def body(world: World) -> None:
        await send(world)
        fields = {"agentid": world.app.agent_id, "touser": "jia|yi", **TEXT}
        refused(await world.post("/message/send", fields, world.own), 41047)
        isv = {"agentid": world.agent.agent_id, "touser": "jia|yi|bing", **TEXT}
        refused(await world.post("/message/send", isv, world.isv), 41048)
        assert (await world.post("/message/send", isv | {"touser": "jia"}, world.isv)).code == 0
        world.core.clock.travel(60_001)
        assert (await world.post("/message/send", fields, world.own)).code == 0

    tale(body, message_profile="modern", message_minute_own=3, message_minute_corp=4)


def test_so_many_receivers_in_one_call() -> None:
    async def body(world: World) -> None:
        fields = {"agentid": world.agent.agent_id, "touser": "jia|yi|bing", **TEXT}
        refused(await world.post("/message/send", fields, world.isv), 41029)
        assert (await world.post("/message/send", fields | {"touser": "jia"}, world.isv)).code == 0

    tale(body, message_receivers_isv=2)


def test_without_a_profile_an_isv_may_write_to_everybody() -> None:
    async def body(world: World) -> None:
        fields = {"agentid": world.agent.agent_id, "touser": "@all", **TEXT}
        assert (await world.post("/message/send", fields, world.isv)).code == 0
        assert len(await inbox(world, "bing")) == 1

    tale(body, message_profile="off")
