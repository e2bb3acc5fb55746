"""To-do tasks of the newer API, and the work records they grew out of."""

from __future__ import annotations

from typing import Any

from ...domain import contacts, todos
from ...domain.refusals import Refusal
from ...domain.todos import Role, Todo
from .. import reasons
from ..handling import Call, handler
from .signed_in import own_unionid

_ROLES = {"executor": Role.EXECUTOR, "creator": Role.CREATOR, "participant": Role.PARTICIPANT}
_SENT_BACK = (
    *("description", "detailUrl", "contentFieldList", "isOnlyShowExecutor", "priority"),
    *("notifyConfigs", "actionList", "todoType", "bizCategoryId", "reminderTimeStamp"),
    *("remindNotifyConfigs", "thirdExtension", "startTime"),
)
_PAGE = 20
_LARGEST_PAGE = 50  # of the work records


@handler(
    "v1_0_todo_users_by_union_id_tasks_post",
    types={"executorIds": "array of string", "participantIds": "array of string"},
    v1={40035: "todo.taskCreate.paramError", 60111: "todo.taskCreate.paramError"},
)
async def task_create(call: Call) -> dict[str, Any]:
    args = call.args
    unionid = own_unionid(call, args["unionId"])
    creator = own_unionid(call, args.get("creatorId") or unionid)
    made = await todos.create(
        call.core,
        call.identity,
        creator=creator,
        modifier=args.get("operatorId") or creator,
        subject=args["subject"],
        executors=args.get("executorIds") or [],
        participants=args.get("participantIds") or [],
        source_id=args.get("sourceId") or "",
        due_at=args.get("dueTime"),
        details=_details(args),
    )
    return _task(made)


@handler("v1_0_todo_users_by_union_id_tasks_by_task_id_get", kinds=("internal", "isv_corp"))
async def task_get(call: Call) -> dict[str, Any]:
    await _person(call)
    return _task(await todos.get(call.core, call.identity.corp_id, call.args["taskId"]))


@handler(
    "v1_0_todo_users_by_union_id_tasks_sources_by_source_id_get", kinds=("internal", "isv_corp")
)
async def task_by_source(call: Call) -> dict[str, Any]:
    await _person(call)
    return _task(await todos.get_by_source(call.core, call.identity, call.args["sourceId"]))


@handler(
    "v1_0_todo_users_by_union_id_tasks_by_task_id_put",
    types={"executorIds": "array of string", "participantIds": "array of string"},
    v1={40035: "todo.taskUpdate.paramError", 60111: "todo.taskUpdate.paramError"},
)
async def task_update(call: Call) -> dict[str, Any]:
    args = call.args
    await _person(call)
    await todos.update(
        call.core,
        call.identity.corp_id,
        args["taskId"],
        modifier=args.get("operatorId") or args["unionId"],
        subject=args.get("subject"),
        due_at=args.get("dueTime"),
        done=args.get("done"),
        executors=args.get("executorIds"),
        participants=args.get("participantIds"),
        details=_details(args),
    )
    return {"result": True}


@handler(
    "v1_0_todo_users_by_union_id_tasks_by_task_id_executor_status_put",
    types={"executorStatusList": "array of object"},
    v1={40035: "todo.taskExecutorStatusUpdate.paramError"},
)
async def task_executor_status(call: Call) -> dict[str, Any]:
    args = call.args
    await _person(call)
    states: dict[str, bool] = {}
    for each in call.need("executorStatusList"):
        who, done = each.get("id"), each.get("isDone")
        if not isinstance(who, str) or not isinstance(done, bool):
            raise reasons.unfit(
                40035, "executorStatusList", ("[{id, isDone}]", "a list of {id, isDone}")
            )
        states[who] = done
    await todos.set_executors_done(
        call.core,
        call.identity.corp_id,
        args["taskId"],
        modifier=args.get("operatorId") or args["unionId"],
        states=states,
    )
    return {"result": True}


@handler(
    "v1_0_todo_users_by_union_id_tasks_by_task_id_delete",
    v1={40035: "todo.taskDelete.paramError", 60111: "todo.taskDelete.paramError"},
)
async def task_delete(call: Call) -> dict[str, Any]:
    await _person(call)
    await todos.delete(call.core, call.identity.corp_id, call.args["taskId"])
    return {"result": True, "requestId": ""}


@handler(
    "v1_0_todo_users_by_union_id_org_tasks_query_post",
    v1={40035: "todo.orgTaskQuery.paramError", 60111: "todo.orgTaskQuery.paramError"},
)
async def tasks_query(call: Call) -> dict[str, Any]:
    args = call.args
    await _person(call)
    found, after = await todos.list_of(
        call.core,
        call.identity.corp_id,
        args["unionId"],
        done=args.get("isDone"),
        roles=_roles(args.get("roleTypes")),
        todo_type=args.get("todoType") or "",
        before=_cursor(args.get("nextToken")),
        size=_PAGE,
    )
    cards = {"todoCards": [_card(each) for each in found]}
    return cards if after is None else {"nextToken": str(after), **cards}


@handler(
    "oapi_topapi_workrecord_add_post",
    types={"formItemList": "array of object"},
)
async def workrecord_add(call: Call) -> dict[str, Any]:
    args = call.args
    executor = await _unionid(call, args["userid"])
    origin = args.get("originator_user_id")
    url = args["url"]
    items = args["formItemList"]
    made = await todos.create(
        call.core,
        call.identity,
        creator=await _unionid(call, origin) if origin else executor,
        subject=args["title"],
        executors=[executor],
        source_id=args.get("biz_id") or "",
        details={
            "detailUrl": {"appUrl": url, "pcUrl": args.get("pcUrl") or url},
            "contentFieldList": [
                {"fieldKey": _text(each, "title"), "fieldValue": _text(each, "content")}
                for each in items
            ],
            "startTime": args["create_time"],
        },
    )
    return {"record_id": made.task_id}


@handler("oapi_topapi_workrecord_update_post")
async def workrecord_update(call: Call) -> dict[str, Any]:
    unionid = await _unionid(call, call.args["userid"])
    await todos.set_executors_done(
        call.core,
        call.identity.corp_id,
        call.args["record_id"],
        modifier=unionid,
        states={unionid: True},
    )
    return {"result": True}


@handler("oapi_topapi_workrecord_getbyuserid_post")
async def workrecord_list(call: Call) -> dict[str, Any]:
    args = call.args
    unionid = await _unionid(call, args["userid"])
    if args["status"] not in (0, 1):
        raise Refusal(40035, "status 为 0 或 1。", "status is 0 (open) or 1 (done).")
    if args["offset"] < 0:
        raise Refusal(40068, "offset 不能为负。", "offset is not negative.")
    if not 1 <= args["limit"] <= _LARGEST_PAGE:
        raise Refusal(
            40069, f"limit 应为 1 到 {_LARGEST_PAGE}。", f"limit is from 1 to {_LARGEST_PAGE}."
        )
    found, more = await todos.list_of_executor(
        call.core,
        call.identity.corp_id,
        unionid,
        done=args["status"] == 1,
        offset=args["offset"],
        size=args["limit"],
    )
    return {"records": {"has_more": more, "list": [_record(each) for each in found]}}


@handler("v1_0_workrecord_counts_get")
async def workrecord_count(call: Call) -> dict[str, Any]:
    unionid = await _unionid(call, call.args["userId"])
    return {"undoCount": await todos.count_open(call.core, call.identity.corp_id, unionid)}


async def _person(call: Call) -> None:
    """Refuse when the unionId of the path is nobody of the corp, and likewise the operator."""
    for name in ("unionId", "operatorId"):
        unionid = call.args.get(name)
        if unionid:
            await contacts.get_member_by_unionid(call.core, call.identity.corp_id, unionid)


async def _unionid(call: Call, userid: str) -> str:
    return (await contacts.get_member(call.core, call.identity.corp_id, userid)).unionid


def _details(args: dict[str, Any]) -> dict[str, Any]:
    return {name: args[name] for name in _SENT_BACK if args.get(name) is not None}


def _text(item: object, name: str) -> str:
    value = item.get(name) if isinstance(item, dict) else None
    if not isinstance(value, str):
        raise reasons.missing(40035, f"formItemList.{name}")
    return value


def _cursor(text: str | None) -> int | None:
    if text in (None, "", "0"):
        return None
    if not text.isdecimal() or len(text) > 15:
        raise Refusal(
            40035, "nextToken 须为上一页返回的值。", "nextToken is what the page before returned."
        )
    return int(text)


def _roles(given: Any) -> list[int]:
    sums = []
    for group in given or []:
        names = group if isinstance(group, list) else [group]
        if not names or any(not isinstance(n, str) or n not in _ROLES for n in names):
            known = ", ".join(_ROLES)
            raise Refusal(40035, f"roleTypes 只含 {known}。", f"roleTypes holds {known}.")
        total = 0
        for name in names:
            total |= _ROLES[name]
        sums.append(total)
    return sums


def _task(todo: Todo) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": todo.task_id,
        "subject": todo.subject,
        "done": todo.done,
        "executorIds": todo.having(Role.EXECUTOR),
        "participantIds": todo.having(Role.PARTICIPANT),
        "source": todo.owner_key,
        "bizTag": todo.owner_key,
        "sourceId": todo.source_id or todo.task_id,
        "creatorId": todo.creator,
        "modifierId": todo.modifier,
        "createdTime": todo.created_at,
        "modifiedTime": todo.modified_at,
        "requestId": "",
        **todo.details,
    }
    if todo.due_at is not None:
        shown["dueTime"] = todo.due_at
    if todo.finished_at is not None:
        shown["finishTime"] = todo.finished_at
    return shown


def _card(todo: Todo) -> dict[str, Any]:
    shown = _task(todo)
    names = ("subject", "dueTime", "detailUrl", "priority", "createdTime", "modifiedTime")
    return {
        "taskId": todo.task_id,
        **{name: shown[name] for name in (*names, "creatorId", "sourceId") if name in shown},
        "bizTag": todo.owner_key,
        "isDone": todo.done,
        "todoType": shown.get("todoType", "TODO"),
    }


def _record(todo: Todo) -> dict[str, Any]:
    url = todo.details.get("detailUrl") or {}
    return {
        "record_id": todo.task_id,
        "create_time": todo.details.get("startTime", todo.created_at),
        "title": todo.subject,
        "url": url.get("appUrl") or url.get("pcUrl") or "",
        "forms": [
            {"title": each.get("fieldKey", ""), "content": each.get("fieldValue", "")}
            for each in todo.details.get("contentFieldList") or []
        ],
    }
