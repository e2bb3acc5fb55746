"""A world with a few members, and the calls that tests of messages make over and over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sanfang.platform.domain import contacts, conversations, messages
from sanfang.platform.domain.messages import Message

from ..openapi.world import Reply, World, story

TEXT: dict[str, Any] = {"msgtype": "text", "text": {"content": "你好"}}


async def settle(world: World) -> None:
    """Add 测试员甲 (jia), 乙 (yi) and 丙 (bing) beside the manager."""
    for userid, name in (("jia", "测试员甲"), ("yi", "测试员乙"), ("bing", "测试员丙")):
        await contacts.create_member(world.core, world.corp.corp_id, name=name, userid=userid)


def tale(body: Callable[[World], Awaitable[None]], **settings: Any) -> None:
    """Run a test in a world with members."""

    async def settled(world: World) -> None:
        await settle(world)
        await body(world)

    story(settled, **settings)


async def inbox(world: World, userid: str) -> list[Message]:
    return await messages.list_messages(world.core, world.corp.corp_id, userid=userid)


async def read_all(world: World, *userids: str) -> None:
    for userid in userids:
        await messages.mark_read(world.core, world.corp.corp_id, userid)


async def a_cid(world: World, *userids: str) -> str:
    return await conversations.open_conversation(world.core, world.corp.corp_id, userids)


async def a_chat(world: World, **changes: Any) -> dict[str, Any]:
    """A group of jia, yi and the manager, who owns it, made by the old call."""
    fields = {
        "name": "示例群",
        "owner": "manager",
        "useridlist": ["manager", "jia", "yi"],
        **changes,
    }
    reply = await world.post("/chat/create", fields, world.own)
    assert reply.code == 0, reply.body
    return reply.json


def refused(reply: Reply, code: int) -> None:
    """The old families' refusal, with an explanation beside it."""
    assert reply.code == code, reply.body
    assert reply.explained


def v1_refused(reply: Reply, name: str) -> None:
    assert reply.status == 400, reply.body
    assert reply.json["code"] == name
    assert reply.explained
