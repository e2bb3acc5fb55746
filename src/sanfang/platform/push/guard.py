"""Where a push may go: the URL's text, and every address behind its host.

An ISV chooses its callback URL, so the platform must not be led into its own network by it:

1. `read_url` reads the text (71011) and refuses a host that is a forbidden IP address (71013).
2. `Resolver` refuses a name when *any* of its addresses is forbidden: a name with one public and
   one private address is either broken or an attack.
3. Connections are opened to the addresses that were checked, never to the name. However often the
   name's answer changes (DNS rebinding), what was checked is what is called.

Redirects are not followed (nothing here could), so no other address can appear.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from sanfang.protocol.urls import UrlError, check_callback_url

from .addresses import parse, refused
from .trouble import Trouble

_LOOKUPS = 64  # names being looked up at once
_REMEMBERED_S = 10.0
_REMEMBERED = 1024
_PATH = "/%:@!$&'()*+,;=~-._"
_QUERY = f"{_PATH}?"


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
    """Check a callback URL without touching the network; return its origin, and path with query.

    Raises `Trouble` 71011 (not a URL) or 71013 (a literal address that may not be called).
    """
    try:
        check_callback_url(url)
        parts = urlsplit(url)
        host = _ascii(parts.hostname or "")
    except UrlError as fault:
        raise Trouble(71011, "url", fault.zh, fault.en) from None
    except ValueError:
        raise Trouble(
            71011, "url", "主机名无法识别。", "The host of the URL cannot be read."
        ) from None
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
    """Check one address of ``host``; raise `Trouble` 71013, or 71011 for a malformed one."""
    address = parse(text)
    if address is None:
        # 127.1 or 2130706433: the system would read them as addresses.
        raise Trouble(
            71011,
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
    raise Trouble(
        71013,
        "address",
        f"不能向 {where} 推送：{found.zh}{more_zh}。请使用公网可访问的域名或 IP。",
        f"Pushing to {where} is refused: {found.en}{more_en}. Use a host that is reachable "
        "from the internet.",
    )


class Resolver:
    """Look names up and refuse those with an address that may not be called.

    Each lookup runs in a daemon thread of its own: a name server that does not answer blocks
    `getaddrinfo` for many seconds, and must hold up neither the threads that everything else
    shares nor the end of the process. A name is looked up once at a time, and remembered shortly.
    """

    def __init__(self, *, sandbox: bool) -> None:
        self._sandbox = sandbox
        self._slots = asyncio.Semaphore(_LOOKUPS)
        self._known: dict[str, tuple[float, list[str]]] = {}
        self._asking: dict[str, asyncio.Task[list[str]]] = {}

    async def addresses(self, host: str) -> list[str]:
        """Return the addresses of ``host``, all permitted. Raises `Trouble` or OSError."""
        if is_address(host):
            check_address(host, host, sandbox=self._sandbox)
            return [host]
        known = self._known.get(host)
        if known is not None and known[0] > asyncio.get_running_loop().time():
            return known[1]
        asking = self._asking.get(host)
        if asking is None:
            asking = asyncio.create_task(self._ask(host), name="name lookup")
            self._asking[host] = asking
        # Whoever loses patience must not spoil it for the others who wait.
        return await asyncio.shield(asking)

    async def _ask(self, host: str) -> list[str]:
        try:
            async with self._slots:
                found = await _lookup(host)
            for address in found:
                check_address(host, address, sandbox=self._sandbox)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[host] = (asyncio.get_running_loop().time() + _REMEMBERED_S, found)
            return found
        finally:
            del self._asking[host]


async def _lookup(host: str) -> list[str]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], fault: OSError | None) -> None:
        if done.done():
            return
        if fault is not None:
            done.set_exception(fault)
        else:
            done.set_result(found)

    def work() -> None:
        found: list[str] = []
        fault: OSError | None = None
        try:
            infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(info[4][0]) for info in infos))
        except OSError as error:
            fault = error
        except UnicodeError:
            fault = socket.gaierror(socket.EAI_NONAME, "not a host name")
        # The loop may be closed by the time an answer comes.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, found, fault)

    threading.Thread(target=work, name="name lookup", daemon=True).start()
    return await done


def _ascii(host: str) -> str:
    """Write an international name in ASCII; digits of other scripts become plain ones."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
