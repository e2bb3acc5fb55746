"""Messages of an app to members: the call of 2016, ``/message/send``."""

from __future__ import annotations

from typing import Any

from ...domain import messages
from ...domain.refusals import Refusal
from .. import reasons
from ..handling import Call, handler

EVERYBODY = "@all"

# What each kind must hold, and the number DingTalk has for its absence (errors.md section 4).
_NEEDED: dict[str, tuple[tuple[str, int], ...]] = {
    "text": (("content", 44004),),
    "image": (("media_id", 41006),),
    "voice": (("media_id", 41006),),
    "file": (("media_id", 41006),),
    "link": (("title", 41016), ("text", 44004), ("messageUrl", 40035), ("picUrl", 40035)),
    "oa": (("message_url", 40035), ("head", 44003), ("body", 44003)),
    "markdown": (("title", 41016), ("text", 44004)),
    "action_card": (("title", 41016), ("markdown", 44004)),
}


@handler(
    "oapi_message_send_post",
    types={"agentid": "integer", "touser": "array of string", "toparty": "array of integer"},
)
async def message_send(call: Call) -> dict[str, Any]:
    args = call.args
    users: list[str] = args.get("touser") or []
    sent = await messages.send(
        call.core,
        call.identity,
        agent_id=args["agentid"],
        touser=[each for each in users if each != EVERYBODY],
        toparty=args.get("toparty") or [],
        to_all=EVERYBODY in users,
        msgtype=args["msgtype"],
        body=_content(args),
    )
    return {
        "invaliduser": "|".join(sent.invalid_users),
        "invalidparty": "|".join(map(str, sent.invalid_parties)),
        "forbiddenUserId": "",
        "messageId": str(sent.message_id),
    }


def _content(args: dict[str, Any]) -> dict[str, object]:
    kind = args["msgtype"]
    if kind not in _NEEDED:
        known = ", ".join(_NEEDED)
        raise Refusal(
            40008, f"没有消息类型 {kind[:40]!r}；可用：{known}。", f"msgtype is one of {known}."
        )
    content = args.get(kind)
    if not isinstance(content, dict):
        raise Refusal(
            41015,
            f"msgtype 为 {kind} 时，消息内容须放在名为 {kind} 的对象里。",
            f"With msgtype {kind} the content goes into an object named {kind}.",
        )
    for name, code in _NEEDED[kind]:
        if not content.get(name):
            raise reasons.missing(code, f"{kind}.{name}")
    return content
