"""``/v1.0/oauth2/*``: the newer forms of the token calls (isv-lifecycle.md 5.3)."""

from __future__ import annotations

from typing import Any

from ...domain import authorisations, suites, tokens
from ...domain.refusals import Refusal
from ..handling import Call, handler


@handler("v1_0_oauth2_access_token_post")
async def access_token(call: Call) -> dict[str, Any]:
    args = call.args
    return _token(await tokens.app_token(call.core, args["appKey"], args["appSecret"]))


@handler("v1_0_oauth2_suite_access_token_post")
async def suite_access_token(call: Call) -> dict[str, Any]:
    args = call.args
    pair = await tokens.suite_token(
        call.core, args["suiteKey"], args["suiteSecret"], args["suiteTicket"]
    )
    return _token(pair)


@handler("v1_0_oauth2_corp_access_token_post")
async def corp_access_token(call: Call) -> dict[str, Any]:
    args = call.args
    await tokens.prove_suite(call.core, args["suiteKey"], args["suiteSecret"], args["suiteTicket"])
    pair = await tokens.isv_corp_token(call.core, args["suiteKey"], args["authCorpId"], None)
    return _token(pair)


@handler(
    "v1_0_oauth2_by_corp_id_token_post",
    v1={40089: "invalid.client", 40088: "invalid.client", 40083: "invalid.client"}
    | {41030: "unauthorized.client", 48004: "unauthorized.client", 33001: "unauthorized.client"},
)
async def client_credentials(call: Call) -> dict[str, Any]:
    args = call.args
    if args["grant_type"] != "client_credentials":
        raise Refusal(
            40002,
            "grant_type 只支持 client_credentials。",
            "grant_type is client_credentials here.",
            facts={"v1": "unsupported.grant.type"},
        )
    token, seconds = await tokens.client_token(
        call.core, args["corpId"], args["client_id"], args["client_secret"]
    )
    return {"access_token": token, "expires_in": seconds}


@handler("v1_0_oauth2_jsapi_tickets_post")
async def jsapi_tickets(call: Call) -> dict[str, Any]:
    ticket, seconds = await tokens.jsapi_ticket(call.core, call.identity, ip=call.client_ip)
    return {"jsapiTicket": ticket, "expireIn": seconds}


@handler("v1_0_oauth2_apps_auth_info_get")
async def auth_info(call: Call) -> dict[str, Any]:
    corp_id = call.args["authCorpId"]
    info = await authorisations.auth_info(call.core, call.identity.suite_key, corp_id, None)
    corp = info.corp
    return {
        "authCorpInfo": {
            "corpId": corp.corp_id,
            "corpName": corp.name,
            "corpLogoUrl": "",
            "industry": "",
            "inviteCode": "",
            "licenseCode": "",
            "inviteUrl": "",
            "authLevel": 1 if corp.is_authenticated else 0,
            "authChannel": "",
            "authChannelType": "",
        },
        "authUserInfo": {"userId": info.authorisation.auth_userid},
        "authAppInfo": {
            "agentList": [
                {
                    "agentName": app.name,
                    "agentId": agent.agent_id,
                    "appId": app.app_id,
                    "logoUrl": app.logo_url,
                    "adminList": [],
                }
                for agent, app in info.agents
            ]
        },
    }


@handler("v1_0_event_suite_ticket_re_push_post")
async def repush_ticket(call: Call) -> dict[str, Any]:
    """重新推送 without the console; known from an SDK only, which sends id and secret (F41)."""
    suite = await suites.get_suite_by_id(call.core, call.need("suiteId"))
    tokens.check_suite_secret(suite, call.need("suiteSecret"))
    return {"result": str(await suites.repush(call.core, suite.suite_key))}


def _token(pair: tuple[str, int]) -> dict[str, Any]:
    return {"accessToken": pair[0], "expireIn": pair[1]}
