"""What the TOP gateway asks of a call before it looks at the API: method, format, version, time, signature.

DingTalk's own SDKs send a ``session`` and neither ``app_key`` nor ``sign``; whoever sends one of the
two means the whole protocol, and is held to it. What a caller leaves out who does not sign is not
missed; what anybody sends has to be right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec

from sanfang.protocol.signatures import TopMethod, same, top_signature

from ..domain import tokens
from ..domain.core import Core
from ..domain.refusals import Refusal
from .multipart import Upload
from .query import read_form

SKEW_MS = 600_000  # how far a signed call's timestamp may be off
_BEIJING = timedelta(hours=8)
_MOMENT = "%Y-%m-%d %H:%M:%S"
_VERSION = re.compile(r"\d{1,3}(\.\d{1,3})*", re.ASCII)
_METHODS: tuple[TopMethod, ...] = get_args(TopMethod)


async def check(core: Core, fields: Mapping[str, Any], form: bytes = b"") -> None:
    """Refuse with a number of the gateway (21 to 34) what breaks its protocol.

    ``form`` is the body as it came if it was a form: a signature covers texts as they were sent.
    """
    if not _given(fields, "method"):
        raise _refusal(
            21, "Missing Method", "缺少参数 method。", "The parameter method is missing."
        )
    _check_format(_given(fields, "format"))
    version, moment = _given(fields, "v"), _given(fields, "timestamp")
    if version and version != "2.0":
        known = _VERSION.fullmatch(version)
        code, text = (34, "Unsupported Version") if known else (33, "Invalid Version")
        raise _refusal(code, text, "v 只能是 2.0。", "v can only be 2.0.")
    at = _read(moment) if moment else None
    if "sign" in fields or "app_key" in fields:
        await _check_signed(core, fields, form, version, at)


async def _check_signed(
    core: Core, fields: Mapping[str, Any], form: bytes, version: str, at: int | None
) -> None:
    key, sign = _given(fields, "app_key"), _given(fields, "sign")
    if not key:
        raise _refusal(
            28, "Missing App Key", "带 sign 的调用须有 app_key。", "sign needs an app_key."
        )
    secret = await tokens.secret_of(core, key)
    if secret is None:
        raise _refusal(
            29,
            "Invalid App Key",
            "没有这个 app_key：应是企业自建应用的 appkey 或套件的 suite_key。",
            "There is no such app_key: it is the appkey of a corp's own app or a suite_key.",
        )
    if not sign:
        raise _refusal(
            24,
            "Missing Signature",
            "带 app_key 的调用须有 sign；只用 session 调用时两者都不要传。",
            "app_key needs a sign; a call by session alone has neither.",
        )
    if at is None:
        raise _refusal(30, "Missing Timestamp", "缺少 timestamp。", "There is no timestamp.")
    off = at - core.clock.now()
    if abs(off) > SKEW_MS:
        raise _refusal(
            31,
            "Invalid Timestamp",
            f"timestamp（GMT+8）与平台时间相差 {off // 1000} 秒，最多允许 10 分钟。",
            f"timestamp (GMT+8) is {off // 1000} s off the platform's time; 10 minutes are allowed.",
        )
    if not version:
        raise _refusal(32, "Missing Version", "缺少 v（2.0）。", "There is no v (2.0).")
    method = _given(fields, "sign_method").lower() or "md5"
    if method not in _METHODS or not _signed_by(secret, _texts(fields, form), sign, method):
        raise _refusal(
            25,
            "Invalid Signature",
            "签名不符：除 sign 外的所有参数按名称排序，名与值依次相连，按 sign_method"
            "（md5、hmac、hmac-sha256）用应用的密钥签名，十六进制大写。",
            "The signature differs: all parameters but sign, sorted by name, name and value joined,"
            " signed with the app's secret by sign_method (md5, hmac, hmac-sha256), upper-case hex.",
        )


def _signed_by(secret: str, texts: dict[str, str], sign: str, method: TopMethod) -> bool:
    # Some clients sign parameters without a value, others leave them out.
    full = {name: value for name, value in texts.items() if value}
    given = sign.upper()
    return any(same(top_signature(secret, each, method), given) for each in (texts, full))


def _texts(fields: Mapping[str, Any], form: bytes) -> dict[str, str]:
    """Return the fields as they were sent; ``fields`` hold what a form's JSON texts say."""
    sent = fields
    if any(isinstance(value, (dict, list)) for value in fields.values()) and form:
        sent = {**fields, **{n: v for n, v in read_form(form).items() if not _plain(fields.get(n))}}
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in sent.items()
        if not isinstance(value, Upload)
    }


def _plain(value: object) -> bool:
    return isinstance(value, str)


def _check_format(given: str) -> None:
    if given.lower() not in ("", "json"):
        raise _refusal(
            23,
            "Invalid Format",
            "format 只能是 json；本平台不以 XML 回答。",
            "format can only be json; this platform does not answer in XML.",
        )


def _read(moment: str) -> int:
    """Return epoch milliseconds of a text in Beijing time; refuse 31."""
    try:
        at = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC) - _BEIJING
        return round(at.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise _refusal(
            31,
            "Invalid Timestamp",
            "timestamp 的格式是 yyyy-MM-dd HH:mm:ss（GMT+8）。",
            "timestamp is written yyyy-MM-dd HH:mm:ss (GMT+8).",
        ) from error


def _given(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else value if isinstance(value, str) else str(value)[:64]


def _refusal(code: int, text: str, zh: str, en: str) -> Refusal:
    return Refusal(code, zh, en, errmsg=zh, facts={"top": text})
