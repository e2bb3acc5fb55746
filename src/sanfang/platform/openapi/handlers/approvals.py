"""Approvals of the newer API."""

from __future__ import annotations

from typing import Any

from ...domain import approvals, contacts
from ...domain.approval_flow import Step
from ...domain.approvals import Cc, DatedTask, Instance
from ...domain.refusals import Refusal
from .. import moments, reasons
from ..handling import Call, handler

_OBJECTS = "array of object"
_STATUSES = ("NEW", "RUNNING", "TERMINATED", "COMPLETED", "CANCELED")
_LARGEST_PAGE = 20


@handler(
    "v1_0_workflow_process_instances_post",
    types={
        "approvers": _OBJECTS,
        "targetSelectActioners": _OBJECTS,
        "formComponentValues": _OBJECTS,
        "ccList": "array of string",
    },
)
async def instance_start(call: Call) -> dict[str, Any]:
    args = call.args
    steps = [read_step(each, "actionType", "userIds") for each in args.get("approvers") or []]
    if not steps:
        chosen = args.get("targetSelectActioners") or []
        steps = [read_step(each, "actionType", "actionerUserIds") for each in chosen]
    made = await approvals.start(
        call.core,
        call.identity.corp_id,
        process_code=args["processCode"],
        originator=args["originatorUserId"],
        dept_id=args.get("deptId"),
        steps=steps,
        form_values=[read_value(each, "extValue") for each in args["formComponentValues"]],
        cc=Cc(args.get("ccList") or [], args.get("ccPosition") or ""),
    )
    return {"instanceId": made.instance_id}


@handler("v1_0_workflow_process_instances_get")
async def instance_get(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    found = await approvals.get(call.core, corp_id, call.args["processInstanceId"])
    name = await department_name(call, found)
    return {"result": _shown(found, name), "success": "true"}


@handler("v1_0_workflow_process_instances_execute_post")
async def instance_execute(call: Call) -> dict[str, Any]:
    args = call.args
    await approvals.execute(
        call.core,
        call.identity.corp_id,
        args["processInstanceId"],
        task_id=args["taskId"],
        actor=args["actionerUserId"],
        result=args["result"],
        remark=args.get("remark") or "",
    )
    return {"result": True, "success": True}


@handler("v1_0_workflow_tasks_redirect_post")
async def task_redirect(call: Call) -> dict[str, Any]:
    args = call.args
    await approvals.redirect(
        call.core,
        call.identity.corp_id,
        task_id=args["taskId"],
        actor=args["operateUserId"],
        to=args["toUserId"],
        remark=args.get("remark") or "",
    )
    return {"result": True}


@handler("v1_0_workflow_process_instances_terminate_post")
async def instance_terminate(call: Call) -> dict[str, Any]:
    args = call.args
    await approvals.terminate(
        call.core,
        call.identity.corp_id,
        args["processInstanceId"],
        operator=args.get("operatingUserId") or "",
        is_system=bool(args.get("isSystem")),
        remark=args.get("remark") or "",
    )
    return {"result": True, "success": True}


@handler("v1_0_workflow_process_instances_comments_post")
async def instance_comment(call: Call) -> dict[str, Any]:
    args = call.args
    await approvals.comment(
        call.core,
        call.identity.corp_id,
        args["processInstanceId"],
        userid=args["commentUserId"],
        text=args["text"],
    )
    return {"result": True, "success": True}


@handler(
    "v1_0_workflow_processes_instance_ids_query_post",
    types={"userIds": "array of string", "statuses": "array of string"},
)
async def instance_ids(call: Call) -> dict[str, Any]:
    args = call.args
    statuses = args.get("statuses") or []
    if not set(statuses) <= set(_STATUSES):
        known = ", ".join(_STATUSES)
        raise Refusal(40035, f"statuses 应为 {known}。", f"statuses are of {known}.")
    found, following = await approvals.list_of(
        call.core,
        call.identity.corp_id,
        args["processCode"],
        start_time=moments.checked(args["startTime"], "startTime"),
        end_time=args.get("endTime"),
        userids=args.get("userIds") or [],
        statuses=statuses,
        after=args["nextToken"],
        size=page_size(args["maxResults"], "maxResults"),
    )
    more = {} if following is None else {"nextToken": str(following)}
    return {"result": {"list": [each.instance_id for each in found], **more}, "success": True}


@handler("v1_0_workflow_processes_todo_tasks_numbers_get")
async def todo_number(call: Call) -> dict[str, Any]:
    corp_id, userid = call.identity.corp_id, call.args["userId"]
    await contacts.get_member(call.core, corp_id, userid)
    return {"result": await approvals.count_open(call.core, corp_id, userid)}


async def department_name(call: Call, instance: Instance) -> str:
    """Return the name of the originator's department; empty when it is gone."""
    try:
        found = await contacts.get_department(call.core, call.identity.corp_id, instance.dept_id)
    except Refusal:
        return ""
    return found.name


def read_step(given: dict[str, Any], action: str, users: str) -> Step:
    """Read one step of approvers; refuse 40035."""
    kind = given.get(action) or "NONE"
    people = given.get(users)
    if kind not in ("AND", "OR", "NONE"):
        raise reasons.unfit(40035, action, ("AND、OR 或 NONE", "AND, OR or NONE"))
    if not isinstance(people, list) or not people or not all(map(_is_text, people)):
        raise reasons.unfit(40035, users, ("userid 数组", "a list of userids"))
    if kind == "NONE" and len(people) > 1:
        kind = "AND"
    return Step(people, kind)


def read_value(given: dict[str, Any], extra: str) -> dict[str, Any]:
    """Read a form value; ``extra`` is what the API calls its extended value."""
    name, value = given.get("name"), given.get("value")
    if not _is_text(name):
        raise reasons.missing(40035, "formComponentValues.name")
    if value is None:
        raise reasons.missing(200007, f"formComponentValues.{str(name)[:40]}")
    found: dict[str, Any] = {"name": name, "value": value}
    for key, source in (("ext_value", extra), ("id", "id"), ("component_type", "componentType")):
        if isinstance(given.get(source), str):
            found[key] = given[source]
    return found


def page_size(size: int | None, name: str, absent: int = 10) -> int:
    """Return the length of a page of approvals; refuse 200003."""
    size = absent if size is None else size
    if not 1 <= size <= _LARGEST_PAGE:
        raise Refusal(
            200003,
            f"{name} 应为 1 到 {_LARGEST_PAGE}。",
            f"{name} is from 1 to {_LARGEST_PAGE}.",
        )
    return size


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\x00" not in value


def _shown(instance: Instance, department: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "title": instance.title,
        "createTime": moments.zulu(instance.created_at),
        "originatorUserId": instance.originator,
        "originatorDeptId": str(instance.dept_id),
        "originatorDeptName": department,
        "status": instance.status,
        "result": instance.result,
        "businessId": instance.business_id,
        "approverUserIds": list(dict.fromkeys(u for s in instance.steps for u in s.users)),
        "ccUserIds": instance.cc.users,
        "bizAction": "NONE",
        "attachedProcessInstanceIds": [],
        "operationRecords": [
            {
                "userId": each["userid"],
                "date": moments.zulu(each["date"]),
                "type": each["type"],
                "result": each["result"],
                "remark": each["remark"],
            }
            for each in instance.records
        ],
        "tasks": [_task(instance, each) for each in instance.tasks],
        "formComponentValues": [
            {_NEWER.get(name, name): value for name, value in each.items()}
            for each in instance.form_values
        ],
    }
    if instance.finished_at is not None:
        shown["finishTime"] = moments.zulu(instance.finished_at)
    return shown


_NEWER = {"ext_value": "extValue", "component_type": "componentType"}


def _task(instance: Instance, task: DatedTask) -> dict[str, Any]:
    url = f"aflow.dingtalk.com?procInsId={instance.instance_id}&taskId={task.task_id}"
    shown = {
        "taskId": task.task_id,
        "userId": task.userid,
        "status": task.status,
        "result": task.result,
        "createTime": moments.zulu(task.created_at),
        "mobileUrl": url,
        "pcUrl": url,
        "processInstanceId": instance.instance_id,
        "activityId": f"step{task.step}",
    }
    if task.finished_at is not None:
        shown["finishTime"] = moments.zulu(task.finished_at)
    return shown
