"""The origins an app's pages are served from, and whose page an address is."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from sanfang.client import BadCall

_PORTS = {"http": 80, "https": 443}


class ForeignPage(BadCall):
    """The page is not one of ours, so nothing is signed for it."""


def origin_of(url: str) -> str:
    """Return ``scheme://host[:port]`` of an absolute http(s) address, or '' when it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        return ""
    shown = "" if port is None or port == _PORTS[parts.scheme] else f":{port}"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{shown}"


def host_of(origin: str) -> str:
    """Return the ``host[:port]`` of an origin."""
    return origin.partition("://")[2]


class Origins:
    """The app's own origins; without any, every page is taken. Raises `BadCall`."""

    def __init__(self, given: Iterable[str] = ()) -> None:
        if isinstance(given, str):
            given = [given]
        self.all = tuple(dict.fromkeys(_checked(one) for one in given))

    def __bool__(self) -> bool:
        return bool(self.all)

    def own(self, url: str) -> bool:
        """Whether this page or origin is ours."""
        return origin_of(url) in self.all

    def at(self, host: str) -> str:
        """Return our origin of a Host header, or ''."""
        wanted = host.lower()
        return next((one for one in self.all if host_of(one) == wanted), "")

    def check(self, url: str) -> None:
        """Refuse a page that is not ours. Raises `ForeignPage`."""
        if not self.all or self.own(url):
            return
        raise ForeignPage(
            f"页面 {_shown(url)} 不在应用自己的地址 {', '.join(self.all)} 之中，不签名：签名要用用户打开的"
            "页面地址，核对主页地址的协议、域名与端口（FAQ F14）"
            f" / the page {_shown(url)} is not at one of the app's own origins "
            f"{', '.join(self.all)}, so it is not signed: compare scheme, host and port with the "
            "app's home page (FAQ F14)"
        )


def _checked(given: str) -> str:
    if isinstance(given, str):
        origin = origin_of(given)
        try:
            parts: SplitResult | None = urlsplit(given)
        except ValueError:
            parts = None
        if origin and parts and parts.path in ("", "/") and not (parts.query or parts.fragment):
            return origin
    raise BadCall(
        f"origins 里的 {given!r:.100} 应为 https://主机[:端口]，不带路径"
        f" / an origin is https://host[:port] without a path, not {given!r:.100}"
    )


def _shown(url: str) -> str:
    return origin_of(url) or repr(url[:60])
