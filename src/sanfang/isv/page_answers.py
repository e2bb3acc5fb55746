"""What the ready endpoints say when they cannot: each with its reason, for the page's author."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeVar

import msgspec

from sanfang.client import BadCall, CallRefused, SanfangError

from .origins import ForeignPage
from .people import CodeNotValid
from .refusals import Refused
from .runtime import NotConfigured
from .web import Asked

F = TypeVar("F", bound=msgspec.Struct)
_ROW = re.compile(r"FAQ (F\d+)")


def form(asked: Asked, kind: type[F]) -> F:
    """Read a JSON body. Raises `Refused`."""
    said = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != "application/json":
        raise Refused(
            415,
            415,
            "Unsupported Media Type",
            "请用 Content-Type: application/json 发送 JSON。",
            "Send JSON with Content-Type: application/json.",
        )
    try:
        return msgspec.json.decode(asked.body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused(
            400,
            400,
            "Bad Request",
            f"请求体不对：应为 JSON 对象，字段 {', '.join(kind.__struct_fields__)}。",
            f"The body is a JSON object with {', '.join(kind.__struct_fields__)}: {error!s:.200}",
        ) from error


def unknown(name: str, known: Collection[str], method: str, names: Collection[str]) -> Refused:
    """Refuse an endpoint that there is not, or a method that it does not take."""
    if known:
        return Refused(
            405,
            405,
            "Method Not Allowed",
            f"{name} 只接受 {', '.join(known)}。",
            f"{name} takes {', '.join(known)}, not {method[:20]}.",
        )
    return Refused(
        404,
        404,
        "Not Found",
        f"这里有 {'、'.join(names)}。",
        f"There are {', '.join(names)}.",
    )


def cross_site(headers: Mapping[str, str], origins: tuple[str, ...]) -> Refused:
    """Refuse what another site's page sends."""
    page = headers.get("origin") or headers.get("referer") or "(no Origin)"
    return Refused(
        403,
        403,
        "Foreign Page",
        f"请求来自 {page[:100]}，不是应用自己的页面 {', '.join(origins)}。",
        f"The request comes from {page[:100]}, no page of the app's own origins"
        f" {', '.join(origins)}.",
    )


def nobody() -> Refused:
    """Tell that nobody is signed in."""
    return Refused(
        401,
        401,
        "Not Signed In",
        "还没有登录，或登录已过期：取免登码后 POST login。",
        "Nobody is signed in, or no longer: get a code and POST it to login.",
    )


def not_begun() -> Refused:
    """Refuse a web sign-in that another browser began."""
    return Refused(
        403,
        403,
        "Not Begun Here",
        "这次登录不是在这个浏览器里开始的，或超过了十分钟：请从 signin 重新开始。",
        "This sign-in was not begun in this browser, or ten minutes ago: begin at signin.",
    )


def not_a_member() -> Refused:
    """Refuse somebody of whom we do not know which member it is."""
    return Refused(
        403,
        403,
        "Not A Member",
        "你的企业没有开通本应用，或你不在可见范围内。",
        "Your corp has not authorised this app, or you are outside its scope.",
        faq="F2",
    )


def no_data() -> Refused:
    """Tell that the app cannot read its data file now."""
    return Refused(
        503,
        503,
        "Service Unavailable",
        "应用暂时读不到数据文件，请稍后再试；原因见应用日志。",
        "The app cannot read its data file right now; try again later. Its log has the reason.",
    )


def explained(error: Exception) -> Refused:
    """Turn what a door refuses into an answer for the page's author."""
    text = str(error)
    zh, _, en = text.partition(" / ")
    en = en or text
    if isinstance(error, ForeignPage):
        return Refused(403, 403, "Foreign Page", zh, en, faq="F14")
    if isinstance(error, BadCall):
        row = _ROW.search(zh)
        return Refused(400, 400, "Bad Request", zh, en, faq=row[1] if row else None)
    if isinstance(error, NotConfigured):
        return Refused(503, 503, "Not Configured", zh, en)
    if isinstance(error, CodeNotValid):
        return Refused(400, 40078, error.errmsg or "不存在的临时授权码", zh, en, faq="F3")
    if isinstance(error, CallRefused):
        code = error.code if isinstance(error.code, int) else 502
        return Refused(502, code, error.errmsg[:200] or "refused", zh, en)
    if isinstance(error, SanfangError):
        return Refused(502, 502, "Bad Gateway", zh, en)
    return Refused(404, 404, "Unknown Corp", zh, en)
