"""免登: codes by which the app's server learns who is looking at the page (sso-and-login.md 3, 4)."""

from __future__ import annotations

from typing import Any

from ....domain import signin, signin_pages
from ....domain.refusals import Refusal
from . import SYSTEM, Fail, Invocation, server


@server("runtime.permission.requestAuthCode")
async def request_auth_code(call: Invocation) -> dict[str, str]:
    """Make a code for this member and this app. One bridge method, two names of its result."""
    code = await _login_code(call)
    return {"code": code, "authCode": code}


@server("runtime.permission.requestAuthCodeV2")
async def request_auth_code_v2(call: Invocation) -> dict[str, str]:
    """The same with a ``clientId``, which has to be this app's."""
    client = call.params.get("clientId")
    if client not in (None, "", call.frame.owner_key):
        raise refused(
            call,
            Refusal(
                40056,
                f"clientId {str(client)[:64]!r} 不是此应用的；它的 clientId（AppKey/SuiteKey）是"
                f" {call.frame.owner_key}。",
                f"clientId {str(client)[:64]!r} is not this app's; its clientId (AppKey, SuiteKey)"
                f" is {call.frame.owner_key}.",
                faq="F10",
            ),
        )
    code = await _login_code(call)
    return {"code": code, "authCode": code}


@server("runtime.permission.requestOperateAuthCode")
async def request_operate_auth_code(call: Invocation) -> dict[str, str]:
    """Make a code for what a member does (a message sent in the member's name)."""
    agent = str(call.params.get("agentId") or call.frame.agent_id)
    try:
        if agent != str(call.frame.agent_id):
            raise Refusal(
                40056,
                f"agentId {agent[:64]!r} 不是此应用的；它在该企业的 agentid 是 {call.frame.agent_id}。",
                f"agentId {agent[:64]!r} is not this app's; its agentid in the corp is"
                f" {call.frame.agent_id}.",
                faq="F10",
            )
        check_corp(call)
        issued = await signin.operate_code(call.core, call.frame.corp_id, call.frame.userid, agent)
    except Refusal as refusal:
        raise refused(call, refusal) from refusal
    return {"code": issued.code, "authCode": issued.code}


async def _login_code(call: Invocation) -> str:
    asked = call.params.get("corpId")
    try:
        issued = await signin_pages.request_auth_code(
            call.core,
            call.frame.corp_id,
            call.frame.userid,
            asked=asked if isinstance(asked, str) else "",
            page_url=call.page_url,
            agent_id=call.frame.agent_id,
        )
    except Refusal as refusal:
        raise refused(call, refusal) from refusal
    return issued.code


def check_corp(call: Invocation) -> None:
    """Refuse 40013 where the page names another corp than the member's."""
    asked = call.params.get("corpId")
    if asked not in (None, "", call.frame.corp_id):
        raise Refusal(
            40013,
            f"页面请求的 corpId {str(asked)[:80]!r} 不是当前成员所在的企业 {call.frame.corp_id}。",
            f"The corpId {str(asked)[:80]!r} is not the member's corp {call.frame.corp_id}.",
            faq="F1",
            facts={"client_code": 3, "client_text": "1002,corpId不合法"},
        )


def refused(call: Invocation, refusal: Refusal) -> Fail:
    """Say a refusal as the client does, with everything a developer needs for the panel."""
    facts = refusal.facts
    code = str(facts.get("client_code", SYSTEM))
    text = str(facts.get("client_text") or refusal.errmsg)
    if call.core.settings.signin_profile == "modern":
        text = str(facts.get("client_text_2026", text))
    return Fail(code, text, report(call, refusal, code, text))


def report(call: Invocation, refusal: Refusal, code: str, text: str) -> dict[str, Any]:
    """Put beside each other what the page asked and what the platform knows."""
    wanted = {
        "corpId": call.frame.corp_id,
        "agentId": str(call.frame.agent_id),
        "clientId": call.frame.owner_key,
    }
    sent = {name: call.params[name] for name in wanted if name in call.params}
    sent.setdefault("corpId", "")
    return {
        "code": refusal.code,
        "client": {"errorCode": code, "errorMessage": text},
        "sent": {"url": call.url, **sent},
        "computed": {
            "url": call.page_url,
            **{name: wanted[name] for name in sent},
            "origins": list(call.frame.origins),
        },
        "differs": [
            {"field": name, "sent": str(sent[name])[:200], "expected": wanted[name]}
            for name in sent
            if str(sent[name]) != wanted[name]
        ],
        "zh": refusal.zh,
        "en": refusal.en,
        "faq": refusal.faq or "",
    }
