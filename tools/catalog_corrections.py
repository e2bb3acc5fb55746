"""What the API catalogue has wrong or leaves out, put right, each with its reason.

A correction changes records as ``build_catalog.py`` makes them of the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]

# The tags that /call_back/register_call_back takes (callback-crypto.md, 9.1 and 9.2). The source has
# their payloads, but not which of the 200 events of the newer pages the old registration knows.
CALL_BACK_TAGS = {
    "2016": (
        *("user_add_org", "user_modify_org", "user_leave_org", "org_admin_add"),
        *("org_admin_remove", "org_dept_create", "org_dept_modify", "org_dept_remove"),
        *("org_remove", "chat_add_member", "chat_remove_member", "chat_quit"),
        *("chat_update_owner", "chat_update_title", "chat_disband", "chat_disband_microapp"),
    ),
    "later": (
        *("user_active_org", "org_change", "label_user_change", "label_conf_add"),
        *("label_conf_del", "label_conf_modify", "bpms_instance_change", "bpms_task_change"),
        *("check_in", "attendance_check_record", "attendance_schedule_change"),
        *("attendance_overtime_duration", "attend_group_change", "attend_shift_change"),
        *("meetingroom_book", "meetingroom_room_info"),
        *("edu_user_insert", "edu_user_update", "edu_user_delete", "edu_user_relation_insert"),
        *("edu_user_relation_update", "edu_user_relation_delete", "edu_dept_insert"),
        *("edu_dept_update", "edu_dept_delete"),
    ),
}


# Names of people and firms that do not look invented, in the source's example answers.
TOO_REAL = ("抱壹", "刘先生", "张某", "王经理", "阿里巴巴", "阿里商旅")


def is_filler(name: str, value: str) -> bool:
    """Tell whether an example text is no use as one.

    It is only the source's way of filling a field, or a real-looking name, or tells of a failure
    in what is to be an answer of success.
    """
    filled = value == f"{name}-1" or re.fullmatch(r"[A-Za-z_.]+-\d+", value) is not None
    fails = re.search(r"(?i)err|fail|msg$|message$|reason", name) is not None
    return filled or fails or any(each in value for each in TOO_REAL)


def _accept(token: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        endpoint["tokens"] = [*endpoint["tokens"], token]

    return correct


def _suite_token(endpoint: Record) -> None:
    name = "suite_access_token"
    where = {"token_in": "query", "token_name": name}
    endpoint.update(where, scheme=name, tokens=["suite"])
    endpoint["signed"] = True
    endpoint.pop("one_of", None)


def _signed_too(endpoint: Record) -> None:
    endpoint["signed"] = True
    endpoint.pop("one_of", None)
    names = ("accessKey", "timestamp", "suiteTicket", "signature")
    endpoint["params"] = [p for p in endpoint["params"] if p["name"] not in names]


def _optional(*names: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        for param in endpoint["params"]:
            if param["name"] in names:
                param.pop("required", None)

    return correct


def _required(*names: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        for param in endpoint["params"]:
            if param["name"] in names:
                param["required"] = True

    return correct


def _param(name: str, **changes: Any) -> Callable[[Record], None]:
    """Change a parameter; a value of None takes the key out."""

    def correct(endpoint: Record) -> None:
        param = next(p for p in endpoint["params"] if p["name"] == name)
        param.update(changes)
        for key in [key for key, value in changes.items() if value is None]:
            del param[key]

    return correct


def _add(*params: Record) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        endpoint["params"] = [*endpoint["params"], *params]

    return correct


def _add_member(name: str, member: Record) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        param = next(p for p in endpoint["params"] if p["name"] == name)
        param["fields"] = [*param["fields"], member]

    return correct


def _link_of_2016(endpoint: Record) -> None:
    link = next(p for p in endpoint["params"] if p["name"] == "link")
    for field in link["fields"]:
        if field["name"] in ("messageUrl", "picUrl"):
            field.pop("required", None)
    link["fields"] = [*link["fields"], _TEXT | {"name": "message_url"}, _TEXT | {"name": "pic_url"}]


def _without_enum(path: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        fields = endpoint["response"]
        for name in path.split("."):
            field = next(f for f in fields if f["name"] == name)
            fields = field.get("fields", [])
        del field["enum"]

    return correct


def _without_enum_of(name: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        del next(p for p in endpoint["params"] if p["name"] == name)["enum"]

    return correct


def _text_for_files(endpoint: Record) -> None:
    if "multipart/form-data" in endpoint["content_types"]:
        return
    fields = [*endpoint["params"], *endpoint["response"]]
    while fields:
        field = fields.pop()
        fields += field.get("fields", ())
        for key in ("type", "items"):
            if field.get(key) == "file":
                field[key] = "string"


_TEXT: Record = {"type": "string"}

# What is wrong in many places at once: tried on every record.
RULES: list[tuple[Callable[[Record], None], str]] = [
    (
        _text_for_files,
        "JSON holds no files. The source took a type of the SDK's models (mail, okr, watt) that "
        "reads like one; ids, names and addresses of e-mail are texts.",
    ),
]

CORRECTIONS: list[tuple[tuple[str, ...], Callable[[Record], None], str]] = [
    (
        ("oapi_message_send_post",),
        _accept("isv_corp"),
        "The ISV guide of 2016 sends with the agentid of the authorised corp; the page the source "
        "read is the one for a corp's own apps.",
    ),
    (
        (
            *("oapi_department_create_post", "oapi_department_update_post"),
            *("oapi_department_delete_get", "oapi_user_create_post", "oapi_user_update_post"),
            *("oapi_user_delete_get", "oapi_user_batchdelete_post", "oapi_user_list_get"),
        ),
        _accept("isv_corp"),
        "ISVs call them with a corp token (clients.md, flow of an ISV; FAQ F46, F51); the newer "
        "pages closed them to ISVs.",
    ),
    (
        ("oapi_service_get_auth_info_post", "oapi_service_get_corp_token_post"),
        _suite_token,
        "The source knows the signed query as the rule and the suite token as the exception; both "
        "are in use and the suite token came first (isv-lifecycle.md §5).",
    ),
    (
        (
            *("oapi_service_get_agent_post", "oapi_service_activate_suite_post"),
            *("oapi_service_get_unactive_corp_post", "oapi_service_reauth_corp_post"),
            *("oapi_service_set_corp_ipwhitelist_post",),
            *("oapi_service_get_channel_corp_token_post",),
        ),
        _signed_too,
        "Clients sign these as well (clients.md, what one ISV flow calls).",
    ),
    (
        ("oapi_service_activate_suite_post",),
        _optional("permanent_code"),
        "The official client jar leaves it out (isv-lifecycle.md §5, tolerances).",
    ),
    (
        ("oapi_service_get_corp_token_post",),
        _required("auth_corpid"),
        "Required in both generations, in the query of one and in the body of the other.",
    ),
    (
        ("oapi_user_list_get",),
        _without_enum("userlist.order"),
        "The number by which a member is sorted got the allowed values of the parameter that has "
        "the same name.",
    ),
    (
        ("oapi_topapi_v2_user_getuserinfo_post",),
        _without_enum_of("code"),
        "The names of the two client calls that give a code were taken for allowed values.",
    ),
    (
        ("oapi_media_upload_post",),
        _required("type"),
        "Required in both generations, in the query of one and in the form of the other.",
    ),
    (
        ("oapi_user_create_post", "oapi_user_update_post"),
        _param("department", type="array", items="integer", format=None),
        "A list of ids in the examples of 2016 and of later; the tables call it an array of arrays "
        "in one and text in the other.",
    ),
    (
        ("oapi_user_create_post", "oapi_user_update_post"),
        _param("extattr", type="any"),
        "An object in the example of 2016, JSON text in the later table; both are in use.",
    ),
    (
        ("oapi_department_update_post",),
        _param("id", type="string"),
        "Text in the example and the table of 2016 and in the other calls of /department/; later "
        "tables call it a number. As the id of a department it may be given as either.",
    ),
    (
        ("oapi_chat_send_post",),
        _add(_TEXT | {"name": "sender", "in": "body", "gen": ["2016"]}),
        "Required in 2016, when a group message came from a member; all of its examples have it.",
    ),
    (
        ("oapi_chat_send_post",),
        _link_of_2016,
        "The example of 2016 spells them message_url and pic_url, its table messageUrl and picUrl.",
    ),
    (
        ("v1_0_todo_users_by_union_id_configs_types_by_card_type_id_put",),
        _add_member("actionList", {"name": "handlers", "type": "array", "items": "any"}),
        "The page's example has them, its table does not.",
    ),
    (
        ("v1_0_attendance_write_permissions_query_post",),
        _add(_TEXT | {"name": "corpId", "in": "query"}),
        "The page's example has it, its table does not.",
    ),
    (
        ("v2_0_esign_auths_cancel_post",),
        _optional("body"),
        "The page's example has no body, and its table names no field of one.",
    ),
    (
        ("v1_0_yida_tasks_batches_execute_post",),
        _param("taskInformationList", format="json", enum=None),
        "JSON text of a list of objects in the official SDK's example, with taskId and formInstId "
        "as the members of each.",
    ),
    (
        ("v1_0_yida_processes_instances_start_post",),
        _param("processData", format=None),
        "Plain text in version 2.0 of the same call.",
    ),
]
