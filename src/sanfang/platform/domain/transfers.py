"""Signed addresses: one token, one purpose, a quarter of an hour.

The token in the address is 128 random bits and only its hash is stored. The header that goes with it
(protocol HEADER_SIGNATURE) is checked too, so that a client which forgets to send the headers it was
given learns it here and not on the real platform.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from typing import IO, Literal

import msgspec

from ..store import files
from . import secrets, uploads
from .core import Core
from .refusals import Refusal

HEADER = "authorization"
_SCHEME = "SANFANG1 "

Purpose = Literal["upload", "download", "view"]


class Ticket(msgspec.Struct, frozen=True):
    """What an address is good for. ``proof``: the hash of what the header has to say, '' for none."""

    purpose: Purpose
    proof: str = ""
    upload_key: str = ""
    part: int = 1
    sha256: str = ""
    size: int = 0
    filename: str = ""


class Signed(msgspec.Struct, frozen=True):
    token: str
    headers: dict[str, str]
    expires_s: int


async def sign(core: Core, ticket: Ticket) -> Signed:
    """Make an address for a ticket; one to view needs no header, because a browser opens it."""
    token, headers = secrets.token(), {}
    if ticket.purpose != "view":
        value = _SCHEME + secrets.token()
        headers = {"Authorization": value, "x-sanfang-date": str(core.clock.now())}
        ticket = msgspec.structs.replace(ticket, proof=secrets.fingerprint(value))
    ttl = core.settings.signed_url_ttl_s
    await core.hot.put(
        _key(token), msgspec.json.encode(ticket), now=core.clock.now(), ttl=ttl * 1000
    )
    return Signed(token, headers, ttl)


async def admit(core: Core, token: str, *, writes: bool, authorization: str) -> Ticket:
    """Return the ticket of an address; refuse 40078 (unknown, expired) and 60011 (purpose, header)."""
    found = await core.hot.get(_key(token), now=core.clock.now())
    if found is None:
        raise Refusal(
            40078,
            "地址不存在或已过期；请重新获取上传或下载信息。",
            "The address is unknown or expired; ask for upload or download infos again.",
        )
    ticket = msgspec.json.decode(found, type=Ticket)
    if writes != (ticket.purpose == "upload"):
        raise Refusal(
            60011,
            "该地址的用途不同：上传地址只能 PUT，下载地址只能 GET。",
            "The address is for something else: PUT to upload, GET to download.",
        )
    said = secrets.fingerprint(authorization)
    if ticket.proof and not hmac.compare_digest(said, ticket.proof):
        raise Refusal(
            60011,
            "缺少签名请求头或其值不符：把 headers 里的每一项原样带上。",
            "The signed header is missing or differs: send every header you were given as it is.",
        )
    return ticket


async def receive(core: Core, ticket: Ticket, content: IO[bytes]) -> files.Stored:
    """Keep what was sent to an upload address."""
    return await uploads.put_part(core, ticket.upload_key, ticket.part, content)


async def read(core: Core, ticket: Ticket) -> AsyncIterator[bytes]:
    """Open what a download address is for.

    :raises FileNotFoundError: the content is gone.
    """
    return files.chunks(await core.files.open(ticket.sha256))


def _key(token: str) -> str:
    return f"transfer:{secrets.fingerprint(token)}"
