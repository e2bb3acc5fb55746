"""Forms of approvals under both generations' names."""

from __future__ import annotations

from typing import Any

from ...domain import approval_forms, approvals, contacts
from ...domain.approval_forms import Form
from ...domain.refusals import Refusal
from .. import moments, reasons
from ..handling import Call, handler

_ICON = "https://gw.alicdn.com/tfs/TB1.png"
_OBJECTS = "array of object"


@handler("v1_0_workflow_forms_post", types={"formComponents": _OBJECTS})
async def form_save(call: Call) -> dict[str, Any]:
    args = call.args
    made = await approval_forms.save(
        call.core,
        call.identity.corp_id,
        name=args["name"],
        description=args.get("description") or "",
        components=args["formComponents"],
        process_code=args.get("processCode") or "",
        details=args.get("templateConfig") or {},
    )
    return {"result": {"processCode": made.process_code}}


@handler("v1_0_workflow_forms_schemas_process_codes_get")
async def form_schema(call: Call) -> dict[str, Any]:
    form = await approval_forms.get(call.core, call.identity.corp_id, call.args["processCode"])
    items = [
        {
            "componentName": each.get("componentType", ""),
            "props": {**_props(each), "id": _props(each).get("componentId", "")},
            **({"children": each["children"]} if each.get("children") else {}),
        }
        for each in form.components
    ]
    return {
        "result": {
            "name": form.name,
            "memo": form.description,
            "formCode": form.process_code,
            "status": "PUBLISHED",
            "ownerIdType": "orgId",
            "schemaContent": {"title": form.name, "icon": _ICON, "items": items},
            "gmtCreate": str(form.created_at),
            "gmtModified": str(form.modified_at),
        }
    }


@handler("v1_0_workflow_processes_managements_templates_get")
async def forms_managed(call: Call) -> dict[str, Any]:
    await contacts.get_member(call.core, call.identity.corp_id, call.args["userId"])
    forms, _ = await approval_forms.list_of(call.core, call.identity.corp_id)
    found = [
        {
            "flowTitle": each.name,
            "processCode": each.process_code,
            "iconName": "common",
            "iconUrl": _ICON,
            "newProcess": True,
            "gmtModified": moments.zulu(each.modified_at),
            "attendanceType": 0,
        }
        for each in forms
    ]
    return {"result": found, "success": True}


@handler("v1_0_workflow_processes_user_visibilities_templates_get")
async def forms_visible(call: Call) -> dict[str, Any]:
    args = call.args
    forms, following = await _visible(
        call, args.get("userId"), args["nextToken"], args["maxResults"]
    )
    found = [
        {
            "name": each.name,
            "processCode": each.process_code,
            "iconUrl": _ICON,
            "url": _start_url(call, each),
        }
        for each in forms
    ]
    more = {} if following is None else {"nextToken": following}
    return {"result": {"processList": found, **more}}


@handler("oapi_topapi_process_save_post")
async def old_save(call: Call) -> dict[str, Any]:
    given = call.args["saveProcessRequest"]
    components = given.get("form_component_list")
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise Refusal(
            200006,
            "form_component_list 须为控件数组。",
            "form_component_list is a list of objects.",
        )
    made = await approval_forms.save(
        call.core,
        call.identity.corp_id,
        name=_text(given, "name"),
        description=_text(given, "description"),
        components=[_newer(each) for each in components],
        process_code=_text(given, "process_code"),
    )
    return {"result": {"process_code": made.process_code}}


@handler("oapi_topapi_process_delete_post")
async def old_delete(call: Call) -> dict[str, Any]:
    given = call.args["request"]
    corp_id, code = call.identity.corp_id, _text(given, "process_code")
    running = await approval_forms.delete(call.core, corp_id, code)
    if given.get("clean_running_task") in (True, "true"):
        for instance_id in running:
            await approvals.terminate(
                call.core, corp_id, instance_id, operator="", is_system=True, remark="", age_ms=0
            )
    return {"success": True}


@handler("oapi_topapi_process_get_by_name_post")
async def old_by_name(call: Call) -> dict[str, Any]:
    form = await approval_forms.get_by_name(call.core, call.identity.corp_id, call.args["name"])
    return {"process_code": form.process_code}


@handler("oapi_topapi_process_listbyuserid_post")
async def old_visible(call: Call) -> dict[str, Any]:
    args = call.args
    forms, following = await _visible(call, args.get("userid"), args["offset"], args["size"])
    found = [
        {
            "name": each.name,
            "process_code": each.process_code,
            "icon_url": _ICON,
            "url": _start_url(call, each),
        }
        for each in forms
    ]
    more = {} if following is None else {"next_cursor": following}
    return {"result": {"process_list": found, **more}}


@handler("oapi_topapi_process_template_manage_get_post")
async def old_managed(call: Call) -> dict[str, Any]:
    await contacts.get_member(call.core, call.identity.corp_id, call.args["userid"])
    forms, _ = await approval_forms.list_of(call.core, call.identity.corp_id)
    found = [
        {
            "flow_title": each.name,
            "process_code": each.process_code,
            "icon_name": "common",
            "icon_url": _ICON,
            "is_new_process": True,
            "gmt_modified": moments.local(each.modified_at),
            "attendance_type": 0,
        }
        for each in forms
    ]
    return {"result": found, "success": True}


async def _visible(
    call: Call, userid: str | None, offset: int, size: int
) -> tuple[list[Form], int | None]:
    if offset < 0:
        raise Refusal(200002, "分页起点不能为负。", "The start of a page is not negative.")
    if not 1 <= size <= 100:
        raise Refusal(200003, "每页 1 到 100 条。", "A page has 1 to 100 entries.")
    if userid:
        await contacts.get_member(call.core, call.identity.corp_id, userid)
    forms, more = await approval_forms.list_of(
        call.core, call.identity.corp_id, offset=offset, size=size
    )
    return forms, offset + size if more else None


def _start_url(call: Call, form: Form) -> str:
    return (
        "https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm"
        f"?corpid={call.identity.corp_id}#/custom?processCode={form.process_code}"
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise reasons.unfit(40035, name, ("文本", "text"))
    return value


def _props(component: dict[str, Any]) -> dict[str, Any]:
    props = component.get("props")
    return props if isinstance(props, dict) else {}


def _newer(component: dict[str, Any]) -> dict[str, Any]:
    """Rename a component of 2018 as the newer API calls it."""
    props = dict(_props(component))
    if "id" in props:
        props["componentId"] = props.pop("id")
    newer = {"componentType": component.get("component_name", ""), "props": props}
    if isinstance(component.get("children"), list):
        newer["children"] = component["children"]
    return newer
