"""``/service/*``: what an ISV calls as a suite (isv-lifecycle.md section 5).

Each takes the suite token or the signed query; the permanent code may be left out where real clients
leave it out, since the caller has proved to be the suite by then.
"""

from __future__ import annotations

from typing import Any

from ...domain import authorisations, tokens
from ...domain.authorisations import AuthInfo
from ...domain.model import Agent, MicroApp
from ...domain.refusals import Refusal
from ..handling import Call, handler


@handler("oapi_service_get_suite_token_post")
async def get_suite_token(call: Call) -> dict[str, Any]:
    args = call.args
    token, seconds = await tokens.suite_token(
        call.core, args["suite_key"], args["suite_secret"], args["suite_ticket"]
    )
    return {"suite_access_token": token, "expires_in": seconds}


@handler("oapi_service_get_permanent_code_post")
async def get_permanent_code(call: Call) -> dict[str, Any]:
    code, corp = await authorisations.exchange_code(
        call.core, call.identity.suite_key, call.args["tmp_auth_code"]
    )
    return {
        "permanent_code": code,
        "auth_corp_info": {"corpid": corp.corp_id, "corp_name": corp.name},
    }


@handler("oapi_service_get_corp_token_post")
async def get_corp_token(call: Call) -> dict[str, Any]:
    code = _code(call) if call.signed else call.need("permanent_code")
    token, seconds = await tokens.isv_corp_token(
        call.core, _suite(call), call.args["auth_corpid"], code
    )
    return {"access_token": token, "expires_in": seconds}


@handler("oapi_service_get_auth_info_post")
async def get_auth_info(call: Call) -> dict[str, Any]:
    corp_id = call.args["auth_corpid"]
    try:
        info = await authorisations.auth_info(call.core, _suite(call), corp_id, _code(call))
    except Refusal as refusal:
        if refusal.code != 41030:
            raise
        raise Refusal(40079, refusal.zh, refusal.en, faq=refusal.faq) from refusal
    return _auth_info(info)


@handler("oapi_service_get_agent_post", types={"agentid": "integer"}, optional=("suite_key",))
async def get_agent(call: Call) -> dict[str, Any]:
    args = call.args
    agent, app = await authorisations.agent_info(
        call.core, _suite(call), args["auth_corpid"], args["agentid"], _code(call)
    )
    return {
        "agentid": agent.agent_id,
        "name": app.name,
        "logo_url": app.logo_url,
        "description": app.description,
        "close": agent.close,
    }


@handler("oapi_service_activate_suite_post", optional=("suite_key",))
async def activate_suite(call: Call) -> dict[str, Any]:
    await authorisations.activate(call.core, _suite(call), call.args["auth_corpid"], _code(call))
    return {}


@handler("oapi_service_set_corp_ipwhitelist_post")
async def set_corp_ipwhitelist(call: Call) -> dict[str, Any]:
    await authorisations.set_ip_whitelist(
        call.core, _suite(call), call.args["auth_corpid"], call.args["ip_whitelist"]
    )
    return {}


@handler("oapi_service_get_unactive_corp_post")
async def get_unactive_corp(call: Call) -> dict[str, Any]:
    app_id = call.need("app_id")
    corps, more = await authorisations.unactive_corps(call.core, call.identity.suite_key, app_id)
    return {"app_id": app_id, "corp_list": corps, "has_more": more}


@handler(
    "oapi_service_reauth_corp_post",
    types={"app_id": "integer", "corpid_list": "array of string"},
)
async def reauth_corp(call: Call) -> dict[str, Any]:
    corps = call.args.get("corpid_list") or []
    await authorisations.reauth_corps(
        call.core, call.identity.suite_key, call.need("app_id"), corps
    )
    return {}


@handler("oapi_service_get_channel_corp_token_post")
async def get_channel_corp_token(call: Call) -> dict[str, Any]:
    raise Refusal(
        48002,
        "本平台没有服务窗，因此没有 ch_permanent_code 及其令牌；微应用请用 get_corp_token。",
        "This platform has no service windows and so no token for one; for micro-apps call"
        " get_corp_token.",
    )


def _suite(call: Call) -> str:
    """Return the caller's suite_key; one in the body must be the same."""
    own, given = call.identity.suite_key, call.args.get("suite_key")
    if given and given != own:
        raise Refusal(
            40083,
            f"suite_key 与令牌不符：令牌属于套件 {own}。",
            f"The suite_key is not the token's: that is of suite {own}.",
        )
    return own


def _code(call: Call) -> str | None:
    return call.args.get("permanent_code") or None


def _auth_info(info: AuthInfo) -> dict[str, Any]:
    corp = info.corp
    return {
        "auth_corp_info": {
            "corpid": corp.corp_id,
            "corp_name": corp.name,
            "full_corp_name": corp.name,
            "corp_logo_url": "",
            "industry": "",
            "invite_code": "",
            "license_code": "",
            "is_authenticated": corp.is_authenticated,
            "invite_url": "",
            "auth_channel": "",
            "auth_channel_type": "",
            "auth_level": 1 if corp.is_authenticated else 0,
            "corp_type": 0,
        },
        "auth_user_info": {"userId": info.authorisation.auth_userid},
        "auth_info": {"agent": [_agent(agent, app) for agent, app in info.agents]},
        # The official demo fails with a null pointer without it.
        "channel_auth_info": {"channelAgent": []},
        "auth_market_info": {},
    }


def _agent(agent: Agent, app: MicroApp) -> dict[str, Any]:
    return {
        "agent_name": app.name,
        "agentid": agent.agent_id,
        "appid": app.app_id,
        "logo_url": app.logo_url,
        "admin_list": [],
    }
