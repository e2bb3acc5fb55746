"""The same chats by openConversationId: /v1.0/im/*, scene groups of both generations.

A template_id is taken as it is: group templates are made on a page of the developer's console and
the sandbox has none to compare with.
"""

from __future__ import annotations

from typing import Any

from ...domain import chats, conversations, messages, robot_content, robots, rows
from ...domain.conversations import ChatMember, Conversation
from ...domain.refusals import Refusal
from ..handling import Call, handler
from .chats import (
    OPTIONS,
    OWN_GROUP,
    by_chatid,
    checked,
    group_url,
    member_of,
    options_of,
    set_admins,
)

TITLE, MEMBERS, BATCH = 30, 999, 100
_MORE_OPTIONS = (
    *("only_admin_can_ding", "all_members_can_create_mcs_conf", "all_members_can_create_calendar"),
    *("group_email_disabled", "only_admin_can_set_msg_top", "add_friend_forbidden"),
    *("group_live_switch", "members_to_admin_chat", "plugin_customize_verify"),
    *("not_quit_when_emp_leave", "only_admin_can_add_mem"),
)
_IDS = "array of string"
_CSV = {"user_ids": _IDS, "subadmin_ids": _IDS, "icon": "string", "title": "string"}
_PEOPLE = {"name": "string", "useridlist": _IDS, "add_useridlist": _IDS, "del_useridlist": _IDS}
_ROLE = {"userIds": _IDS, "unionIds": _IDS, "role": "integer"}
_INVALID = "parameter.invalid"
_GROUP = dict.fromkeys((40016, 40031, 40035, 49004, 49005, 49006, 49010, 49011), _INVALID)
_V1 = {**_GROUP, 49013: _INVALID, 49015: _INVALID, 49018: _INVALID, 49000: _INVALID}
_SCENE = {**_V1, 40031: "member.notFound", 49005: "member.exceed", 49011: "member.exceed"}
_CID = {40016: "invalid.openConversationId"}
_OPEN_CID = {
    40016: "invalidOpenConversationId",
    40031: "userNotInGroup",
    49011: "subAdminNumberExcessive",
}


@handler("v1_0_im_group_create_post", types=_PEOPLE, v1=_V1)
async def group_create(call: Call) -> dict[str, Any]:
    args = call.args
    made = await chats.create_chat(
        call.core,
        call.identity.corp_id,
        name=args["name"],
        owner=args["owner"],
        userids=args["useridlist"],
        options=options_of(args.get("managementOptions") or {}),
        icon=args.get("icon") or "",
    )
    return {"chatid": made.chatid, "openConversationId": made.cid, "conversationTag": OWN_GROUP}


@handler("v1_0_im_group_update_post", types=_PEOPLE, v1=_V1)
async def group_update(call: Call) -> dict[str, Any]:
    args = call.args
    await chats.update_chat(
        call.core,
        await by_chatid(call),
        name=args.get("name") or None,
        owner=args.get("owner") or None,
        add=args.get("add_useridlist") or [],
        remove=args.get("del_useridlist") or [],
        options=options_of(args.get("managementOptions") or {}),
        icon=args.get("icon") or None,
    )
    return {"success": True}


@handler(
    "v1_0_im_chat_by_chat_id_convert_to_open_conversation_id_post",
    v1={40016: "invalideChatId", 49000: "invalideChatId"},
)
async def convert_to_open_conversation_id(call: Call) -> dict[str, Any]:
    return {"openConversationId": (await by_chatid(call, name="chatId")).cid}


@handler("v1_0_im_scene_group_create_post", types=_CSV, v1=_SCENE)
async def scene_group_create(call: Call) -> dict[str, Any]:
    made = await _create(call, call.args.get("management_options") or {})
    return {"open_conversation_id": made.cid, "chat_id": made.chatid}


@handler("oapi_topapi_im_chat_scenegroup_create_post", types=_CSV)
async def scenegroup_create(call: Call) -> dict[str, Any]:
    made = await _create(call, call.args)
    return {
        "result": {"open_conversation_id": made.cid, "chat_id": made.chatid},
        "success": True,
    }


@handler("v1_0_im_scene_group_update_post", types=_CSV, v1=_SCENE)
async def scene_group_update(call: Call) -> dict[str, Any]:
    await _update(call, call.args.get("management_options") or {})
    return {"success": True}


@handler("oapi_topapi_im_chat_scenegroup_update_post", types=_CSV)
async def scenegroup_update(call: Call) -> dict[str, Any]:
    await _update(call, call.args)
    return {"success": True}


@handler("v1_0_im_scene_group_member_add_post", v1=_SCENE)
async def scene_group_member_add(call: Call) -> dict[str, Any]:
    await _members(call, add=True)
    return {"success": True}


@handler("oapi_topapi_im_chat_scenegroup_member_add_post", types=_CSV)
async def scenegroup_member_add(call: Call) -> dict[str, Any]:
    await _members(call, add=True)
    return {"success": True}


@handler("v1_0_im_scene_group_member_delete_post", v1=_SCENE)
async def scene_group_member_delete(call: Call) -> dict[str, Any]:
    await _members(call, add=False)
    return {"success": True}


@handler("oapi_topapi_im_chat_scenegroup_member_delete_post", types=_CSV)
async def scenegroup_member_delete(call: Call) -> dict[str, Any]:
    await _members(call, add=False)
    return {"success": True}


@handler("oapi_topapi_im_chat_scenegroup_get_post")
async def scenegroup_get(call: Call) -> dict[str, Any]:
    chat = await _chat(call, "open_conversation_id")
    people = await chats.members(call.core, chat)
    return {
        "result": {
            "open_conversation_id": chat.cid,
            "title": chat.title,
            "icon": chat.icon,
            "template_id": chat.template_id,
            "owner_staff_id": chat.owner,
            "sub_admin_staff_ids": [each.userid for each in people if each.is_admin],
            "group_url": group_url(chat),
            "member_amount": len(people),
            "management_options": {
                name: str(chat.options.get(name, 0)) for name in OPTIONS.values()
            },
        },
        "success": True,
    }


@handler("v1_0_im_scene_groups_query_post", v1={40016: "paramIllegal"})
async def scene_groups_query(call: Call) -> dict[str, Any]:
    chat = await conversations.find(
        call.core, call.identity.corp_id, call.args["openConversationId"]
    )
    if chat is None:
        raise conversations.unknown_conversation(call.args["openConversationId"])
    return {
        "success": True,
        "openConversationId": chat.cid,
        "templateId": chat.template_id,
        "title": chat.title,
        "ownerUserId": chat.owner,
        "icon": chat.icon,
        "groupUrl": group_url(chat),
        "status": chat.status,
    }


@handler("oapi_topapi_im_chat_scenegroup_member_get_post")
async def scenegroup_member_get(call: Call) -> dict[str, Any]:
    args = call.args
    page, more = await _page(call, "open_conversation_id", args["cursor"], args["size"])
    return {
        "result": {
            "member_user_ids": [each.userid for each in page],
            "union_ids": [each.unionid for each in page],
            "member_contact_staff_ids": [],
            "has_more": bool(more),
            "next_cursor": more,
        },
        "success": True,
    }


@handler("v1_0_im_scene_groups_members_batch_query_post", v1=_CID)
async def scene_groups_members(call: Call) -> dict[str, Any]:
    args = call.args
    page, more = await _page(
        call, "openConversationId", args.get("nextToken") or "", args["maxResults"]
    )
    return {
        "success": True,
        "memberUserIds": [each.userid for each in page],
        "unionIdList": [each.unionid for each in page],
        "staffIdNickMap": {each.userid: each.nick or each.name for each in page},
        "unionIdNickMap": {each.unionid: each.nick or each.name for each in page},
        "hasMore": bool(more),
        **({"nextToken": more} if more else {}),
    }


@handler("v1_0_im_scene_groups_members_group_nicks_put", v1={**_CID, 60124: "userNotInGroup"})
async def group_nicks(call: Call) -> dict[str, Any]:
    nicks = {call.args["userId"]: call.args["groupNick"]}
    await chats.set_nicks(call.core, await _chat(call), nicks)
    return {"success": True}


@handler("v1_0_im_scene_groups_sub_admins_put", types=_ROLE, v1=_OPEN_CID)
async def sub_admins(call: Call) -> dict[str, Any]:
    chat = await _chat(call)
    await set_admins(call, chat, await _userids(call, chat, "userIds", "unionIds"))
    return {"success": True}


@handler(
    "v1_0_im_sub_administrators_post",
    types=_ROLE,
    v1={
        40016: "invalidParameter.openConversationId.invalid",
        40031: "invalid.staffid",
        40035: "invalidParamter.role",
        49011: "subadmin.exceed",
    },
)
async def sub_administrators(call: Call) -> dict[str, Any]:
    await set_admins(call, await _chat(call), call.args["userIds"])
    return {"success": "true"}


@handler("v1_0_im_scene_groups_mute_members_set_post", v1={**_CID, 60124: "userNotInGroup"})
async def mute_members(call: Call) -> dict[str, Any]:
    args = call.args
    if args["muteStatus"] not in (0, 1):
        raise Refusal(40035, "muteStatus 应为 0 或 1。", "muteStatus is 0 or 1.")
    duration = max(0, args["muteDuration"]) if args["muteStatus"] else 0
    await chats.mute(call.core, await _chat(call), args["userIdList"], duration)
    return {}


@handler("v1_0_im_scene_groups_mute_settings_get", v1={**_CID, 60124: "userNotInGroup"})
async def mute_settings(call: Call) -> dict[str, Any]:
    chat = await _chat(call)
    member = await member_of(call, chat, call.args["userId"])
    return {
        "groupMuteMode": bool(chat.options.get("chat_banned_type")),
        "userMuteResult": {
            "userMuteMode": member.muted_from <= call.now < member.muted_until,
            "muteStartTime": member.muted_from,
            "muteEndTime": member.muted_until,
        },
    }


@handler("v1_0_im_chat_scenegroup_disband_post", v1={40016: "paramIllegal"})
async def scenegroup_disband(call: Call) -> dict[str, Any]:
    await chats.disband(call.core, await _chat(call))
    return {"success": True}


@handler("oapi_topapi_im_chat_scencegroup_message_send_v2_post", types={"msg_param_map": "any"})
async def scenegroup_message_send(call: Call) -> dict[str, Any]:
    """The group's robot speaks, in a template's words or in one of the samples."""
    args = call.args
    robots.check_code(call.identity, args["robot_code"])
    given = args.get("msg_param_map")
    text = given if isinstance(given, str) else rows.json_text(given or {})
    body = robot_content.read_template(args["msg_template_id"], text)
    spoken = await robots.send_to_conversation(
        call.core,
        call.identity,
        args["target_open_conversation_id"],
        args["msg_template_id"],
        body,
        only=args.get("receiver_user_ids") or (),
    )
    return {"open_msg_id": spoken.key, "success": True}


@handler("oapi_topapi_im_chat_scencegroup_message_query_post")
async def scenegroup_message_query(call: Call) -> dict[str, Any]:
    chat = await _chat(call, "open_conversation_id")
    found = await messages.get_by_key(call.core, chat.corp_id, call.args["open_msg_id"])
    if found is None or found.cid != chat.cid:
        raise Refusal(
            40035,
            "此群没有这条消息。",
            "The group has no such message.",
            facts={"field": "open_msg_id"},
        )
    message = {"create_at": str(found.created_at), "msg_content": rows.json_text(found.body)}
    return {"im_message": message, "succ": True}


async def _chat(call: Call, name: str = "openConversationId") -> Conversation:
    return await conversations.get(call.core, call.identity.corp_id, call.args[name])


async def _create(call: Call, options: dict[str, Any]) -> Conversation:
    args = call.args
    return await chats.create_chat(
        call.core,
        call.identity.corp_id,
        name=args["title"],
        owner=args["owner_user_id"],
        userids=args.get("user_ids") or [],
        admins=args.get("subadmin_ids") or [],
        options=_options(options),
        icon=args.get("icon") or "",
        template_id=args["template_id"],
        longest=TITLE,
        most=MEMBERS,
        with_owner=True,
    )


async def _update(call: Call, options: dict[str, Any]) -> None:
    args = call.args
    chat = await _chat(call, "open_conversation_id")
    owner = args.get("owner_user_id")
    if not owner and args.get("owner_union_id"):
        owner = (await _by_unionids(call, chat, [args["owner_union_id"]]))[0]
    await chats.update_chat(
        call.core,
        chat,
        name=args.get("title") or None,
        owner=owner or None,
        options=_options(options),
        icon=args.get("icon") or None,
        longest=TITLE,
    )


async def _members(call: Call, *, add: bool) -> None:
    chat = await _chat(call, "open_conversation_id")
    userids = await _userids(call, chat, "user_ids", "union_ids", inside=not add)
    if not userids:
        raise Refusal(
            49010, "user_ids 不能为空。", "user_ids is empty.", facts={"missing": "user_ids"}
        )
    added, removed = (userids, []) if add else ([], userids)
    await chats.update_chat(call.core, chat, most=BATCH, add=added, remove=removed)


async def _userids(
    call: Call, chat: Conversation, users: str, unions: str, *, inside: bool = True
) -> list[str]:
    found: list[str] = list(call.args.get(users) or [])
    unionids = call.args.get(unions) or []
    return found + await _by_unionids(call, chat, unionids, inside=inside)


async def _by_unionids(
    call: Call, chat: Conversation, unionids: list[str], *, inside: bool = True
) -> list[str]:
    if not unionids:
        return []
    if not inside:
        return await conversations.userids_of(call.core, chat.corp_id, unionids)
    known = {each.unionid: each.userid for each in await chats.members(call.core, chat)}
    unknown = [each for each in unionids if each not in known]
    if unknown:
        raise Refusal(40031, f"{unknown[:5]} 不在群中。", f"{unknown[:5]} are not in the group.")
    return [known[each] for each in unionids]


async def _page(call: Call, name: str, cursor: str, size: int) -> tuple[list[ChatMember], str]:
    """Return a page of members and the cursor of the next; refuse 40068, 40069."""
    chat = await _chat(call, name)
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Refusal(40068, "游标应为上一页返回的值。", "The cursor is what the page before gave.")
    if not 1 <= size <= 1000:
        raise Refusal(40069, "每页应为 1 到 1000。", "A page has 1 to 1000 members.")
    start = int(cursor or 0)
    people = await chats.members(call.core, chat)
    more = str(start + size) if start + size < len(people) else ""
    return people[start : start + size], more


def _options(given: dict[str, Any]) -> dict[str, int]:
    return checked({name: given.get(name) for name in (*OPTIONS.values(), *_MORE_OPTIONS)})
