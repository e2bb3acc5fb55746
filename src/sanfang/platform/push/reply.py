"""Judge what an ISV answered to a push; no I/O.

The rule (callback-crypto.md §2): HTTP 200, a JSON object with ``msg_signature``, ``timeStamp``,
``nonce`` and ``encrypt``, a fitting signature, and an ``encrypt`` that opens to ``success`` (or to
the echoed ``Random`` of a URL check). Tolerated, because clients differ: padding to 16 or 32,
``timeStamp`` as text or number and spelt ``timestamp``, any content type, line breaks in the
Base64, the request's timestamp and nonce or new ones.

The good case is two calls. Everything else may take its time: a refusal names the step that failed
and, where it can be found out, the mistake behind it (`shape`, `signing`, `autopsy`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from sanfang.protocol import errors
from sanfang.protocol.crypto import CallbackError, Reply, Sealed, parse_reply

from ..domain.model import Attempt
from . import autopsy, shape
from .answer import Answer
from .finding import Finding, cut, cut_bytes
from .keys import Keys

SUCCESS = ("success",)
_SHOWN = 500
_NOTHING = Sealed("", "", "", "")
_STATUS = {
    400: ("请求被接收方当作格式错误", "the receiver takes the request for malformed"),
    401: ("回调地址不能要求登录", "the callback must not ask for a login"),
    403: (
        "被防火墙、IP 限制或 CSRF 保护拦截",
        "stopped by a firewall, an IP filter or CSRF protection",
    ),
    404: ("路径不存在，请核对回调 URL", "no such path; check the callback URL"),
    405: ("该路径不接受 POST", "the path does not take POST"),
    411: ("接收方要求 Content-Length", "the receiver wants a Content-Length"),
    413: ("接收方嫌请求体过大", "the receiver finds the body too large"),
    415: ("接收方不接受 application/json", "the receiver does not take application/json"),
    429: ("接收方限流", "the receiver limits the rate"),
    500: ("接收方处理时出现异常，请看它的日志", "the receiver failed; see its log"),
    502: ("代理后面的服务没有运行", "the service behind the proxy is not running"),
    503: ("服务暂不可用", "the service is not available"),
    504: ("代理等待后端超时", "the proxy waited too long for the service"),
}


class _Usual(msgspec.Struct, forbid_unknown_fields=True):
    """The reply as documented, which most are: read ten times faster than the tolerant way."""

    msg_signature: str
    timeStamp: str  # noqa: N815 - as on the wire
    nonce: str
    encrypt: str


_usual = msgspec.json.Decoder(_Usual)


class Verdict(NamedTuple):
    """What a reply is worth, and why.

    ``step`` says for programs where it failed: ``url``, ``address``, ``dns``, ``connect``, ``tls``,
    ``timeout``, ``closed``, ``too_long``, ``http``, ``redirect``, ``status``, ``empty``,
    ``encoding``, ``html``, ``json``, ``unencrypted``, ``fields``, ``signature``, ``base64``, ``padding``,
    ``length``, ``key_id``, ``plain``, ``keys``; empty when delivered.
    """

    ok: bool
    code: int = 0  # 71009, 71011, 71012, 71013
    step: str = ""
    zh: str = ""
    en: str = ""
    faq: str | None = None
    expected: str = ""
    received: str = ""  # the beginning of the raw reply
    decrypted: str = ""  # what the reply opened to, where it did
    fields: list[str] = []  # noqa: RUF012 - never changed
    cause: str = ""  # the variable part of 71012's errmsg

    @property
    def outcome(self) -> Literal["delivered", "failed"]:
        """The outcome as the record of an attempt spells it."""
        return "delivered" if self.ok else "failed"

    @property
    def reason(self) -> str:
        """Why it failed, ``zh / en``; empty when delivered."""
        return "" if self.ok else f"{self.zh} / {self.en}"

    @property
    def errmsg(self) -> str:
        """DingTalk's text of ``code``, with the observed cause where it has one."""
        return "" if self.ok else errors.text(self.code, self.cause)


def judge(
    answer: Answer, keys: Keys, accept: Sequence[str] = SUCCESS, *, strict: bool = False
) -> Verdict:
    """Decide whether ``answer`` is a valid reply that says one of ``accept``.

    ``strict`` refuses the field name ``timestamp`` as in 2016. Never raises, whatever was answered.
    """
    trouble = answer.trouble
    if trouble is not None:
        return Verdict(
            False,
            trouble.code,
            trouble.step,
            trouble.zh,
            trouble.en,
            "F42" if trouble.step == "keys" else None,
            expected=accept[0],
            received=cut_bytes(answer.body, _SHOWN),
            cause=trouble.cause,
        )
    if answer.status != 200:
        return _bad_status(answer, accept)
    try:
        reply = _read(answer.body, strict=strict)
    except CallbackError as fault:
        found = shape.explain(answer.body, answer.content_type, accept, strict=strict)
        return _failed(answer, accept, found, fields=fault.fields)
    sealed = reply.sealed
    try:
        plain = keys.cipher.open(
            sealed.encrypt, sealed.signature, sealed.timestamp, sealed.nonce
        ).decode()
    except CallbackError as fault:
        found, plain = autopsy.examine(reply, answer.sent or _NOTHING, keys, accept, fault.code)
        return _failed(answer, accept, found, plain, reply.fields)
    except UnicodeDecodeError:
        found = Finding(
            "plain", "解密后的明文不是 UTF-8 文本。", "The decrypted text is not UTF-8."
        )
        return _failed(answer, accept, found, fields=reply.fields)
    if plain not in accept:
        return _failed(answer, accept, _other_text(plain, accept), plain, reply.fields)
    return Verdict(True, decrypted=plain, expected=accept[0], fields=reply.fields)


def _read(body: bytes, *, strict: bool) -> Reply:
    try:
        usual = _usual.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return parse_reply(body, strict=strict)
    if not (usual.msg_signature and usual.timeStamp and usual.nonce and usual.encrypt):
        return parse_reply(body, strict=strict)
    sealed = Sealed(usual.msg_signature, usual.timeStamp, usual.nonce, usual.encrypt)
    return Reply(sealed, list(shape.FIELDS))


def remarks(answer: Answer, verdict: Verdict) -> tuple[Finding, ...]:
    """List what is odd about a reply that was accepted; asked for by people, so not in `judge`."""
    notes = []
    time_note = shape.time_note(verdict.fields)
    if time_note is not None:
        notes.append(time_note)
    if "json" not in answer.content_type.lower():
        kind = cut(answer.content_type) or "-"
        notes.append(
            Finding(
                "content_type",
                f"返回的 Content-Type 是 {kind}，建议用 application/json。",
                f"The reply's Content-Type is {kind}; application/json is better.",
                None,
            )
        )
    return tuple(notes)


def record(answer: Answer, verdict: Verdict) -> Attempt:
    """Write the record of one attempt, as the outbox keeps it."""
    return Attempt(
        started_at=answer.started_at,
        latency_ms=answer.latency_ms,
        status=answer.status,
        outcome=verdict.outcome,
        reply=verdict.decrypted
        if verdict.ok
        else cut(verdict.decrypted, _SHOWN) or verdict.received,
        reason=verdict.reason,
    )


def _failed(
    answer: Answer,
    accept: Sequence[str],
    found: Finding,
    plain: str = "",
    fields: Sequence[str] = (),
) -> Verdict:
    return Verdict(
        False,
        71009,
        found.step,
        found.zh,
        found.en,
        found.faq,
        expected=accept[0],
        received=cut_bytes(answer.body, _SHOWN),
        decrypted=cut(plain, _SHOWN),
        fields=[cut(name, 60) for name in fields[:30]],
    )


def _bad_status(answer: Answer, accept: Sequence[str]) -> Verdict:
    status = answer.status
    if 300 <= status < 400:
        target = cut(answer.location, 200) or "-"
        step, cause = "redirect", f"不允许3xx跳转.http statusCode is:{status}跳转后地址为:{target}"
        zh = (
            f"回调地址返回了 {status} 跳转到 {target}，平台不跟随跳转。请直接填写最终地址"
            "（注意 http→https、末尾斜杠和登录页）。"
        )
        en = (
            f"The callback redirects ({status}) to {target}, and redirects are not followed. Give "
            "the final URL itself (mind http→https, a trailing slash, a login page)."
        )
    else:
        step, cause = "status", f"http statusCode is:{status}"
        hint_zh, hint_en = _STATUS.get(status, ("", ""))
        zh = f"HTTP 状态码是 {status}，应为 200{'：' + hint_zh if hint_zh else ''}。"
        en = f"The HTTP status is {status} and should be 200{': ' + hint_en if hint_en else ''}."
    return Verdict(
        False,
        71012,
        step,
        zh,
        en,
        expected=accept[0],
        received=cut_bytes(answer.body, _SHOWN),
        cause=cause,
    )


def _other_text(plain: str, accept: Sequence[str]) -> Finding:
    expected_zh, expected_en = " 或 ".join(accept), " or ".join(accept)
    zh, en = _text_hint(plain, accept)
    return Finding(
        "plain",
        f"返回文本非success（71009）：解密后应为 {expected_zh}，收到 {cut(plain)!r}{zh}。",
        f"The decrypted reply is not what was expected (71009): expected {expected_en}, got "
        f"{cut(plain)!r}{en}.",
    )


def _text_hint(plain: str, accept: Sequence[str]) -> tuple[str, str]:
    bare = plain.strip().strip("\"'")
    if plain.strip() != plain and plain.strip() in accept:
        return "，首尾多了空白或换行", ", with white space around it"
    if bare in accept:
        return "，多了一层引号（被 JSON 编码了）", ", with quotes around it (it was JSON-encoded)"
    if bare.lower() in (text.lower() for text in accept):
        return "，大小写不同", ", in another case"
    if '"EventType"' in plain:
        return (
            "，这是把事件原文加密返回了",
            ", which is the event itself: encrypt the answer, not the event",
        )
    if not plain:
        return "（空文本）", " (nothing)"
    if plain == "success":
        return (
            "；URL 校验事件要返回事件里的 Random",
            "; a URL check wants the event's Random returned",
        )
    if accept[0] == "success" and _like_random(plain):
        return (
            "；像是 Random：只有 URL 校验事件返回 Random，其他事件一律返回 success",
            "; it looks like a Random: only URL checks return Random, other events success",
        )
    return "", ""


def _like_random(plain: str) -> bool:
    """Whether a text looks like the Random of a URL check."""
    return len(plain) == 8 and plain.isascii() and plain.isalnum()
