"""Looking names up for connections that strangers chose, and refusing what they must not reach."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

from .guard import check_address, is_address

_LOOKUPS = 64  # names being looked up at once
_REMEMBERED_S = 10.0
_REMEMBERED = 1024


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
        """Return the addresses of ``host``, all permitted. Raises `Forbidden` or OSError."""
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
