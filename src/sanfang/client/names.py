"""From a host's name to its addresses, in bounded time.

The system's resolver can neither be cancelled nor given a time. So it runs in a thread of its own,
which nobody has to wait for, not even the end of the program.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

Addresses = list[tuple[Any, ...]]
"""As `socket.getaddrinfo` returns them."""


def addresses(host: str, port: int, deadline: float) -> Addresses:
    """Return the addresses of a host; raise OSError, or TimeoutError at ``deadline`` (monotonic)."""
    known = _literal(host, port)
    if known is not None:
        return known
    found: queue.SimpleQueue[Addresses | Exception] = queue.SimpleQueue()
    _look_up(host, port, found.put)
    try:
        result = found.get(timeout=max(deadline - time.monotonic(), 0.001))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result


async def addresses_async(loop: asyncio.AbstractEventLoop, host: str, port: int) -> Addresses:
    """Return the addresses of a host; raise OSError. It can be cancelled."""
    known = _literal(host, port)
    if known is not None:
        return known
    found: asyncio.Future[Addresses] = loop.create_future()

    def settle(result: Addresses | Exception) -> None:
        if found.done():
            return
        if isinstance(result, Exception):
            found.set_exception(result)
        else:
            found.set_result(result)

    def done(result: Addresses | Exception) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed by now
            loop.call_soon_threadsafe(settle, result)

    _look_up(host, port, done)
    return await found


def _literal(host: str, port: int) -> Addresses | None:
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return None
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    return [(family, socket.SOCK_STREAM, 0, "", (host, port))]


def _look_up(host: str, port: int, done: Callable[[Addresses | Exception], None]) -> None:
    def run() -> None:
        try:
            result: Addresses | Exception = list(
                socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except Exception as problem:  # noqa: BLE001 - it is raised where it is waited for
            result = problem
        done(result)

    threading.Thread(target=run, name=f"sanfang names {host}", daemon=True).start()
