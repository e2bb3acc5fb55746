"""What robots can say: the webhook's msgtypes, and the msgKey templates of the newer API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .refusals import Refusal

# Webhook: the object is named as the msgtype; feedCard holds a list.
WEBHOOK: dict[str, tuple[str, ...]] = {
    "text": ("content",),
    "link": ("title", "text", "messageUrl"),
    "markdown": ("title", "text"),
    "actionCard": ("title", "text"),
    "feedCard": ("links",),
}
# msgKey -> what msgParam must hold (documents of the robot's message types, 2026).
TEMPLATES: dict[str, tuple[str, ...]] = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("title", "text", "messageUrl"),
    "sampleActionCard": ("title", "text", "singleTitle", "singleURL"),
    **{
        f"sampleActionCard{count}": (
            *("title", "text"),
            *(f"{part}{n}" for n in range(1, count + 1) for part in ("actionTitle", "actionURL")),
        )
        for count in range(2, 6)
    },
    "sampleActionCard6": ("title", "text", "buttonTitle1", "buttonUrl1"),
    "sampleAudio": ("mediaId", "duration"),
    "sampleFile": ("mediaId", "fileName", "fileType"),
    "sampleVideo": ("duration", "videoMediaId", "videoType", "picMediaId"),
}
LONGEST_PARAM = 15_000  # characters of msgParam


def read_webhook(fields: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    """Return msgtype and content (with ``at``) of a webhook's call; refuse 400105, 40035."""
    kind = fields.get("msgtype")
    if not isinstance(kind, str) or kind not in WEBHOOK:
        known = ", ".join(WEBHOOK)
        raise Refusal(
            400105,
            f"机器人不支持消息类型 {str(kind)[:40]!r}；可用：{known}。",
            f"Robots have no msgtype {str(kind)[:40]!r}; it is one of {known}.",
        )
    content = fields.get(kind)
    if not isinstance(content, dict):
        raise _lacks(kind)
    for name in WEBHOOK[kind]:
        if content.get(name) in (None, "", []):
            raise _lacks(f"{kind}.{name}")
    if kind == "actionCard" and not content.get("btns"):
        for name in ("singleTitle", "singleURL"):
            if not content.get(name):
                raise _lacks(f"actionCard.{name}（或/or btns）")
    at = fields.get("at")
    return kind, {**content, "at": at} if isinstance(at, dict) and at else content


def words(body: object) -> str:
    """Return all text of a message in one piece, where keywords are looked for."""
    if isinstance(body, str):
        return body
    if isinstance(body, Mapping):
        return "\n".join(words(each) for name, each in body.items() if name != "at")
    if isinstance(body, list):
        return "\n".join(words(each) for each in body)
    return ""


def read_template(msg_key: str, msg_param: str) -> dict[str, object]:
    """Return the parameters of a robot's message, ``msgParam`` being JSON text.

    A msgKey that is not one of the samples is a template of the developer's own: any parameters.
    """
    if len(msg_param) > LONGEST_PARAM:
        raise _v1(
            "invalidParameter.msgParam.tooLong",
            f"msgParam 最多 {LONGEST_PARAM} 个字符。",
            f"msgParam has at most {LONGEST_PARAM} characters.",
        )
    try:
        found = msgspec.json.decode(msg_param)
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _v1(
            "invalidParameter.msgParam.invalid",
            "msgParam 应为 JSON 对象的文本。",
            "msgParam is the text of a JSON object.",
        )
    if msg_key.startswith("sample") and msg_key not in TEMPLATES:
        raise _v1(
            "invalidParameter.msgKey.invalid",
            f"没有消息模板 {msg_key[:40]!r}；可用：{', '.join(TEMPLATES)}。",
            f"There is no msgKey {msg_key[:40]!r}; it is one of {', '.join(TEMPLATES)}.",
        )
    for name in TEMPLATES.get(msg_key, ()):
        if found.get(name) in (None, ""):
            raise _v1(
                "invalidParameter.msgParam.invalid",
                f"{msg_key} 的 msgParam 缺少 {name}。",
                f"msgParam of {msg_key} lacks {name}.",
            )
    return found


def _lacks(name: str) -> Refusal:
    return Refusal(
        40035,
        f"机器人消息缺少 {name}。",
        f"The robot's message lacks {name}.",
        errmsg="缺少参数 json",
        facts={"missing": name},
    )


def _v1(name: str, zh: str, en: str) -> Refusal:
    return Refusal(40035, zh, en, facts={"v1": name})
