"""What every sign-in page looks like, and the headers that keep it safe.

Nothing inline, nothing from elsewhere: ``style-src``, ``script-src`` are ``'self'``. A page may be
framed by those it names only. Forms go to ourselves; those that end at a web site cannot say which
(``form-action``): browsers hold every later redirect of that site to it as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from .markup import Html, Node, join, tag

STATIC = "/sanfang/signin/static/"
_FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def page(
    title: str,
    *body: Node,
    status: int = 200,
    script: str = "",
    framed_by: Iterable[str] = (),
    leads_out: bool = False,
    small: bool = False,
) -> Response:
    """Return a page.

    ``script``: name of its module; ``framed_by``: origins (CSP sources) that may frame it;
    ``leads_out``: a form on it may end at a web site; ``small``: for the frame of a QR code.
    """
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("title", title),
        tag("link", rel="stylesheet", href=f"{STATIC}signin.css"),
        tag("script", type="module", src=STATIC + script) if script else None,
    )
    main = tag("main", *body, class_="small" if small else None)
    whole = tag("html", tag("head", head), tag("body", main), lang="zh-CN")
    headers = page_headers(framed_by, leads_out=leads_out)
    return Response(f"<!doctype html>\n{whole}", status, headers, "text/html; charset=utf-8")


def page_headers(framed_by: Iterable[str] = (), *, leads_out: bool = False) -> dict[str, str]:
    """Return the headers of a page.

    No Cross-Origin-Opener-Policy: sites open these pages in a window of their own and expect
    ``window.opener`` on the page that the person comes back to.
    """
    ancestors = " ".join(dict.fromkeys(framed_by)) or "'none'"
    targets = "'self' http: https:" if leads_out else "'self'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        f" base-uri 'none'; form-action {targets}; frame-ancestors {ancestors}"
    )
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",  # no-referrer would make the Origin of our forms null
        "cache-control": "no-store",
        "permissions-policy": _FEATURES,
    }
    if ancestors == "'none'":
        headers["x-frame-options"] = "DENY"
    return headers


def send_to(address: str, status: int = 302) -> Response:
    """Send the browser on; the address is ours, or one that was examined."""
    response = RedirectResponse(_plain(address), status)
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "no-referrer"
    return response


def _plain(address: str) -> str:
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~")


def brand() -> Html:
    """Return the line on top of every page."""
    return tag(
        "header", tag("b", "三方 Sanfang"), " ", tag("span", "登录 · Sign in"), class_="brand"
    )
