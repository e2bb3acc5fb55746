"""Where a push may go: the URL's text, and every address behind its host.

An ISV chooses its callback URL, so the platform must not be led into its own network by it. Three
checks, each closing what the one before leaves open:

1. `check_url` reads the text (71011) and refuses a host that is a forbidden IP address (71013).
2. `GuardedResolver` refuses a host when *any* of its addresses is forbidden: a name with one
   public and one private address is either broken or an attack.
3. `guarded_socket` looks at the very address a socket is about to be connected to. What was
   checked is therefore what is called, however often the name's answer changes (DNS rebinding),
   and literal addresses, which the resolver never sees, do not slip past.

Redirects are not followed (the sender sees to it), so no fourth address can appear.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from sanfang.protocol.urls import UrlError, check_callback_url

from .addresses import parse, refused
from .trouble import Trouble

_LOOKUPS = 64  # names being looked up at once


class ForbiddenAddress(OSError):  # noqa: N818 - as Trouble
    """A forbidden address met when connecting: an OSError, for that is what connectors expect."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(errno.EACCES, "forbidden address")
        self.trouble = trouble


def check_url(url: str, *, sandbox: bool) -> URL:
    """Check a callback URL without touching the network; return it parsed.

    Raises `Trouble` 71011 (not a URL) or 71013 (a literal address that may not be called).
    """
    try:
        check_callback_url(url)
    except UrlError as fault:
        raise Trouble(71011, "url", fault.zh, fault.en) from None
    try:
        parsed = URL(url)
        host, port = parsed.raw_host, parsed.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise Trouble(
            71011,
            "url",
            "主机名或端口无法识别。",
            "The host or the port of the URL cannot be read.",
        )
    # The same rule by which aiohttp decides that a host needs no resolving.
    if ":" in host or host.replace(".", "").isdigit():
        check_address(host, host, sandbox=sandbox)
    return parsed


def check_address(host: str, text: str, *, sandbox: bool) -> None:
    """Check one address of ``host``; raise `Trouble` 71013, or 71011 for a malformed one."""
    address = parse(text)
    if address is None:
        # 127.1 or 2130706433: the system's resolver would read them as addresses.
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


class GuardedResolver(AbstractResolver):
    """Look names up and refuse those with an address that may not be called.

    Each lookup runs in a daemon thread of its own: a name server that does not answer blocks
    `getaddrinfo` for many seconds, and must hold up neither the threads that everything else
    shares nor the end of the process. aiohttp asks once at a time per name and remembers.
    """

    def __init__(self, *, sandbox: bool) -> None:
        self._sandbox = sandbox
        self._slots = asyncio.Semaphore(_LOOKUPS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``; raises `Trouble` 71013 or OSError."""
        async with self._slots:
            infos = await _lookup(host, port, family)
        found: list[ResolveResult] = []
        for kind, _, proto, _, sockaddr in infos:
            address = str(sockaddr[0])
            check_address(host, address, sandbox=self._sandbox)
            found.append(
                ResolveResult(
                    hostname=host,
                    host=address,
                    port=port,
                    family=kind,
                    proto=proto,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        if not found:
            raise OSError(None, "the name has no address")
        return found

    async def close(self) -> None:
        """Nothing to close; lookups under way end by themselves."""


def guarded_socket(sandbox: bool) -> Any:
    """Return a socket factory for aiohttp that opens sockets to permitted addresses only."""

    def factory(info: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, sockaddr = info
        try:
            check_address(str(sockaddr[0]), str(sockaddr[0]), sandbox=sandbox)
        except Trouble as found:
            raise ForbiddenAddress(found) from None
        return socket.socket(family=family, type=kind, proto=proto)

    return factory


async def _lookup(host: str, port: int, family: int) -> list[Any]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[Any]] = loop.create_future()

    def settle(infos: list[Any] | None, fault: BaseException | None) -> None:
        if done.done():
            return
        if fault is not None:
            done.set_exception(fault)
        else:
            done.set_result(infos or [])

    def work() -> None:
        infos: list[Any] | None = None
        fault: BaseException | None = None
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        except (OSError, UnicodeError) as error:
            fault = error if isinstance(error, OSError) else OSError(None, "not a host name")
        # The loop may be closed by the time an answer comes.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, infos, fault)

    threading.Thread(target=work, name=f"lookup {host}"[:40], daemon=True).start()
    return await done


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
