"""One call of a page: every check in a straight line, then the ability.

    frame is this desk's → page is the one that is open → name (aliases) → known → flavour, version
    → granted, else "7" → server's function, or the browser is asked

Codes are texts: the client's library compares them with text constants (jsapi.md 5.3).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any

import msgspec

from sanfang.catalog import jsapi

from ...domain import frames, page_config
from ...domain.core import Core
from ...domain.frames import Frame
from ...domain.refusals import Refusal
from . import methods, verdicts
from .addresses import Addresses
from .asking import Caller, bad, number, table, text
from .methods import ABSENT, SYSTEM, Ask, Fail, Invocation

_CONFIG_NAMES = frozenset({"runtime.permission.requestJsApis", "config"})
_NFC = "device.nfc."
_GONE = 51003  # no such frame, or not of this desk: said to the workbench, not to the page


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What the page's call is, as the workbench's page passes it on."""

    page: int
    method: str
    params: dict[str, Any]
    url: str
    device: dict[str, Any]


async def invoke(
    core: Core, addresses: Addresses, who: Caller, frame_id: str, call: Call
) -> dict[str, Any]:
    """Do a call; return what goes back over the bridge, or ``ask``. Refuses 51003 for the frame."""

    async def work() -> dict[str, Any]:
        frame, method = await _checked(core, who, frame_id, call)
        if method in _CONFIG_NAMES:
            return await _config(core, addresses, frame, call)
        result = await methods.perform(_invocation(core, addresses, who, frame, method, call))
        if isinstance(result, Ask):
            return {"ok": True, "ask": {"ability": method, "params": dict(result.params)}}
        return {"ok": True, "result": result}

    return await _told(work())


async def finish(
    core: Core, addresses: Addresses, who: Caller, frame_id: str, call: Call, answer: Any
) -> dict[str, Any]:
    """Turn what a person did into the page's result; the call is checked as it was before."""

    async def work() -> dict[str, Any]:
        frame, method = await _checked(core, who, frame_id, call)
        invocation = _invocation(core, addresses, who, frame, method, call)
        return {"ok": True, "result": await methods.finish(invocation, answer)}

    return await _told(work())


async def _told(work: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """Return what comes of a call: a refusal goes back over the bridge, but for a frame that is gone."""
    try:
        return await work
    except Fail as fail:
        return failed(fail)
    except Refusal as refusal:
        if refusal.code == _GONE:
            raise
        return failed(Fail(SYSTEM, refusal.errmsg, explained(refusal)))


async def _checked(core: Core, who: Caller, frame_id: str, call: Call) -> tuple[Frame, str]:
    frame = await frames.get_frame(core, who.token, frame_id)
    if frame.page != call.page:
        raise Fail(SYSTEM, "the page that called has been left")
    name = jsapi.canonical(call.method)
    if name in _CONFIG_NAMES:
        return frame, name
    if not methods.known(name):
        raise Fail(ABSENT, f"{call.method[:100]} is not implemented by this container")
    _check_client(frame, name)
    if not frame.allows(name):
        raise verdicts.not_granted(frame, name, call.method, call.url)
    return frame, name


def _check_client(frame: Frame, name: str) -> None:
    if name.startswith(_NFC) and frame.flavour != "android":
        raise verdicts.android_only(frame, name)
    found = jsapi.method(name)
    least = "" if found is None else found.lowest(frame.flavour)
    if least and jsapi.version(frame.client_version) < jsapi.version(least):
        raise verdicts.too_old(frame, name, least)


async def _config(core: Core, addresses: Addresses, frame: Frame, call: Call) -> dict[str, Any]:
    urls = addresses.candidates(frame, call.url)
    given = call.params.get("url")  # PC clients say where they are, without the hash
    if isinstance(given, str) and given not in urls and addresses.is_of(frame, given):
        urls.append(given)
    elif frame.flavour == "pc" and given is not None and not page_config.is_page(given):
        urls = []  # 52014
    outcome = await page_config.check(core, frame, call.params, urls=urls)
    report = msgspec.to_builtins(outcome.report)
    if not outcome.ok:
        return failed(Fail(SYSTEM, outcome.message, {"kind": "config", **report}))
    await frames.set_granted(core, frame, outcome.granted)
    if frame.flavour == "pc":
        result: dict[str, Any] = {
            "authorizedAPIList": outcome.granted,
            "unauthorizedAPIList": outcome.unauthorized,
        }
    else:
        result = {"jsApilist": outcome.granted}
    return {"ok": True, "result": result}


def _invocation(
    core: Core, addresses: Addresses, who: Caller, frame: Frame, method: str, call: Call
) -> Invocation:
    return Invocation(
        core=core,
        token=who.token,
        desk=who.desk,
        frame=frame,
        method=method,
        asked=call.method,
        params=call.params,
        url=call.url,
        page_url=addresses.own(frame, call.url),
        device=call.device,
    )


def failed(fail: Fail) -> dict[str, Any]:
    """Return a failure as the bridge carries it."""
    answer: dict[str, Any] = {
        "ok": False,
        "error": {"errorCode": fail.code, "errorMessage": fail.message},
    }
    if fail.report is not None:
        answer["report"] = fail.report
    return answer


def explained(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal for the failure panel."""
    return {
        "kind": "refusal",
        "code": refusal.code,
        "zh": refusal.zh,
        "en": refusal.en,
        "faq": refusal.faq or "",
    }


def is_config(fields: dict[str, Any]) -> bool:
    """Tell whether this is a ``dd.config`` whose parameters alone are odd: the check says 52012."""
    around = (fields.get("url"), fields.get("page"), fields.get("device"))
    try:
        msgspec.json.encode(around)
    except UnicodeEncodeError:
        return False
    method = fields.get("method")
    return isinstance(method, str) and method in _CONFIG_NAMES


def read_call(fields: dict[str, Any]) -> Call:
    """Read a call from the page's JSON; refuse 40035."""
    method = text(fields, "method", most=200)
    if not re.fullmatch(r"[\w.$-]+", method):
        raise bad("method", "不是方法名", "it is no name of a method")
    return Call(
        page=number(fields, "page"),
        method=method,
        params=table(fields, "params"),
        url=text(fields, "url", most=8192),
        device=table(fields, "device"),
    )
