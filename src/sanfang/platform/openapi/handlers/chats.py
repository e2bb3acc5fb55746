"""Group chats by chatid: /chat/* of 2016 and later, /topapi/chat/*."""

from __future__ import annotations

from typing import Any

from ...domain import chats, conversations, message_content, messages
from ...domain.conversations import DISBANDED, Conversation
from ...domain.message_content import CHAT
from ...domain.refusals import Refusal
from ..handling import Call, handler
from .messages import CONTENT, content_of

# In 2016 an ISV could keep chats too; the later page limits the same addresses to own apps.
KINDS = ("internal", "isv_corp")
ADMIN, PLAIN = 2, 3
OWN_GROUP = 2  # conversationTag: a group of the enterprise

OPTIONS = {
    "mentionAllAuthority": "mention_all_authority",
    "showHistoryType": "show_history_type",
    "validationType": "validation_type",
    "searchable": "searchable",
    "chatBannedType": "chat_banned_type",
    "managementType": "management_type",
}


@handler(
    "oapi_chat_create_post",
    types={"name": "string", "useridlist": "array of string"},
    optional=("name", "owner", "useridlist"),
    kinds=KINDS,
)
async def chat_create(call: Call) -> dict[str, Any]:
    args = call.args
    made = await chats.create_chat(
        call.core,
        call.identity.corp_id,
        name=args.get("name") or "",
        owner=args.get("owner") or "",
        userids=args.get("useridlist") or [],
        options=options_of(args),
        icon=args.get("icon") or "",
    )
    return {
        "chatid": made.chatid,
        "openConversationId": made.cid,
        "conversationTag": OWN_GROUP,
    }


@handler(
    "oapi_chat_update_post",
    types={
        "name": "string",
        "add_useridlist": "array of string",
        "del_useridlist": "array of string",
    },
    optional=("chatid",),
    kinds=KINDS,
)
async def chat_update(call: Call) -> dict[str, Any]:
    args = call.args
    chat = await by_chatid(call)
    await chats.update_chat(
        call.core,
        chat,
        name=args.get("name") or None,
        owner=args.get("owner") or None,
        add=args.get("add_useridlist") or [],
        remove=args.get("del_useridlist") or [],
        options=options_of(args),
        icon=args.get("icon") or None,
    )
    return {}


@handler("oapi_chat_get_get", optional=("chatid",), kinds=KINDS)
async def chat_get(call: Call) -> dict[str, Any]:
    chat = await by_chatid(call, alive=False)
    people = await chats.members(call.core, chat)
    agents = await chats.bound_agents(call.core, chat)
    info: dict[str, Any] = {
        "chatid": chat.chatid,
        "openConversationId": chat.cid,
        "name": chat.title,
        "owner": chat.owner,
        "useridlist": [each.userid for each in people],
        "extidlist": [],
        "agentidlist": [str(agent) for agent in agents],
        "conversationTag": OWN_GROUP,
        "icon": chat.icon,
        "status": chat.status,
    }
    return {"chat_info": info | {wire: chat.options.get(name, 0) for wire, name in OPTIONS.items()}}


@handler("oapi_chat_send_post", types=CONTENT, optional=("chatid",), kinds=KINDS)
async def chat_send(call: Call) -> dict[str, Any]:
    chatid = call.args.get("chatid") or ""
    if not chatid:
        raise Refusal(34001, "缺少 chatid。", "The chatid is missing.", facts={"missing": "chatid"})
    msgtype, body = message_content.read(content_of(call.args), CHAT)
    chat = await conversations.find_chat(call.core, call.identity.corp_id, chatid)
    if chat is None or chat.status == DISBANDED:
        raise Refusal(
            34013,
            f"该企业没有群 {chatid[:64]!r}，或已解散。",
            f"The corp has no chat {chatid[:64]!r}, or it was disbanded.",
        )
    people = await chats.members(call.core, chat)
    spoken = await conversations.write_to(
        call.core,
        chat,
        {each.userid for each in people},
        msgtype,
        body,
        app=messages.app_of(call.identity),
        agent_id=call.identity.agent_id,
    )
    return {"messageId": spoken.key}


@handler(
    "oapi_chat_get_read_list_get",
    types={"cursor": "integer", "size": "integer"},
    optional=("cursor", "size"),
    kinds=KINDS,
)
async def chat_read_list(call: Call) -> dict[str, Any]:
    args = call.args
    offset, size = args.get("cursor") or 0, args.get("size") or 100
    if offset < 0:
        raise Refusal(40068, "cursor 不能为负。", "cursor is not negative.")
    if not 1 <= size <= 100:
        raise Refusal(40069, "size 应为 1 到 100。", "size is from 1 to 100.")
    found = await messages.get_by_key(call.core, call.identity.corp_id, args["messageId"])
    if found is None:
        raise Refusal(
            40035, "没有这条群消息。", "There is no such message.", facts={"field": "messageId"}
        )
    read = await messages.readers(call.core, found.message_id, offset=offset, size=size + 1)
    more = {"next_cursor": offset + size} if len(read) > size else {}
    return {"readUserIdList": read[:size], **more}


@handler("oapi_chat_bind_get", types={"agentid": "integer"}, optional=("chatid",), kinds=KINDS)
async def chat_bind(call: Call) -> dict[str, Any]:
    agent_id = call.args["agentid"]
    await messages.check_agent(call.core, call.identity, agent_id)
    chat = await by_chatid(call)
    await chats.bind(call.core, chat, agent_id, call.identity.suite_key)
    return {}


@handler("oapi_chat_unbind_get", types={"agentid": "integer"}, optional=("chatid",), kinds=KINDS)
async def chat_unbind(call: Call) -> dict[str, Any]:
    agent_id = call.args["agentid"]
    await messages.check_agent(call.core, call.identity, agent_id)
    await chats.unbind(call.core, await by_chatid(call), agent_id)
    return {}


@handler(
    "oapi_topapi_chat_subadmin_update_post",
    types={"userids": "array of string", "role": "integer"},
    kinds=KINDS,
)
async def subadmin_update(call: Call) -> dict[str, Any]:
    await set_admins(call, await by_chatid(call), call.args["userids"])
    return {"success": True}


@handler("oapi_topapi_chat_updategroupnick_post", kinds=KINDS)
async def updategroupnick(call: Call) -> dict[str, Any]:
    nicks = {call.args["userid"]: call.args["group_nick"]}
    await chats.set_nicks(call.core, await by_chatid(call), nicks)
    return {"success": True}


@handler("oapi_topapi_chat_nick_batchupdate_post", types={"user_nick_model": "array of object"})
async def nick_batchupdate(call: Call) -> dict[str, Any]:
    rows = call.need("user_nick_model")
    nicks = {}
    for row in rows:
        userid, nick = (row.get("userid"), row.get("nick")) if isinstance(row, dict) else (0, 0)
        if not (isinstance(userid, str) and userid and isinstance(nick, str)):
            raise Refusal(
                40035,
                "user_nick_model 应为 [{userid, nick}, …]。",
                "user_nick_model is a list of {userid, nick}.",
            )
        nicks[userid] = nick
    await chats.set_nicks(call.core, await by_chatid(call), nicks)
    return {"success": True}


@handler("oapi_topapi_chat_updatebanwords_post", types={"userid_list": "array of string"})
async def updatebanwords(call: Call) -> dict[str, Any]:
    """Type 0 mutes for so many milliseconds, 1 lets speak again (the SDK's comment)."""
    args = call.args
    duration = 0 if args["type"] == 1 else max(0, args["ban_words_time"])
    await chats.mute(call.core, await by_chatid(call), args["userid_list"], duration)
    return {"success": True}


@handler("oapi_topapi_chat_banwords_query_post")
async def banwords_query(call: Call) -> dict[str, Any]:
    chat = await by_chatid(call)
    result: dict[str, Any] = {"all_ban_words": bool(chat.options.get("chat_banned_type"))}
    if call.args.get("userid"):
        member = await member_of(call, chat, call.args["userid"])
        result["user_ban_words"] = {
            "ban_words_status": member.muted_from <= call.now < member.muted_until,
            "start_time": member.muted_from,
            "end_time": member.muted_until,
        }
    return {"result": result, "success": True}


@handler("oapi_topapi_chat_qrcode_get_post", kinds=KINDS)
async def qrcode_get(call: Call) -> dict[str, Any]:
    chat = await by_chatid(call)
    await member_of(call, chat, call.args["userid"])
    return {"result": group_url(chat), "success": True}


@handler("oapi_topapi_chat_member_friendswitch_update_post", kinds=KINDS)
async def friendswitch_update(call: Call) -> dict[str, Any]:
    forbidden = {"add_friend_forbidden": int(call.args["is_prohibit"])}
    await chats.update_chat(call.core, await by_chatid(call), options=forbidden)
    return {"success": True}


@handler("oapi_topapi_chat_get_cid_post")
async def get_cid(call: Call) -> dict[str, Any]:
    return {"result": (await by_chatid(call)).cid, "success": True}


@handler("oapi_topapi_im_chat_cid_convert_post")
async def cid_convert(call: Call) -> dict[str, Any]:
    return {"result": (await by_chatid(call, name="chat_id")).cid}


@handler("oapi_topapi_chat_transform_post")
async def chat_transform(call: Call) -> dict[str, Any]:
    """The other way round: from openConversationId to chatid."""
    cid = call.args["open_conversation_id"]
    return {"result": (await conversations.get(call.core, call.identity.corp_id, cid)).chatid}


@handler("oapi_topapi_chat_message_recall_post")
async def message_recall(call: Call) -> dict[str, Any]:
    chat = await by_chatid(call)
    found = await messages.get_by_key(call.core, call.identity.corp_id, call.args["msgid"])
    if found is None or found.cid != chat.cid:
        raise Refusal(
            40035, "此群没有这条消息。", "The chat has no such message.", facts={"field": "msgid"}
        )
    await messages.recall(call.core, found)
    return {"success": True}


async def by_chatid(call: Call, *, name: str = "chatid", alive: bool = True) -> Conversation:
    """Return the chat a call is about; refuse 49000 (no chatid), 40016 (no such chat)."""
    chatid = call.args.get(name) or ""
    if not chatid:
        raise Refusal(49000, "缺少 chatid。", "The chatid is missing.", facts={"missing": name})
    found = await conversations.find_chat(call.core, call.identity.corp_id, chatid)
    if found is None or (alive and found.status == DISBANDED):
        raise conversations.unknown_conversation(chatid)
    return found


async def member_of(call: Call, chat: Conversation, userid: str) -> conversations.ChatMember:
    """Return a member of a chat; refuse 60124."""
    people = await chats.members(call.core, chat)
    found = next((each for each in people if each.userid == userid), None)
    if found is None:
        raise conversations.not_inside(userid)
    return found


async def set_admins(call: Call, chat: Conversation, userids: list[str]) -> None:
    """Set or unset admins by the wire's ``role``; refuse 40035."""
    role = call.args["role"]
    if role not in (ADMIN, PLAIN):
        raise Refusal(
            40035, "role 应为 2（管理员）或 3（普通成员）。", "role is 2 (admin) or 3 (member)."
        )
    await chats.set_admins(call.core, chat, userids, admin=role == ADMIN)


def options_of(args: dict[str, Any]) -> dict[str, int]:
    """Read the settings of a chat, each 0 or 1, by their names of /chat; refuse 40035."""
    return checked({name: args.get(wire) for wire, name in OPTIONS.items()})


def checked(given: dict[str, Any]) -> dict[str, int]:
    """Return the settings that were given; refuse 40035 for one that is not 0 or 1."""
    found = {name: value for name, value in given.items() if value is not None}
    for name, value in found.items():
        if value not in (0, 1, "0", "1", True, False):
            raise Refusal(
                40035, f"{name} 应为 0 或 1。", f"{name} is 0 or 1.", facts={"field": name}
            )
    return {name: int(value) for name, value in found.items()}


def group_url(chat: Conversation) -> str:
    """Return the address behind a chat's QR code: nobody answers there."""
    return f"https://qr.dingtalk.com/action/joingroup?code=sanfang-{chat.chatid}"
