"""Every public method of every API class of `dingtalk-sdk`, and arguments to call it with."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from dingtalk.client import DingTalkClient
from dingtalk.client.api.base import DingTalkBaseAPI

from sanfang.catalog import Endpoint, load
from sanfang.platform.openapi.top import twins

from ..gate.world import value_of

TOP_GROUP = "tbdingding"  # the generated copy of every TOP API of DingTalk
MORNING, EVENING = datetime(2026, 11, 2, 8, 0), datetime(2026, 11, 2, 18, 0)  # noqa: DTZ001
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)

# These make what others need, and are called first, in this order.
MAKERS = (
    *(
        "callback.register_call_back",
        "message.media_upload",
        "department.create",
        "user.create",
        "chat.create",
        "chat.send",
        "message.send",
    ),
    *("message.asyncsend_v2", "workrecord.process_save", "bpms.processinstance_create"),
    *("workrecord.add", "extcontact.create", "calendar.create", "microapp.create"),
    *("cspace.file_upload_transaction", "cspace.get_custom_space"),
)
_ENDING = re.compile(r"delete|remove|cancel|recall|revoke|terminate|relieve|dismission|quit")


@dataclass(frozen=True)
class Method:
    """One method of one group of the client."""

    group: str
    name: str
    call: Callable[..., Any]

    @property
    def title(self) -> str:
        return f"{self.group}.{self.name}"

    @cached_property
    def api(self) -> str:
        """The path or the TOP name in the method's source; empty when it calls nothing."""
        found = re.search(r"""["']((?:/|dingtalk\.|qimen\.)[^"'\s]+)["']""", self._source)
        return found[1] if found else ""

    @cached_property
    def endpoint(self) -> Endpoint | None:
        """What the catalogue knows of it."""
        catalog, api = load(), self.api
        if api.startswith("/"):
            return catalog.guess(api, "POST" if "post(" in self._source else "GET")
        return next((e for name in twins(api) if (e := catalog.find_top(name))), None)

    @property
    def ends_something(self) -> bool:
        return bool(_ENDING.search(self.name))

    def parameters(self, *, whole: bool) -> list[str]:
        """List required parameters, or all."""
        found = inspect.signature(self.call).parameters.values()
        wanted = (p for p in found if whole or p.default is inspect.Parameter.empty)
        return [p.name for p in wanted if p.name != "self"]

    @cached_property
    def _source(self) -> str:
        return inspect.getsource(self.call)


def methods() -> list[Method]:
    """List them: makers first, enders last, so that each finds what it is about."""
    found = [*_of_dingtalk()]
    makers = {title: number for number, title in enumerate(MAKERS)}
    return sorted(
        found,
        key=lambda m: (makers.get(m.title, len(makers)), m.ends_something, m.group, m.name),
    )


def _of_dingtalk() -> Iterator[Method]:
    for group, name, call in _all():
        if not group.startswith("tb") or "dingtalk" in name:
            yield Method(group, name, call)


def of_taobao() -> list[Method]:
    """List the TOP methods of the same package that are about shops, parcels and the like."""
    found = (Method(*each) for each in _all())
    return [m for m in found if m.group.startswith("tb") and "dingtalk" not in m.name]


def _all() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    groups = inspect.getmembers(DingTalkClient, lambda each: isinstance(each, DingTalkBaseAPI))
    for group, api in groups:
        kind = type(api)
        for name, call in inspect.getmembers(kind):
            if callable(call) and not name.startswith("_") and name != "corp_id":
                yield group, name, call


# --- arguments

PEOPLE = ("userid", "user_id", "owner", "op_userid", "originator_user_id", "operator_userid")
MEN = ("follower_userid", "follower_user_id", "sender", "operator", "creator_userid", "object_id")
MANY = ("userid_list", "user_ids", "useridlist", "userids", "touser_list", "user_id_list")
MOMENTS = {
    **dict.fromkeys(("start_time", "from_date", "check_date_from", "work_date_from"), MORNING),
    **dict.fromkeys(("end_time", "to_date", "check_date_to", "work_date_to"), EVENING),
    **dict.fromkeys(("work_date", "create_time", "pre_entry_time"), MORNING),
    **dict.fromkeys(("confirm_join_time", "regular_time", "join_working_time"), MORNING),
    "birth_time": MORNING,
    "stat_date": date(2026, 11, 2),
    "stat_dates": [date(2026, 11, 2)],
}
PLAIN: dict[str, Any] = {
    **dict.fromkeys(PEOPLE, "zhang"),
    **dict.fromkeys(MEN, "zhang"),
    **{key: ["zhang"] for key in MANY},
    **MOMENTS,
    **dict.fromkeys(("name", "app_name", "title", "role_name", "process_name"), "签到看板"),
    **dict.fromkeys(("description", "app_desc", "remark", "data_desc", "source_name"), "说明"),
    **dict.fromkeys(("url", "homepage_url", "pc_homepage_url", "omp_link"), "http://oa.example/"),
    **dict.fromkeys(("media_file", "file_chunk"), ("a.png", PNG, "image/png")),
    **dict.fromkeys(("app_icon", "icon"), "@icon"),
    "mobile": "13000000009",
    "media_type": "image",
    "file_name": "a.png",
    "path": "/",
    "status": 0,
    "_type": 0,
    "offset": 0,
    "cursor": 0,
    "size": 10,
    "limit": 10,
    "page_size": 10,
    "max_results": 10,
    "current": 1,
    "lang": "zh_CN",
    "order": "custom",
    "state_code": "86",
    "label_ids": [1],
    "duration": 60,
    "file_size": len(PNG),
    "chunk_numbers": 1,
    "chunk_sequence": 1,
    "call_back_tags": ["user_add_org"],
    "token": "strangertoken",
    "aes_key": "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
    "form_item_dict": {"事由": "出差"},
    "form_component_values": {"事由": "出差"},
    "form_component_list": [
        {"component_name": "TextField", "props": {"id": "TextField-1", "label": "事由"}}
    ],
    "tasks": [{"userid": "zhang", "url": "http://oa.example/task"}],
    **dict.fromkeys(("only_active", "isdownload", "to_all_user", "is_hidden", "pc_slide"), False),
    **dict.fromkeys(("fetch_child", "overwrite", "order_asc", "show_history_type"), False),
    **dict.fromkeys(("cc_start", "cc_finish"), True),
    **dict.fromkeys(("chat_banned_type", "searchable", "validation_type"), 0),
    **dict.fromkeys(("mention_all_authority", "management_type"), 0),
}


TEXT: dict[str, Any] = {
    "msgtype": "text",
    "message_type": "text",
    **{key: {"content": "你好"} for key in ("msgcontent", "message")},
    "msg": {"msgtype": "text", "text": {"content": "你好"}},
    "call_back_tag": ["user_add_org"],
    "corpid": "",
    "access_token": "",
}


def arguments(method: Method, known: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """Make arguments: what was made before, a method's own, a name's own, the catalogue's type."""
    generated = method.group == TOP_GROUP  # there nearly everything is optional by signature
    values = dict(_own(known).get(method.title, {}))
    for name in method.parameters(whole=whole or generated):
        if name in values:
            continue
        if generated:
            values[name] = _for_gateway(method, name, known)
        elif name in known:
            values[name] = known[name]
        else:
            values[name] = PLAIN.get(name, "x")
    return values


def _for_gateway(method: Method, name: str, known: dict[str, Any]) -> Any:
    """The gateway takes text: lists as a,b and moments as the catalogue types them."""
    if name in known:
        return known[name]
    if name in PEOPLE or name in MEN or name in MANY:
        return "zhang"
    if name in TEXT:
        return TEXT[name]
    wanted = name.replace("_", "").lower()
    params = method.endpoint.params if method.endpoint else []
    param = next((p for p in params if p.name.replace("_", "").lower() == wanted), None)
    return "1" if param is None or param.type == "file" else value_of(param)


def _own(known: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Arguments that only one method takes."""
    to_zhang = {"userid_list": ["zhang"]}
    text = {"msgtype": "text", "text": {"content": "你好"}}
    person = {"userid": "wang", "name": "测试员丙", "mobile": "13000000003"}
    dept, spare = known["dept_id"], known["spare_dept"]
    moment = {"unix_timestamp": int(MORNING.timestamp() * 1000), "timezone": "Asia/Shanghai"}
    event = {
        "uuid": "1",
        "biz_id": "1",
        "summary": "例会",
        "location": "一号会议室",
        "description": "每周一次",
        "calendar_type": "notification",
        "creator_userid": "zhang",
        "receiver_userids": ["li"],
        "start_time": moment,
        "end_time": {**moment, "unix_timestamp": moment["unix_timestamp"] + 3600_000},  # type: ignore[operator]
        "source": {"title": "日程", "url": "http://oa.example/"},
        "reminder": {"minutes": 15, "remind_type": "app"},
    }
    return {
        "calendar.create": {"create_vo": event},
        "department.create": {"department_data": {"name": "市场部", "parentid": "1"}},
        "department.update": {"department_data": {"id": dept, "name": "研发一部"}},
        "department.delete": {"_id": spare},
        "user.create": {"user_data": {**person, "department": [dept]}},
        "user.update": {"user_data": {"userid": "li", "name": "测试员丁"}},
        "user.delete": {"userid": "wang"},
        "user.batchdelete": {"user_ids": ["spare"]},
        "callback.register_call_back": {"url": known["receiver"]},
        "callback.update_call_back": {"url": known["receiver"]},
        "message.getsendresult": {"agent_id": known["agent_id"], "task_id": known.get("task_id")},
        "role.addrolesforemps": to_zhang,
        "role.removerolesforemps": to_zhang,
        "employeerm.listdimission": to_zhang,
        "employeerm.queryonjob": {"status_list": [2, 3]},
        "report.getunreadcount": {"userid": "zhang"},
        "bpms.processinstance_create": {
            "form_component_values": {"事由": "出差"},
            "approvers": ["li"],
        },
        "calendar.delete": {"userid": "zhang", "calendar_id": known.get("calendar_id")},
        "workrecord.process_save": {"form_component_list": PLAIN["form_component_list"]},
        "attendance.list": {"user_ids": ["zhang"]},
        "cspace.add": {"folder_id": "0"},
        "attendance.getleavestatus": {"userid_list": "zhang"},
        "checkin.record": {"department_id": dept},
        "chat.create": {"useridlist": ["zhang", "li"]},
        "extcontact.get": {"user_id": known.get("ext_userid", "x")},
        "extcontact.update": {"user_id": known.get("ext_userid", "x")},
        "extcontact.delete": {"user_id": known.get("ext_userid", "x")},
        "microapp.delete": {"agent_id": known.get("new_agent", 1)},
        "cspace.get_custom_space": {"domain": "example"},
        "cspace.grant_custom_space": {"domain": "example", "path": "/"},
        "workrecord.process_workrecord_update": {"status": "COMPLETED", "result": "agree"},
        **{
            f"message.{name}": {"msg_body": dict(text), "userid_list": ["zhang"]}
            for name in ("asyncsend", "asyncsend_v2", "asyncsendbycode")
        },
        **{
            f"message.{name}": {"msg_body": dict(text)}
            for name in ("send_by_code", "send_to_conversation")
        },
        "message.send": {"msg_body": dict(text), "touser_list": ["zhang"]},
        "chat.send": {"msg_body": dict(text)},
        "chat.get_read_list": {"message_id": known.get("chat_message", "x")},
        "ext.add": {"mobile": "13000000008"},
        # a spare of what others still need
        "tbdingding.dingtalk_oapi_microapp_delete": {"agent_id": known.get("new_agent", 1)},
        "tbdingding.dingtalk_oapi_user_delete": {"userid": "nobody"},
        "tbdingding.dingtalk_oapi_user_batchdelete": {"useridlist": "nobody"},
        "tbdingding.dingtalk_oapi_department_delete": {"id": spare},
    }


def learn(method: Method, answer: Any, known: dict[str, Any]) -> None:
    """Keep what a maker made, under the names that other methods ask for it."""
    if isinstance(answer, dict):
        name = {
            "message.media_upload": "media_id",
            "extcontact.create": "userid",
            "calendar.create": "dingtalk_calendar_id",
            "message.send": "messageId",
        }.get(method.title, "")
        answer = answer.get(name)
    names = {
        "message.media_upload": ("media_id",),
        "chat.create": ("chatid", "chat_id"),
        "message.send": ("message_id",),
        "chat.send": ("chat_message",),
        "message.asyncsend_v2": ("task_id", "msg_task_id"),
        "workrecord.process_save": ("process_code", "src_process_code", "target_process_code"),
        "bpms.processinstance_create": ("process_instance_id",),
        "workrecord.add": ("record_id",),
        "extcontact.create": ("ext_userid",),
        "calendar.create": ("calendar_id",),
        "microapp.create": ("new_agent",),
        "cspace.file_upload_transaction": ("upload_id",),
        "cspace.get_custom_space": ("space_id",),
    }.get(method.title, ())
    if answer is not None:
        known.update(dict.fromkeys(names, answer))
