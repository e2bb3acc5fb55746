"""Reports of members (日志): written, listed, read and counted."""

from __future__ import annotations

from typing import Any

from ...domain import contacts, reports
from ...domain.refusals import Refusal
from ...domain.report_model import Report, Template
from ...domain.reports import Role
from .. import moments, reasons
from ..handling import Call, handler

_REPORTS, _PEOPLE, _TEMPLATES = 20, 100, 100  # on a page
_FARTHEST = 100_000
_TYPES: dict[int, Role] = {0: "readers", 1: "commenters", 2: "likers"}


@handler("oapi_topapi_report_create_post")
async def create(call: Call) -> dict[str, Any]:
    given = call.args["create_report_param"]
    details = {"dd_from": _text(given, "dd_from"), "to_chat": bool(given.get("to_chat"))}
    made = await reports.write(
        call.core,
        call.identity.corp_id,
        _need(given, "userid"),
        template_id=_need(given, "template_id"),
        contents=_contents(given),
        receivers=_texts(given, "to_userids"),
        cids=_texts(given, "to_cids"),
        details={**details, "to_cids": _texts(given, "to_cids")},
    )
    return {"result": made}


@handler("oapi_topapi_report_savecontent_post")
async def save(call: Call) -> dict[str, Any]:
    given = call.args["create_report_param"]
    made = await reports.write(
        call.core,
        call.identity.corp_id,
        _need(given, "userid"),
        template_id=_need(given, "template_id"),
        contents=_contents(given),
        details={"dd_from": _text(given, "dd_from")},
        draft=True,
    )
    return {"result": made}


@handler("oapi_topapi_report_list_post")
async def list_(call: Call) -> dict[str, Any]:
    found, more = await _page(call)
    return {"result": {"data_list": [_whole(each) for each in found], **more}}


@handler("oapi_topapi_report_simplelist_post")
async def simple_list(call: Call) -> dict[str, Any]:
    found, more = await _page(call)
    return {"result": {"data_list": [_brief(each) for each in found], **more}}


@handler("top_dingtalk_corp_report_list_post", kinds=("internal", "isv_corp"))
async def top_list(call: Call) -> dict[str, Any]:
    for name in ("start_time", "end_time", "cursor", "size"):
        call.need(name)
    found, more = await _page(call)
    result = {"data_list": [_whole(each) for each in found], **more}
    return {"result": {"ding_open_errcode": 0, "success": True, "result": result}}


@handler("oapi_topapi_report_getunreadcount_post")
async def unread_count(call: Call) -> dict[str, Any]:
    return {"count": await reports.unread(call.core, call.identity.corp_id, call.args["userid"])}


@handler("oapi_topapi_report_comment_list_post")
async def comment_list(call: Call) -> dict[str, Any]:
    report = await _report(call)
    offset, size = _offset_and_size(call, 20)
    found, more = await reports.comments(call.core, report, offset=offset, size=size)
    shown = [
        {
            "userid": each.userid,
            "content": each.content,
            "create_time": moments.local(each.created_at),
        }
        for each in found
    ]
    return {"result": {"comments": shown, **_next(offset, size, more)}, "success": True}


@handler("oapi_topapi_report_receiver_list_post")
async def receiver_list(call: Call) -> dict[str, Any]:
    return await _people(call, "receivers")


@handler("oapi_topapi_report_statistics_listbytype_post")
async def people_by_type(call: Call) -> dict[str, Any]:
    return await _people(call, _TYPES[call.args["type"]])


@handler("oapi_topapi_report_statistics_post")
async def statistics(call: Call) -> dict[str, Any]:
    found = await reports.counts(call.core, await _report(call))
    result = {
        "read_num": found.read,
        "comment_num": found.comments,
        "comment_user_num": found.commenters,
        "like_num": found.liked,
    }
    return {"result": result, "success": True}


@handler("oapi_topapi_report_template_listbyuserid_post")
async def template_list(call: Call) -> dict[str, Any]:
    corp_id, userid = call.identity.corp_id, call.args.get("userid")
    if userid:
        await contacts.get_member(call.core, corp_id, userid)
    offset, size = _offset_and_size(call, _TEMPLATES)
    found = await reports.templates(call.core, corp_id)
    shown = [_form(each) for each in found[offset : offset + size]]
    more = {"next_cursor": offset + size} if len(found) > offset + size else {}
    return {"result": {"template_list": shown, **more}}


@handler("oapi_topapi_report_template_getbyname_post")
async def template_by_name(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    member = await contacts.get_member(call.core, corp_id, call.args["userid"])
    found = await reports.template(call.core, corp_id, name=call.args["template_name"])
    fields = [
        {"field_name": each.name, "type": each.kind, "sort": number}
        for number, each in enumerate(found.fields)
    ]
    result = {
        "id": found.template_id,
        "name": found.name,
        "userid": member.userid,
        "user_name": member.name,
        "fields": fields,
        "default_receivers": [],
        "default_received_convs": [],
    }
    return {"result": result}


async def _page(call: Call) -> tuple[list[Report], dict[str, Any]]:
    args, corp_id = call.args, call.identity.corp_id
    creator = args.get("userid") or ""
    if creator:
        await contacts.get_member(call.core, corp_id, creator)
    begin, end = (moments.checked(args[name], name) for name in ("start_time", "end_time"))
    if end < begin:
        raise Refusal(40035, "end_time 早于 start_time。", "end_time is before start_time.")
    cursor, size = args["cursor"], args["size"]
    if not 0 <= cursor < 1 << 53:
        raise reasons.unfit(40035, "cursor", ("上一页的 next_cursor，或 0", "a next_cursor, or 0"))
    _check_size(size, _REPORTS)
    found, following = await reports.page(
        call.core,
        corp_id,
        created=(begin, end),
        modified=(args.get("modified_start_time"), args.get("modified_end_time")),
        template_name=args.get("template_name") or "",
        creator=creator,
        after=cursor,
        size=size,
    )
    more: dict[str, Any] = {"size": len(found), "has_more": following is not None}
    if following is not None:
        more["next_cursor"] = following
    return found, more


async def _people(call: Call, role: Role) -> dict[str, Any]:
    report = await _report(call)
    offset, size = _offset_and_size(call, _PEOPLE)
    found, more = await reports.people(call.core, report, role, offset=offset, size=size)
    return {"result": {"userid_list": found, **_next(offset, size, more)}, "success": True}


async def _report(call: Call) -> Report:
    return await reports.get(call.core, call.identity.corp_id, call.args["report_id"])


def _offset_and_size(call: Call, most: int) -> tuple[int, int]:
    offset, size = call.args.get("offset") or 0, call.args.get("size")
    if not 0 <= offset <= _FARTHEST:
        raise Refusal(40068, "offset 不能为负。", "offset cannot be negative.")
    if size is None:
        return offset, most
    _check_size(size, most)
    return offset, size


def _check_size(size: int, most: int) -> None:
    if not 1 <= size <= most:
        raise Refusal(40069, f"size 应为 1 到 {most}。", f"size is from 1 to {most}.")


def _next(offset: int, size: int, more: bool) -> dict[str, Any]:
    return {"has_more": more, **({"next_cursor": offset + size} if more else {})}


def _form(form: Template) -> dict[str, Any]:
    return {
        "name": form.name,
        "report_code": form.template_id,
        "icon_url": "",
        "url": "",
    }


def _brief(report: Report) -> dict[str, Any]:
    return {
        "report_id": report.report_id,
        "template_name": report.template_name,
        "creator_id": report.creator,
        "creator_name": report.creator_name,
        "dept_name": report.dept_name,
        "create_time": report.created_at,
        "remark": "",
    }


def _whole(report: Report) -> dict[str, Any]:
    contents = [
        {
            "key": each.get("key"),
            "sort": str(each.get("sort", number)),
            "type": str(each.get("type", 1)),
            "value": each.get("content"),
        }
        for number, each in enumerate(report.contents)
    ]
    more = {"contents": contents, "images": [], "modified_time": report.modified_at}
    return {**_brief(report), **more}


def _contents(given: dict[str, Any]) -> list[dict[str, Any]]:
    found = given.get("contents")
    if not isinstance(found, list) or not found:
        raise reasons.missing(40035, "create_report_param.contents")
    names = ("key", "sort", "type", "content_type", "content")
    return [{name: each[name] for name in names if each.get(name) is not None} for each in found]


def _texts(given: dict[str, Any], name: str) -> list[str]:
    value = given.get(name)
    return [] if not isinstance(value, list) else value


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _need(given: dict[str, Any], name: str) -> str:
    value = _text(given, name)
    if not value:
        raise reasons.missing(40035, f"create_report_param.{name}")
    return value
