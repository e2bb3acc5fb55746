"""One process put together: stores, domain, the entrances, the dispatcher and the ticket timer.

``Platform`` is the whole system without a socket: its ``asgi`` can be mounted anywhere. ``serve``
puts it on a socket with uvicorn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any, Self, cast

from . import store
from .console.front import Front
from .domain.clock import Clock
from .domain.core import Core, Settings
from .manage.app import management_app
from .manage.folder import DataFolder
from .openapi.app import OpenApi
from .openapi.transfers import PREFIX as FILES
from .openapi.transfers import Transfers
from .push.dispatcher import Dispatcher
from .push.probe import UrlProbe
from .push.sender import Sender
from .push.tickets import TicketTimer
from .store.files import FolderFiles, MemoryFiles

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DATABASE, HOT, MEDIA = "platform.db", "hot.db", "media"
_BACKLOG = 2048
_LONGEST_MESSAGE = 64 << 20  # bytes of one message of a WebSocket of an app
_GRACE_S = 5  # how long a stopping server waits for requests under way


class Platform:
    """A platform that runs; make it with ``open``, and ``close`` it (or use ``async with``).

    ``asgi`` serves everything: the workbench and its micro-apps on hosts of their own, the management
    API below ``/sanfang/``, signed addresses below ``/sanfang/files/``, pages for signing in where
    DingTalk has them, the open API elsewhere.
    """

    def __init__(
        self, core: Core, sender: Sender, *, admin_token: str, folder: DataFolder | None
    ) -> None:
        self.core = core
        self.admin_token = admin_token
        self.folder = folder
        self._sender = sender
        self._front = Front(
            core,
            management=management_app(core, admin_token),
            open_api=OpenApi(core),
            transfers=Transfers(core),
            files=FILES,
        )
        self.asgi: App = self._front
        self._workers: list[Dispatcher | TicketTimer] = []

    @classmethod
    async def open(
        cls,
        data: Path | None = None,
        *,
        database: str | None = None,
        redis: str | None = None,
        settings: Settings | None = None,
        dispatch: bool = True,
        admin_token: str | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Open the stores and start working.

        :param data: folder of everything that lasts, made when missing; None keeps all in memory.
        :param database: ``postgresql://...`` instead of the SQLite file in ``data``.
        :param redis: ``redis://...`` instead of the process's own memory.
        :param dispatch: False: no pushes and no ticket timer here, another process does them.
        :param admin_token: bearer token of the management API; made and kept in ``data`` if None.
        :raises StoreError: a store cannot be opened, or another process uses the folder.
        :raises OSError: the folder cannot be made.
        """
        settings, clock = settings or Settings(), clock or Clock()
        folder = None if data is None else DataFolder(data)
        async with contextlib.AsyncExitStack() as opened:
            durable = await store.open_durable(database or (data and data / DATABASE))
            opened.push_async_callback(durable.close)
            hot = await store.open_hot(redis or (data and data / HOT))
            opened.push_async_callback(hot.close)
            sender = Sender(settings, clock)
            opened.push_async_callback(sender.close)
            files = MemoryFiles() if data is None else FolderFiles(data / MEDIA)
            core = Core(durable, hot, clock, settings, UrlProbe(sender, settings), files)
            token = admin_token or (folder.admin_token() if folder else secrets.token_urlsafe(32))
            platform = cls(core, sender, admin_token=token, folder=folder)
            opened.push_async_callback(platform.stop_pushing)
            if dispatch:
                await platform._start_workers(alone=database is None)
            opened.pop_all()
        return platform

    async def _start_workers(self, *, alone: bool) -> None:
        self._workers = [Dispatcher(self.core, self._sender, alone=alone), TicketTimer(self.core)]
        for worker in self._workers:
            await worker.start()

    async def stop_pushing(self) -> None:
        """Let pushes under way end, and begin no more."""
        while self._workers:
            await self._workers.pop().stop()

    def end_streams(self) -> None:
        """End answers to browsers that have no end of their own."""
        self._front.end_streams()

    async def close(self) -> None:
        """Stop pushing, write what is left of the call log, then close the stores."""
        await self.stop_pushing()
        await self._front.close()
        await self.core.calls.flush()
        await self._sender.close()
        await self.core.hot.close()
        await self.core.durable.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def bind(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Bind a TCP socket and listen; port 0 takes a free one.

    Do it before the platform is opened: pushes that were pending go out at once, and an ISV that
    calls back in that very moment then waits in the backlog instead of being turned away.

    :raises OSError: the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named: asyncio switches Nagle's algorithm off on those connections only whose
    # listener says that it is TCP. With it on, an answer's body, written after its head, waited for
    # the caller's delayed acknowledgement: 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address under which this machine reaches a bound socket."""
    address, port = listener.getsockname()[:2]
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


async def serve(
    platform: Platform,
    listener: socket.socket,
    *,
    ready: Callable[[], None] = lambda: None,
    stop: asyncio.Event | None = None,
    signals: bool = False,
) -> None:
    """Serve a platform on a bound socket until ``stop`` is set; with ``signals`` also until SIGTERM
    or SIGINT.

    ``ready`` is called once connections are accepted. At the end pushes under way end first, as long
    as their receivers can still call back. The platform stays open; closing it is the caller's.
    """
    stop = stop or asyncio.Event()
    server = _server(platform)
    with _signals(stop if signals else None):
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
        try:
            await server.up.wait()
            ready()
            waiting = asyncio.create_task(stop.wait(), name="stop")
            await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            await platform.stop_pushing()
        finally:
            platform.end_streams()
            server.should_exit = True
            await serving


def _server(platform: Platform) -> Any:
    """Make the uvicorn server; imported here so that a mounted platform does not need it."""
    import uvicorn

    logging.getLogger("uvicorn.error").addFilter(_is_ours)

    class Server(uvicorn.Server):
        """uvicorn, started and stopped by us: it neither prints nor takes signals."""

        def __init__(self, config: uvicorn.Config) -> None:
            super().__init__(config)
            self.up = asyncio.Event()

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.up.set()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        platform.asgi,
        lifespan="off",
        ws=cast(Any, _websocket),
        ws_max_size=_LONGEST_MESSAGE,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # only Settings.trusted_proxy_header is believed
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return Server(config)


def _is_ours(record: logging.LogRecord) -> bool:
    """Leave out what uvicorn says of an app's doings: the proxy breaks off and refuses as the app does.

    And the addresses of WebSockets, as there may be codes for signing in in them.
    """
    return not str(record.msg).startswith(
        ("ASGI callable returned without completing ", '%s - "WebSocket %s"')
    )


def _websocket(**given: Any) -> Any:
    """Make uvicorn's protocol for a WebSocket; what it needs is loaded when the first one comes."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    return WebSocketsSansIOProtocol(**given)


@contextlib.contextmanager
def _signals(stop: asyncio.Event | None) -> Iterator[None]:
    """Set ``stop`` on the first SIGTERM or SIGINT; a second one ends the process as usual."""
    if stop is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def caught(number: int) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, caught, number)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
