"""Signing in on oapi: 免登, the admin backend, open apps (sso-and-login.md 3, 5, 6)."""

from __future__ import annotations

from typing import Any

from ...domain import signin, signin_apps, signin_people, signin_tokens
from ...domain.model import Member
from ..handling import Call, handler

_BOSS = 100
_OLD_LEVELS = {0: 0, 1: 2, 2: 1}  # ours: 1 main, 2 sub; in 2016: 2 super, 1 ordinary administrator


@handler("oapi_user_getuserinfo_get")
async def getuserinfo(call: Call) -> dict[str, Any]:
    member = await _who(call, "/user/getuserinfo")
    old = call.core.settings.signin_profile == "isv2016"
    shown: dict[str, Any] = {
        "userid": member.userid,
        "deviceId": signin_people.handle("device", member.unionid),
        "is_sys": member.is_admin,
        "sys_level": _OLD_LEVELS[member.sys_level] if old else member.sys_level,
    }
    return shown if old else {**shown, "name": member.name}


@handler("oapi_topapi_v2_user_getuserinfo_post")
async def getuserinfo_v2(call: Call) -> dict[str, Any]:
    member = await _who(call, "/topapi/v2/user/getuserinfo")
    return {
        "result": {
            "userid": member.userid,
            "device_id": signin_people.handle("device", member.unionid),
            "sys": member.is_admin,
            "sys_level": member.sys_level or (_BOSS if member.is_boss else 0),
            "associated_unionid": "",
            "unionid": member.unionid,
            "name": member.name,
        }
    }


@handler("oapi_sso_gettoken_get")
async def sso_gettoken(call: Call) -> dict[str, Any]:
    args = call.args
    token, seconds = await signin_tokens.sso_token(call.core, args["corpid"], args["corpsecret"])
    return {"access_token": token, "expires_in": seconds}


@handler("oapi_sso_getuserinfo_get")
async def sso_getuserinfo(call: Call) -> dict[str, Any]:
    found = await signin.admin(
        call.core, call.identity, call.args["code"], used_in="/sso/getuserinfo"
    )
    who = await signin_people.person(call.core, found.corp_id, found.member.userid)
    return {
        "corp_info": {"corp_name": who.corp.name, "corpid": who.corp.corp_id},
        "is_sys": who.member.is_admin,
        "user_info": {
            "avatar": "",
            "email": who.member.email,
            "name": who.member.name,
            "userid": who.member.userid,
        },
    }


@handler("oapi_sns_gettoken_get")
async def sns_gettoken(call: Call) -> dict[str, Any]:
    args = call.args
    token, seconds = await signin_tokens.personal_token(call.core, args["appid"], args["appsecret"])
    return {"access_token": token, "expires_in": seconds}


@handler("oapi_sns_get_persistent_code_post")
async def get_persistent_code(call: Call) -> dict[str, Any]:
    grant = await signin_tokens.sns_grant(
        *(call.core, call.identity, call.args["tmp_auth_code"]),
        used_in="/sns/get_persistent_code",
    )
    return {
        "openid": grant.openid,
        "persistent_code": grant.persistent_code,
        "unionid": grant.unionid,
    }


@handler("oapi_sns_get_sns_token_post")
async def get_sns_token(call: Call) -> dict[str, Any]:
    args = call.args
    token, seconds = await signin_tokens.sns_token(
        call.core, call.identity, args["openid"], args["persistent_code"]
    )
    return {"sns_token": token, "expires_in": seconds}


@handler("oapi_sns_getuserinfo_get")
async def sns_getuserinfo(call: Call) -> dict[str, Any]:
    identity = call.identity
    app = await signin_apps.get(call.core, identity.app_key)
    corps = await signin_people.memberships(call.core, identity.unionid)
    member = await _member(call, corps)
    return {
        "user_info": {
            "nick": _nick(member),
            "openid": app.openid(identity.unionid),
            "unionid": identity.unionid,
            "dingId": signin_people.handle("ding", identity.unionid),
            "maskedMobile": _masked(member.mobile if member else ""),
        },
        "corp_info": [
            {
                "corp_name": corp.corp_name,
                "is_auth": corp.certified,
                "is_manager": corp.is_admin,
                "rights_level": 100 if corp.certified else 0,
            }
            for corp in corps
        ],
    }


@handler("oapi_sns_getuserinfo_bycode_post")
async def getuserinfo_bycode(call: Call) -> dict[str, Any]:
    key, timestamp, signature = (_text(call.need(name)) for name in _SIGNED)
    app, found = await signin_tokens.bycode(
        *(call.core, key, timestamp, signature, call.need("tmp_auth_code")),
        used_in="/sns/getuserinfo_bycode",
    )
    who = await signin_people.person(call.core, found.corp_id, found.userid)
    return {
        "user_info": {
            "nick": _nick(who.member),
            "unionid": found.unionid,
            "openid": app.openid(found.unionid),
            "main_org_auth_high_level": who.corp.is_authenticated,
        }
    }


_SIGNED = ("accessKey", "timestamp", "signature")


async def _who(call: Call, path: str) -> Member:
    found = await signin.login(call.core, call.identity, call.args["code"], used_in=path)
    return found.member


async def _member(call: Call, corps: list[signin_people.Membership]) -> Member | None:
    """Return the person as the corp joined first knows them; None when all corps are left."""
    if not corps:
        return None
    who = await signin_people.person(call.core, corps[0].corp_id, corps[0].userid)
    return who.member


def _nick(member: Member | None) -> str:
    return "" if member is None else member.profile.nickname or member.name


def _masked(mobile: str) -> str:
    """130****1234"""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) > 7 else ""


def _text(value: object) -> str:
    return str(value)[:500]
