"""Read an answer: the dict inside, or an error that says what is wrong with it.

Reply shapes are in errors.md section 1. Texts are UTF-8 whatever the charset header says: old
front ends announced ISO-8859-1, and clients that believed it garbled every Chinese name.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from .errors import BadAnswer, CallRefused, Forbidden, RateLimited
from .wire import Request, Response

_decode = msgspec.json.Decoder().decode

LIMITED: frozenset[int | str] = frozenset({1111, 45009, 90017, 90018, 90020, *range(90001, 90015)})
FORBIDDEN: frozenset[int | str] = frozenset(
    {41030, 41044, 43011, 48002, 48004, 50002, 50004, 60011, 60020}
)
_LIMITED_NEW = (
    "Forbidden.AccessDenied.Qps",
    "Forbidden.AccessDenied.Qpm",
    "Forbidden.AccessDenied.ApiCountLimit",
)
_MAYBE_NO_SUCH_PATH = (-1, 22, 404)  # errors.md section 1, rule 5
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
    if not value.get("errcode") and status < 400 and "punish" not in value:
        return value
    return _by_code(request, response, value)


def _refuse_by_frame(request: Request, response: Response) -> None:
    if len(response.body) > request.limit:
        text = f"应答超过 {request.limit} 字节 / the answer is longer than {request.limit} bytes"
        raise BadAnswer("too_long", text, api=request.api, status=response.status)
    if 300 <= response.status < 400:
        target = response.header("location").partition("?")[0]
        raise BadAnswer(
            "redirect",
            f"平台要求跳转到 {request.mask(target)!r}，未跟随：令牌不会发往别处，请改正 base_url"
            " / redirected; not followed, tokens go nowhere else: correct base_url",
            api=request.api,
            status=response.status,
        )


def _second_reading(request: Request, response: Response) -> Any:
    """Name what a body that is no JSON is, unless a byte-order mark was all that stood in the way.

    An empty answer is a success of the new host (41 documented calls) and nowhere else.
    """
    body = response.body
    if body.startswith(b"\xef\xbb\xbf"):
        return read(request, msgspec.structs.replace(response, body=body[3:]))
    if not body.strip() and response.status < 300 and _new_host(request):
        return {}
    what, text = _diagnosis(response)
    raise BadAnswer(
        what, text, api=request.api, status=response.status, excerpt=excerpt(request, body)
    )


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
    code, errmsg = _code(value)
    if code is None and response.status < 400:
        return value
    if code is None:
        raise BadAnswer(
            "shape",
            "出错而没有错误码 / an error without a code",
            api=request.api,
            status=response.status,
            excerpt=excerpt(request, response.body),
        )
    request_id = str(value.get("requestid") or value.get("request_id") or value.get("uuid") or "")
    raise refusal(code, request.mask(errmsg), request.api, request_id, response.status, value)


def _code(value: dict[str, Any]) -> tuple[int | str | None, str]:
    """Find the code and its text; errcode 88 wraps the real one (errors.md section 1, rule 2)."""
    if "errcode" in value:
        code, text = _number(value["errcode"]), str(value.get("errmsg") or "")
        if code == 88 and value.get("sub_code"):
            return _number(value["sub_code"]), str(value.get("sub_msg") or text)
        return (None if code == 0 else code), text
    if "punish" in value:
        return _number(value.get("status", 1111)), "访问地址被暂时封禁 / this address is banned"
    if value.get("code"):
        return _number(value["code"]), str(value.get("message") or "")
    return None, ""


def _number(code: object) -> int | str:
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
