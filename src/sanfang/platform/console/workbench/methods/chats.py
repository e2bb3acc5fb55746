"""Conversations: choose one, make a group, open one in the workbench (F20).

A conversation is only ever one that the member is in. Its ``cid`` is its openConversationId too, and
is what ``/message/send_to_conversation`` takes.
"""

from __future__ import annotations

from typing import Any

from ....domain import chats, conversations, inbox
from ....domain.conversations import GROUP, Conversation
from . import SYSTEM, Ask, Fail, Invocation
from .admitting import completes, serves, unfit
from .people import answered_users, card, seeing, seen

MOST_LISTED = 500
_TITLE = 20


async def mine(call: Invocation, *, only_groups: bool, only_own: bool) -> list[dict[str, Any]]:
    """Return the conversations a member may choose from, as the picker shows them: lately used first."""
    used = await inbox.conversations(call.core, call.frame.corp_id, call.frame.userid)
    place = {entry.cid: index for index, entry in enumerate(used)}
    found = await conversations.list_conversations(
        call.core, call.frame.corp_id, userid=call.frame.userid, limit=MOST_LISTED
    )
    shown = []
    for each in sorted(found, key=lambda one: place.get(one.cid, len(place))):
        if each.status == conversations.DISBANDED or (only_groups and each.kind != GROUP):
            continue
        if only_own and each.owner != call.frame.userid:
            continue
        people = await conversations.members_of(call.core.durable, each.cid)
        shown.append(
            {
                "cid": each.cid,
                "title": await title_of(call, each),
                "kind": each.kind,
                "count": len(people),
            }
        )
    return shown


async def title_of(call: Invocation, found: Conversation) -> str:
    """Return what a conversation is called by this member: a chat of two by the other one's name."""
    if found.title or found.kind == GROUP:
        return found.title
    people = await conversations.members_of(call.core.durable, found.cid)
    others = [each.name for each in people if each.userid != call.frame.userid]
    return others[0] if others else ""


async def own(call: Invocation, cid: str) -> Conversation:
    """Return a living conversation of the corp that the member is in; fail with "3"."""
    found = await conversations.find(call.core, call.frame.corp_id, cid)
    return await _inside(call, found, cid)


async def _inside(call: Invocation, found: Conversation | None, named: str) -> Conversation:
    if found is not None and found.status != conversations.DISBANDED:
        people = await conversations.members_of(call.core.durable, found.cid)
        if any(each.userid == call.frame.userid for each in people):
            return found
    raise Fail(
        SYSTEM,
        f"没有会话 {named[:64]}，或你不在其中 / there is no such conversation, or you are not in it",
        {
            "kind": "conversation",
            "code": SYSTEM,
            "sent": {"method": call.asked, "conversation": named[:64]},
            "zh": "本企业没有这个会话，或者当前成员不在其中。",
            "en": "The corp has no such conversation, or this member is not in it.",
            "faq": "F20",
        },
    )


@serves("biz.chat.pickConversation", "biz.chat.chooseConversationByCorpId")
async def choose(call: Invocation) -> Ask:
    """Offer the conversations the member is in."""
    by_chat = call.method.endswith("ByCorpId")
    filtered = bool(call.params.get("filterNotOwnerGroup"))
    return Ask(
        {
            "conversations": await mine(call, only_groups=by_chat, only_own=filtered),
            "confirm": bool(call.params.get("isConfirm", False)),
            "create": bool(call.params.get("isAllowCreateGroup", False)) or not by_chat,
        }
    )


@completes("biz.chat.pickConversation")
async def picked(call: Invocation, answer: Any) -> dict[str, str]:
    """Return ``cid`` and title; a member may be chosen instead, with whom it is opened."""
    found = await _answered(call, answer)
    return {"cid": found.cid, "title": await title_of(call, found)}


@completes("biz.chat.chooseConversationByCorpId")
async def chosen(call: Invocation, answer: Any) -> dict[str, str]:
    """Return every name of a group: chatId of 2016, openConversationId of 2026, cid."""
    found = await _answered(call, answer)
    return {
        "chatId": found.chatid,
        "openConversationId": found.cid,
        "cid": found.cid,
        "title": await title_of(call, found),
    }


async def _answered(call: Invocation, answer: Any) -> Conversation:
    if not isinstance(answer, dict):
        raise Fail(SYSTEM, "the picker gave no conversation")
    if answer.get("users"):
        return await _together(call, answer)
    return await own(call, str(answer.get("cid", "")))


async def _together(call: Invocation, answer: Any) -> Conversation:
    """Return the conversation with these members: the one of two, or a new group."""
    people = [
        each.userid
        for each in await answered_users(call, answer)
        if each.userid != call.frame.userid
    ]
    if len(people) == 1 and call.method != "biz.contact.createGroup":
        cid = await conversations.open_conversation(
            call.core, call.frame.corp_id, [call.frame.userid, *people]
        )
        return await own(call, cid)
    return await _new_group(call, people)


async def _new_group(call: Invocation, people: list[str]) -> Conversation:
    if not people:
        raise Fail(SYSTEM, "群聊至少要有另一名成员 / a group has at least one other member")
    names = [
        await conversations.name_of(call.core, call.frame.corp_id, userid)
        for userid in [call.frame.userid, *people[:4]]
    ]
    return await chats.create_chat(
        call.core,
        call.frame.corp_id,
        name="、".join(names)[:_TITLE],
        owner=call.frame.userid,
        userids=people,
        options={},
        most=chats.MEMBERS - 1,
        with_owner=True,
    )


@serves("biz.contact.createGroup")
async def choose_members(call: Invocation) -> Ask:
    """Offer the contacts, with those the page names chosen."""
    eyes = await seeing(call)
    picked_before = await seen(call, eyes, call.params.get("users", []))
    return Ask(
        {
            "picker": {
                "title": "发起群聊",
                "users": True,
                "departments": False,
                "multiple": True,
                "max": chats.MEMBERS - 1,
                "tips": "",
                "start": 1,
                "picked": [card(each) for each in picked_before],
                "pickedDepartments": [],
                "disabled": [call.frame.userid],
                "required": [],
                "disabledDepartments": [],
                "requiredDepartments": [],
            }
        }
    )


@completes("biz.contact.createGroup")
async def create_group(call: Invocation, answer: Any) -> dict[str, str]:
    """Make the group; its ``id`` is a chatid."""
    return {"id": (await _together(call, answer)).chatid}


@serves("biz.chat.toConversation")
async def to_conversation(call: Invocation) -> Ask:
    """Show the group with a chatId."""
    chat_id = call.params["chatId"]
    found = await conversations.find_chat(call.core, call.frame.corp_id, chat_id)
    return await opened(call, await _inside(call, found, chat_id))


@serves("biz.chat.toConversationByOpenConversationId")
async def to_open_conversation(call: Invocation) -> Ask:
    """Show the conversation with an openConversationId."""
    return await opened(call, await own(call, call.params["openConversationId"]))


@serves("biz.chat.openSingleChat")
async def open_single(call: Invocation) -> Ask:
    """Show the conversation with one member."""
    return await opened(call, await with_member(call, "userId", call.params["userId"]))


async def with_member(call: Invocation, field: str, userid: str) -> Conversation:
    """Return the conversation with a member who is seen; fail with "2" for another."""
    people = await seen(call, await seeing(call), [userid])
    if not people or userid == call.frame.userid:
        raise unfit(
            field,
            "不是你能看到的另一名企业成员",
            "the userid of another member of the corp whom you see",
        )
    cid = await conversations.open_conversation(
        call.core, call.frame.corp_id, [call.frame.userid, userid]
    )
    return await own(call, cid)


async def opened(call: Invocation, found: Conversation) -> Ask:
    """Have the workbench show a conversation."""
    return Ask({"cid": found.cid, "title": await title_of(call, found)})
