"""Read an answer: the dict inside, or an error that says what is wrong with it.

Reply shapes are in errors.md section 1. Texts are UTF-8 whatever the charset header says: old
front ends announced ISO-8859-1, and clients that believed it garbled every Chinese name.
"""

from __future__ import annotations

import re
import time
from typing import Any, Literal

import msgspec

from . import gateway
from .errors import (
    AnswerTooLong,
    BadAnswer,
    CallRefused,
    Forbidden,
    PlatformBusy,
    RateLimited,
    Redirected,
    SanfangError,
)
from .wire import Request, Response

_decode = msgspec.json.Decoder().decode

LIMITED: frozenset[int | str] = frozenset(
    {1111, 45009, 90017, 90018, 90020, 130101, 410100, *range(90001, 90015)}
)
FORBIDDEN: frozenset[int | str] = frozenset(
    {41030, 41044, 43011, 48002, 48004, 50002, 50004, 60011, 60020}
)
BUSY: frozenset[int | str] = frozenset({-1, "ServiceUnavailable", "server.error"})
_LIMITED_NEW = (
    "Forbidden.AccessDenied.Qps",
    "Forbidden.AccessDenied.Qpm",
    "Forbidden.AccessDenied.ApiCountLimit",
)
_MAYBE_NO_SUCH_PATH = (-1, 22, 404)  # errors.md section 1, rule 5
_REQUEST_IDS = ("requestid", "requestId", "request_id", "uuid")
# What an API says of itself that has a `code` in its answers, when all went well.
_WELL = frozenset({"0", "200", "ok", "success", "成功"})
_BAN_SECONDS = 300.0  # tokens-and-limits.md 7.2: the gateway's ban of an address
_EXCERPT = 200


def read(request: Request, response: Response) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Raises `CallRefused` for an error code, `BadAnswer` for what is no answer of the platform.
    A root that is no object is returned under ``body``, an empty success as ``{}``.
    """
    status, body = response.status, response.body
    if status >= 300 or len(body) > request.limit:
        _refuse_by_frame(request, response)
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = _second_reading(request, response)
    if type(value) is not dict:
        return _no_object(request, response, value)
    if (
        not value.get("errcode")
        and status < 400
        and "punish" not in value
        and "code" not in value
        and request.api[:9] != gateway.PREFIX
    ):
        return value
    return _by_code(request, response, value)


def _refuse_by_frame(request: Request, response: Response) -> None:
    if len(response.body) > request.limit:
        text = f"应答超过 {request.limit} 字节 / the answer is longer than {request.limit} bytes"
        raise AnswerTooLong(text, request.api, response.status)
    if 300 <= response.status < 400:
        target = request.mask(re.split(r"[?#]", response.header("location"))[0][:200])
        raise Redirected(
            f"平台要求跳转到 {target!r}，未跟随：令牌不会发往别处，请改正 base_url"
            " / redirected; not followed, tokens go nowhere else: correct base_url",
            target,
            request.api,
            response.status,
        )


def _second_reading(request: Request, response: Response) -> Any:
    """Name what a body that is no JSON is, unless a byte-order mark was all that stood in the way.

    An empty answer is a success of the new host (41 documented calls) and nowhere else, but for
    a download, whose body went into its sink.
    """
    body = response.body
    if body.startswith(b"\xef\xbb\xbf"):
        return read(request, msgspec.structs.replace(response, body=body[3:]))
    if not body.strip() and response.status < 300 and (request.sink or _new_host(request)):
        return {}
    what, text = _diagnosis(response)
    problem = BadAnswer(
        what, text, api=request.api, status=response.status, excerpt=excerpt(request, body)
    )
    raise _with_hint(problem, response)


def _with_hint(error: SanfangError, response: Response) -> SanfangError:
    """Note how long the answer wants us to stay away (Retry-After, in seconds or as a date)."""
    hint = response.header("retry-after").strip()
    if not hint:
        return error
    if hint.isascii() and hint.isdigit():
        error.retry_after = float(hint[:9])
        return error
    from email.utils import parsedate_to_datetime  # once in a blue moon

    try:
        when = parsedate_to_datetime(hint).timestamp()
    except (ValueError, OverflowError):
        return error
    error.retry_after = max(0.0, when - time.time())
    return error


def _new_host(request: Request) -> bool:
    return request.api.startswith("/v")


def _diagnosis(response: Response) -> tuple[str, str]:
    body = response.body.strip()
    if encoding := response.header("content-encoding"):
        return "encoding", f"应答被压缩（{encoding}），并未要求 / compressed without being asked to"
    if not body:
        return "empty", "应答为空 / the answer is empty"
    if body[:1] == b"<":
        return (
            "html",
            "应答是网页而不是 JSON：地址或代理不对 / a page instead of JSON: wrong address or proxy",
        )
    try:
        body.decode()
    except UnicodeError:
        return "charset", "应答不是 UTF-8 / the answer is not UTF-8"
    if body[:1] in (b"{", b"[") and body[-1:] not in (b"}", b"]"):
        return "truncated", "应答的 JSON 不完整 / the JSON of the answer is truncated"
    return "json", "应答不是 JSON / the answer is not JSON"


def _no_object(request: Request, response: Response, value: Any) -> dict[str, Any]:
    if _new_host(request) and response.status < 400:
        return {"body": value}
    raise BadAnswer(
        "shape",
        "应答不是 JSON 对象 / the answer is not a JSON object",
        api=request.api,
        status=response.status,
        excerpt=excerpt(request, response.body),
    )


def _by_code(request: Request, response: Response, value: dict[str, Any]) -> dict[str, Any]:
    if request.api[:9] == gateway.PREFIX and response.status < 400:
        inside = gateway.opened(request, response, value)
        if inside is not None:
            return inside
    code, errmsg = _code(value)
    if response.status < 400 and (code is None or _is_field(request, value)):
        return value
    if code is None:
        raise BadAnswer(
            "shape",
            "出错而没有错误码 / an error without a code",
            api=request.api,
            status=response.status,
            excerpt=excerpt(request, response.body),
        )
    request_id = next((str(value[name]) for name in _REQUEST_IDS if value.get(name)), "")
    error = refusal(code, request.mask(errmsg), request.api, request_id, response.status, value)
    raise _with_hint(error, response)


def _code(value: dict[str, Any]) -> tuple[int | str | None, str]:
    """Find the code and its text; errcode 88 wraps the real one (errors.md section 1, rule 2)."""
    if "errcode" in value:
        code, text = number(value["errcode"]), str(value.get("errmsg") or "")
        if code == 88 and value.get("sub_code"):
            return number(value["sub_code"]), str(value.get("sub_msg") or text)
        return (None if code == 0 else code), text
    if "punish" in value:
        return number(value.get("status", 1111)), "访问地址被暂时封禁 / this address is banned"
    if value.get("code"):
        return number(value["code"]), str(next((value[n] for n in _TEXTS if value.get(n)), ""))
    return None, ""


_TEXTS = ("message", "msg", "cause")
_NO_DATA = frozenset({"code", "status", "success", *_TEXTS, *_REQUEST_IDS})


def _is_field(request: Request, value: dict[str, Any]) -> bool:
    """Tell whether the ``code`` of an answer that is no HTTP error belongs to a result.

    The page decides. An API whose answer has no such field (``/v1.0/amdp/``) refuses with it. One
    that documents it beside a text (esign, h3yun, conferences) refuses with any code but that of
    success, when there are no data; else it is data: the code of a customer, of a product.
    """
    if "errcode" in value or "punish" in value:
        return False
    told = value["code"]
    if not _new_host(request) or isinstance(told, (bool, dict, list)):
        return True
    from sanfang import catalog

    table = catalog.load()
    endpoint = table.find("api", request.method, request.api)
    if endpoint is not None and told in table.errors(endpoint):
        return False
    if str(told).lower() in _WELL:
        return True
    if any(str(value.get(name, "")).lower() in _WELL for name in _TEXTS):
        return True  # whatever its code is called, it says that it went well
    fields = {field.name for field in endpoint.response} if endpoint else set()
    if "code" not in fields:
        return not value.get("message")
    return fields.isdisjoint(_TEXTS) or any(map(value.get, fields - _NO_DATA))


def number(code: object) -> int | str:
    """Return a code as a number, if it is one."""
    if isinstance(code, int):
        return int(code)
    text = str(code).strip()
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text


def refusal(
    code: int | str,
    errmsg: str,
    api: str = "",
    request_id: str = "",
    status: int = 200,
    value: dict[str, Any] | None = None,
) -> CallRefused:
    """Make the exception that fits a code, with its explanation."""
    args = (code, errmsg, _explanation(code, api), request_id, api)
    if code in LIMITED or (isinstance(code, str) and code.startswith(_LIMITED_NEW)):
        limited = RateLimited(*args, status=status)
        if code == 1111:
            limited.retry_after = _BAN_SECONDS
        return limited
    if status == 429:
        return RateLimited(*args, status=status)
    if code in BUSY or status in (502, 503, 504):
        return PlatformBusy(*args, status=status)
    if code in FORBIDDEN or status == 403:
        return Forbidden(*args, status=status)
    return CallRefused(*args, status=status)


def _explanation(code: int | str, api: str) -> str:
    from sanfang.protocol import errors  # the table is read at the first refusal

    scope: Literal["oapi", "v1"] = "oapi" if isinstance(code, int) else "v1"
    info = errors.lookup(code, scope)
    texts = [info.zh, info.en] if info else []
    if code in _MAYBE_NO_SUCH_PATH and (meant := _meant(api)):
        texts.append(
            f"接口目录中没有 {api}，是否想用 {meant}？ / not in the catalogue; meant {meant}?"
        )
    return " / ".join(text for text in texts if text)


def _meant(api: str) -> str:
    """Return the path that a mistaken one may have meant: user/getuserinfo for getuserinfo."""
    from sanfang import catalog

    table = catalog.load()
    if not api or table.guess(api) is not None:
        return ""
    return next((found.path.lstrip("/") for found in table.suggest(api, 1)), "")


def excerpt(request: Request, body: bytes) -> str:
    """Return a short piece of a body that can be shown: text only, one line, no secrets."""
    text = body[:4096].decode("utf-8", "replace")
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>", " ", text)
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(request.mask(text).split())
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"
