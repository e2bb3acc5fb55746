"""A member's conversations and messages."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ...domain import inbox
from ...domain.core import Core
from .asking import answer, caller, json_of, number, text

_PAGE, _MOST = 30, 100
_LONGEST = 5000  # characters of a text message


async def conversations(core: Core, request: Request) -> Response:
    """``GET /api/conversations``: with unread counts, the newest first."""
    desk = (await caller(core, request)).desk
    found = await inbox.conversations(core, desk.corp_id, desk.userid)
    return answer(msgspec.to_builtins(found))


async def messages(core: Core, request: Request) -> Response:
    """``GET /api/conversations/{cid}/messages?before=&limit=``: a page, the oldest first."""
    desk = (await caller(core, request)).desk
    asked = dict(request.query_params)
    found = await inbox.messages(
        core,
        desk.corp_id,
        desk.userid,
        request.path_params["cid"][:128],
        before=number(asked, "before", 0),
        limit=max(1, min(_MOST, number(asked, "limit", _PAGE))),
    )
    return answer(msgspec.to_builtins(found))


async def say(core: Core, request: Request) -> Response:
    """``POST /api/conversations/{cid}/messages {text}``: write a text."""
    desk = (await caller(core, request)).desk
    fields = await json_of(request)
    said = await inbox.say(
        core,
        desk.corp_id,
        desk.userid,
        request.path_params["cid"][:128],
        text(fields, "text", most=_LONGEST),
    )
    return answer(msgspec.to_builtins(said))


async def read(core: Core, request: Request) -> Response:
    """``POST /api/conversations/{cid}/read {up_to}``: everything up to that message was seen."""
    desk = (await caller(core, request)).desk
    fields = await json_of(request)
    await inbox.read(
        core,
        desk.corp_id,
        desk.userid,
        request.path_params["cid"][:128],
        up_to=number(fields, "up_to"),
    )
    return answer({})
