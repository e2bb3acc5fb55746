"""Where the platform may connect to for somebody else: the URL's text, every address of its host.

An ISV chooses its callback URL and an app its home page, so the platform must not be led into its own
network by them:

1. `read_url` reads the text and refuses a host that is a forbidden IP address.
2. `Resolver` refuses a name when *any* of its addresses is forbidden: a name with one public and
   one private address is either broken or an attack.
3. Connections are opened to the addresses that were checked, never to the name. However often the
   name's answer changes (DNS rebinding), what was checked is what is called.

Nobody here follows redirects, so no other address can appear.
"""

from __future__ import annotations

from typing import Literal, NamedTuple
from urllib.parse import quote, urlsplit

from sanfang.protocol.urls import UrlError, check_callback_url

from .addresses import parse, refused

_PATH = "/%:@!$&'()*+,;=~-._"
_QUERY = f"{_PATH}?"


class Forbidden(Exception):  # noqa: N818 - what somebody asked for is; no error of ours
    """A URL that is none (``url``), or one whose host may not be connected to (``address``)."""

    def __init__(self, step: Literal["url", "address"], zh: str, en: str) -> None:
        super().__init__(en)
        self.step = step
        self.zh = zh
        self.en = en


class Origin(NamedTuple):
    """What a connection is opened to."""

    secure: bool
    host: str  # ASCII; an IPv6 address without brackets
    port: int

    def __str__(self) -> str:
        """Write it as the Host header does."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def read_url(url: str, *, sandbox: bool) -> tuple[Origin, str]:
    """Check a URL without touching the network; return its origin, and path with query in ASCII.

    Raises `Forbidden` for what is no URL, or for a literal address that may not be called.
    """
    try:
        check_callback_url(url)
        parts = urlsplit(url)
        host = _ascii(parts.hostname or "")
    except UrlError as fault:
        raise Forbidden("url", fault.zh, fault.en) from None
    except ValueError:
        raise Forbidden("url", "主机名无法识别。", "The host of the URL cannot be read.") from None
    secure = parts.scheme == "https"
    origin = Origin(secure, host, parts.port or (443 if secure else 80))
    if is_address(host):
        check_address(host, host, sandbox=sandbox)
    path = quote(parts.path or "/", safe=_PATH)
    return origin, f"{path}?{quote(parts.query, safe=_QUERY)}" if parts.query else path


def is_address(host: str) -> bool:
    """Whether a host is meant as an IP address, well-formed or not: no name looks like that."""
    return ":" in host or host.replace(".", "").isdigit()


def check_address(host: str, text: str, *, sandbox: bool) -> None:
    """Check one address of ``host``; raise `Forbidden`."""
    address = parse(text)
    if address is None:
        # 127.1 or 2130706433: the system would read them as addresses.
        raise Forbidden(
            "url",
            f"{_short(text)} 不是完整的 IP 地址，请写成四段，例如 8.8.8.8。",
            f"{_short(text)} is not a complete IP address; write all four parts, as in 8.8.8.8.",
        )
    found = refused(address, sandbox=sandbox)
    if found is None:
        return
    where = _short(host) if host == text else f"{_short(host)} → {address}"
    more_zh = more_en = ""
    if found.local:
        more_zh = "；沙箱模式（sandbox=true）才允许"
        more_en = "; allowed in sandbox mode (sandbox=true) only"
    raise Forbidden(
        "address",
        f"平台不能连接 {where}：{found.zh}{more_zh}。请使用公网可访问的域名或 IP。",
        f"Connecting to {where} is refused: {found.en}{more_en}. Use a host that is reachable "
        "from the internet.",
    )


def _ascii(host: str) -> str:
    """Write an international name in ASCII; digits of other scripts become plain ones."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
