"""Robots: webhooks of a group (/robot/send), and robots of apps to members and groups (/v1.0/robot)."""

from __future__ import annotations

from typing import Any

from ...domain import conversations, messages, robot_content, robots
from ...domain.messages import Message
from ...domain.refusals import Refusal
from ..handling import Call, handler

PER_RECALL = 20
WEBHOOK = 4  # openRobotType of a custom robot
# The domain has a number of its own for each lack.
_WEBHOOK = {"msgtype": "string", "at": "object", **dict.fromkeys(robot_content.WEBHOOK, "object")}
_TEMPLATE = {"msgParam": "string", "userIds": "array of string"}
_KEYS = {"processQueryKeys": "array of string"}
_CID = {40016: "invalid.openConversationId"}


@handler("oapi_robot_send_post", types=_WEBHOOK, optional=("msgtype",), kinds=())
async def robot_send(call: Call) -> dict[str, Any]:
    """The token is in the webhook's address and stands for the robot, not for an app."""
    args = call.args
    token = args.get("access_token")
    if not isinstance(token, str) or not token:
        raise Refusal(
            400101,
            "webhook 地址里没有 access_token。",
            "There is no access_token in the webhook's address.",
        )
    robot = await robots.find_webhook(call.core, token)
    msgtype, body = robot_content.read_webhook(args)
    robots.check_proofs(
        robot,
        text=robot_content.words(body),
        timestamp=str(args.get("timestamp") or ""),
        sign=str(args.get("sign") or ""),
        ip=call.client_ip,
        now=call.now,
    )
    await robots.post(call.core, robot, msgtype, body)
    return {}


@handler("v1_0_robot_o_to_messages_batch_send_post", types=_TEMPLATE)
async def batch_send(call: Call) -> dict[str, Any]:
    msgtype, body = _content(call)
    sent = await robots.send_to_members(
        call.core, call.identity, call.args["userIds"], msgtype, body
    )
    return {
        "processQueryKey": sent.key,
        "invalidStaffIdList": sent.invalid,
        "flowControlledStaffIdList": [],
    }


@handler("v1_0_robot_group_messages_send_post", types=_TEMPLATE, v1=_CID)
async def group_send(call: Call) -> dict[str, Any]:
    return await _say(call, "group")


@handler("v1_0_robot_private_chat_messages_send_post", v1=_CID)
async def private_send(call: Call) -> dict[str, Any]:
    """In the conversation of two members; both see it."""
    return await _say(call, "private")


@handler("v1_0_robot_o_to_messages_read_status_get")
async def read_status(call: Call) -> dict[str, Any]:
    found = await _sent(call, "oto")
    got = await messages.readings(call.core, found.message_id)
    return {
        "sendStatus": _status(found),
        "messageReadInfoList": [
            {
                "userId": each.userid,
                "name": await conversations.name_of(call.core, found.corp_id, each.userid),
                "readStatus": "UNREAD" if each.read_at is None else "READ",
                **({} if each.read_at is None else {"readTimestamp": each.read_at}),
            }
            for each in got
        ],
    }


@handler("v1_0_robot_group_messages_query_post")
async def group_query(call: Call) -> dict[str, Any]:
    return await _read_page(call, "group")


@handler("v1_0_robot_private_chat_messages_query_post")
async def private_query(call: Call) -> dict[str, Any]:
    return await _read_page(call, "private")


@handler("v1_0_robot_oto_messages_batch_recall_post", types=_KEYS)
async def batch_recall(call: Call) -> dict[str, Any]:
    return await _recall(call, "oto")


@handler("v1_0_robot_group_messages_recall_post")
async def group_recall(call: Call) -> dict[str, Any]:
    return await _recall(call, "group")


@handler("v1_0_robot_private_chat_messages_batch_recall_post")
async def private_recall(call: Call) -> dict[str, Any]:
    return await _recall(call, "private")


@handler("v1_0_robot_groups_robots_query_post", v1=_CID)
async def robots_query(call: Call) -> dict[str, Any]:
    cid = call.args["openConversationId"]
    await conversations.get(call.core, call.identity.corp_id, cid)
    found = await robots.webhooks_of(call.core, cid)
    return {
        "chatbotInstanceVOList": [
            {
                "robotCode": f"webhook-{each.robot_id}",
                "name": each.name,
                "downloadIconURL": "",
                "openRobotType": WEBHOOK,
            }
            for each in found
        ]
    }


def _content(call: Call) -> tuple[str, dict[str, object]]:
    """Check robotCode, msgKey and msgParam; return what is kept as msgtype and body."""
    args = call.args
    robots.check_code(call.identity, args["robotCode"])
    return args["msgKey"], robot_content.read_template(args["msgKey"], args["msgParam"])


async def _say(call: Call, channel: str) -> dict[str, Any]:
    msgtype, body = _content(call)
    cid = call.args["openConversationId"]
    spoken = await robots.send_to_conversation(
        call.core, call.identity, cid, msgtype, body, channel=channel
    )
    return {"processQueryKey": spoken.key}


async def _sent(call: Call, channel: str) -> Message:
    """Return what a processQueryKey names; refuse one that is not of this app's robot."""
    args = call.args
    if args.get("robotCode"):
        robots.check_code(call.identity, args["robotCode"])
    found = await _find(call, channel, args["processQueryKey"])
    if found is None:
        raise Refusal(
            40035,
            "没有这条消息：processQueryKey 不是此机器人发送时得到的。",
            "There is no such message: the processQueryKey is not one this robot was given.",
            facts={"v1": "invalid.processQueryKey"},
        )
    return found


async def _find(call: Call, channel: str, key: str) -> Message | None:
    found = await messages.get_by_key(call.core, call.identity.corp_id, key)
    if found is None or found.channel != channel:
        return None
    cid = call.args.get("openConversationId")
    mine = found.app == messages.app_of(call.identity) and (not cid or found.cid == cid)
    return found if mine else None


async def _read_page(call: Call, channel: str) -> dict[str, Any]:
    found = await _sent(call, channel)
    token = str(call.args.get("nextToken") or "")
    if token and not (token.isascii() and token.isdigit() and len(token) < 10):
        raise Refusal(
            40035, "nextToken 应为上一页返回的值。", "nextToken is what the page before gave."
        )
    size = call.args.get("maxResults") or 200
    if not 1 <= size <= 200:
        raise Refusal(40035, "maxResults 应为 1 到 200。", "maxResults is from 1 to 200.")
    start = int(token or 0)
    read = await messages.readers(call.core, found.message_id, offset=start, size=size + 1)
    more = len(read) > size
    return {
        "sendStatus": _status(found),
        "readUserIds": read[:size],
        "hasMore": more,
        **({"nextToken": str(start + size)} if more else {}),
    }


async def _recall(call: Call, channel: str) -> dict[str, Any]:
    """Take back what can be; each of the others is told with its reason."""
    args = call.args
    robots.check_code(call.identity, args["robotCode"])
    keys: list[str] = args["processQueryKeys"]
    if not 1 <= len(keys) <= PER_RECALL:
        raise Refusal(
            40035,
            f"processQueryKeys 应有 1 到 {PER_RECALL} 个。",
            f"processQueryKeys has 1 to {PER_RECALL} keys.",
            facts={"v1": "invalidParameter.processQueryKeys.overMax"},
        )
    done: list[str] = []
    failed: dict[str, str] = {}
    for key in dict.fromkeys(keys):
        found = await _find(call, channel, key)
        if found is None:
            failed[key] = "invalid.processQueryKey"
        else:
            await messages.recall(call.core, found)
            done.append(key)
    return {"successResult": done, "failedResult": failed}


def _status(message: Message) -> str:
    return "SUCCESS" if message.recalled_at is None else "RECALLED"
