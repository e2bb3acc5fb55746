"""Micro-apps of a corp and who sees them, under the older and the newer names."""

from __future__ import annotations

from typing import Any

from ...domain import app_scopes, contacts, micro_apps
from ...domain.app_scopes import AppScope
from ...domain.gatekeeping import parse_patterns
from ...domain.micro_apps import NEW, OLD, AppForm, ShownApp
from ...domain.refusals import Refusal
from ..handling import Call, handler

# The names of an app's fields, ours and those of both generations.
_OLD = {
    "name": "appName",
    "description": "appDesc",
    "icon": "appIcon",
    "home_url": "homepageUrl",
    "pc_home_url": "pcHomepageUrl",
    "oa_url": "ompLink",
}
_NEW = {
    "name": "name",
    "description": "desc",
    "icon": "icon",
    "home_url": "homepageLink",
    "pc_home_url": "pcHomepageLink",
    "oa_url": "ompLink",
}
_V1 = {
    33002: "illegalAppName",
    33003: "illegalAppDesc",
    33004: "illegalAppIcon",
    33005: "invalidParam",
    33006: "invalidParam",
    33007: "invalidParam",
    33008: "invalidParam",
    33013: "overMaxCount",
    40056: "invalidAgentId",
    60011: "noAppManagePermission",
    60111: "invalidUser",
    60121: "invalidUser",
}
_V1_OF_USER = {40056: "invalidAgentId", 60111: "invalidUserId"}
_V1_SCOPES = dict.fromkeys((40035, 40056, 60003, 60111), "invalidParam")


@handler("oapi_microapp_create_post", optional=tuple(_OLD.values()))
async def create(call: Call) -> dict[str, Any]:
    form = AppForm(**{name: call.args.get(wire) or "" for name, wire in _OLD.items()})
    made = await micro_apps.create_app(call.core, call.identity.corp_id, form, OLD)
    # Documents of two generations and the SDKs each read another name.
    return {"agentid": made.agent_id, "agentId": made.agent_id, "id": made.agent_id}


@handler("oapi_microapp_update_post", optional=("agentId",))
async def update(call: Call) -> dict[str, Any]:
    agent_id = call.need("agentId")
    await micro_apps.update_app(
        call.core, call.identity.corp_id, agent_id, OLD, **_changes(call, _OLD)
    )
    return {"agentid": agent_id, "agentId": agent_id}


@handler("oapi_microapp_delete_post")
async def delete(call: Call) -> dict[str, Any]:
    await micro_apps.delete_app(call.core, call.identity.corp_id, call.args["agentId"])
    return {}


@handler("oapi_microapp_list_post")
async def list_(call: Call) -> dict[str, Any]:
    found = await micro_apps.list_apps(call.core, call.identity.corp_id)
    return {"appList": [_old_app(app) for app in found]}


@handler("oapi_microapp_list_by_userid_get")
async def list_by_userid(call: Call) -> dict[str, Any]:
    userid = call.args["userid"]
    found = await micro_apps.apps_seen_by(call.core, call.identity.corp_id, userid)
    return {"appList": [_old_app(app) for app in found]}


@handler("oapi_microapp_visible_scopes_post")
async def visible_scopes(call: Call) -> dict[str, Any]:
    scope = await app_scopes.get_scope(call.core, call.identity.corp_id, call.args["agentId"])
    return {
        "isHidden": scope.is_hidden,
        "deptVisibleScopes": scope.dept_ids,
        "userVisibleScopes": scope.userids,
    }


@handler("oapi_microapp_set_visible_scopes_post")
async def set_visible_scopes(call: Call) -> dict[str, Any]:
    """What is not given stays as it is; roles, which this generation does not know, too."""
    args = call.args

    def change(before: AppScope) -> AppScope:
        hidden, depts = args.get("isHidden"), args.get("deptVisibleScopes")
        users = args.get("userVisibleScopes")
        return AppScope(
            before.is_hidden if hidden is None else hidden,
            before.dept_ids if depts is None else depts,
            before.userids if users is None else users,
            before.role_ids,
        )

    await app_scopes.change_scope(call.core, call.identity.corp_id, args["agentId"], change)
    return {}


@handler("oapi_user_can_access_microapp_get")
async def can_access_microapp(call: Call) -> dict[str, Any]:
    found = await contacts.get_member(call.core, call.identity.corp_id, call.args["userId"])
    apps = await micro_apps.list_apps(call.core, call.identity.corp_id)
    known = {app.app_id for app in apps if app.owner_key == call.identity.suite_key}
    return {"canAccess": found.is_admin and call.args["appId"] in known}


@handler("v1_0_micro_app_apps_post", v1=_V1, types={"ipWhiteList": "array of string"})
async def v1_create(call: Call) -> dict[str, Any]:
    await _operator(call)
    form = AppForm(**{name: call.args.get(wire) or "" for name, wire in _NEW.items()})
    made = await micro_apps.create_app(
        call.core,
        call.identity.corp_id,
        form,
        NEW,
        ip_whitelist=_whitelist(call) or (),
    )
    return {"agentId": made.agent_id, "appKey": made.app_key, "appSecret": made.secret}


@handler("v1_0_micro_app_apps_by_agent_id_put", v1=_V1, types={"ipWhiteList": "array of string"})
async def v1_update(call: Call) -> dict[str, Any]:
    await _operator(call)
    await micro_apps.update_app(
        call.core,
        call.identity.corp_id,
        call.args["agentId"],
        NEW,
        ip_whitelist=_whitelist(call),
        **_changes(call, _NEW),
    )
    return {"result": True}


@handler("v1_0_micro_app_apps_by_agent_id_delete", v1=_V1)
async def v1_delete(call: Call) -> dict[str, Any]:
    await _operator(call)
    await micro_apps.delete_app(call.core, call.identity.corp_id, call.args["agentId"])
    return {"result": True}


@handler("v1_0_micro_app_all_apps_get")
async def v1_all_apps(call: Call) -> dict[str, Any]:
    found = await micro_apps.list_apps(call.core, call.identity.corp_id)
    return {"appList": [_new_app(app) for app in found]}


@handler("v1_0_micro_app_all_inner_apps_get")
async def v1_all_inner_apps(call: Call) -> dict[str, Any]:
    found = await micro_apps.list_apps(call.core, call.identity.corp_id, only_own=True)
    return {"appList": [_new_app(app) for app in found]}


@handler("v1_0_micro_app_apps_get")
async def v1_apps(call: Call) -> dict[str, Any]:
    """The older name of allInnerApps."""
    found = await micro_apps.list_apps(call.core, call.identity.corp_id, only_own=True)
    return {"appList": [_new_app(app) for app in found]}


@handler("v1_0_micro_app_users_by_user_id_apps_get", v1=_V1_OF_USER)
async def v1_apps_of_user(call: Call) -> dict[str, Any]:
    userid = call.args["userId"]
    found = await micro_apps.apps_seen_by(call.core, call.identity.corp_id, userid)
    return {"appList": [_new_app(app) for app in found]}


@handler("v1_0_micro_app_apps_by_agent_id_scopes_get", v1=_V1_SCOPES)
async def v1_scopes(call: Call) -> dict[str, Any]:
    scope = await app_scopes.get_scope(call.core, call.identity.corp_id, call.args["agentId"])
    return {
        "result": {
            "userIds": scope.userids,
            "deptIds": scope.dept_ids,
            "roleIds": scope.role_ids,
            "onlyAdminVisible": scope.is_hidden,
        }
    }


@handler("v1_0_micro_app_apps_by_agent_id_scopes_post", v1=_V1_SCOPES)
async def v1_change_scopes(call: Call) -> dict[str, Any]:
    args = call.args

    def change(before: AppScope) -> AppScope:
        hidden = args.get("onlyAdminVisible")
        return AppScope(
            before.is_hidden if hidden is None else hidden,
            _merged(before.dept_ids, args, "DeptIds"),
            _merged(before.userids, args, "UserIds"),
            _merged(before.role_ids, args, "RoleIds"),
        )

    await app_scopes.change_scope(call.core, call.identity.corp_id, args["agentId"], change)
    return {"result": True}


@handler("v1_0_micro_app_apps_by_agent_id_users_by_user_id_admin_access_get", v1=_V1_OF_USER)
async def v1_admin_access(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    await app_scopes.get_scope(call.core, corp_id, call.args["agentId"])
    member = await contacts.get_member(call.core, corp_id, call.args["userId"])
    return {"result": member.is_admin}


async def _operator(call: Call) -> None:
    """Refuse 60121 or 60011 when the operator is no member, or no admin, of the corp."""
    member = await contacts.get_member_by_unionid(
        call.core, call.identity.corp_id, call.args["opUnionId"]
    )
    if not member.is_admin:
        raise Refusal(
            60011,
            f"操作人 {member.userid} 不是企业管理员，不能管理应用。",
            f"The operator {member.userid} is no admin of the corp and may not manage apps.",
        )


def _whitelist(call: Call) -> list[str] | None:
    given: list[str] | None = call.args.get("ipWhiteList")
    try:
        parse_patterns(given or ())
    except Refusal as refusal:
        refusal.facts["v1"] = "illegalIp"
        raise
    return given


def _changes(call: Call, names: dict[str, str]) -> dict[str, str]:
    given = {name: call.args.get(wire) for name, wire in names.items()}
    return {name: value for name, value in given.items() if value is not None}


def _merged(before: list[Any], args: dict[str, Any], kind: str) -> list[Any]:
    removed = set(args.get(f"del{kind}") or ())
    added = [each for each in args.get(f"add{kind}") or () if each not in before]
    return [*(each for each in before if each not in removed), *added]


def _old_app(app: ShownApp) -> dict[str, Any]:
    return {
        "name": app.name,
        "agentId": app.agent_id,
        "appIcon": app.icon,
        "appDesc": app.description,
        "isSelf": app.own,
        "appStatus": int(app.enabled),
        "homepageLink": app.home_url,
        "pcHomepageLink": app.pc_home_url,
        "ompLink": app.oa_url,
    }


def _new_app(app: ShownApp) -> dict[str, Any]:
    return {
        "agentId": app.agent_id,
        "name": app.name,
        "desc": app.description,
        "icon": app.icon,
        "homepageLink": app.home_url,
        "pcHomepageLink": app.pc_home_url,
        "ompLink": app.oa_url,
        "appId": app.app_id,
        "appStatus": int(app.enabled),
        "developType": 0,
    }
