"""Messages of an app to members and of a member to a conversation: the calls of 2016."""

from __future__ import annotations

from typing import Any

from ...domain import conversations, message_content, messages
from ...domain.message_content import APP
from ...domain.refusals import Refusal
from ..handling import Call, handler

EVERYBODY = "@all"


# What is in a message is checked by the domain, which has a number for each lack.
CONTENT = {"msgtype": "string", "msg": "object", **dict.fromkeys(message_content.KINDS, "object")}
_RECEIVERS = {"agentid": "integer", "touser": "array of string", "toparty": "array of integer"}


@handler("oapi_message_send_post", types={**CONTENT, **_RECEIVERS}, optional=("msgtype",))
async def message_send(call: Call) -> dict[str, Any]:
    args = call.args
    users: list[str] = args.get("touser") or []
    msgtype, body = message_content.read(args, APP)
    sent = await messages.send(
        call.core,
        call.identity,
        agent_id=args["agentid"],
        touser=[each for each in users if each != EVERYBODY],
        toparty=args.get("toparty") or [],
        to_all=EVERYBODY in users,
        msgtype=msgtype,
        body=body,
    )
    return {
        "invaliduser": "|".join(sent.invalid_users),
        "invalidparty": "|".join(map(str, sent.invalid_parties)),
        "forbiddenUserId": "|".join(sent.forbidden_users),
        "messageId": str(sent.message_id),
    }


@handler("oapi_message_send_to_conversation_post", optional=("sender", "cid"), types=CONTENT)
async def send_to_conversation(call: Call) -> dict[str, Any]:
    args = call.args
    msgtype, body = message_content.read(content_of(args), APP)
    spoken = await conversations.say(
        call.core,
        call.identity.corp_id,
        sender=args.get("sender") or "",
        cid=args.get("cid") or "",
        msgtype=msgtype,
        body=body,
        app=messages.app_of(call.identity),
    )
    return {"receiver": "|".join(spoken.receivers)}


@handler("oapi_topapi_message_send_to_single_conversation_post", types=CONTENT)
async def send_to_single_conversation(call: Call) -> dict[str, Any]:
    """From one member to another, in the conversation both already have or now get."""
    args, corp_id = call.args, call.identity.corp_id
    msgtype, body = message_content.read(content_of(args), APP)
    people = [args["sender_userid"], args["receiver_userid"]]
    spoken = await conversations.say(
        call.core,
        corp_id,
        sender=people[0],
        cid=await conversations.open_conversation(call.core, corp_id, people),
        msgtype=msgtype,
        body=body,
        app=messages.app_of(call.identity),
    )
    return {"msg_id": spoken.key}


@handler("oapi_message_list_message_status_post", types={"messageId": "string"})
async def list_message_status(call: Call) -> dict[str, Any]:
    """Who has read a message; no document shows the answer, its names are an old SDK's."""
    text = call.need("messageId")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    found = await messages.get_message(call.core, call.identity.corp_id, number)
    if found is None or found.app != messages.app_of(call.identity):
        raise unknown_message("messageId", text)
    unread = [each for each in found.receivers if each not in set(found.read_by)]
    return {"read": found.read_by, "unread": unread}


def content_of(args: dict[str, Any]) -> dict[str, Any]:
    """Return where a message's content is: in ``msg``, as later documents have it, or beside it."""
    inner = args.get("msg")
    return inner if isinstance(inner, dict) and inner else args


def unknown_message(field: str, value: object) -> Refusal:
    """Refuse for a message that is not this app's."""
    shown = str(value)[:40]
    return Refusal(
        40035,
        f"{field} {shown!r} 不是此应用发出的消息。",
        f"{field} {shown!r} is no message of this app.",
        facts={"field": field},
    )
