"""Signing in on the newer API: user tokens, the admin backend, and who I am (sso-and-login.md 5, 7)."""

from __future__ import annotations

from typing import Any

from ...domain import signin, signin_apps, signin_people, signin_tokens
from ...domain.refusals import Refusal
from ..handling import Call, handler
from .signed_in import own_unionid

_BAD_CODE = {41007: "invalidCode", 40014: "invalidToken"}


@handler("v1_0_oauth2_user_access_token_post")
async def user_access_token(call: Call) -> dict[str, Any]:
    args, kind = call.args, call.args["grantType"]
    pair = (call.core, args["clientId"], args["clientSecret"])
    if kind == "authorization_code":
        path = "/v1.0/oauth2/userAccessToken"
        token = await signin_tokens.user_token(*pair, call.need("code"), used_in=path)
    elif kind == "refresh_token":
        token = await signin_tokens.refresh_user_token(*pair, call.need("refreshToken"))
    else:
        raise Refusal(
            40002,
            "grantType 应为 authorization_code 或 refresh_token。",
            "grantType is authorization_code or refresh_token.",
            facts={"field": "grantType", "v1": "unsupported.grant.type"},
        )
    shown = {
        "accessToken": token.access_token,
        "refreshToken": token.refresh_token,
        "expireIn": token.seconds,
    }
    return {**shown, "corpId": token.corp_id} if token.corp_id else shown


@handler("v1_0_contact_users_by_union_id_get")
async def contact_user(call: Call) -> dict[str, Any]:
    """``me``, or the token's own unionid: who signed in is all a user's token may read."""
    unionid = own_unionid(call, call.args["unionId"])
    identity = call.identity
    app = await signin_apps.get(call.core, identity.app_key or identity.suite_key)
    who = await signin_people.person(call.core, identity.corp_id, identity.userid)
    member = who.member
    shown = {
        "nick": member.profile.nickname or member.name,
        "avatarUrl": "",
        "openId": app.openid(unionid),
        "unionId": unionid,
    }
    if member.mobile:
        shown |= {"mobile": member.mobile, "stateCode": "86"}
    return {**shown, "email": member.email} if member.email else shown


@handler("v1_0_ai_global_ec_auth_code_get_login_user_post")
async def login_user(call: Call) -> dict[str, Any]:
    """Known from an SDK only: a sign-in code of an own app."""
    path = "/v1.0/aiGlobalEC/authCode/getLoginUser"
    found = await signin.login(call.core, call.identity, call.need("authCode"), used_in=path)
    app = await signin_apps.get(call.core, call.identity.app_key or call.identity.suite_key)
    return {
        "corpId": found.corp_id,
        "isAdmin": found.member.is_admin,
        "unionId": found.member.unionid,
        "openId": app.openid(found.member.unionid),
    }


@handler("v1_0_oauth2_auth_rules_user_get")
async def auth_rules(call: Call) -> dict[str, Any]:
    """What the person agreed to when signing in."""
    words = call.identity.scope.split()
    agreed = {"Contact.User": ["Read"] if signin.OPENID in words else []}
    agreed["Contact.Corp"] = ["Read"] if signin.CORPID in words else []
    return {
        "result": [
            {"resource": resource, "authItems": items}
            for resource, items in agreed.items()
            if items
        ]
    }


@handler("v1_0_oauth2_sso_access_token_post")
async def sso_access_token(call: Call) -> dict[str, Any]:
    args = call.args
    token, seconds = await signin_tokens.sso_token(call.core, args["corpid"], args["ssoSecret"])
    return {"accessToken": token, "expireIn": seconds}


@handler("v1_0_oauth2_sso_user_info_get", v1=_BAD_CODE)
async def sso_user_info(call: Call) -> dict[str, Any]:
    found = await signin.admin(
        call.core, call.identity, call.args["code"], used_in="/v1.0/oauth2/ssoUserInfo"
    )
    who = await signin_people.person(call.core, found.corp_id, found.member.userid)
    return {
        "corpId": who.corp.corp_id,
        "corpName": who.corp.name,
        "userId": who.member.userid,
        "email": who.member.email,
        "userName": who.member.name,
        "avatar": "",
        "isAdmin": who.member.is_admin,
    }
