"""Group chats: one thing under all its names; rules, events, bindings."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.domain import contacts

from ..office.people import heard, subscribe
from ..openapi.world import World
from .people import TEXT, a_chat, inbox, read_all, refused, tale, v1_refused


async def info(world: World, chatid: str) -> dict[str, Any]:
    found = (await world.get("/chat/get", world.own, chatid=chatid)).json["chat_info"]
    assert isinstance(found, dict)
    return found


async def members(world: World, cid: str) -> list[str]:
    fields = {"openConversationId": cid, "maxResults": 100}
    reply = await world.v1("POST", "/v1.0/im/sceneGroups/members/batchQuery", fields, world.own)
    found: list[str] = reply.json["memberUserIds"]
    return found


def test_a_chat_made_under_the_old_name_is_seen_under_every_other() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world, searchable=1)
        chatid, cid = made["chatid"], made["openConversationId"]
        old = await info(world, chatid)
        assert (old["name"], old["owner"], old["searchable"]) == ("示例群", "manager", 1)
        assert old["useridlist"] == await members(world, cid) == ["jia", "manager", "yi"]
        scene = {"open_conversation_id": cid}
        seen = (await world.post("/topapi/im/chat/scenegroup/get", scene, world.own)).json["result"]
        assert (seen["title"], seen["owner_staff_id"]) == ("示例群", "manager")
        assert seen["management_options"]["searchable"] == "1"
        new = await world.v1(
            "POST", "/v1.0/im/sceneGroups/query", {"openConversationId": cid}, world.own
        )
        assert (new.json["title"], new.json["status"]) == ("示例群", 1)

    tale(body)


def test_chatid_and_open_conversation_id_lead_to_each_other() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        chatid, cid = made["chatid"], made["openConversationId"]
        new = await world.v1(
            "POST", f"/v1.0/im/chat/{chatid}/convertToOpenConversationId", None, world.own
        )
        assert new.json == {"openConversationId": cid}
        for path, fields, wanted in (
            ("/topapi/chat/get/cid", {"chatid": chatid}, cid),
            ("/topapi/im/chat/cid/convert", {"chat_id": chatid}, cid),
            ("/topapi/chat/transform", {"open_conversation_id": cid}, chatid),
        ):
            assert (await world.post(path, fields, world.own)).json["result"] == wanted
        lost = await world.v1(
            "POST", "/v1.0/im/chat/chatx/convertToOpenConversationId", None, world.own
        )
        v1_refused(lost, "invalideChatId")

    tale(body)


def test_a_change_under_one_name_is_seen_under_the_others() -> None:
    async def body(world: World) -> None:
        fields = {
            "name": "新群",
            "owner": "jia",
            "useridlist": ["jia", "yi"],
            "managementOptions": {"chatBannedType": 1},
        }
        made = (await world.v1("POST", "/v1.0/im/group/create", fields, world.own)).json
        chatid, cid = made["chatid"], made["openConversationId"]
        assert (await info(world, chatid))["chatBannedType"] == 1
        more = {"open_conversation_id": cid, "user_ids": "bing,manager"}
        added = await world.post("/topapi/im/chat/scenegroup/member/add", more, world.own)
        assert added.json["success"] is True
        assert (await info(world, chatid))["useridlist"] == ["bing", "jia", "manager", "yi"]
        change = {"chatid": chatid, "del_useridlist": ["yi"], "owner": "bing", "name": "改名"}
        assert (await world.v1("POST", "/v1.0/im/group/update", change, world.own)).status == 200
        now = await info(world, chatid)
        assert (now["owner"], now["name"]) == ("bing", "改名")
        assert await members(world, cid) == ["bing", "jia", "manager"]

    tale(body)


def test_a_scene_group_takes_its_owner_and_admins_in() -> None:
    async def body(world: World) -> None:
        fields = {
            "title": "场景群",
            "template_id": "template-1",
            "owner_user_id": "jia",
            "user_ids": "yi",
            "subadmin_ids": "bing",
            "searchable": 1,
        }
        made = await world.post("/topapi/im/chat/scenegroup/create", fields, world.isv)
        cid = made.json["result"]["open_conversation_id"]
        assert await members(world, cid) == ["bing", "jia", "yi"]
        query = {"open_conversation_id": cid}
        seen = (await world.post("/topapi/im/chat/scenegroup/get", query, world.isv)).json["result"]
        assert seen["sub_admin_staff_ids"] == ["bing"]
        down = {"openConversationId": cid, "userIds": ["bing"], "role": 3}
        assert (
            await world.v1("PUT", "/v1.0/im/sceneGroups/subAdmins", down, world.isv)
        ).status == 200
        up = {"chatid": made.json["result"]["chat_id"], "userids": "yi", "role": 2}
        assert (await world.post("/topapi/chat/subadmin/update", up, world.isv)).code == 0
        seen = (await world.post("/topapi/im/chat/scenegroup/get", query, world.isv)).json["result"]
        assert seen["sub_admin_staff_ids"] == ["yi"]

    tale(body)


def test_a_disbanded_group_is_dead_under_every_name() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        chatid, cid = made["chatid"], made["openConversationId"]
        end = {"openConversationId": cid}
        gone = await world.v1("POST", "/v1.0/im/chat/scenegroup/disband", end, world.own)
        assert gone.json == {"success": True}
        assert (await info(world, chatid))["status"] == 2
        refused(await world.post("/chat/send", {"chatid": chatid, "msg": TEXT}, world.own), 34013)
        refused(await world.post("/chat/update", {"chatid": chatid, "name": "x"}, world.own), 40016)
        again = await world.v1("POST", "/v1.0/im/chat/scenegroup/disband", end, world.own)
        v1_refused(again, "paramIllegal")

    tale(body)


@pytest.mark.parametrize("wrapped", [False, True], ids=["2016", "msg"])
def test_what_an_app_says_in_a_chat_reaches_all_and_tells_who_read_it(wrapped: bool) -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        content = {"msg": TEXT} if wrapped else TEXT
        sent = await world.post("/chat/send", {"chatid": made["chatid"], **content}, world.own)
        key = sent.json["messageId"]
        await read_all(world, "jia", "yi")
        assert (await inbox(world, "jia"))[0].cid == made["openConversationId"]
        page = await world.get("/chat/getReadList", world.own, messageId=key, cursor=0, size=1)
        assert (page.json["readUserIdList"], page.json["next_cursor"]) == (["jia"], 1)
        page = await world.get("/chat/getReadList", world.own, messageId=key, cursor=1, size=9)
        assert page.json["readUserIdList"] == ["yi"]
        assert "next_cursor" not in page.json
        recall = {"chatid": made["chatid"], "msgid": key}
        assert (await world.post("/topapi/chat/message/recall", recall, world.own)).code == 0
        assert (await inbox(world, "jia"))[0].recalled_at is not None

    tale(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, 49015),
        ({"name": "字" * 21}, 49015),
        ({"owner": None}, 49013),
        ({"owner": "nobody"}, 49018),
        ({"owner": "bing"}, 49006),
        ({"useridlist": []}, 49010),
        ({"useridlist": ["manager", "nobody"]}, 40031),
        ({"useridlist": [f"u{n}" for n in range(41)]}, 49011),
        ({"searchable": 7}, 40035),
    ],
)
def test_a_chat_that_cannot_be_made_is_refused(changes: dict[str, Any], code: int) -> None:
    async def body(world: World) -> None:
        fields = {"name": "群", "owner": "manager", "useridlist": ["manager"], **changes}
        refused(await world.post("/chat/create", fields, world.own), code)

    tale(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"chatid": None}, 49000),
        ({"chatid": "chatx"}, 40016),
        ({"add_useridlist": ["bing"], "del_useridlist": ["bing"]}, 49004),
        ({"del_useridlist": ["manager"]}, 49006),
        ({"owner": "bing"}, 49006),
        ({"add_useridlist": ["nobody"]}, 40031),
        ({"add_useridlist": [f"u{n}" for n in range(41)]}, 49011),
        ({"name": "字" * 21}, 49015),
    ],
)
def test_a_change_that_cannot_be_made_leaves_all_as_it_was(
    changes: dict[str, Any], code: int
) -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        before = await info(world, made["chatid"])
        fields = {"chatid": made["chatid"], "icon": "@new", **changes}
        refused(await world.post("/chat/update", fields, world.own), code)
        assert await info(world, made["chatid"]) == before

    tale(body)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"chatid": ""}, 34001),
        ({"chatid": "chatx"}, 34013),
        ({"msg": {"msgtype": "x"}}, 34004),
        ({"msg": {"msgtype": "image", "image": {}}}, 34008),
        ({"msg": {"msgtype": "text", "text": {"content": "x" * 5001}}}, 34016),
        ({"msg": {"msgtype": "text", "file": {}}}, 34014),
    ],
)
def test_what_cannot_be_said_in_a_chat_has_the_numbers_of_chats(
    fields: dict[str, Any], code: int
) -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        sent = {"chatid": made["chatid"], "msg": TEXT, **fields}
        refused(await world.post("/chat/send", sent, world.own), code)

    tale(body)


def test_changes_are_announced_to_whoever_subscribed() -> None:
    async def body(world: World) -> None:
        tags = ["chat_add_member", "chat_remove_member", "chat_update_owner", "chat_update_title"]
        await subscribe(world, *tags, "chat_disband")
        made = await a_chat(world)
        chatid = made["chatid"]
        change = {
            "chatid": chatid,
            "name": "改名",
            "owner": "jia",
            "add_useridlist": ["bing", "jia"],
            "del_useridlist": ["yi"],
        }
        assert (await world.post("/chat/update", change, world.own)).code == 0
        end = {"openConversationId": made["openConversationId"]}
        await world.v1("POST", "/v1.0/im/chat/scenegroup/disband", end, world.own)
        events = {each.pop("EventType"): each for each in await heard(world)}
        assert list(events) == [*tags, "chat_disband"]
        assert events["chat_add_member"]["UserId"] == ["bing"]
        assert events["chat_remove_member"]["UserId"] == ["yi"]
        assert events["chat_update_owner"]["Owner"] == "jia"
        assert events["chat_update_title"]["Title"] == "改名"
        assert {each["ChatId"] for each in events.values()} == {chatid}

    tale(body)


def test_a_refused_change_announces_nothing() -> None:
    async def body(world: World) -> None:
        await subscribe(world, "chat_add_member")
        made = await a_chat(world)
        fields = {"chatid": made["chatid"], "add_useridlist": ["bing"], "owner": "nobody"}
        refused(await world.post("/chat/update", fields, world.own), 49006)
        assert await heard(world) == []

    tale(body)


def test_an_isv_binds_its_micro_app_once_as_in_2016() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        asked = {"chatid": made["chatid"], "agentid": world.agent.agent_id}
        for _ in range(2):
            assert (await world.get("/chat/bind", world.isv, **asked)).code == 0
        assert (await info(world, made["chatid"]))["agentidlist"] == [str(world.agent.agent_id)]
        refused(await world.get("/chat/bind", world.own, **asked), 40056)
        assert (await world.get("/chat/unbind", world.isv, **asked)).code == 0
        refused(await world.get("/chat/unbind", world.isv, **asked), 40056)

    tale(body)


def test_who_leaves_the_corp_leaves_its_chats() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        await contacts.delete_member(world.core, world.corp.corp_id, "yi")
        assert (await info(world, made["chatid"]))["useridlist"] == ["jia", "manager"]
        assert await members(world, made["openConversationId"]) == ["jia", "manager"]

    tale(body)


def test_nicknames_in_a_group_under_both_names() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        nick = {"chatid": made["chatid"], "userid": "jia", "group_nick": "小甲"}
        assert (await world.post("/topapi/chat/updategroupnick", nick, world.own)).code == 0
        fields = {"openConversationId": made["openConversationId"], "maxResults": 2}
        path = "/v1.0/im/sceneGroups/members/batchQuery"
        page = (await world.v1("POST", path, fields, world.own)).json
        assert page["staffIdNickMap"]["jia"] == "小甲"
        assert (page["hasMore"], page["nextToken"]) == (True, "2")
        rest = await world.v1("POST", path, {**fields, "nextToken": "2"}, world.own)
        assert (rest.json["memberUserIds"], rest.json["hasMore"]) == (["yi"], False)
        refused(
            await world.post("/topapi/chat/updategroupnick", nick | {"userid": "bing"}, world.own),
            60124,
        )

    tale(body)


def test_muting_under_both_names() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        cid = made["openConversationId"]
        mute = {
            "openConversationId": cid,
            "userIdList": ["jia"],
            "muteStatus": 1,
            "muteDuration": 5000,
        }
        path = "/v1.0/im/sceneGroups/muteMembers/set"
        assert (await world.v1("POST", path, mute, world.own)).status == 200
        asked = {"chatid": made["chatid"], "userid": "jia"}
        old = (await world.post("/topapi/chat/banwords/query", asked, world.own)).json["result"]
        assert old["user_ban_words"]["ban_words_status"] is True
        await world.v1("POST", path, {**mute, "muteStatus": 0}, world.own)
        target = f"/v1.0/im/sceneGroups/muteSettings?userId=jia&openConversationId={cid}"
        new = (await world.v1("GET", target, None, world.own)).json
        assert new["userMuteResult"]["userMuteMode"] is False

    tale(body)
