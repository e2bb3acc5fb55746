"""A page that signs itself and calls dd.config, rightly or with one thing wrong."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from sanfang.platform.domain import frames, page_config, tokens
from sanfang.platform.domain.frames import Frame
from sanfang.platform.domain.page_config import Outcome
from sanfang.platform.domain.tokens import JsapiTicket

from .office import Office

TICKET = "mS5k98fdkdgDKxkXGEs8LORVREiweeWETE40P37wkidkfksDSKDJFD5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcKIDU8l"
NONCE, STAMP = "Zn4zmLFKD0wzilzM", "1414588745"
NAMES = ["biz.contact.choose", "device.geolocation.get"]


def text(ticket: str, url: str, nonce: str = NONCE, stamp: str = STAMP) -> str:
    return f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={stamp}&url={url}"


def sha1(signed: str) -> str:
    return hashlib.sha1(signed.encode()).hexdigest()


def sha256(signed: str) -> str:
    return hashlib.sha256(signed.encode()).hexdigest()


async def have_ticket(
    office: Office, *, owner: str = "", corp_id: str = "", ticket: str = TICKET
) -> None:
    """Let the app have a known ticket, fetched now."""
    now = office.core.clock.now()
    kept = msgspec.json.encode([JsapiTicket(ticket, now, now + 7_200_000, now, "10.0.0.9")])
    key = tokens._jsapi_key(owner or office.app.app_key, corp_id or office.corp_id)
    await office.core.hot.put(key, kept, now=now, ttl=90_000_000)


async def opened(office: Office, flavour: Any = "android", **more: Any) -> Frame:
    frame, url = await frames.open_frame(
        office.core, await office.desk(), office.app.agent_id, flavour, **more
    )
    return msgspec.structs.replace(frame, page_url=url)


def config(office: Office, signature: str, /, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "agentId": str(office.app.agent_id),
        "corpId": office.corp_id,
        "timeStamp": STAMP,
        "nonceStr": NONCE,
        "signature": signature,
        "jsApiList": NAMES,
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not ...}


async def check(
    office: Office, signature: str, /, *urls: str, frame: Frame | None = None, **changes: Any
) -> Outcome:
    """Call dd.config on a page at these addresses."""
    where = urls or (
        "http://app-1-android.sanfang.localhost:8000/p?m=1",
        "http://app.example:8000/p?m=1",
    )
    return await page_config.check(
        office.core, frame or await opened(office), config(office, signature, **changes), urls=where
    )
