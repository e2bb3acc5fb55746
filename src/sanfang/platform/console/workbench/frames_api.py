"""Apps and their frames: open one, note each page it loads, pass its calls to the platform."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from ...domain import frames
from ...domain.core import Core
from ...domain.frames import Flavour
from ...domain.micro_apps import apps_seen_by, list_apps
from ..signin import inframe
from . import invoke as calls
from . import methods
from .addresses import Addresses
from .asking import answer, bad, caller, json_of, number, text

_FLAVOURS: dict[str, Flavour] = {each: each for each in frames.FLAVOURS}


async def apps(core: Core, request: Request) -> Response:
    """``GET /api/apps``: what this member sees in the workbench."""
    desk = (await caller(core, request)).desk
    if not methods.load.cache_info().currsize:
        # The first call of a page should not wait for what it takes to read them all.
        asyncio.get_running_loop().run_in_executor(None, methods.load)
    found = await apps_seen_by(core, desk.corp_id, desk.userid)
    return answer(
        [
            {
                "agent_id": app.agent_id,
                "name": app.name,
                "description": app.description,
                "icon": app.icon,
                "home": app.home_url,
                "pc_home": app.pc_home_url,
                "phone": bool(app.home_url),
                "pc": bool(app.pc_home_url or app.home_url),
            }
            for app in found
        ]
    )


async def open_frame(core: Core, request: Request) -> Response:
    """``POST /api/frames {agent_id, flavour, url?, conversation?, client_version?}``."""
    who = await caller(core, request)
    fields = await json_of(request)
    flavour = _FLAVOURS.get(text(fields, "flavour", most=10))
    if flavour is None:
        raise bad("flavour", "应为 android、ios 或 pc", "it is android, ios or pc")
    addresses = Addresses(core.settings, request.scope)
    agent_id, url = number(fields, "agent_id"), text(fields, "url", most=8192, needed=False)
    if url:
        for app in await list_apps(core, who.desk.corp_id):
            if app.agent_id == agent_id:
                url = addresses.registered(url, app)
    frame, page = await frames.open_frame(
        core,
        who.token,
        agent_id,
        flavour,
        url=url,
        conversation=text(fields, "conversation", needed=False),
        client_version=text(fields, "client_version", most=20, needed=False)
        or frames.CLIENT_VERSION,
    )
    src = addresses.seen(frame, page)
    return answer(
        {
            "frame": frame.frame_id,
            "src": src,
            "origin": _origin(src),
            "url": page,
            "title": frame.app_name,
            "agent_id": frame.agent_id,
            "flavour": frame.flavour,
            "client_version": frame.client_version,
            "nav": nav_of(page),
        }
    )


async def close(core: Core, request: Request) -> Response:
    """``DELETE /api/frames/{frame}``."""
    who = await caller(core, request)
    await frames.close_frame(core, who.token, request.path_params["frame"])
    return answer({})


async def page(core: Core, request: Request) -> Response:
    """``POST /api/frames/{frame}/page {url}``: the frame loaded a page; what was granted is over."""
    who = await caller(core, request)
    fields = await json_of(request)
    addresses = Addresses(core.settings, request.scope)
    frame = await frames.get_frame(core, who.token, request.path_params["frame"])
    url = addresses.own(frame, text(fields, "url", most=8192))
    frame = await frames.new_page(core, who.token, frame.frame_id, url)
    return answer({"page": frame.page, "nav": nav_of(url)})


async def hash_changed(core: Core, request: Request) -> Response:
    """``POST /api/frames/{frame}/hash {page}``: the part behind ``#`` is another (F15)."""
    who = await caller(core, request)
    fields = await json_of(request)
    frame = await frames.hash_changed(
        core, who.token, request.path_params["frame"], number(fields, "page")
    )
    return answer({"dropped": frame.hash_lost})


async def sign_in(core: Core, request: Request) -> Response:
    """``POST /api/frames/{frame}/signin {url, said?}``: the frame is at a sign-in page; where it goes on."""
    who = await caller(core, request)
    fields = await json_of(request)
    frame = await frames.get_frame(core, who.token, request.path_params["frame"])
    said = text(fields, "said", most=3, needed=False)
    page = await inframe.go_on(core, frame, text(fields, "url", most=9000), said)
    return answer({"src": Addresses(core.settings, request.scope).seen(frame, page)})


async def invoke(core: Core, request: Request) -> Response:
    """``POST /api/frames/{frame}/invoke {page, method, params, url, device}``."""
    who = await caller(core, request)
    call = calls.read_call(await json_of(request, halves=calls.is_config))
    addresses = Addresses(core.settings, request.scope)
    return answer(await calls.invoke(core, addresses, who, request.path_params["frame"], call))


async def finish(core: Core, request: Request) -> Response:
    """``POST /api/frames/{frame}/finish``: as invoke, with the ``answer`` of a person."""
    who = await caller(core, request)
    fields = await json_of(request)
    call = calls.read_call(fields)
    addresses = Addresses(core.settings, request.scope)
    return answer(
        await calls.finish(
            core, addresses, who, request.path_params["frame"], call, fields.get("answer")
        )
    )


def nav_of(url: str) -> dict[str, object]:
    """Read what a page's own address says about the client around it (jsapi.md 6)."""
    try:
        pairs = parse_qsl(urlsplit(url).query, max_num_fields=200)
    except ValueError:
        pairs = []
    said = dict(reversed(pairs))  # the first of equal names counts
    orientation = said.get("dd_orientation", "")
    return {
        "bgcolor": _colour(said.get("dd_nav_bgcolor", "")),
        "orientation": orientation if orientation in ("landscape", "auto") else "",
        "full_screen": said.get("dd_full_screen") == "true",
        "translucent": said.get("dd_nav_translucent") == "true",
        "share": said.get("dd_share") != "false",
        "menu": said.get("showmenu") != "false",
        "progress": said.get("dd_progress") != "false",
        "back_native": said.get("back") == "native",
        "replace": said.get("dd_enbale_replace") == "true",  # sic
        "tab": said.get("ddtab") == "true",
    }


def _colour(text: str) -> str:
    """Read AARRGGBB; return it in lower case, '' for anything else."""
    text = text.strip().lstrip("#").lower()
    if len(text) == 8 and all(letter in "0123456789abcdef" for letter in text):
        return text
    return ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
