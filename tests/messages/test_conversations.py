"""Conversations by cid (F20), what members see and have read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sanfang.platform.domain import contacts, conversations, messages
from sanfang.platform.domain.refusals import Refusal

from ..openapi.world import World
from .people import TEXT, a_chat, a_cid, inbox, refused, tale

PATH = "/message/send_to_conversation"


def test_two_members_have_one_conversation_however_often_it_is_opened() -> None:
    async def body(world: World) -> None:
        cids = await asyncio.gather(
            *(a_cid(world, *pair) for pair in [("jia", "yi"), ("yi", "jia")] * 5)
        )
        assert len(set(cids)) == 1
        assert await a_cid(world, "jia", "bing") != cids[0]

    tale(body)


def test_a_conversation_needs_two_members_of_the_corp() -> None:
    async def body(world: World) -> None:
        for people, code in ((["jia", "jia"], 49010), (["jia", "nobody"], 60111)):
            with pytest.raises(Refusal) as no:
                await a_cid(world, *people)
            assert no.value.code == code

    tale(body)


@pytest.mark.parametrize("wrapped", [False, True], ids=["2016", "msg"])
def test_what_is_said_reaches_the_others(wrapped: bool) -> None:
    async def body(world: World) -> None:
        cid = await a_cid(world, "jia", "yi", "bing")
        content: dict[str, Any] = {"msg": TEXT} if wrapped else TEXT
        fields = {"sender": "jia", "cid": cid, **content}
        reply = await world.post(PATH, fields, world.isv)
        assert reply.json["receiver"] == "bing|yi"
        (seen,) = await inbox(world, "yi")
        assert (seen.sender, seen.cid, seen.body) == ("jia", cid, {"content": "你好"})
        assert await inbox(world, "jia") == []
        said = await messages.list_messages(world.core, world.corp.corp_id, cid=cid)
        assert [each.message_id for each in said] == [seen.message_id]

    tale(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender": ""}, 40012),
        ({"sender": "nobody"}, 40012),
        ({"sender": "bing"}, 40015),
        ({"cid": None}, 40016),
        ({"cid": "cid-of-nobody"}, 40016),
        ({"msgtype": "x"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": None}, 41015),
    ],
)
def test_what_cannot_be_said_is_refused(changes: dict[str, Any], code: int) -> None:
    async def body(world: World) -> None:
        fields = {"sender": "jia", "cid": await a_cid(world, "jia", "yi"), **TEXT, **changes}
        refused(await world.post(PATH, fields, world.own), code)

    tale(body)


def test_one_member_writes_to_another_without_knowing_a_cid() -> None:
    async def body(world: World) -> None:
        fields = {"sender_userid": "jia", "receiver_userid": "yi", "msg": TEXT}
        path = "/topapi/message/send_to_single_conversation"
        assert (await world.post(path, fields, world.own)).json["msg_id"]
        assert (await inbox(world, "yi"))[0].cid == await a_cid(world, "yi", "jia")
        refused(await world.post(path, fields | {"receiver_userid": "jia"}, world.own), 49010)

    tale(body)


def test_whoever_has_left_the_corp_is_not_written_to() -> None:
    async def body(world: World) -> None:
        corp_id = world.corp.corp_id
        cid = await a_cid(world, "jia", "yi")
        await contacts.delete_member(world.core, corp_id, "yi")
        refused(await world.post(PATH, {"sender": "jia", "cid": cid, **TEXT}, world.own), 40017)

    tale(body)


def test_a_cid_of_another_corp_is_unknown() -> None:
    async def body(world: World) -> None:
        cid = await a_cid(world, "jia", "yi")
        with pytest.raises(Refusal) as no:
            await conversations.get(world.core, "ding-other", cid)
        assert no.value.code == 40016

    tale(body)


def test_a_muted_member_cannot_speak_and_a_muted_group_leaves_its_owner_the_word() -> None:
    async def body(world: World) -> None:
        chat = await a_chat(world)
        cid, chatid = chat["openConversationId"], chat["chatid"]
        say = {"cid": cid, **TEXT}
        ban = {"chatid": chatid, "userid_list": "jia", "type": 0, "ban_words_time": 60_000}
        assert (await world.post("/topapi/chat/updatebanwords", ban, world.own)).code == 0
        refused(await world.post(PATH, {**say, "sender": "jia"}, world.own), 34015)
        world.core.clock.travel(60_000)
        assert (await world.post(PATH, {**say, "sender": "jia"}, world.own)).code == 0
        update = {"chatid": chatid, "chatBannedType": 1}
        assert (await world.post("/chat/update", update, world.own)).code == 0
        refused(await world.post(PATH, {**say, "sender": "jia"}, world.own), 34015)
        assert (await world.post(PATH, {**say, "sender": "manager"}, world.own)).code == 0

    tale(body)


def test_unread_is_counted_by_conversation_and_reading_one_leaves_the_others() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        one, two = await a_cid(world, "jia", "yi"), await a_cid(world, "bing", "yi")
        for sender, cid in (("jia", one), ("jia", one), ("bing", two)):
            await world.post(PATH, {"sender": sender, "cid": cid, **TEXT}, world.own)
        work = {"agentid": world.app.agent_id, "touser": "yi", **TEXT}
        await world.post("/message/send", work, world.own)
        assert await messages.unread(core, corp_id, "yi") == {one: 2, two: 1, "": 1}
        assert await messages.mark_read(core, corp_id, "yi", cid=one) == 2
        assert await messages.mark_read(core, corp_id, "yi", cid=one) == 0
        assert await messages.unread(core, corp_id, "yi") == {two: 1, "": 1}
        first = (await inbox(world, "yi"))[0].message_id
        assert await messages.mark_read(core, corp_id, "yi", up_to=first) == 0
        assert await messages.mark_read(core, corp_id, "yi") == 2

    tale(body)
