"""What each kind of message has to hold (2016: 消息类型与数据格式; lengths: errors.md 34016, 45002-45008).

Pure: no store, no clock. The same content is refused with other numbers in a chat (34xxx) than in a
message of an app (400xx, 410xx, 440xx, 450xx).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from .refusals import Refusal


class Part(NamedTuple):
    """One field: numbers for its absence and its length, as an app's message and in a chat."""

    name: str
    absent: int
    too_long: int = 45002
    most: int = 5000  # characters
    in_chat: int = 34014
    required: bool = True


class Family(NamedTuple):
    """The numbers of one family of calls."""

    unknown: int  # msgtype empty or not one of KINDS
    no_content: int  # no object named as the msgtype
    chat: bool


APP = Family(unknown=40008, no_content=41015, chat=False)
CHAT = Family(unknown=34004, no_content=34014, chat=True)

_TITLE = Part("title", 41016, 45003, 64)
_URL = 2048  # no document gives a length for these; long enough for every browser

KINDS: dict[str, tuple[Part, ...]] = {
    "text": (Part("content", 44004),),
    "image": (Part("media_id", 41006, in_chat=34008),),
    "voice": (Part("media_id", 41006, in_chat=34011), Part("duration", 40035, 45007, 10, 34005)),
    "file": (Part("media_id", 41006, in_chat=34010),),
    "link": (
        Part("messageUrl", 40035, 45005, _URL, 34009),
        Part("picUrl", 40035, 45006, _URL),
        _TITLE,
        Part("text", 44004, 45004),
    ),
    "oa": (
        Part("message_url", 40035, 45005, _URL),
        Part("pc_message_url", 40035, 45005, _URL, required=False),
    ),
    "markdown": (_TITLE, Part("text", 44004)),
    "action_card": (
        _TITLE,
        Part("markdown", 44004),
        Part("single_title", 40035, 45003, 20, required=False),
        Part("single_url", 40035, 45005, 500, required=False),
    ),
}
LONGEST_VOICE = 60  # seconds
BUTTONS = 1000  # characters of btn_json_list
COLOUR = 8  # characters of oa.head.bgcolor: AARRGGBB


def read(fields: Mapping[str, Any], family: Family) -> tuple[str, dict[str, object]]:
    """Return the msgtype and the checked content of a message.

    ``fields`` is the call of 2016 itself, or the ``msg`` object of a later one. Refuses with the
    family's numbers, naming the field.
    """
    kind = fields.get("msgtype")
    if not isinstance(kind, str) or kind not in KINDS:
        known = ", ".join(KINDS)
        shown = kind[:40] if isinstance(kind, str) else ""
        raise Refusal(
            family.unknown,
            f"没有消息类型 {shown!r}；可用：{known}。",
            f"There is no msgtype {shown!r}; it is one of {known}.",
        )
    return kind, check(kind, fields.get(kind), family)


def check(kind: str, content: object, family: Family) -> dict[str, object]:
    """Check the content of a known kind; text that holds a JSON object counts as one."""
    if isinstance(content, str) and content.lstrip()[:1] == "{":
        content = _parsed(content)
    if not isinstance(content, dict):
        raise Refusal(
            family.no_content,
            f"msgtype 为 {kind} 时，消息内容须放在名为 {kind} 的对象里。",
            f"With msgtype {kind} the content goes into an object named {kind}.",
            facts={"missing": kind},
        )
    for part in KINDS[kind]:
        _check_part(f"{kind}.{part.name}", content.get(part.name), part, family)
    more = _MORE.get(kind)
    if more is not None:
        more(content, family)
    return content


def _check_part(name: str, value: object, part: Part, family: Family) -> None:
    if value in (None, ""):
        if part.required:
            raise missing(name, part.in_chat if family.chat else part.absent)
        return
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Refusal(
            34014 if family.chat else 40035, f"{name} 应为文本。", f"{name} must be text."
        )
    if len(str(value)) > part.most:
        raise _too_long(name, part.most, 34016 if family.chat else part.too_long)


def missing(name: str, code: int) -> Refusal:
    """Refuse for a part of a message that is not there."""
    return Refusal(
        code, f"消息缺少 {name}。", f"The message lacks {name}.", facts={"missing": name}
    )


def _voice(content: dict[str, object], family: Family) -> None:
    text = str(content["duration"]).strip()
    sound = text.isascii() and text.isdigit() and int(text) > 0
    if not sound:
        code = 34005 if family.chat else 40035
        raise Refusal(
            code,
            "voice.duration 应为正整数秒数。",
            "voice.duration is a positive number of seconds.",
        )
    if int(text) > LONGEST_VOICE:
        raise Refusal(
            34005 if family.chat else 45007,
            f"voice.duration 最长 {LONGEST_VOICE} 秒。",
            f"voice.duration is at most {LONGEST_VOICE} seconds.",
        )


def _oa(content: dict[str, object], family: Family) -> None:
    code = 34014 if family.chat else 44003
    head, body = content.get("head"), content.get("body")
    if not isinstance(head, dict) or not head:
        raise missing("oa.head", code)
    if not isinstance(body, dict) or not any(
        value not in (None, "", []) for value in body.values()
    ):
        raise missing("oa.body", code)
    colour = head.get("bgcolor")
    if colour is not None and (not isinstance(colour, str) or len(colour) > COLOUR):
        raise Refusal(
            34014 if family.chat else 40035,
            "oa.head.bgcolor 应为 8 个字符，如 FFBBBBBB（透明度与颜色，不带 0x）。",
            "oa.head.bgcolor is 8 characters such as FFBBBBBB: alpha and colour, without 0x.",
        )
    form = body.get("form")
    if form is not None and not (
        isinstance(form, list) and all(isinstance(row, dict) for row in form)
    ):
        raise Refusal(
            34014 if family.chat else 40035,
            "oa.body.form 应为 [{key, value}, …]。",
            "oa.body.form is a list of {key, value}.",
        )


def _action_card(content: dict[str, object], family: Family) -> None:
    code = 34014 if family.chat else 40035
    buttons = content.get("btn_json_list")
    if buttons in (None, "", []):
        for name in ("single_title", "single_url"):
            if not content.get(name):
                raise missing(f"action_card.{name}（或/or btn_json_list）", code)
        return
    rows = _parsed(buttons) if isinstance(buttons, str) else buttons
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and row.get("title") and row.get("action_url") for row in rows
    ):
        raise Refusal(
            code,
            "action_card.btn_json_list 应为 [{title, action_url}, …]。",
            "action_card.btn_json_list is a list of {title, action_url}.",
        )
    if len(msgspec.json.encode(rows).decode()) > BUTTONS:
        raise _too_long("action_card.btn_json_list", BUTTONS, 34016 if family.chat else 45002)


_MORE = {"voice": _voice, "oa": _oa, "action_card": _action_card}


def _parsed(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _too_long(name: str, most: int, code: int) -> Refusal:
    return Refusal(
        code,
        f"{name} 最多 {most} 个字符。",
        f"{name} is at most {most} characters.",
        facts={"field": name, "most": most},
    )
