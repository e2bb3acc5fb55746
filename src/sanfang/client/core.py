"""The client without its I/O: flows that the sync and the async driver run alike.

Here is who calls and with what: identities, their tokens, and a suite's own calls. How a call
goes is in `exchange`, how a token is kept in `keeper`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from . import gateway, people
from .calls import Call, fill
from .credentials import (
    AppKey,
    AuthorisedCorp,
    CorpSecret,
    Identity,
    OpenApp,
    SignedIn,
    SsoSecret,
    Suite,
)
from .errors import BadCall, CallRefused, NoTicket
from .exchange import exchange
from .grants import (
    DEAD_SUITE_TOKEN,
    DEAD_TOKEN,
    Grant,
    gettoken_query,
    key_of,
    needs_corp,
    needs_suite,
    token_of,
)
from .hooks import Watch
from .keeper import DirectStore, Keeper, Suites
from .limits import Limits
from .plans import Planner
from .retries import RetryRule
from .timeouts import Timeout
from .tokens import Token, TokenKey
from .wire import Flow, Request

_UNKNOWN_PERMANENT_CODE = 40084


class Settings:
    """What all clients of one family share: a suite and the corps that authorised it."""

    def __init__(
        self,
        planner: Planner,
        keeper: Keeper,
        suites: Suites,
        *,
        times: Timeout,
        limit: int,
        retries: RetryRule,
        limits: Limits | None,
        watch: Watch,
        clock: Callable[[], float],
    ) -> None:
        self.planner = planner
        self.keeper = keeper
        self.suites = suites
        self.times = times
        self.timeout = times.exchange
        self.limit = limit
        self.retries = retries
        self.limits = limits
        self.watch = watch
        self.clock = clock

    @property
    def tokens(self) -> DirectStore:
        """The token store, for those who may block; flows use ``keeper``."""
        return self.keeper.direct


class Core:
    """The flows of one identity."""

    def __init__(self, settings: Settings, identity: Identity) -> None:
        self.settings = settings
        self.identity = identity
        own = DEAD_SUITE_TOKEN if isinstance(identity, Suite) else DEAD_TOKEN
        self.own = Grant(key_of(identity), self._fetch_own, own)

    # -- any call ---------------------------------------------------------------------------

    def call(
        self,
        path: str,
        method: str | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        params: Mapping[str, Any] = {},
        *,
        safe: bool | None = None,
        secrets: tuple[str, ...] = (),
    ) -> Flow[dict[str, Any]]:
        """Make one call with whatever token it takes.

        A wrong call is refused here and now, not when the flow is run.
        """
        plan = self.settings.planner.plan(path, method, body is not None, query, body, params)
        if plan.gateway:
            now = self.settings.clock()
            query, body, params = {}, None, gateway.arguments(plan.api, query, body, params, now)
        call = fill(plan, query, body, params)
        if safe is not None or secrets:
            call = replace(call, safe=call.safe if safe is None else safe, secrets=secrets)
        if call.token == "signature":  # noqa: S105
            call = people.signed(self, call)
        flow = self._exchange(call, self._grant(call))
        if call.token == "user" and not isinstance(self.identity, SignedIn):  # noqa: S105
            return people.hinted(flow)
        return flow

    def _grant(self, call: Call) -> Grant | None:
        if not call.token:
            return None
        identity = self.identity
        if isinstance(identity, (SsoSecret, OpenApp, SignedIn)):
            return people.grant_for(self, call)
        if call.token == "suite":  # noqa: S105
            return self._suite_grant(call.api)
        if call.token not in ("corp", "user"):
            raise people.needs_other(call)
        if isinstance(identity, Suite):
            raise needs_corp(identity, call.api)
        return self.own

    def _suite_grant(self, api: str) -> Grant:
        suite = self._suite(api)
        if api.startswith("/"):  # the new host has suite tokens of its own
            key = key_of(suite)._replace(kind="oauth_suite")
            return Grant(key, self._fetch_oauth_suite_token, DEAD_SUITE_TOKEN)
        return Grant(key_of(suite), self._fetch_suite_token, DEAD_SUITE_TOKEN)

    def _fetch_oauth_suite_token(self) -> Flow[Token]:
        suite = self._suite("/v1.0/oauth2/suiteAccessToken")
        return (yield from people.oauth_suite(self, suite, (yield from self._ticket(suite))))

    def exchange(self, call: Call, shape: Callable[[Request], Request]) -> Flow[dict[str, Any]]:
        """Make a call whose requests want to be changed before they go: a transfer's."""
        return self._exchange(call, self._grant(call), shape)

    def _exchange(
        self,
        call: Call,
        grant: Grant | None,
        shape: Callable[[Request], Request] | None = None,
    ) -> Flow[dict[str, Any]]:
        return exchange(self.settings, call, grant, shape)

    # -- tokens -----------------------------------------------------------------------------

    def _token(self, grant: Grant) -> Flow[Token]:
        return self.settings.keeper.token(grant)

    def access_token(self) -> Flow[str]:
        """Return this identity's own token: access_token, or suite_access_token of a suite."""
        return (yield from self._token(self.own)).value

    def suite_token(self) -> Flow[str]:
        """Return the suite_access_token."""
        return (yield from self._token(self._suite_grant("service/get_suite_token"))).value

    def jsapi_ticket(self) -> Flow[str]:
        """Return the jsapi_ticket, kept like a token: a ticket fetched twice may kill the first."""
        if isinstance(self.identity, Suite):
            raise needs_corp(self.identity, "get_jsapi_ticket")
        return (yield from self._token(self._jsapi_grant())).value

    def renew_jsapi_ticket(self, dead: str) -> Flow[str]:
        """Return a jsapi_ticket other than ``dead``, unless the platform gives that again."""
        grant, keeper = self._jsapi_grant(), self.settings.keeper
        held = keeper.front.get(grant.key) or (yield from keeper.held(grant.key))
        if held is not None and held.value == dead:
            keeper.refused(grant.key, held)
        return (yield from self.jsapi_ticket())

    def _jsapi_grant(self) -> Grant:
        key = self.own.key._replace(kind="jsapi_ticket")
        return Grant(key, self._fetch_jsapi_ticket, frozenset())

    def _fetch_jsapi_ticket(self) -> Flow[Token]:
        now = self.settings.clock()
        answer = yield from self.call("get_jsapi_ticket", "GET", {"type": "jsapi"})
        return token_of(answer, "ticket", "get_jsapi_ticket", now)

    def _fetch_own(self) -> Flow[Token]:
        identity = self.identity
        if isinstance(identity, Suite):
            return (yield from self._fetch_suite_token())
        if isinstance(identity, AuthorisedCorp):
            if identity.suite.oauth:
                return (yield from people.oauth_isv_corp(self, identity.suite, identity.corp_id))
            return (yield from self._fetch_isv_corp_token(identity))
        if isinstance(identity, (CorpSecret, AppKey)):
            return (yield from self._fetch_corp_token(identity))
        return (yield from people.fetch_own(self))

    def _fetch_corp_token(self, identity: CorpSecret | AppKey) -> Flow[Token]:
        now = self.settings.clock()
        answer = yield from self.call(
            "gettoken", "GET", gettoken_query(identity), secrets=(identity[1],)
        )
        return token_of(answer, "access_token", "gettoken", now)

    def _fetch_suite_token(self) -> Flow[Token]:
        suite = self._suite("service/get_suite_token")
        ticket = yield from self._ticket(suite)
        now = self.settings.clock()
        body = {
            "suite_key": suite.suite_key,
            "suite_secret": suite.suite_secret,
            "suite_ticket": ticket,
        }
        answer = yield from self.call(
            "service/get_suite_token",
            "POST",
            body=body,
            safe=True,
            secrets=(suite.suite_secret, ticket),
        )
        return token_of(answer, "suite_access_token", "service/get_suite_token", now)

    def _fetch_isv_corp_token(self, corp: AuthorisedCorp) -> Flow[Token]:
        now = self.settings.clock()
        answer = yield from self._get_corp_token(corp)
        return token_of(answer, "access_token", "service/get_corp_token", now)

    def _get_corp_token(self, corp: AuthorisedCorp) -> Flow[dict[str, Any]]:
        body = {"auth_corpid": corp.corp_id}
        code = yield from self.settings.suites.permanent_code(corp.suite.suite_key, corp.corp_id)
        if code:
            try:
                return (yield from self._service("get_corp_token", body, code))
            except CallRefused as refusal:
                # The corp authorised anew and the code we hold is of the time before.
                if refusal.code != _UNKNOWN_PERMANENT_CODE:
                    raise
        return (yield from self._service("get_corp_token", body, None))

    # -- a suite's own calls ----------------------------------------------------------------

    def get_permanent_code(self, tmp_auth_code: str) -> Flow[dict[str, Any]]:
        """Exchange a temporary code, and save the permanent one before anything else."""
        api = "service/get_permanent_code"
        suite = self._suite(api)
        answer = yield from self.call(
            api, "POST", body={"tmp_auth_code": tmp_auth_code}, secrets=(tmp_auth_code,)
        )
        code = answer.get("permanent_code")
        corp = answer.get("auth_corp_info")
        corp_id = corp.get("corpid") if isinstance(corp, dict) else None
        if isinstance(code, str) and code and isinstance(corp_id, str) and corp_id:
            yield from self.settings.suites.save_permanent_code(suite.suite_key, corp_id, code)
        return answer

    def about_corp(self, name: str, corp_id: str, **fields: Any) -> Flow[dict[str, Any]]:
        """Call activate_suite, get_auth_info or get_agent for a corp."""
        suite = self._suite(f"service/{name}")
        body = {"suite_key": suite.suite_key, "auth_corpid": corp_id, **fields}
        code = yield from self.settings.suites.permanent_code(suite.suite_key, corp_id)
        return (yield from self._service(name, body, code))

    def _service(
        self, name: str, body: dict[str, Any], permanent_code: str | None
    ) -> Flow[dict[str, Any]]:
        """Call /service/ in the old form, or without a permanent code in the signed form."""
        path = f"service/{name}"
        if permanent_code:
            body = {**body, "permanent_code": permanent_code}
            return (
                yield from self.call(path, "POST", body=body, safe=True, secrets=(permanent_code,))
            )
        suite = self._suite(path)
        query, secrets = yield from self._signature(suite)
        call = fill(self.settings.planner.plan(path, "POST", True), query, body, {})
        call = replace(call, token="", safe=True, secrets=secrets)
        return (yield from self._exchange(call, None))

    def _signature(self, suite: Suite) -> Flow[tuple[dict[str, str], tuple[str, ...]]]:
        from sanfang.protocol.signatures import signed_query

        ticket = yield from self._ticket(suite)
        timestamp = str(int(self.settings.clock() * 1000))
        query = signed_query(suite.suite_key, suite.suite_secret, timestamp, ticket)
        return query, (suite.suite_secret, ticket)

    def _suite(self, api: str) -> Suite:
        identity = self.identity
        if isinstance(identity, Suite):
            return identity
        if isinstance(identity, AuthorisedCorp):
            return identity.suite
        raise needs_suite(api)

    def _ticket(self, suite: Suite) -> Flow[str]:
        ticket = yield from self.settings.suites.ticket(suite.suite_key)
        if not ticket:
            raise NoTicket(suite.suite_key)
        return ticket

    def corp(self, corp_id: str) -> Core:
        """Return the flows of an authorised corp."""
        suite = self._suite("corp()")
        if not corp_id:
            raise BadCall("corp_id 为空 / the corp_id is empty")
        return Core(self.settings, AuthorisedCorp(suite, corp_id))

    def forget(self, corp_id: str) -> Flow[None]:
        """Forget an authorised corp: its permanent code, its token and its ticket."""
        suite = self._suite("forget()")
        yield from self.settings.suites.forget_corp(suite.suite_key, corp_id)
        own = key_of(AuthorisedCorp(suite, corp_id))
        for key in (own, own._replace(kind="jsapi_ticket")):
            yield from self.settings.keeper.forget(key)


def describe(identity: Identity, base_url: str) -> str:
    """Say who calls where, for reprs."""
    key: TokenKey = key_of(identity)
    who = " ".join(part for part in (key.suite, key.corp or key.app) if part)
    return f"{key.kind} {who} at {base_url}"
