"""Work notifications: sent as a task, with progress, result and recall (corpconversation)."""

from __future__ import annotations

from typing import Any

from ...domain import message_content, messages
from ...domain.message_content import APP
from ...domain.messages import Message
from ...domain.refusals import Refusal
from ..handling import Call, handler

USERS, PARTIES = 100, 20  # of one task
_LISTS = {
    "userid_list": "array of string",
    "user_id_list": "array of string",
    "dept_id_list": "array of integer",
    "msg": "object",
    "msgcontent": "any",
    "data": "any",
}
DONE = 2
TASKS = ("work", "template")


@handler("oapi_topapi_message_corpconversation_asyncsend_v2_post", types=_LISTS)
async def asyncsend_v2(call: Call) -> dict[str, Any]:
    msgtype, body = message_content.read(call.args["msg"], APP)
    return {"task_id": await send_task(call, msgtype, body)}


@handler(
    "oapi_topapi_message_corpconversation_asyncsend_post", types=_LISTS, optional=("msgcontent",)
)
async def asyncsend(call: Call) -> dict[str, Any]:
    args = call.args
    content = {"msgtype": args["msgtype"], args["msgtype"]: args.get("msgcontent")}
    msgtype, body = message_content.read(content, APP)
    return {"task_id": await send_task(call, msgtype, body)}


@handler("oapi_topapi_message_corpconversation_sendbytemplate_post", types=_LISTS)
async def sendbytemplate(call: Call) -> dict[str, Any]:
    args = call.args
    body = {"template_id": args["template_id"], "data": args.get("data")}
    return {"task_id": await send_task(call, "template", body, channel="template")}


@handler("oapi_topapi_message_corpconversation_getsendprogress_post")
async def getsendprogress(call: Call) -> dict[str, Any]:
    """A task is done the moment it is accepted: the inbox is in the same transaction."""
    await _task(call, "task_id")
    return {"progress": {"progress_in_percent": 100, "status": DONE}}


@handler("oapi_topapi_message_corpconversation_getsendresult_post")
async def getsendresult(call: Call) -> dict[str, Any]:
    return {"send_result": await send_result(call)}


@handler("oapi_topapi_message_corpconversation_recall_post")
async def recall(call: Call) -> dict[str, Any]:
    await messages.recall(call.core, await _task(call, "msg_task_id"))
    return {}


@handler("oapi_topapi_message_corpconversation_status_bar_update_post")
async def update_status_bar(call: Call) -> dict[str, Any]:
    """Only an OA message has a status bar."""
    args = call.args
    task = await _task(call, "task_id")
    if task.msgtype != "oa" or not isinstance(task.body, dict):
        raise Refusal(
            400002,
            f"任务 {task.message_id} 是 {task.msgtype} 消息；只有 OA 消息有状态栏。",
            f"Task {task.message_id} is a {task.msgtype} message; only oa has a status bar.",
        )
    bar = {"status_value": args["status_value"], "status_bg": args.get("status_bg") or ""}
    await messages.rewrite(call.core, task, {**task.body, "status_bar": bar})
    return {}


async def send_result(call: Call) -> dict[str, Any]:
    """Return what became of a task."""
    task = await _task(call, "task_id")
    read = set(task.read_by)
    return {
        "invalid_user_id_list": task.invalid_users,
        "forbidden_user_id_list": task.forbidden_users,
        "failed_user_id_list": [],
        "read_user_id_list": task.read_by,
        "unread_user_id_list": [each for each in task.receivers if each not in read],
        "invalid_dept_id_list": task.invalid_parties,
        "forbidden_list": [],
    }


async def send_task(
    call: Call, msgtype: str, body: dict[str, object], *, channel: str = "work"
) -> int:
    """Send a work notification (or a template) and return the number of its task."""
    args = call.args
    users = args.get("userid_list") or args.get("user_id_list") or []
    parties = args.get("dept_id_list") or []
    to_all = bool(args.get("to_all_user"))
    most_users, most_parties = (5000, 500) if channel == "template" else (USERS, PARTIES)
    if len(users) > most_users:
        raise Refusal(
            40032, f"userid_list 最多 {most_users} 个。", f"userid_list has at most {most_users}."
        )
    if len(parties) > most_parties:
        raise Refusal(
            40066,
            f"dept_id_list 最多 {most_parties} 个。",
            f"dept_id_list has at most {most_parties}.",
        )
    if not (users or parties or to_all):
        raise Refusal(
            40035,
            "userid_list、dept_id_list、to_all_user 至少要有一个。",
            "Give userid_list, dept_id_list or to_all_user.",
            facts={"missing": "userid_list"},
        )
    sent = await messages.send(
        call.core,
        call.identity,
        agent_id=args["agent_id"],
        touser=users,
        toparty=parties,
        to_all=to_all,
        msgtype=msgtype,
        body=body,
        channel=channel,
    )
    return sent.message_id


async def _task(call: Call, field: str) -> Message:
    number = call.args[field]
    await messages.check_agent(call.core, call.identity, call.args["agent_id"])
    found = await messages.get_message(call.core, call.identity.corp_id, number)
    mine = found is not None and found.agent_id == call.args["agent_id"]
    if found is None or not mine or found.channel not in TASKS:
        raise Refusal(
            400002,
            f"微应用 {call.args['agent_id']} 没有发送任务 {number}。",
            f"Micro-app {call.args['agent_id']} has no task {number}.",
            facts={"field": field},
        )
    return found
