"""What an enterprise's own app and every holder of a corp token fetch first."""

from __future__ import annotations

from typing import Any

from ...domain import scopes, tokens
from ..handling import Call, handler

# What an enterprise's own app may read; an ISV reads what the suite ticked (F51).
_BASIC = ("userid", "name", "unionid", "jobnumber", "position", "department", "isAdmin")
_OWN = (*_BASIC, "mobile", "email")


@handler("oapi_gettoken_get")
async def gettoken(call: Call) -> dict[str, Any]:
    args = call.args
    if args.get("appkey"):
        pair = await tokens.app_token(call.core, args["appkey"], args["appsecret"])
    else:
        pair = await tokens.corp_token(call.core, args["corpid"], args["corpsecret"])
    return {"access_token": pair[0], "expires_in": pair[1]}


@handler("oapi_get_jsapi_ticket_get")
async def get_jsapi_ticket(call: Call) -> dict[str, Any]:
    ticket, seconds = await tokens.jsapi_ticket(call.core, call.identity, ip=call.client_ip)
    return {"ticket": ticket, "expires_in": seconds}


@handler("oapi_auth_scopes_get")
async def auth_scopes(call: Call) -> dict[str, Any]:
    own = call.identity.kind == "internal"
    scope = call.caller.scope or scopes.EVERYTHING
    return {
        "auth_user_field": list(_OWN if own else (*_BASIC, *call.caller.user_fields)),
        "condition_field": [],
        "auth_org_scopes": {"authed_user": scope.users, "authed_dept": scope.depts},
    }
