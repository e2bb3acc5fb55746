"""Rules for URLs: pages that are signed, home pages of micro-apps, callback addresses.

Page: jsapi.md, tokens-and-limits.md §4. ``$CORPID$``: FAQ F1. Whether a callback's host may be
reached is not decided here but by who opens the connection (71012, 71013).
"""

from __future__ import annotations

from urllib.parse import quote, unquote, unquote_plus, urlsplit

from sanfang.protocol import errors

_LONGEST = 2048


class UrlError(Exception):
    """A URL that may not be used; ``code`` and ``errmsg`` for the wire, ``zh``, ``en`` to read."""

    def __init__(self, code: int, zh: str, en: str) -> None:
        super().__init__(code, zh, en)
        self.code = code
        self.zh = zh
        self.en = en

    @property
    def errmsg(self) -> str:
        """DingTalk's text of the code."""
        return errors.text(self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"


def page_url(url: str) -> str:
    """Remove ``#`` and what follows: the part of a page's address that is signed."""
    return url.partition("#")[0]


def signing_urls(url: str) -> tuple[str, ...]:
    """List the forms of a page's address that a signature may have been made over.

    As given; with the query URL-decoded (iOS passes it encoded, the 2026 sample decodes it);
    with ``+`` decoded to a space besides. No duplicates, likeliest first.
    """
    page = page_url(url)
    path, mark, query = page.partition("?")
    forms = (page, path + mark + unquote(query), path + mark + unquote_plus(query))
    return tuple(dict.fromkeys(forms))


def expand_corpid(url: str, corpid: str) -> str:
    """Put the visitor's corpid in the place of ``$CORPID$``, also where it was URL-encoded."""
    value = quote(corpid, safe="")
    for mark in ("$CORPID$", "%24CORPID%24"):
        url = url.replace(mark, value)
    return url


def check_home_url(url: str, code: int = 33005) -> None:
    """Check a micro-app's home page; raise `UrlError` with ``code`` (33006 PC, 33008 admin)."""
    _check(url.replace("$CORPID$", "CORPID"), code)


def check_callback_url(url: str) -> None:
    """Check a callback address by its text alone; raise `UrlError` 71011."""
    _check(url, 71011)


def _check(url: str, code: int) -> None:
    zh, en = _fault(url)
    if en:
        raise UrlError(code, zh, en)


def _fault(url: str) -> tuple[str, str]:
    if not isinstance(url, str) or not url:
        return "地址为空，请填写完整的 http(s) 地址。", "The URL is empty; give a full http(s) URL."
    if len(url) > _LONGEST:
        return f"地址超过 {_LONGEST} 个字符。", f"The URL is longer than {_LONGEST} characters."
    if any(c <= " " or c == "\x7f" or c == "\\" for c in url):
        return (
            "地址中有空格、控制字符或反斜杠，请去掉或编码。",
            "The URL holds a space, a control character or a backslash; remove or encode it.",
        )
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        return "主机名或端口无法识别。", "The host or the port of the URL cannot be read."
    if parts.scheme not in ("http", "https"):
        return (
            "地址必须以 http:// 或 https:// 开头。",
            "The URL has to begin with http:// or https://.",
        )
    if not host or not host.strip(".") or port == 0:
        return "地址中没有主机名，或端口无效。", "The URL has no host, or its port is not valid."
    if parts.username is not None:
        return "地址中不能带用户名或密码。", "The URL must not hold a user name or a password."
    return "", ""
