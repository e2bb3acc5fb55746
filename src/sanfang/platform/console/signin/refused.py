"""How a page says no: the text people know first, then the cause, then what to do, in two languages."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from ...domain.refusals import Refusal
from ...domain.signin_redirects import NO_PERMISSION, NOT_SECURE
from . import looks
from .markup import Html, both, join, tag, words

_FORBIDDEN = frozenset((50001, 50002, 50003, 50005, 51000, 51001, 51003, 51004, 51005))
_NOBODY = 51002

Advice = tuple[str, str]
_ADVICE: dict[int, tuple[Advice, ...]] = {
    50002: (
        (
            "换一个看得到应用的成员，或请管理员把应用的可见范围放宽。",
            "Sign in as a member who sees the app, or have an administrator widen its visible scope.",
        ),
        (
            "只有你打不开而别人可以：清除浏览器或客户端的缓存再试。",
            "Only you cannot open it and others can: clear the cache of the client or browser.",
        ),
    ),
    50003: (
        (
            "企业管理员在管理后台启用应用；套件还没激活的，由 ISV 调用 activate_suite。",
            "An administrator of the corp enables the app; a suite that was never activated needs its"
            " ISV to call activate_suite.",
        ),
    ),
    50005: (
        (
            "企业已解散，换一家企业的成员登录。",
            "The corp has ended; sign in as a member of another.",
        ),
    ),
    51000: (
        (
            "设置应用的后台主页（oa_url），或登记域名：sanfang signin set-hosts KEY --host 域名。",
            "Set the app's admin page (oa_url), or register the host:"
            " sanfang signin set-hosts KEY --host HOST.",
        ),
    ),
    51001: (
        (
            "corpid 填开发者自己企业的；redirect_url 不是 redirect_uri。",
            "corpid is the developer's own corp; the parameter is redirect_url, not redirect_uri.",
        ),
    ),
    51004: (
        (
            "先让管理员的企业授权这个套件。",
            "Have the administrator's corp authorise the suite first.",
        ),
    ),
    51005: (
        (
            "换成企业的管理员登录。",
            "Sign in as an administrator of the corp.",
        ),
    ),
    40078: (
        (
            "回到开始的地方重新登录，取一个新的。",
            "Go back to where you began and sign in again to get a new one.",
        ),
    ),
    33001: (
        (
            "检查 appid：这个页面要的是企业的 corpId。",
            "Check appid: this page takes a corp's corpId.",
        ),
    ),
}
_ENCODE: Advice = (
    "把 redirect_uri 做一次 encodeURIComponent，只做一次。",
    "Put redirect_uri through encodeURIComponent, once.",
)
_REGISTER: Advice = (
    "让它的域名与应用登记的一致：微应用的主页（企业内的页面），或 sanfang signin set-hosts KEY --host 域名"
    "（网站登录）。",
    "Let its host be one the app has registered: that of its home page (pages of a corp), or"
    " sanfang signin set-hosts KEY --host HOST (web sites).",
)
_USUAL: tuple[Advice, ...] = (
    (
        "对照文档检查地址里的参数：docs/sign-in.md。",
        "Check the parameters of the address: docs/sign-in.md.",
    ),
)


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a page that refuses."""
    if refusal.code == 404:
        return 404
    if refusal.code == _NOBODY:
        return 403 if refusal.errmsg == "表单校验失败" else 401
    return 403 if refusal.code in _FORBIDDEN else 400


def known_text(refusal: Refusal) -> str:
    """Return what DingTalk's own page says in such a case."""
    said = refusal.facts.get("page")
    if isinstance(said, str):
        return said
    return NO_PERMISSION if refusal.code in (50001, 50002, 50003, 50005) else refusal.errmsg


def page(refusal: Refusal, *more: Html, framed_by: tuple[str, ...] = ()) -> Response:
    """Return the page that says no; ``more`` goes to its end (use another account, ...)."""
    number = f"{refusal.code} {refusal.errmsg}"
    advice = [both(zh, en, "li") for zh, en in _advice(refusal)]
    body = join(
        looks.brand(),
        tag("h1", known_text(refusal), class_="no"),
        tag("p", tag("code", number), class_="number"),
        tag("p", tag("code", NOT_SECURE), class_="number") if _is_host(refusal) else None,
        tag("h2", words("原因", "Why")),
        both(refusal.zh, refusal.en, class_="cause"),
        tag("h2", words("怎么办", "What to do")),
        tag("ul", *advice),
        tag("p", f"FAQ {refusal.faq} · docs/faq.md", class_="faq") if refusal.faq else None,
        *more,
    )
    return looks.page(known_text(refusal), body, status=status_of(refusal), framed_by=framed_by)


def _is_host(refusal: Refusal) -> bool:
    """Whether the address is well-formed and on a host that is not registered."""
    return refusal.code == 50001 and "host" in refusal.facts


def _advice(refusal: Refusal) -> tuple[Advice, ...]:
    if refusal.code == 50001:
        return (_REGISTER,) if _is_host(refusal) else (_ENCODE, _REGISTER)
    return _ADVICE.get(refusal.code, _USUAL)


def answer(refusal: Refusal) -> Response:
    """Return the refusal for a program."""
    body = {
        "errcode": refusal.code,
        "errmsg": refusal.errmsg,
        "page": known_text(refusal),
        "zh": refusal.zh,
        "en": refusal.en,
        "faq": refusal.faq,
    }
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(msgspec.json.encode(body), status_of(refusal), headers, "application/json")
