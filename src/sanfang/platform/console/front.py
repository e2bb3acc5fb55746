"""The platform's front door: which part of it a request is for.

First by host, since the workbench and each micro-app have origins of their own (`names`): cookies and
scripts of an app must not reach the workbench, nor those of one app another. Then by path.

Parts are made on first use: who only calls the open API does not wait for the console at the start.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, quote

from ..domain.core import Core
from . import names
from .asgi import App, Receive, Scope, Send
from .signin.addresses import is_ours

_OURS = "/sanfang/"
_TO_WORKBENCH = ("/sanfang/workbench", "/sanfang/workbench/")
_WORKBENCH = "wb"


class Front:
    """Dispatches every request; ``files`` is the path below which signed addresses are."""

    def __init__(
        self, core: Core, *, management: App, open_api: App, transfers: App, files: str
    ) -> None:
        self._core = core
        self._management = management
        self._open_api = open_api
        self._transfers = transfers
        self._files = files
        self._domain = core.settings.console_domain.lower().encode()
        self._ending = asyncio.Event()
        self._listening: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        console = self._of_host(scope) if kind in ("http", "websocket") else None
        if console is None:
            app = self._of_path(scope) if kind == "http" else self._open_api
            await app(scope, receive, send)
        else:
            await console(scope, self._until_end(receive) if kind == "http" else receive, send)

    def end_streams(self) -> None:
        """End answers that would go on for ever: a server that stops does not wait for browsers."""
        self._ending.set()
        for task in self._listening:
            task.cancel()

    async def close(self) -> None:
        """Let go of connections to apps."""
        proxy = self.__dict__.get("_proxy")
        if proxy is not None:
            await proxy.close()

    def _until_end(self, receive: Receive) -> Receive:
        """Once a request has come in whole, let its end be that of the server too."""
        complete = False

        async def next_message() -> MutableMapping[str, Any]:
            nonlocal complete
            if not complete:
                message = await receive()
                complete = not message.get("more_body")
                return message
            if self._ending.is_set():
                return {"type": "http.disconnect"}
            task = asyncio.current_task()
            assert task is not None
            self._listening.add(task)
            try:
                return await receive()
            except asyncio.CancelledError:
                if not self._ending.is_set() or task.uncancel():
                    raise
                return {"type": "http.disconnect"}
            finally:
                self._listening.discard(task)

        return next_message

    def _of_host(self, scope: Scope) -> App | None:
        for name, value in scope["headers"]:
            if name == b"host":
                # Nearly every request is for the open API: no more than this is done for those.
                if self._domain not in value.lower():
                    return None
                return self._console(value.decode("latin-1"), scope["path"])
        return None

    def _console(self, host: str, path: str) -> App | None:
        label = names.label_of(self._core.settings, host)
        if label == _WORKBENCH:
            return self._to_workbench if path in _TO_WORKBENCH else self._workbench
        return self._proxy if label.startswith("app-") else None

    def _of_path(self, scope: Scope) -> App:
        path = scope["path"]
        if not path.startswith(_OURS):
            return self._unless_round(scope, self._signin) if is_ours(path) else self._open_api
        if path.startswith(self._files):
            return self._transfers
        if path in _TO_WORKBENCH:
            return self._to_workbench
        return self._unless_round(scope, self._signin if is_ours(path) else self._management)

    def _unless_round(self, scope: Scope, app: App) -> App:
        """Refuse what came through the proxy: our own pages are not shown as an app's."""
        if all(name != b"via" for name, _ in scope["headers"]):
            return app
        from .proxy import app as proxy

        return proxy.refuse_round if proxy.is_round(scope) else app

    @cached_property
    def _workbench(self) -> App:
        from .workbench.app import workbench_app

        return workbench_app(self._core)

    @cached_property
    def _signin(self) -> App:
        from .signin.app import signin_app

        return signin_app(self._core)

    @cached_property
    def _proxy(self) -> Any:
        from .proxy.app import Proxy

        return Proxy(self._core)

    async def _to_workbench(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a browser on to the workbench; ``?as=CORP/USERID`` goes along in a sandbox."""
        settings = self._core.settings
        where = names.workbench_origin(settings, scope) + "/"
        chosen = parse_qs(scope["query_string"].decode("latin-1")).get("as")
        if chosen and settings.sandbox:
            where += f"?as={quote(chosen[0], safe='/')}"
        headers = [
            (b"location", where.encode("ascii")),
            (b"cache-control", b"no-store"),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
