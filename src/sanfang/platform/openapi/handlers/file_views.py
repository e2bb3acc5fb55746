"""What the handlers of files share: who acts, pages, times, signed addresses, a dentry on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ...domain import contacts, drive_refusals, media, transfers
from ...domain.dentries import Dentry
from ...domain.spaces import Space
from ...domain.transfers import Purpose, Ticket
from .. import reasons
from ..handling import Call
from ..sending import origin_of
from ..transfers import PREFIX

PROTOCOL = "HEADER_SIGNATURE"
REGION = "UNKNOWN"
PARTITION = "PUBLIC_OSS_PARTITION"

# How the newer API calls the numbers that parameters and people are refused with.
STORAGE = {41009: "paramError", 60111: "paramError", 60121: "paramError"}


async def operator(call: Call) -> str:
    """Return the unionid of who acts; refuse somebody who is not of the corp."""
    unionid = str(call.args["unionId"])
    await contacts.get_member_by_unionid(call.core, call.identity.corp_id, unionid)
    return unionid


def option(call: Call) -> dict[str, Any]:
    """Return ``option``, whose fields the gate does not check."""
    return dict(call.args.get("option") or {})


def text(values: dict[str, Any], name: str, default: str = "") -> str:
    """Return a text out of an option; refuse another type."""
    value = values.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or "\x00" in value:
        raise reasons.unfit(40035, name, ("文本", "text"))
    return value


def number(values: dict[str, Any], name: str) -> int | None:
    """Return a whole number out of an option; refuse another type."""
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= 18:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 62:
        raise reasons.unfit(40035, name, ("整数", "an integer"))
    return value


def skip_of(token: object) -> int:
    """Read a nextToken, which is how many were listed before; refuse another text."""
    shown = str(token or "0")
    if not (shown.isdecimal() and shown.isascii() and len(shown) <= 9):
        raise drive_refusals.unfit(
            "nextToken",
            "nextToken 应原样使用上一页返回的值。",
            "A nextToken is what the page before returned.",
        )
    return int(shown)


def size_of(asked: int | None, most: int) -> int:
    """Return how many a page may have: as asked, at least 1, at most ``most``."""
    return min(max(asked or most, 1), most)


def paged(answer: dict[str, Any], skip: int, shown: int, *, more: bool) -> dict[str, Any]:
    """Add the nextToken when there is another page."""
    return {**answer, "nextToken": str(skip + shown)} if more else answer


def iso(milliseconds: int) -> str:
    """Return a time as the newer API writes it: 2022-01-01T10:00:00Z."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def address(call: Call, ticket: Ticket) -> tuple[str, dict[str, str], int]:
    """Return a signed address on our own origin, the headers to send with it, its life in seconds."""
    signed = await transfers.sign(call.core, ticket)
    origin = origin_of(call.scope, call.core.settings.trusted_proxy_header)
    return f"{origin}{PREFIX}{signed.token}", signed.headers, signed.expires_s


async def header_signature(call: Call, ticket: Ticket) -> dict[str, Any]:
    """Return a headerSignatureInfo of the storage API."""
    url, headers, expires = await address(call, ticket)
    return {
        "resourceUrls": [url],
        "internalResourceUrls": [url],
        "headers": headers,
        "expirationSeconds": expires,
        "region": REGION,
    }


def download_ticket(found: Dentry, purpose: Purpose = "download") -> Ticket:
    return Ticket(purpose, sha256=found.sha256, size=found.size, filename=found.name)


def dentry_view(call: Call, found: Dentry) -> dict[str, Any]:
    """Return a dentry as the storage API shows it, with the properties this app may see."""
    own = media.owner_of(call.identity)
    properties = {
        app: [each for each in hung if app == own or each.get("visibility") == "PUBLIC"]
        for app, hung in found.properties.items()
    }
    return {
        "id": str(found.number),
        "spaceId": str(found.space_no),
        "parentId": str(found.parent_no),
        "type": "FOLDER" if found.is_folder else "FILE",
        "name": found.name,
        "size": found.size,
        "path": found.path,
        "version": found.version,
        "status": "NORMAL",
        "extension": found.extension,
        "creatorId": found.creator,
        "modifierId": found.modifier,
        "createTime": iso(found.created_at),
        "modifiedTime": iso(found.modified_at),
        "properties": {"readOnly": False},
        "appProperties": {app: hung for app, hung in properties.items() if hung},
        "uuid": found.uuid,
        "partitionType": PARTITION,
        "storageDriver": "DINGTALK",
    }


def quota_view(space: Space) -> dict[str, Any]:
    return {
        "partitionType": PARTITION,
        "quota": {"used": space.used, "max": space.quota, "reserved": 0, "type": "PRIVATE"},
    }
