"""`SuiteApp`: an ISV's suite as an ASGI application of ten lines."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import Any, Self

from sanfang.client import (
    AppKey,
    AsyncClient,
    AsyncTransport,
    CorpSecret,
    Hooks,
    Limits,
    SsoSecret,
    Suite,
    Timeout,
    TokenStore,
)

from .authorised import AuthorisedCorp
from .backoff import Backoff
from .clock import Clock, SystemClock
from .datafile import DataFile
from .doors import Doors, UnknownCorp
from .handlers import H, Handler, Handlers, as_async
from .health import Health, diagnose
from .inbox import DeadLetter
from .receiving import Receiving
from .reception import Reception
from .records import CorpRecord, CorpState
from .runtime import NotConfigured, Runtime, Settings
from .suite_file import Identity
from .writer import Stored

AUTHORISED = (CorpState.AUTHORISED, CorpState.DESCRIBED, CorpState.ACTIVE)


class SuiteApp(Receiving, Doors):
    """An ISV's suite: receives pushes, keeps authorisations, runs your handlers.

    ::

        app = SuiteApp(suite_key=..., suite_secret=..., token=..., aes_key=...)

        @app.activated
        async def hello(event, corp):
            await corp.call("message/send", agentid=corp.agent_ids[0], touser="zhang",
                            msgtype="text", text={"content": "你好"})

    Serve it with any ASGI server, or mount it. A push is stored in ``data`` (SQLite) before it is
    answered ``success``; handlers run afterwards, **at least once**, in order per corp.

    ``suite_key`` and ``suite_secret`` may follow later by `configure`. ``base_url``, ``api_url``,
    ``timeout``, ``tokens``, ``limits``, ``hooks``, ``transport`` are those of `AsyncClient`.
    ``origins`` are where its pages are served (``https://app.example.com``): pages elsewhere get no
    signature. ``sso`` is the SSOSecret that signs in administrators, ``login_url`` the host of the
    web sign-in when it is another than the platform's.
    ``backoff`` is the retry schedule, ``concurrency`` how many events are handled at a time,
    ``handler_timeout`` the seconds an async handler may take (None: any), ``license_timeout`` those
    of a licence check, ``grace`` the seconds that running handlers get at shutdown, ``keep_days``
    how long ended events are kept to recognise repetitions, ``body_limit`` the bytes of a request,
    ``poll`` the seconds between two looks at what other processes on the same file have stored.

    Raises `CallbackError` 900004 for a bad ``aes_key``, `DataFileError` and `SuiteMismatch` at
    start when the data file cannot be used or is another suite's.
    """

    def __init__(
        self,
        *,
        token: str,
        aes_key: str,
        suite_key: str | None = None,
        suite_secret: str | None = None,
        data: str = "isv.db",
        base_url: str | None = None,
        api_url: str | None = None,
        timeout: float | Timeout = 10.0,
        tokens: TokenStore | None = None,
        limits: Limits | bool | None = None,
        hooks: Hooks | Iterable[Hooks] | None = None,
        transport: AsyncTransport | None = None,
        origins: Iterable[str] = (),
        sso: SsoSecret | None = None,
        login_url: str | None = None,
        backoff: Backoff | None = None,
        concurrency: int = 32,
        handler_timeout: float | None = 300.0,
        license_timeout: float = 1.4,
        grace: float = 10.0,
        keep_days: float = 7.0,
        body_limit: int = 1024 * 1024,
        poll: float = 0.5,
        clock: Clock | None = None,
    ) -> None:
        if bool(suite_key) != bool(suite_secret):
            raise ValueError(
                "suite_key 与 suite_secret 要一起给，或都留到 configure()"
                " / give suite_key and suite_secret together, or both later by configure()"
            )
        self.body_limit = body_limit
        self._given = Identity(suite_key, suite_secret) if suite_key and suite_secret else None
        self._reception = Reception(token, aes_key, None, self._other_keys())
        self._identity: Identity | None = None
        self._path = str(data)
        self._clock = clock or SystemClock()
        self._settings = Settings(
            client={
                "base_url": base_url,
                "api_url": api_url,
                "timeout": timeout,
                "tokens": tokens,
                "limits": limits,
                "hooks": hooks,
                "transport": transport,
            },
            credentials=self._credentials,
            backoff=backoff or Backoff(),
            clock=self._clock,
            concurrency=concurrency,
            handler_timeout=handler_timeout,
            grace=grace,
            keep=keep_days * 86400,
            poll=poll,
        )
        self._set_doors(origins, sso, login_url)
        self._handlers = Handlers()
        self._set_receiving(license_timeout)
        self._file: DataFile | None = None
        self._runtime: Runtime | None = None

    # What the app's author writes

    def on(self, *event_types: str) -> Callable[[H], H]:
        """Register a handler ``(event, corp)``, sync or async, for event types.

        ``corp`` is None for events of the suite itself. A sync handler runs in a thread.
        """

        def register(handler: H) -> H:
            for event_type in event_types:
                self._handlers.on(event_type, handler)
            return handler

        return register

    def activated(self, handler: H) -> H:
        """Register a handler for a corp that has become active."""
        self._handlers.on_kind("activated", handler)
        return handler

    def changed(self, handler: H) -> H:
        """Register a handler for a corp whose authorisation has changed; it is up to date."""
        self._handlers.on_kind("changed", handler)
        return handler

    def relieved(self, handler: H) -> H:
        """Register a handler for a corp that has ended the authorisation; it cannot be called."""
        self._handlers.on_kind("relieved", handler)
        return handler

    def license_check(self, handler: Handler) -> Handler:
        """Register the one that judges licence codes: ``(event, corp)`` to true for valid.

        It is asked while the platform waits. Without one, or when it fails, no code is valid.
        """
        self._license = as_async(handler)
        return handler

    # What the app's operator asks

    @property
    def suite_key(self) -> str | None:
        """The suite's key, None before it is known."""
        self._open()
        return self._identity.suite_key if self._identity else None

    def configure(self, suite_key: str, suite_secret: str) -> None:
        """Tell who the suite is, once it was created; remembered in the data file.

        Raises `SuiteMismatch` when the data file belongs to another suite.
        """
        identity = Identity(suite_key, suite_secret)
        self._open().suite.configure(identity)
        self._adopt(identity)

    def corp(self, corp_id: str) -> AuthorisedCorp:
        """Return a corp. Raises `UnknownCorp` when it never authorised the suite."""
        record = self._open().records.get(corp_id)
        if record.state is CorpState.UNKNOWN:
            raise UnknownCorp(
                f"企业 {corp_id} 从未授权本套件 / corp {corp_id} has never authorised this suite"
            )
        return self._authorised(record)

    def corps(self, *states: CorpState) -> list[AuthorisedCorp]:
        """List the corps in these states; without any, all that authorise the suite now."""
        records, found, after = self._open().records, [], ""
        while page := records.list(after):
            found += [record for record in page if record.state in (states or AUTHORISED)]
            after = page[-1].corp_id
        return [self._authorised(record) for record in found]

    def dead_letters(self, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """List events that were given up, by id."""
        return self._open().inbox.dead(after, limit)

    def retry(self, event_id: int) -> bool:
        """Handle a dead letter again, or a postponed event now; tell whether there was one."""
        inbox = self._open().inbox
        found = inbox.revive(event_id) or inbox.is_waiting(event_id)
        if found and self._runtime is not None:
            self._runtime.hurry(event_id)
        return found

    def health(self) -> Health:
        """Return the state of things: ticket age, what waits, what is dead, what to do."""
        file = self._open()
        return diagnose(
            suite_key=self._identity.suite_key if self._identity else None,
            ticket=file.suite.held_ticket(),
            counts=file.inbox.counts(),
            parked=self._runtime.lanes.parked if self._runtime else 0,
            handling=self._runtime.workers.owner if self._runtime else False,
            refused=dict(self._refused),
            now=self._clock.time(),
        )

    def client(self) -> AsyncClient:
        """Return the suite's client while the app runs. Raises `NotConfigured`."""
        if self._runtime is None:
            raise NotConfigured("应用尚未启动 / the app is not running: use it after start()")
        return self._runtime.client()

    # Starting and stopping

    async def start(self) -> None:
        """Open the data file and start the workers; the first request does it if nobody did."""
        if self._runtime is not None:
            if self._runtime.loop is asyncio.get_running_loop():
                return
            self._runtime.abandon()
        self._runtime = Runtime(self._open(), self._handlers, self._settings)
        self._runtime.start()

    async def stop(self) -> None:
        """Finish running handlers within the grace period, close client and data file."""
        await self._close_doors()
        if self._runtime is not None:
            await self._runtime.stop()
            self._runtime = None
        self.close()

    def close(self) -> None:
        """Close the data file; what is called next opens it again."""
        file, self._file = self._file, None
        self._identity = None
        if file is not None:
            file.close()

    async def begin(self) -> None:
        """Start if nobody did: mounted in a framework, an app hears nothing of its lifespan."""
        if self._runtime is None or self._runtime.loop.is_closed():
            await self.start()

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Any = None) -> AsyncIterator[None]:
        """Start and stop with a framework: ``Starlette(routes=..., lifespan=app.lifespan)``."""
        async with self:
            yield

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def __repr__(self) -> str:
        key = (self._identity or self._given or Identity("-", "")).suite_key
        return f"<SuiteApp {key} data={self._path!r}>"

    # Inside

    def _open(self) -> DataFile:
        if self._file is None:
            file = DataFile(self._path, self._stored)
            try:
                if self._given is not None:
                    file.suite.configure(self._given)
                identity = file.suite.identity()
            except BaseException:
                file.close()
                raise
            self._file = file
            if identity is not None:
                self._adopt(identity)
        return self._file

    def _adopt(self, identity: Identity) -> None:
        if identity == self._identity:
            return
        self._identity = identity
        self._reception.configure(identity.suite_key)
        if self._runtime is not None:
            self._runtime.renew_client()

    def _known_identity(self) -> Identity | None:
        if self._identity is None and (stored := self._open().suite.identity()) is not None:
            self._adopt(stored)
        return self._identity

    def _stored(self, rows: list[Stored]) -> None:
        if self._runtime is not None:
            self._runtime.stored(rows)

    def _authorised(self, record: CorpRecord) -> AuthorisedCorp:
        if self._runtime is not None:
            return self._runtime.authorised(record)
        return AuthorisedCorp(record, lambda _: self.client(), None)

    def _other_keys(self) -> tuple[str, ...]:
        return ()

    def _credentials(self, identity: Identity) -> Suite | AppKey | CorpSecret:
        return Suite(*identity)

    def _extra_client(self, credentials: SsoSecret) -> AsyncClient:
        self.client()  # says so when the app is not running
        assert self._runtime is not None
        return self._runtime.new_client(credentials)

    def session_secret(self) -> bytes:
        """Return what session cookies are signed with. Raises `NotConfigured`."""
        identity = self._known_identity()
        if identity is None:
            raise NotConfigured("还没有 suite_key / no suite_key yet")
        return f"{identity.suite_key}\n{identity.suite_secret}".encode()

    def _base_url(self) -> str | None:
        base: str | None = self._settings.client["base_url"]
        return base or super()._base_url()
