"""The sync client: a thin driver of `core` over a `Transport`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from .core import Core, describe
from .credentials import Credentials
from .errors import BadCall, SanfangError
from .family import settings_of
from .flights import Flights
from .hooks import Hooks
from .limits import Limits
from .retries import RetryRule
from .suites import SuiteStore
from .sync_verbs import SyncVerbs
from .timeouts import Timeout
from .tokens import Token, TokenStore
from .wire import Flow, InStore, Pause, Renew, Request, Transport

if TYPE_CHECKING:
    from .api import Api

T = TypeVar("T")


class _Driver:
    """Carry out what a flow asks for; shared by a suite and its corps, and by all threads."""

    def __init__(
        self,
        transport: Transport | None,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        if transport is not None and not (ca_file is None and proxy is None):
            raise BadCall(
                "proxy 与 ca_file 请交给 transport / give proxy and ca_file to the transport"
            )
        self._network = ca_file, proxy
        self._transport = transport
        self._own = transport is None
        self._closed = False
        self._opening = threading.Lock()
        self.flights = Flights()

    def run(self, flow: Flow[T]) -> T:
        if self._closed:
            flow.close()
            raise BadCall("客户端已关闭 / the client is closed")
        send = self._send
        try:
            effect = next(flow)
            while True:
                if type(effect) is Request:
                    try:
                        answer = send(effect)
                    except SanfangError as problem:
                        effect = flow.throw(problem)
                        continue
                    effect = flow.send(answer)
                elif type(effect) is Renew:
                    effect = flow.send(self._renew(effect))
                elif type(effect) is InStore:
                    try:
                        found = effect.work()
                    except Exception as problem:  # noqa: BLE001 - the flow's own to raise
                        effect = flow.throw(problem)
                        continue
                    effect = flow.send(found)
                else:
                    assert type(effect) is Pause
                    time.sleep(effect.seconds)
                    effect = next(flow)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            flow.close()

    def _renew(self, wish: Renew) -> Token:
        return self.flights.token(wish.key, lambda: self.run(wish.fetch()), wish.fallback)

    @property
    def _send(self) -> Callable[[Request], Any]:
        if self._transport is None:
            from .pool import PoolTransport

            ca_file, proxy = self._network
            with self._opening:  # of threads that come together one makes it, for all
                if self._transport is None:
                    self._transport = PoolTransport(ca_file=ca_file, proxy=proxy)
        return self._transport.send

    def close(self) -> None:
        self._closed = True
        if self._own and self._transport is not None:
            self._transport.close()


class Client(SyncVerbs):
    """Call the platform as a corp's own app, as a suite, or as a corp that authorised a suite.

    ::

        with Client(AppKey("dingexample", secret)) as client:
            departments = client.call("department/list", id=1)["department"]

    It may be used from many threads. ``base_url`` and ``api_url`` are the old and the new host;
    with ``base_url`` alone both are there. ``timeout``: seconds for one exchange, or a `Timeout`.
    ``retries``: how often a call is repeated that the platform was too busy for, or a `RetryRule`.
    ``limits``: hold calls back before the platform refuses them; None: for a suite only; or
    `Limits`. ``hooks``: who looks at the exchanges, see `Hooks`. ``proxy`` and ``ca_file`` instead
    of the environment's (an empty proxy: none), or ``transport``: yours to close; without one the
    client makes and closes its own.
    """

    _api: Api | None = None

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str | None = None,
        api_url: str | None = None,
        timeout: float | Timeout = 10.0,
        retries: int | RetryRule = 3,
        tokens: TokenStore | None = None,
        suite_store: SuiteStore | None = None,
        limits: Limits | bool | None = None,
        hooks: Hooks | Iterable[Hooks] | None = None,
        proxy: str | None = None,
        ca_file: str | None = None,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        settings = settings_of(
            base_url,
            api_url,
            timeout,
            retries,
            tokens,
            suite_store,
            clock,
            credentials=credentials,
            limits=limits,
            hooks=hooks,
        )
        self._core = Core(settings, credentials)
        self._driver = _Driver(transport, ca_file, proxy)
        self._bound = False

    @classmethod
    def _of(cls, core: Core, driver: _Driver) -> Self:
        client = cls.__new__(cls)
        client._core, client._driver, client._bound = core, driver, True  # noqa: SLF001
        return client

    # -- calls ------------------------------------------------------------------------------

    @property
    def api(self) -> Api:
        """Every documented API as a typed method: ``client.api.user.get(userid="zhang")``."""
        if self._api is None:
            from .surface import Caller, Namespace  # with the catalogue, at first use

            self._api = cast("Api", Namespace(Caller(self._core, self._driver.run)))
        return self._api

    def call(
        self,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **params: Any,
    ) -> dict[str, Any]:
        """Call an API by its path: ``department/list``, or ``/v1.0/...`` on the new host.

        The catalogue knows the method and where each of ``params`` goes; ``query`` and ``body``
        place them by hand. Returns the answer. Raises `SanfangError`, see `errors`.
        """
        return self._driver.run(self._core.call(path, None, query, body, params))

    def get(
        self, path: str, /, *, query: Mapping[str, Any] | None = None, **params: Any
    ) -> dict[str, Any]:
        """Call with GET."""
        return self._driver.run(self._core.call(path, "GET", query, None, params))

    def post(
        self,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **params: Any,
    ) -> dict[str, Any]:
        """Call with POST."""
        return self._driver.run(self._core.call(path, "POST", query, body, params))

    def request(
        self,
        method: str,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **params: Any,
    ) -> dict[str, Any]:
        """Call with any method."""
        return self._driver.run(self._core.call(path, method.upper(), query, body, params))

    # -- tokens and tickets -----------------------------------------------------------------

    def get_access_token(self) -> str:
        """Return the access_token in use, fetched if need be (of a suite: its own token)."""
        return self._driver.run(self._core.access_token())

    def get_jsapi_ticket(self) -> str:
        """Return the jsapi_ticket of this app and corp; fetched once and kept like a token."""
        return self._driver.run(self._core.jsapi_ticket())

    # -- a suite ----------------------------------------------------------------------------

    def corp(self, corp_id: str) -> Client:
        """Return a client for a corp that authorised this suite; cheap, shares everything."""
        return Client._of(self._core.corp(corp_id), self._driver)

    def get_suite_token(self) -> str:
        """Return the suite_access_token, fetched with the stored suite_ticket if need be."""
        return self._driver.run(self._core.suite_token())

    def get_permanent_code(self, tmp_auth_code: str) -> dict[str, Any]:
        """Exchange a temporary code, once; the permanent code is saved in the suite store."""
        return self._driver.run(self._core.get_permanent_code(tmp_auth_code))

    def activate(self, corp_id: str) -> dict[str, Any]:
        """Activate the suite for a corp."""
        return self._driver.run(self._core.about_corp("activate_suite", corp_id))

    def auth_info(self, corp_id: str) -> dict[str, Any]:
        """Return what a corp authorised: corp, user, agents."""
        return self._driver.run(self._core.about_corp("get_auth_info", corp_id))

    def agent(self, corp_id: str, agent_id: int | str) -> dict[str, Any]:
        """Return a micro-app's state in a corp; ``close`` is 0 disabled, 1 enabled, 2 to activate."""
        return self._driver.run(self._core.about_corp("get_agent", corp_id, agentid=agent_id))

    def forget(self, corp_id: str) -> None:
        """Forget a corp's permanent code, token and ticket, after suite_relieve."""
        self._driver.run(self._core.forget(corp_id))

    # -- end --------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections; a corp's client leaves that to its suite's."""
        if not self._bound:
            self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client {describe(self._core.identity, self._core.settings.planner.base_url)}>"
