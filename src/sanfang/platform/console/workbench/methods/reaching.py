"""DING, telephone and sharing: nothing rings here; what would have is in the message log.

Receivers find it among their work notifications, with the channel it would have come by.
"""

from __future__ import annotations

import logging
from typing import Any

from ....domain import conversations, messages
from ....domain.contacts import get_member
from ....domain.messages import Draft
from ....domain.model import Member
from ....store.ports import Tx
from . import Ask, Invocation
from .admitting import completes, serves, unfit
from .chats import mine, own
from .people import card, seeing, seen

log = logging.getLogger("sanfang.workbench")

MOST_RECEIVERS = 200
_ALERTS = {0: "电话", 1: "短信", 2: "应用内"}
_IMAGES, _LINK = 1, 2


@serves("biz.ding.post", "biz.ding.create")
async def prepare_ding(call: Invocation) -> Ask:
    """Show the DING before it goes out."""
    people = await _receivers(call, "users", call.params["users"])
    return Ask(
        {
            "receivers": [card(each) for each in people],
            "text": _ding_text(call),
            "alert": _ALERTS[call.params.get("alertType", 2)],
            "at": _moment(call),
            "attachment": _attachment(call),
        }
    )


@completes("biz.ding.post", "biz.ding.create")
async def send_ding(call: Invocation, answer: Any) -> dict[str, Any]:
    """Write the DING to the log; the person may have changed its text."""
    people = await _receivers(call, "users", call.params["users"])
    changed = answer.get("text") if isinstance(answer, dict) else None
    text = changed[:2000] if isinstance(changed, str) and changed.strip() else _ding_text(call)
    await record(
        call,
        people,
        "ding",
        {
            "content": text,
            "alertType": call.params.get("alertType", 2),
            "alertAt": _moment(call),
            "attachment": _attachment(call),
        },
    )
    return {"dingCreateResult": True} if call.method.endswith("create") else {}


@serves("biz.telephone.call")
async def prepare_call(call: Invocation) -> Ask:
    """Show whom the call goes to."""
    return Ask({"receivers": [card(each) for each in await _called(call)]})


@completes("biz.telephone.call")
async def ring(call: Invocation, _: Any) -> dict[str, Any]:
    """Write the call to the log."""
    people = await _called(call)
    me = await get_member(call.core, call.frame.corp_id, call.frame.userid)
    await record(call, people, "call", {"content": f"{me.name} 呼叫了你 / {me.name} called you"})
    return {}


@serves("biz.telephone.checkBizCall")
async def may_call(_: Invocation) -> dict[str, bool]:
    """Answer that office calls are there."""
    return {"isSupport": True}


@serves("biz.util.share")
async def prepare_share(call: Invocation) -> Ask:
    """Offer the conversations to share to; type 2 offers none (only a refresh button)."""
    given = call.params
    if given.get("type", 0) not in (0, 1, 2):
        raise unfit("type", "应为 0、1 或 2", "0, 1 or 2")
    return Ask(
        {
            "type": given.get("type", 0),
            "url": given.get("url", ""),
            "title": given.get("title", ""),
            "content": given.get("content", ""),
            "conversations": await mine(call, only_groups=False, only_own=False),
        }
    )


@completes("biz.util.share")
async def share(call: Invocation, answer: Any) -> dict[str, Any]:
    """Say a link in the conversation that was chosen, in the member's name."""
    given = call.params
    found = await own(call, str(answer.get("cid", "")) if isinstance(answer, dict) else "")
    await conversations.say(
        call.core,
        call.frame.corp_id,
        sender=call.frame.userid,
        cid=found.cid,
        msgtype="link",
        body={
            "messageUrl": given.get("url") or call.page_url,
            "picUrl": given.get("image", ""),
            "title": given.get("title") or call.frame.app_name,
            "text": given.get("content", ""),
        },
        app=call.frame.owner_key,
    )
    return {"shareType": "dingtalk", "result": 1}


@serves("biz.util.ut")
async def note(call: Invocation) -> dict[str, Any]:
    """Take a data point; it goes to the log of the server."""
    log.info("ut %s of agent %s", call.params["key"][:100], call.frame.agent_id)
    return {}


async def record(
    call: Invocation, people: list[Member], channel: str, body: dict[str, object]
) -> int:
    """Write a text from the member to these members; return its number."""
    draft = Draft(
        corp_id=call.frame.corp_id,
        msgtype="text",
        body={name: value for name, value in body.items() if value not in ("", None)},
        channel=channel,
        agent_id=call.frame.agent_id,
        app=call.frame.owner_key,
        sender=call.frame.userid,
        key=messages.new_key(channel),
    )

    async def write(tx: Tx) -> int:
        return await messages.deliver(tx, call.core, draft, {each.userid for each in people})

    return await call.core.durable.transact(write)


async def _receivers(call: Invocation, field: str, userids: list[str]) -> list[Member]:
    found = await seen(call, await seeing(call), userids[: MOST_RECEIVERS + 1])
    if not found or len(userids) > MOST_RECEIVERS:
        raise unfit(
            field,
            f"应为 1 到 {MOST_RECEIVERS} 名你能看到的企业成员",
            f"1 to {MOST_RECEIVERS} members of the corp whom you see",
        )
    return found


async def _called(call: Invocation) -> list[Member]:
    given = call.params
    one = given.get("userId")
    return await _receivers(call, "users", given.get("users") or ([one] if one else []))


def _ding_text(call: Invocation) -> str:
    return str(call.params.get("text", ""))[:2000]


def _moment(call: Invocation) -> str:
    when = call.params.get("alertDate")
    return str(when.get("value", ""))[:40] if isinstance(when, dict) else ""


def _attachment(call: Invocation) -> dict[str, Any] | None:
    """Read what hangs on a DING: pictures (type 1) or a link (type 2)."""
    given = call.params.get("attachment")
    kind = call.params.get("type")
    if not given or kind not in (_IMAGES, _LINK):
        return None
    if kind == _IMAGES:
        images = given.get("images")
        if not isinstance(images, list) or not all(isinstance(each, str) for each in images):
            raise unfit("attachment.images", "应为字符串数组", "a list of strings")
        return {"images": [each[:1000] for each in images[:9]]}
    link = {name: given.get(name, "") for name in ("title", "url", "image", "text")}
    if not all(isinstance(each, str) for each in link.values()):
        raise unfit("attachment", "的各项应为字符串", "an object of strings")
    return {name: value[:1000] for name, value in link.items()}
