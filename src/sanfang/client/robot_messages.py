"""The messages a webhook robot can send, made by plain functions and checked before they go out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .errors import BadCall

Message = dict[str, Any]

_DIRECTIONS = {False: "0", True: "1"}


def _at(mobiles: Iterable[str], userids: Iterable[str], everyone: bool) -> Message:
    for name, value in (("at", mobiles), ("at_users", userids)):
        if isinstance(value, str):
            raise BadCall(f"{name} 应为列表 / {name} is a list of texts, not one text")
    found = {"atMobiles": list(mobiles), "atUserIds": list(userids), "isAtAll": bool(everyone)}
    return {"at": found} if any(found.values()) else {}


def _said(name: str, value: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadCall(f"{name} 应为非空文本 / {name} must be a text that is not empty")
    return value


def _link(name: str, url: str) -> str:
    """Check a link that the reader will be sent to."""
    if not isinstance(url, str) or ":" not in url.split("/")[0] or any(c.isspace() for c in url):
        raise BadCall(f"{name} 应为完整的地址 / {name} must be a whole address: {url!r:.80}")
    return url


def text(
    content: str, *, at: Iterable[str] = (), at_users: Iterable[str] = (), at_all: bool = False
) -> Message:
    """Make a text; ``at`` are mobile numbers, ``at_users`` userids of those to be called."""
    made = {"msgtype": "text", "text": {"content": _said("content", content)}}
    return {**made, **_at(at, at_users, at_all)}


def markdown(
    title: str,
    text: str,
    *,
    at: Sequence[str] = (),
    at_users: Sequence[str] = (),
    at_all: bool = False,
) -> Message:
    """Make a markdown message; ``title`` is what a notification shows.

    DingTalk calls only those whose ``@number`` is in the text: the missing ones are added below it.
    """
    calls = _at(at, at_users, at_all)
    missing = [f"@{name}" for name in (*at, *at_users) if f"@{name}" not in text]
    whole = _said("text", text) + ("\n\n" + " ".join(missing) if missing else "")
    return {
        "msgtype": "markdown",
        "markdown": {"title": _said("title", title), "text": whole},
        **calls,
    }


def link(title: str, text: str, url: str, picture: str = "") -> Message:
    """Make a link with a picture's address beside it."""
    return {
        "msgtype": "link",
        "link": {
            "title": _said("title", title),
            "text": _said("text", text),
            "messageUrl": _link("url", url),
            "picUrl": _link("picture", picture) if picture else "",
        },
    }


def action_card(
    title: str,
    text: str,
    *buttons: tuple[str, str],
    side_by_side: bool = False,
    whole: bool = False,
) -> Message:
    """Make a card with ``(title, url)`` buttons.

    ``side_by_side``: the buttons stand in a row. ``whole``: a single button, the card itself
    jumps (singleTitle, singleURL).
    """
    card: Message = {"title": _said("title", title), "text": _said("text", text)}
    card["btnOrientation"] = _DIRECTIONS[side_by_side]
    made = [(_said("button", name), _link("button", url)) for name, url in buttons]
    if not made:
        raise BadCall("actionCard 至少要一个按钮 / an action card needs a button (title, url)")
    if whole:
        if len(made) > 1:
            raise BadCall("整体跳转只有一个按钮 / a card that jumps as a whole has one button")
        card["singleTitle"], card["singleURL"] = made[0]
    else:
        card["btns"] = [{"title": name, "actionURL": url} for name, url in made]
    return {"msgtype": "actionCard", "actionCard": card}


def feed_card(*links: tuple[str, str, str]) -> Message:
    """Make a feed of ``(title, url, picture)`` links."""
    made = [
        {
            "title": _said("title", title),
            "messageURL": _link("url", url),
            "picURL": _link("picture", picture),
        }
        for title, url, picture in links
    ]
    if not made:
        raise BadCall("feedCard 至少要一条 / a feed card needs a link (title, url, picture)")
    return {"msgtype": "feedCard", "feedCard": {"links": made}}
