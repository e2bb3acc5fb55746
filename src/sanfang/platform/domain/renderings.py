"""Messages as data that a page can show: one shape per kind, whichever call the message came by.

Pure. Addresses are kept only where opening them is harmless (http, https, dingtalk): what a page
makes a link of never runs a script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

_SCHEMES = ("http", "https", "dingtalk")
_LONGEST = 20_000  # characters of a text; longer than any call takes
_MOST = 100  # entries of a list
_LINE = 80  # characters of a message in one line

Body = Mapping[str, Any]
Data = dict[str, Any]


class Rendering(NamedTuple):
    """``type`` says what ``data`` holds, ``text`` the message in one line."""

    type: str
    data: Data
    text: str


def render(msgtype: str, body: object) -> Rendering:
    """Return a message as data; a kind that nobody knows comes as ``unknown``."""
    made = _KINDS.get(msgtype)
    if made is None and msgtype.startswith("sampleActionCard"):
        made = _sample_card
    if made is None or not isinstance(body, Mapping):
        return Rendering("unknown", {"msgtype": msgtype[:40]}, f"[{msgtype[:40]}]")
    kind, data, text = made(body)
    return Rendering(kind, data, _line(text))


def _plain(body: Body) -> Rendering:
    content = _text(body.get("content"))
    data: Data = {"content": content}
    at = body.get("at")
    if isinstance(at, Mapping):
        data["at_all"] = bool(at.get("isAtAll"))
        data["at"] = [_text(each) for each in _list(at.get("atUserIds"))]
        data["at_mobiles"] = [_text(each) for each in _list(at.get("atMobiles"))]
    return Rendering("text", data, content)


def _image(body: Body) -> Rendering:
    data = {"media_id": _media(body.get("media_id")), "url": _url(body.get("photoURL"))}
    return Rendering("image", data, "[图片]")


def _voice(body: Body) -> Rendering:
    media = _media(body.get("media_id") or body.get("mediaId"))
    data = {"media_id": media, "duration": _number(body.get("duration"))}
    return Rendering("voice", data, "[语音]")


def _video(body: Body) -> Rendering:
    data = {
        "media_id": _media(body.get("videoMediaId")),
        "picture": _media(body.get("picMediaId")),
        "duration": _number(body.get("duration")),
    }
    return Rendering("video", data, "[视频]")


def _file(body: Body) -> Rendering:
    name = _text(body.get("fileName") or body.get("file_name"), 200)
    media = _media(body.get("media_id") or body.get("mediaId"))
    data = {"media_id": media, "name": name, "kind": _text(body.get("fileType"), 20)}
    return Rendering("file", data, f"[文件] {name}")


def _link(body: Body) -> Rendering:
    title = _text(body.get("title"))
    data = {
        "title": title,
        "text": _text(body.get("text")),
        "url": _url(body.get("messageUrl")),
        "picture": _picture(body.get("picUrl")),
    }
    return Rendering("link", data, f"[链接] {title}")


def _oa(body: Body) -> Rendering:
    head, inner = _map(body.get("head")), _map(body.get("body"))
    rich = _map(inner.get("rich"))
    status = _map(body.get("status_bar"))
    form = [each for each in _list(inner.get("form")) if isinstance(each, Mapping)]
    data = {
        "head": _text(head.get("text"), 100),
        "colour": _colour(head.get("bgcolor")),
        "title": _text(inner.get("title")),
        "form": [{"key": _text(row.get("key")), "value": _text(row.get("value"))} for row in form],
        "rich": {"num": _text(rich.get("num"), 50), "unit": _text(rich.get("unit"), 50)},
        "content": _text(inner.get("content")),
        "image": _picture(inner.get("image")),
        "file_count": _text(inner.get("file_count"), 20),
        "author": _text(inner.get("author"), 100),
        "url": _url(body.get("message_url")),
        "pc_url": _url(body.get("pc_message_url")),
        "status": {
            "text": _text(status.get("status_value"), 50),
            "colour": _colour(status.get("status_bg")),
        },
    }
    return Rendering("oa", data, str(data["title"] or data["content"] or data["head"]))


def _markdown(body: Body) -> Rendering:
    title = _text(body.get("title"))
    return Rendering("markdown", {"title": title, "text": _text(body.get("text"))}, title)


def _card(body: Body) -> Rendering:
    """Action cards of messages (snake case) and of webhook robots (camel case)."""
    buttons = body.get("btn_json_list") or body.get("btns")
    if isinstance(buttons, str):
        buttons = _parsed(buttons)
    listed = [
        (row.get("title"), row.get("action_url") or row.get("actionURL"))
        for row in _list(buttons)
        if isinstance(row, Mapping)
    ]
    one_title = body.get("single_title") or body.get("singleTitle")
    if not listed and one_title:
        listed = [(one_title, body.get("single_url") or body.get("singleURL"))]
    upright = str(body.get("btn_orientation", body.get("btnOrientation", "0"))) != "1"
    return _card_of(body, body.get("markdown") or body.get("text"), listed, upright=upright)


def _sample_card(body: Body) -> Rendering:
    """The robots' templates: one button, two to five numbered ones, or numbered otherwise."""
    names = [("singleTitle", "singleURL")]
    for number in range(1, 6):
        names.append((f"actionTitle{number}", f"actionURL{number}"))
        names.append((f"buttonTitle{number}", f"buttonUrl{number}"))
    listed = [(body.get(title), body.get(url)) for title, url in names if body.get(title)]
    return _card_of(body, body.get("text"), listed, upright=True)


def _card_of(
    body: Body, text: object, buttons: list[tuple[object, object]], *, upright: bool
) -> Rendering:
    title = _text(body.get("title"))
    data = {
        "title": title,
        "text": _text(text),
        "buttons": [{"title": _text(name, 100), "url": _url(url)} for name, url in buttons],
        "vertical": upright,
    }
    return Rendering("action_card", data, title)


def _feed(body: Body) -> Rendering:
    links = [
        {
            "title": _text(row.get("title")),
            "url": _url(row.get("messageURL") or row.get("messageUrl")),
            "picture": _picture(row.get("picURL") or row.get("picUrl")),
        }
        for row in _list(body.get("links"))
        if isinstance(row, Mapping)
    ]
    first = links[0]["title"] if links else ""
    return Rendering("feed_card", {"links": links}, f"[链接] {first}")


def _template(body: Body) -> Rendering:
    """A message by template: what the template says is the developer's, the data is here."""
    filled = body.get("data")
    if isinstance(filled, str):
        filled = _parsed(filled)
    fields = [
        {"key": _text(name, 100), "value": _text(value)} for name, value in _map(filled).items()
    ]
    template = _text(body.get("template_id"), 100)
    return Rendering("template", {"template_id": template, "form": fields[:_MOST]}, "[模板消息]")


_KINDS: dict[str, Callable[[Body], Rendering]] = {
    **dict.fromkeys(("text", "sampleText"), _plain),
    **dict.fromkeys(("image", "sampleImageMsg"), _image),
    **dict.fromkeys(("voice", "sampleAudio"), _voice),
    **dict.fromkeys(("video", "sampleVideo"), _video),
    **dict.fromkeys(("file", "sampleFile"), _file),
    **dict.fromkeys(("link", "sampleLink"), _link),
    **dict.fromkeys(("markdown", "sampleMarkdown"), _markdown),
    **dict.fromkeys(("action_card", "actionCard"), _card),
    "oa": _oa,
    "feedCard": _feed,
    "template": _template,
}


def _text(value: object, most: int = _LONGEST) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)[:most]


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINE else f"{line[: _LINE - 1]}…"


def _number(value: object) -> int:
    text = _text(value, 20).strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _media(value: object) -> str:
    return _text(value, 200)


def _picture(value: object) -> str:
    """A picture is a media id or an address."""
    text = _text(value, 2048)
    return _url(text) if ":" in text else text[:200]


def _url(value: object) -> str:
    text = _text(value, 4096).strip()
    try:
        scheme = urlsplit(text).scheme.lower()
    except ValueError:
        return ""
    if scheme not in _SCHEMES:
        return ""
    return _inner(text) if scheme == "dingtalk" else text


def _inner(link: str) -> str:
    """A link of the client's own scheme that opens a page is that page."""
    try:
        parts = urlsplit(link)
        inner = parse_qs(parts.query).get("url", [""])[0]
    except ValueError:
        return ""
    opens = parts.path == "/page/link" and inner
    return _url(inner) if opens and not inner.startswith("dingtalk") else link


def _colour(value: object) -> str:
    """AARRGGBB; '' for anything else."""
    text = _text(value, 10)
    good = len(text) in (6, 8) and all(each in "0123456789abcdefABCDEF" for each in text)
    return text.rjust(8, "F") if good else ""


def _map(value: object) -> Body:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _parsed(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
