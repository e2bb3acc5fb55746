"""Approvals under their older names, those of the TOP gateway among them."""

from __future__ import annotations

from typing import Any

from ...domain import approvals, contacts
from ...domain.approval_flow import Step
from ...domain.approvals import Cc, Instance
from .. import moments, reasons
from ..handling import Call, handler
from ..joined import joined
from .approvals import department_name, page_size, read_step, read_value

_OBJECTS = "array of object"
_CREATE_TYPES = {"form_component_values": _OBJECTS, "approvers_v2": _OBJECTS}


@handler("oapi_topapi_processinstance_create_post", types=_CREATE_TYPES)
async def create(call: Call) -> dict[str, Any]:
    return {"process_instance_id": await _start(call)}


@handler(
    "top_dingtalk_smartwork_bpms_processinstance_create_post",
    types=_CREATE_TYPES,
    optional=("approvers",),
)
async def top_create(call: Call) -> dict[str, Any]:
    instance_id = await _start(call)
    return {
        "result": {
            "ding_open_errcode": 0,
            "is_success": True,
            "process_instance_id": instance_id,
        }
    }


@handler("oapi_topapi_processinstance_get_post")
async def get(call: Call) -> dict[str, Any]:
    return {"process_instance": await _details(call)}


@handler("top_dingtalk_smartwork_bpms_processinstance_get_post")
async def top_get(call: Call) -> dict[str, Any]:
    details = await _details(call)
    return {"result": {"ding_open_errcode": 0, "success": True, "process_instance": details}}


@handler("oapi_topapi_processinstance_listids_post")
async def listids(call: Call) -> dict[str, Any]:
    found, more = await _list(call)
    return {"result": {"list": [each.instance_id for each in found], **more}}


@handler("oapi_topapi_processinstance_list_post")
async def list_(call: Call) -> dict[str, Any]:
    found, more = await _list(call)
    return {"result": {"list": [_line(each) for each in found], **more}}


@handler("top_dingtalk_smartwork_bpms_processinstance_list_post")
async def top_list(call: Call) -> dict[str, Any]:
    found, more = await _list(call)
    page = {"list": [_line(each) for each in found], **more}
    return {"result": {"ding_open_errcode": 0, "success": True, "result": page}}


@handler("oapi_topapi_process_gettodonum_post")
async def todo_number(call: Call) -> dict[str, Any]:
    corp_id, userid = call.identity.corp_id, call.args["userid"]
    await contacts.get_member(call.core, corp_id, userid)
    return {"count": await approvals.count_open(call.core, corp_id, userid)}


@handler("oapi_topapi_process_instance_execute_post")
async def execute(call: Call) -> dict[str, Any]:
    await _execute(call, call.need("request"))
    return {"result": True}


@handler("oapi_topapi_processinstance_execute_post")
async def flat_execute(call: Call) -> dict[str, Any]:
    await _execute(call, call.args)
    return {"result": True}


@handler("oapi_topapi_process_instance_terminate_post")
async def terminate(call: Call) -> dict[str, Any]:
    given = call.args["request"]
    await approvals.terminate(
        call.core,
        call.identity.corp_id,
        _need(given, "process_instance_id"),
        operator=_text(given, "operating_userid"),
        is_system=given.get("is_system") in (True, "true"),
        remark=_text(given, "remark"),
    )
    return {"result": True, "success": True}


@handler("oapi_topapi_process_instance_comment_add_post")
async def comment(call: Call) -> dict[str, Any]:
    given = call.args["request"]
    await approvals.comment(
        call.core,
        call.identity.corp_id,
        _need(given, "process_instance_id"),
        userid=_need(given, "comment_userid"),
        text=_need(given, "text"),
    )
    return {"result": True, "success": True}


async def _start(call: Call) -> str:
    args = call.args
    one_by_one = [Step([each]) for each in joined(args.get("approvers"))]
    steps = [
        read_step(each, "task_action_type", "user_ids") for each in args.get("approvers_v2") or ()
    ]
    values = args.get("form_component_values")
    if not values:
        raise reasons.missing(200007, "form_component_values")
    made = await approvals.start(
        call.core,
        call.identity.corp_id,
        process_code=args["process_code"],
        originator=args["originator_user_id"],
        dept_id=args["dept_id"],
        steps=steps or one_by_one,
        form_values=[read_value(each, "ext_value") for each in values],
        cc=Cc(joined(args.get("cc_list")), args.get("cc_position") or ""),
    )
    return made.instance_id


async def _execute(call: Call, given: dict[str, Any]) -> None:
    task_id = given.get("task_id")
    if isinstance(task_id, str) and task_id.isdecimal() and len(task_id) < 16:
        task_id = int(task_id)
    if not isinstance(task_id, int) or isinstance(task_id, bool):
        raise reasons.missing(40035, "task_id")
    await approvals.execute(
        call.core,
        call.identity.corp_id,
        _need(given, "process_instance_id"),
        task_id=task_id,
        actor=_need(given, "actioner_userid"),
        result=_need(given, "result"),
        remark=_text(given, "remark"),
    )


async def _list(call: Call) -> tuple[list[Instance], dict[str, int]]:
    args = call.args
    found, following = await approvals.list_of(
        call.core,
        call.identity.corp_id,
        args["process_code"],
        start_time=moments.checked(args["start_time"], "start_time"),
        end_time=args.get("end_time"),
        userids=joined(args.get("userid_list")),
        after=args.get("cursor") or 0,
        size=page_size(args.get("size"), "size"),
    )
    return found, {} if following is None else {"next_cursor": following}


async def _details(call: Call) -> dict[str, Any]:
    instance_id = call.args["process_instance_id"]
    found = await approvals.get(call.core, call.identity.corp_id, instance_id)
    return _shown(found, await department_name(call, found))


def _need(given: dict[str, Any], name: str) -> str:
    value = _text(given, name)
    if not value:
        raise reasons.missing(40035, name)
    return value


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise reasons.unfit(40035, name, ("文本", "text"))
    return value


def _common(instance: Instance) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "title": instance.title,
        "create_time": moments.local(instance.created_at),
        "originator_userid": instance.originator,
        "originator_dept_id": str(instance.dept_id),
        "status": instance.status,
        "business_id": instance.business_id,
        "form_component_values": instance.form_values,
    }
    if instance.finished_at is not None:
        shown["finish_time"] = moments.local(instance.finished_at)
    return shown


def _approvers(instance: Instance) -> list[str]:
    return list(dict.fromkeys(userid for step in instance.steps for userid in step.users))


def _line(instance: Instance) -> dict[str, Any]:
    return {
        **_common(instance),
        "process_instance_id": instance.instance_id,
        "process_instance_result": instance.result,
        "approver_userid_list": _approvers(instance),
        "cc_userid_list": instance.cc.users,
    }


def _shown(instance: Instance, department: str) -> dict[str, Any]:
    return {
        **_common(instance),
        "result": instance.result,
        "originator_dept_name": department,
        "approver_userids": _approvers(instance),
        "cc_userids": instance.cc.users,
        "biz_action": "NONE",
        "attached_process_instance_ids": [],
        "operation_records": [
            {
                "userid": each["userid"],
                "date": moments.local(each["date"]),
                "operation_type": each["type"],
                "operation_result": each["result"],
                "remark": each["remark"],
            }
            for each in instance.records
        ],
        "tasks": [
            {
                "taskid": str(each.task_id),
                "userid": each.userid,
                "task_status": each.status,
                "task_result": each.result,
                "create_time": moments.local(each.created_at),
                **(
                    {}
                    if each.finished_at is None
                    else {"finish_time": moments.local(each.finished_at)}
                ),
            }
            for each in instance.tasks
        ],
    }
