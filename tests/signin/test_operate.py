"""Codes of requestOperateAuthCode, and the messages they allow."""

from __future__ import annotations

from typing import Any

from sanfang.platform.domain import messages, signin

from ..openapi.world import Reply, World, story
from .people import a_member

TASK = "/topapi/message/corpconversation/asyncsendbycode"
TEXT = {"msgtype": "text", "text": {"content": "已收到"}}


async def _code(world: World) -> str:
    made = await signin.operate_code(world.core, world.corp.corp_id, "jia", world.app.app_key)
    return made.code


async def _send(world: World, **fields: Any) -> Reply:
    message = {"agentid": world.app.agent_id, "touser": "jia|nobody", **TEXT, **fields}
    return await world.post("/message/sendByCode", message, world.own)


async def _inbox(world: World) -> int:
    found = await messages.list_messages(world.core, world.corp.corp_id, userid="jia")
    return len(found)


def test_a_code_lets_one_message_pass() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        code = await _code(world)
        sent = await _send(world, code=code)
        assert (sent.code, sent.json["invaliduser"]) == (0, "nobody")
        assert await _inbox(world) == 1
        again = await _send(world, code=code)
        assert (again.code, "used" in again.explained) == (40078, True)
        assert await _inbox(world) == 1

    story(body)


def test_the_newer_name_makes_a_task() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        fields = {"agent_id": world.app.agent_id, "msgtype": "text", "user_id_list": "jia"}
        fields |= {"msgcontent": TEXT["text"], "code": await _code(world)}
        assert (await world.post(TASK, fields, world.own)).json["task_id"] > 0
        fields |= {"msgcontent": '{"content": "再次"}', "code": await _code(world)}
        fields |= {"userid_list": "jia", "user_id_list": ""}
        assert (await world.post(TASK, fields, world.own)).json["task_id"] > 0
        assert await _inbox(world) == 2
        assert (await world.post(TASK, fields, world.own)).json["errcode"] == 40078

    story(body)


def test_a_message_that_cannot_be_sent_leaves_the_code_alone() -> None:
    async def body(world: World) -> None:
        await a_member(world)
        code = await _code(world)
        assert (await _send(world, code=code, msgtype="nothing")).code == 40008
        assert (await _send(world, code=code, agentid="x")).code == 40056
        assert (await _send(world)).code == 40035
        login = await signin.login_code(world.core, world.corp.corp_id, "jia", world.app.app_key)
        wrong = await _send(world, code=login.code)
        assert (wrong.code, "requestOperateAuthCode" in wrong.explained) == (40078, True)
        assert (await _send(world, code=code)).code == 0

    story(body)
