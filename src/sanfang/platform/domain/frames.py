"""Frames: a micro-app that a desk has open, in the flavour of one kind of client.

A frame belongs to one desk, one corp and one app, and remembers which page it shows and what that
page was granted. Every page starts with nothing granted (jsapi.md 4): whoever grants has to name the
page it was for, so what a check finds out about a page that has been left is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec

from sanfang.catalog import jsapi
from sanfang.protocol import urls

from . import desks, secrets, signin_people
from .core import Core
from .desks import LIFE_MS, Desk
from .micro_apps import ShownApp
from .refusals import Refusal

Flavour = Literal["android", "ios", "pc"]
FLAVOURS: tuple[Flavour, ...] = ("android", "ios", "pc")
CLIENT_VERSION = "8.3.20"
_KEEPS_GRANT = (2, 7)  # iOS clients before lost it when the part behind # changed (F15)
_LONGEST_URL = 8192
_LONGEST_ID = 64
_MOST_GRANTED = 1000


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """``desk`` is the fingerprint of its token; ``origins`` those of the app's home pages.

    ``page`` grows with every page that is loaded; ``granted`` are bridge names.
    """

    frame_id: str
    desk: str
    corp_id: str
    userid: str
    agent_id: int
    owner_key: str  # app_key of an own app, suite_key
    app_name: str
    flavour: Flavour
    client_version: str = CLIENT_VERSION
    origins: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()  # the home pages as they were registered
    page: int = 0
    page_url: str = ""
    granted: frozenset[str] = frozenset()
    config_done: bool = False
    hash_lost: bool = False  # the grant went with the part behind # (F15)

    def allows(self, name: str) -> bool:
        """Whether the page may call a method: it was granted, or needs no grant."""
        bridge = jsapi.canonical(name)
        return bridge in self.granted or not jsapi.gated(bridge)


_FRAME = msgspec.json.Decoder(Frame)


async def open_frame(
    core: Core,
    token: str,
    agent_id: int,
    flavour: Flavour,
    *,
    url: str = "",
    conversation: str = "",
    client_version: str = CLIENT_VERSION,
) -> tuple[Frame, str]:
    """Open a micro-app; return its frame and the page's address at the app's own origin.

    ``url`` is another page of the app (50001 elsewhere), else it is the home page for the flavour,
    with $CORPID$ and, in a conversation, $DOUBLE_ENCCID$ replaced. Refuses 51003 (no such desk),
    40056, 50002, 50003, and 40035 when the app has no home page.
    """
    desk = await _desk(core, token)
    who = await signin_people.person(core, desk.corp_id, desk.userid)
    apps = await signin_people.apps_of(core, desk.corp_id, str(agent_id))
    app = await signin_people.openable(core, who, apps)
    homes = tuple(filter(None, (app.home_url, app.pc_home_url)))
    home = _home(app, flavour)
    page = _expanded(url or home, desk.corp_id, conversation)
    frame = Frame(
        frame_id=secrets.token(),
        desk=desks.fingerprint(token),
        corp_id=desk.corp_id,
        userid=desk.userid,
        agent_id=app.agent_id,
        owner_key=app.owner_key,
        app_name=app.name,
        flavour=flavour,
        client_version=client_version[:20],
        origins=tuple(dict.fromkeys(filter(None, map(origin_of, homes)))),
        homes=homes,
    )
    _check_page(frame, page)
    await core.hot.put(
        _key(frame.frame_id), msgspec.json.encode(frame), now=core.clock.now(), ttl=LIFE_MS
    )
    return frame, page


async def get_frame(core: Core, token: str, frame_id: str) -> Frame:
    """Return a frame of this desk; refuse 51003 when it is not, or has ended."""
    await _desk(core, token)
    return (await _read(core, token, frame_id))[0]


async def new_page(core: Core, token: str, frame_id: str, url: str) -> Frame:
    """Note that the frame loads a page: nothing is granted to it yet.

    Refuses 51003, and 50001 for a page that is not on one of the app's origins.
    """
    await _desk(core, token)

    def change(frame: Frame) -> Frame:
        _check_page(frame, url)
        return msgspec.structs.replace(
            frame,
            page=frame.page + 1,
            page_url=url,
            granted=frozenset(),
            config_done=False,
            hash_lost=False,
        )

    return await _change(core, token, frame_id, change)


async def set_granted(core: Core, frame: Frame, names: Iterable[str]) -> Frame:
    """Grant methods to the very page that ``frame`` shows, in place of what it had.

    Returns the frame as it is then. If the frame has gone on to another page in between, the grant
    is lost and the frame comes back as that page has it.
    """
    listed = frozenset(jsapi.canonical(name) for name in list(names)[:_MOST_GRANTED])

    def change(found: Frame) -> Frame:
        if found.page != frame.page:
            return found
        return msgspec.structs.replace(found, granted=listed, config_done=True, hash_lost=False)

    return await _change(core, None, frame.frame_id, change, desk=frame.desk)


async def hash_changed(core: Core, token: str, frame_id: str, page: int) -> Frame:
    """Note that the part behind # changed; an iOS client before 2.7 drops the grant (F15)."""

    def change(frame: Frame) -> Frame:
        if frame.page != page or frame.flavour != "ios" or not frame.granted:
            return frame
        if jsapi.version(frame.client_version) >= _KEEPS_GRANT:
            return frame
        return msgspec.structs.replace(frame, granted=frozenset(), hash_lost=True)

    await _desk(core, token)
    return await _change(core, token, frame_id, change)


async def close_frame(core: Core, token: str, frame_id: str) -> None:
    """End a frame of this desk; one that is not there is none of our business."""
    try:
        await _read(core, token, frame_id)
    except Refusal:
        return
    await core.hot.delete(_key(frame_id))


def origin_of(url: str) -> str:
    """Return ``scheme://host[:port]`` in lower case, without the scheme's own port; '' for no URL."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not host:
        return ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    shown = f"[{host}]" if ":" in host else host
    plain = port is None or port == (443 if scheme == "https" else 80)
    return f"{scheme}://{shown}" if plain else f"{scheme}://{shown}:{port}"


async def _desk(core: Core, token: str) -> Desk:
    desk = await desks.get_desk(core, token)
    if desk is None:
        raise _gone(
            "还没有登录工作台，或登录已过期。", "Nobody is signed in here, or it has expired."
        )
    return desk


async def _read(
    core: Core, token: str | None, frame_id: str, desk: str = ""
) -> tuple[Frame, bytes]:
    known = frame_id.isascii() and len(frame_id) <= _LONGEST_ID
    raw = await core.hot.get(_key(frame_id), now=core.clock.now()) if known else None
    frame = None if raw is None else _FRAME.decode(raw)
    owner = desk if token is None else desks.fingerprint(token)
    if raw is None or frame is None or frame.desk != owner:
        raise _gone(
            "这个页面不是由此工作台打开的，或已关闭；请重新打开应用。",
            "This page was not opened by this desk, or has been closed; open the app again.",
        )
    return frame, raw


async def _change(
    core: Core,
    token: str | None,
    frame_id: str,
    change: Callable[[Frame], Frame],
    *,
    desk: str = "",
) -> Frame:
    """Change a frame; whoever changed it in between is looked at first."""
    while True:
        frame, raw = await _read(core, token, frame_id, desk)
        changed = change(frame)
        now = core.clock.now()
        new = msgspec.json.encode(changed)
        if changed is frame or await core.hot.swap(_key(frame_id), raw, new, now=now, ttl=LIFE_MS):
            return changed


def _home(app: ShownApp, flavour: Flavour) -> str:
    ways = (app.home_url, app.pc_home_url)
    home = next(filter(None, ways[::-1] if flavour == "pc" else ways), "")
    if not home:
        raise Refusal(
            40035,
            f"应用 {app.name}（agentid {app.agent_id}）没有设置首页地址。",
            f"The app {app.name} (agentid {app.agent_id}) has no home page.",
            facts={"agentid": app.agent_id, "field": "home_url"},
        )
    return home


def _expanded(url: str, corp_id: str, conversation: str) -> str:
    """Put corp and conversation into their places; the conversation's id is encoded twice."""
    twice = quote(quote(conversation, safe=""), safe="")
    for mark in ("$DOUBLE_ENCCID$", "%24DOUBLE_ENCCID%24"):
        url = url.replace(mark, twice)
    return urls.expand_corpid(url, corp_id)


def _check_page(frame: Frame, url: str) -> None:
    origin = origin_of(url) if len(url) <= _LONGEST_URL else ""
    if origin and origin in frame.origins:
        return
    shown = origin or url[:80]
    raise Refusal(
        50001,
        f"{shown} 不是应用 {frame.app_name} 的主页域名；已登记：{'、'.join(frame.origins) or '(无)'}。",
        f"{shown} is no origin of a home page of {frame.app_name}; registered:"
        f" {', '.join(frame.origins) or '(none)'}.",
        faq="F2",
        facts={"origins": list(frame.origins)},
    )


def _gone(zh: str, en: str) -> Refusal:
    return Refusal(51003, zh, en, errmsg="会话不存在或已过期")


def _key(frame_id: str) -> str:
    return f"frame:{frame_id}"
