"""Registration for events of a corp, and the list of those that failed (callback-crypto.md 8)."""

from __future__ import annotations

from typing import Any

import msgspec

from ...domain import callbacks
from ...domain.callbacks import CallbackForm, FailedEvent
from ..handling import Call, handler

_FIELDS = ("call_back_tag", "token", "aes_key", "url")
_ENVELOPE = frozenset(("EventType", "TimeStamp", "CorpId"))


@handler("oapi_call_back_register_call_back_post", optional=_FIELDS)
async def register_call_back(call: Call) -> dict[str, Any]:
    await callbacks.register(call.core, call.caller, _form(call))
    return {}


@handler("oapi_call_back_update_call_back_post", optional=_FIELDS)
async def update_call_back(call: Call) -> dict[str, Any]:
    await callbacks.update(call.core, call.caller, _form(call))
    return {}


@handler("oapi_call_back_get_call_back_get")
async def get_call_back(call: Call) -> dict[str, Any]:
    found = await callbacks.get(call.core, call.identity)
    return {
        "call_back_tag": found.tags,
        "token": found.token,
        "aes_key": found.aes_key,
        "url": found.url,
    }


@handler("oapi_call_back_delete_call_back_get")
async def delete_call_back(call: Call) -> dict[str, Any]:
    await callbacks.delete(call.core, call.identity)
    return {}


@handler("oapi_call_back_get_call_back_failed_result_get")
async def get_call_back_failed_result(call: Call) -> dict[str, Any]:
    found, more = await callbacks.take_failed(call.core, call.identity)
    return {"failed_list": [_item(event) for event in found], "has_more": more}


@handler("v1_0_event_callbacks_failed_results_get", optional=("beginTime", "endTime"))
async def failed_results(call: Call) -> dict[str, Any]:
    limits = {"begin": call.args.get("beginTime"), "end": call.args.get("endTime")}
    given = {name: value for name, value in limits.items() if value is not None}
    found, more = await callbacks.take_failed(call.core, call.identity, **given)
    return {
        "failedList": [
            {
                "callBackTag": event.tag,
                "callBackData": event.plain,
                "corpId": call.identity.corp_id,
                "eventTime": event.event_time,
            }
            for event in found
        ],
        "hasMore": more,
    }


def _form(call: Call) -> CallbackForm:
    args = call.args
    return CallbackForm(
        tags=args.get("call_back_tag") or (),
        token=args.get("token") or "",
        aes_key=args.get("aes_key") or "",
        url=args.get("url") or "",
    )


def _item(event: FailedEvent) -> dict[str, Any]:
    """Write a failed event in both shapes: flat as in 2016, and under the name of its tag."""
    plain = msgspec.json.decode(event.plain)
    corp_id = plain.get("CorpId", "")
    facts = {name: value for name, value in plain.items() if name not in _ENVELOPE}
    ids = {name.lower(): facts[name] for name in ("UserId", "DeptId") if name in facts}
    return {
        "event_time": event.event_time,
        "call_back_tag": event.tag,
        **ids,
        "corpid": corp_id,
        event.tag: {**_nested(event.tag, facts, ids), "corpid": corp_id},
    }


def _nested(tag: str, facts: dict[str, Any], ids: dict[str, Any]) -> dict[str, Any]:
    if ids and tag.startswith(("user_", "org_")):
        return ids
    if tag.startswith("bpms_"):
        return {"bpmsCallBackData": facts}
    return {"roleLabelChange" if tag.startswith("label_") else "callbackData": facts}
