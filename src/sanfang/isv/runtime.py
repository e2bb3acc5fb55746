"""A running suite app: everything that belongs to one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sanfang.client import AppKey, AsyncClient, CorpSecret, Suite

from .authorised import AuthorisedCorp
from .backoff import Backoff
from .clock import Clock
from .datafile import DataFile
from .handlers import Handlers
from .handling import Handling
from .lanes import Lanes
from .lifecycle import Lifecycle
from .ownership import Ownership
from .records import CorpRecord
from .suite_file import Identity
from .workers import Workers
from .writer import Stored


class NotConfigured(RuntimeError):  # noqa: N818 - says what is the matter
    """The suite has no suite_key and suite_secret yet; call `SuiteApp.configure`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `SuiteApp` was told about running; see there. Times in seconds."""

    client: dict[str, Any]
    credentials: Callable[[Identity], Suite | AppKey | CorpSecret]
    backoff: Backoff
    clock: Clock
    concurrency: int
    handler_timeout: float | None
    grace: float
    keep: float
    poll: float


class Runtime:
    """Client, lanes and workers on an open data file; to be made in the loop it belongs to."""

    def __init__(self, file: DataFile, handlers: Handlers, settings: Settings) -> None:
        self.loop = asyncio.get_running_loop()
        self._file = file
        self._settings = settings
        self._client: AsyncClient | None = None
        self._old_clients: list[AsyncClient] = []
        clock = settings.clock
        self.lanes = Lanes(
            file.inbox,
            Handling(
                file.inbox,
                Lifecycle(file.records, file.suite, self.client),
                handlers,
                lambda corp_id: self.authorised(file.records.cached(corp_id)),
                settings.handler_timeout,
            ),
            settings.backoff,
            clock,
            settings.concurrency,
        )
        self._ownership = Ownership(file.database.path)
        self.workers = Workers(
            file.inbox,
            file.suite,
            self.lanes,
            self._ownership,
            clock,
            poll=settings.poll,
            keep=settings.keep,
        )

    def start(self) -> None:
        """Begin to handle events."""
        self._file.writer.start(self.loop)
        self.workers.start()
        if self._settings.client["transport"] is None:
            # Importing the HTTP library takes 0.1 s: not in the first corp's activation.
            self.loop.run_in_executor(None, _load_transport)

    async def stop(self) -> None:
        """Finish running handlers within the grace period and close the connections."""
        await self.workers.stop(self._settings.grace)
        clients = [*self._old_clients, *([self._client] if self._client else [])]
        self._client, self._old_clients = None, []
        for client in clients:
            await client.close()

    def abandon(self) -> None:
        """Let go of what another loop needs; this one's has ended without `stop`."""
        self._ownership.release()

    def stored(self, rows: list[Stored]) -> None:
        """Queue events that were just committed."""
        self.workers.stored(rows)

    def hurry(self, event_id: int) -> None:
        """Look at a revived or postponed event now; from any thread."""

        def look() -> None:
            self.workers.rescan()
            self.lanes.hurry(event_id)

        self.loop.call_soon_threadsafe(look)

    def client(self) -> AsyncClient:
        """Return the suite's client. Raises `NotConfigured`."""
        if self._client is None:
            identity = self._file.suite.identity()
            if identity is None:
                raise NotConfigured(
                    "还没有 suite_key：套件创建后请调用 app.configure(suite_key, suite_secret)"
                    " / no suite_key yet: call app.configure(suite_key, suite_secret)"
                )
            self._client = self._new_client(identity)
        return self._client

    def client_of(self, corp_id: str) -> AsyncClient:
        """Return the client for a corp; a corp's own app has no other."""
        client = self.client()
        return client.corp(corp_id) if isinstance(client.identity, Suite) else client

    def new_client(self, credentials: Any) -> AsyncClient:
        """Make another client with the app's settings; its maker closes it."""
        return AsyncClient(credentials, clock=self._settings.clock.time, **self._settings.client)

    def renew_client(self) -> None:
        """Make a new client at the next call: the suite's secret has changed."""
        if self._client is not None:
            self._old_clients.append(self._client)
            self._client = None

    def authorised(self, record: CorpRecord) -> AuthorisedCorp:
        """Return a corp as handlers see it."""
        return AuthorisedCorp(record, self.client_of, self.loop)

    def _new_client(self, identity: Identity) -> AsyncClient:
        return AsyncClient(
            self._settings.credentials(identity),
            suite_store=self._file.suite,
            clock=self._settings.clock.time,
            **self._settings.client,
        )


def _load_transport() -> None:
    import sanfang.catalog
    import sanfang.client.session

    sanfang.catalog.load()
