"""Signed addresses below ``/sanfang/files/``: PUT a content there, or GET one.

What a storage service does beside the real platform; only bytes travel here, no tokens of apps.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Any

import msgspec

from ..domain import transfers
from ..domain.core import Core
from ..domain.refusals import Refusal
from .answers import JSON, Header, explained
from .body import ClientGone, Receive
from .handling import Binary
from .multipart import IN_MEMORY
from .sending import Send, send_file

PREFIX = "/sanfang/files/"
_STATUS = {40078: 403, 60011: 403, 40035: 409, 45001: 413, 43002: 405, 40007: 404}

log = logging.getLogger(__name__)


class Transfers:
    """The ASGI application behind signed addresses."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, receive, send)
        except ClientGone:
            return
        except Refusal as refusal:
            await _say(send, _STATUS.get(refusal.code, 400), refusal)
        except Exception:
            log.exception("a transfer failed")
            await _say(
                send,
                500,
                Refusal(
                    -1, "平台内部出错，详情见平台日志。", "The platform failed inside; see its log."
                ),
            )

    async def _answer(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        method, token = scope["method"], scope["path"].removeprefix(PREFIX)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        said = headers.get(transfers.HEADER.encode(), b"").decode("latin-1")
        if method not in ("GET", "PUT"):
            raise Refusal(43002, "只接受 GET 与 PUT。", "Only GET and PUT are possible here.")
        writes = method == "PUT"
        ticket = await transfers.admit(self._core, token, writes=writes, authorization=said)
        if writes:
            await self._take(ticket, receive, headers)
            await _reply(send, 200, [JSON], b"{}")
            return
        try:
            chunks = await transfers.read(self._core, ticket)
        except FileNotFoundError:
            raise Refusal(
                40007, "文件内容已不在本平台。", "The content of the file is no longer here."
            ) from None
        await send_file(
            send, Binary("application/octet-stream", ticket.filename, ticket.size, chunks)
        )

    async def _take(
        self, ticket: transfers.Ticket, receive: Receive, headers: Mapping[bytes, bytes]
    ) -> None:
        most = self._core.settings.drive_upload_bytes
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and (len(declared) > 15 or int(declared) > most):
            raise _too_large(most)
        with SpooledTemporaryFile(IN_MEMORY) as file:
            size, more = 0, True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                piece = message.get("body", b"")
                size += len(piece)
                if size > most:
                    raise _too_large(most)
                file.write(piece)
                more = message.get("more_body", False)
            await transfers.receive(self._core, ticket, file)


def _too_large(most: int) -> Refusal:
    return Refusal(45001, f"文件超过 {most} 字节。", f"The file is longer than {most} bytes.")


async def _say(send: Send, status: int, refusal: Refusal) -> None:
    body = {"code": refusal.code, "message": refusal.zh, "message_en": refusal.en}
    await _reply(send, status, [JSON, *explained(refusal)], msgspec.json.encode(body))


async def _reply(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
