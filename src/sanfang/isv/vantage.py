"""Whose page asks, under which address, and whether the browser talks https with us.

Behind a reverse proxy that changes the host (DingTalk's clients have none, our workbench is one)
the page's own address is another than ours. The proxy says so in X-Forwarded-Host, the workbench's
also in X-Sanfang-Host (beside an Origin it leaves the other out, docs/app-proxy.md); then the
signature is made for *our* origin with the page's path and query, which the platform accepts, and
which is worth nothing to anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from .origins import Origins, host_of, origin_of

Headers = Mapping[str, str]  # names in lower case


class Vantage:
    """What the headers of a request say, measured against the app's own origins."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def own(self, headers: Headers) -> bool:
        """Whether a browser says that an own page asks; who says nothing is no browser page."""
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return False
        page = headers.get("origin") or origin_of(headers.get("referer", ""))
        return self._origins.own(page) or self._proxied(page, headers)

    def signed_address(self, url: str, headers: Headers) -> str:
        """Return a page's address as it is signed; a foreign one as it is, for the app to refuse."""
        if self._origins.own(url) or not self._proxied(url, headers):
            return url
        parts = urlsplit(url)
        here = self._origins.at(headers["host"])
        return here + url.partition("#")[0][len(f"{parts.scheme}://{parts.netloc}") :]

    def here(self, headers: Headers) -> str:
        """Return the own origin that was asked."""
        return self._origins.at(headers.get("host", "")) or self._origins.all[0]

    def secure(self, headers: Headers, scheme: str) -> bool:
        """Whether the browser talks https with us, as our own origins say; else as the server.

        A proxy that ends TLS often leaves us with its own idea of our host; then it is https if we
        are served by https only.
        """
        if _seen_at(headers) and headers.get("x-forwarded-proto"):
            return headers["x-forwarded-proto"] == "https"
        here = self._origins.at(headers.get("host", ""))
        if here:
            return here.startswith("https:")
        return scheme == "https" or all(one.startswith("https:") for one in self._origins.all)

    def _proxied(self, url: str, headers: Headers) -> bool:
        """Whether a page is ours as seen through a proxy. No other site can send that header."""
        host = _seen_at(headers)
        here = self._origins.at(headers.get("host", ""))
        return bool(here and host) and host_of(origin_of(url)) == host


def _seen_at(headers: Headers) -> str:
    """Return the host under which the browser sees us, as a proxy says; '' without one."""
    return str(headers.get("x-sanfang-host") or headers.get("x-forwarded-host", "")).lower()
