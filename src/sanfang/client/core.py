"""The client without its I/O: flows that the sync and the async driver run alike.

How a call goes: its plan says which token it takes. A fresh one from the store is used at once;
else the driver is asked to `Renew` it, once for all who ask. A refusal with a dead-token code
deletes *that* token (compare-and-delete, so that a newer one survives), and the call is made
again with a new one, once: 487 calls and a recursion error is what happens without a bound
(pain 7). A refusal that passes by itself is repeated after a `Pause`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from .answers import read
from .calls import Call, fill
from .credentials import AppKey, AuthorisedCorp, CorpSecret, Identity, Suite
from .errors import BadAnswer, BadCall, CallRefused, NoTicket, TokenRefused, TransportFailed
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
from .plans import Planner
from .retries import RetryRule
from .suites import SuiteStore
from .tokens import Token, TokenKey, TokenStore
from .wire import Flow, Pause, Renew

_UNKNOWN_PERMANENT_CODE = 40084


class Settings:
    """What all clients of one family share: a suite and the corps that authorised it."""

    def __init__(
        self,
        planner: Planner,
        tokens: TokenStore,
        suites: SuiteStore,
        *,
        timeout: float,
        limit: int,
        retries: RetryRule,
        clock: Callable[[], float],
    ) -> None:
        self.planner = planner
        self.tokens = tokens
        self.suites = suites
        self.timeout = timeout
        self.limit = limit
        self.retries = retries
        self.clock = clock


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
        plan = self.settings.planner.plan(path, method, body is not None)
        call = fill(plan, query, body, params)
        if safe is not None or secrets:
            call = replace(call, safe=call.safe if safe is None else safe, secrets=secrets)
        return self._exchange(call, self._grant(call))

    def _grant(self, call: Call) -> Grant | None:
        if not call.token:
            return None
        identity = self.identity
        if call.token == "corp":  # noqa: S105
            if isinstance(identity, Suite):
                raise needs_corp(identity, call.api)
            return self.own
        return self._suite_grant(call.api)

    def _suite_grant(self, api: str) -> Grant:
        suite = self._suite(api)
        return Grant(key_of(suite), self._fetch_suite_token, DEAD_SUITE_TOKEN)

    def _exchange(self, call: Call, grant: Grant | None) -> Flow[dict[str, Any]]:
        settings = self.settings
        renewed, tries, token = False, 0, None
        while True:
            if grant is not None:
                token = settings.tokens.get(grant.key)  # the short way of _token, for speed
                if token is None or not token.fresh(settings.clock()):
                    token = yield from self._token(grant)
            request = call.request(token and token.value, settings.timeout, settings.limit)
            try:
                return read(request, (yield request))
            except (CallRefused, TransportFailed, BadAnswer) as error:
                if grant and token and isinstance(error, CallRefused) and error.code in grant.dead:
                    if renewed:
                        raise self._still_refused(error, grant, token) from None
                    settings.tokens.delete_if(grant.key, token.value)
                    renewed = True
                    continue
                pause = settings.retries.pause(error, safe=call.safe, tries=tries)
                if pause is None:
                    raise
            tries += 1
            yield Pause(pause)

    def _still_refused(self, refusal: CallRefused, grant: Grant, token: Token) -> TokenRefused:
        age = self.settings.clock() - token.fetched_at
        store = type(self.settings.tokens).__name__
        return TokenRefused.after(refusal, kind=grant.key.kind, age=age, store=store)

    # -- tokens -----------------------------------------------------------------------------

    def _token(self, grant: Grant) -> Flow[Token]:
        held = self.settings.tokens.get(grant.key)
        now = self.settings.clock()
        if held is not None and held.fresh(now):
            return held
        fallback = held if held is not None and held.valid(now) else None
        token: Token = yield Renew(grant.key, lambda: self._renew(grant), fallback)
        return token

    def _renew(self, grant: Grant) -> Flow[Token]:
        # The second look: somebody may have renewed it while we waited for our turn.
        held = self.settings.tokens.get(grant.key)
        if held is not None and held.fresh(self.settings.clock()):
            return held
        token = yield from grant.fetch()
        self.settings.tokens.put(grant.key, token)
        return token

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
        key = self.own.key._replace(kind="jsapi_ticket")
        grant = Grant(key, self._fetch_jsapi_ticket, frozenset())
        return (yield from self._token(grant)).value

    def _fetch_jsapi_ticket(self) -> Flow[Token]:
        now = self.settings.clock()
        answer = yield from self.call("get_jsapi_ticket", "GET", {"type": "jsapi"})
        return token_of(answer, "ticket", "get_jsapi_ticket", now)

    def _fetch_own(self) -> Flow[Token]:
        identity = self.identity
        if isinstance(identity, Suite):
            return (yield from self._fetch_suite_token())
        if isinstance(identity, AuthorisedCorp):
            return (yield from self._fetch_isv_corp_token(identity))
        return (yield from self._fetch_corp_token(identity))

    def _fetch_corp_token(self, identity: CorpSecret | AppKey) -> Flow[Token]:
        now = self.settings.clock()
        answer = yield from self.call(
            "gettoken", "GET", gettoken_query(identity), secrets=(identity[1],)
        )
        return token_of(answer, "access_token", "gettoken", now)

    def _fetch_suite_token(self) -> Flow[Token]:
        suite = self._suite("service/get_suite_token")
        ticket = self._ticket(suite)
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
        code = self.settings.suites.permanent_code(corp.suite.suite_key, corp.corp_id)
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
            self.settings.suites.save_permanent_code(suite.suite_key, corp_id, code)
        return answer

    def about_corp(self, name: str, corp_id: str, **fields: Any) -> Flow[dict[str, Any]]:
        """Call activate_suite, get_auth_info or get_agent for a corp."""
        suite = self._suite(f"service/{name}")
        body = {"suite_key": suite.suite_key, "auth_corpid": corp_id, **fields}
        code = self.settings.suites.permanent_code(suite.suite_key, corp_id)
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
        query, secrets = self._signature(suite)
        call = fill(self.settings.planner.plan(path, "POST", True), query, body, {})
        call = replace(call, token="", safe=True, secrets=secrets)
        return (yield from self._exchange(call, None))

    def _signature(self, suite: Suite) -> tuple[dict[str, str], tuple[str, ...]]:
        from sanfang.protocol.signatures import signed_query

        ticket = self._ticket(suite)
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

    def _ticket(self, suite: Suite) -> str:
        ticket = self.settings.suites.ticket(suite.suite_key)
        if not ticket:
            raise NoTicket(suite.suite_key)
        return ticket

    def corp(self, corp_id: str) -> Core:
        """Return the flows of an authorised corp."""
        suite = self._suite("corp()")
        if not corp_id:
            raise BadCall("corp_id 为空 / the corp_id is empty")
        return Core(self.settings, AuthorisedCorp(suite, corp_id))

    def forget(self, corp_id: str) -> None:
        """Forget an authorised corp: its permanent code, its token and its ticket."""
        suite = self._suite("forget()")
        self.settings.suites.forget_corp(suite.suite_key, corp_id)
        own = key_of(AuthorisedCorp(suite, corp_id))
        for key in (own, own._replace(kind="jsapi_ticket")):
            held = self.settings.tokens.get(key)
            if held is not None:
                self.settings.tokens.delete_if(key, held.value)


def describe(identity: Identity, base_url: str) -> str:
    """Say who calls where, for reprs."""
    key: TokenKey = key_of(identity)
    who = " ".join(part for part in (key.suite, key.corp or key.app) if part)
    return f"{key.kind} {who} at {base_url}"
