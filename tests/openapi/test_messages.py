"""/message/send."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.domain import messages

from .world import FORM, World, story

TEXT = {"msgtype": "text", "text": {"content": "你好"}}


def test_an_isv_writes_to_a_member_with_bars_and_an_empty_toparty() -> None:
    """agentid as text or number; ``touser`` as a|b beside an empty ``toparty``."""

    async def body(world: World) -> None:
        agent = world.agent.agent_id
        for agentid in (agent, str(agent)):
            fields = {"touser": "manager|nobody", "toparty": "", "agentid": agentid, **TEXT}
            reply = await world.post("/message/send", fields, world.isv)
            assert reply.code == 0
            assert reply.json["invaliduser"] == "nobody"
            assert reply.json["invalidparty"] == ""
            assert reply.json["messageId"].isdigit()
        inbox = await messages.list_messages(world.core, world.corp.corp_id, userid="manager")
        assert [each.body for each in inbox] == [{"content": "你好"}] * 2

    story(body)


def test_a_form_may_hold_the_content_as_json_text() -> None:
    async def body(world: World) -> None:
        sent = f'touser=manager&agentid={world.agent.agent_id}&msgtype=text&text={{"content":"x"}}'
        target = f"/message/send?access_token={world.isv}"
        assert (await world.raw("POST", target, sent.encode(), FORM)).code == 0

    story(body)


def test_a_department_and_everybody() -> None:
    async def body(world: World) -> None:
        own = {"agentid": world.app.agent_id, **TEXT}
        for to in ({"toparty": "1|9"}, {"toparty": 1}, {"touser": "@all"}):
            assert (await world.post("/message/send", {**own, **to}, world.own)).code == 0
        isv = {"agentid": world.agent.agent_id, "touser": "@all", **TEXT}
        reply = await world.post("/message/send", isv, world.isv)
        assert (reply.code, reply.json["errmsg"]) == (41028, "禁止给全员发送消息")

    story(body)


CONTENTS: dict[str, dict[str, Any]] = {
    "text": {"content": "x"},
    "image": {"media_id": "@1"},
    "voice": {"media_id": "@1", "duration": "10"},
    "file": {"media_id": "@1"},
    "link": {"messageUrl": "http://a.example", "picUrl": "@1", "title": "t", "text": "x"},
    "oa": {"message_url": "http://a.example", "head": {"text": "h"}, "body": {"title": "b"}},
    "markdown": {"title": "t", "text": "# x"},
    "action_card": {"title": "t", "markdown": "x", "single_title": "s", "single_url": "u"},
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_kind_of_message_is_taken_and_each_missing_part_named(kind: str) -> None:
    async def body(world: World) -> None:
        fields = {"touser": "manager", "agentid": world.agent.agent_id, "msgtype": kind}
        content = CONTENTS[kind]
        reply = await world.post("/message/send", {**fields, kind: content}, world.isv)
        assert reply.code == 0
        first = next(iter(content))
        short = {key: value for key, value in content.items() if key != first}
        reply = await world.post("/message/send", {**fields, kind: short}, world.isv)
        assert reply.code in (44004, 41006, 40035, 41016)
        assert f"{kind}.{first}" in reply.explained
        reply = await world.post("/message/send", fields, world.isv)
        assert reply.code == 41015

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"msgtype": "carrier pigeon"}, 40008),
        ({"msgtype": None}, 40008),
        ({"agentid": None}, 41011),
        ({"agentid": "x"}, 40056),
        ({"agentid": 99}, 40056),
        ({"touser": None}, 40035),
        ({"touser": "nobody"}, 40031),
        ({"touser": None, "toparty": "x"}, 40066),
        ({"touser": None, "toparty": "99"}, 40066),
        ({"text": {"content": ""}}, 44004),
        ({"text": "x"}, 40035),
        ({"text": None}, 41015),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused_by_field(
    changes: dict[str, Any], code: int
) -> None:
    async def body(world: World) -> None:
        fields = {"touser": "manager", "agentid": world.agent.agent_id, **TEXT, **changes}
        reply = await world.post("/message/send", fields, world.isv)
        assert reply.code == code
        assert reply.explained

    story(body)
