"""The keeper of tokens: who has a token, who renews it, and who waits. No I/O.

Two floors. The *front* is a dict of this process, and the way of nearly every call: one lookup.
The *store* below it may be a file or a database that many processes share, and is asked only when
the front has nothing fresh, or after a refusal. It is slow, so it is asked by an `InStore`, which
the async driver carries out in a thread.

Renewal is single twice over: `Renew` makes one task or thread of a process do it (`flights`), a
lease in the store makes one process do it. The rules:

- Whoever has the lease looks again before fetching: the holder before may have brought the token.
- Whoever has not waits for the token, unless the old one still works: then nobody waits, and the
  store is left alone for a second. A renewal that fails while the old token works is no failure,
  and is not tried again for a while.
- A holder that dies is waited for until its lease ends. No request for a token is sent under a
  lease that might end before the answer must be there, so that a live holder is not overtaken.
- A holder that was stopped all the same (a laptop's lid, SIGSTOP) and overtaken finds its `put`
  refused by the fence. If the token is a ticket, whose death nobody tells us (a jsapi_ticket
  fails in somebody's page), it cannot know which of two fetches the platform saw last: the stored
  one is deleted and fetched once more.
- A token that an API refuses although it was just renewed is not renewed again for that API for
  a few seconds: its age is not the reason.
- A refused token is remembered, so that neither front nor store can bring it back; one that
  another process has renewed since is found in the store and costs no fetch (pains 5 to 7).
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from .errors import BadCall, SanfangError, TokenBusy
from .grants import Grant
from .hooks import log
from .suites import SuiteStore
from .tokens import STORE_METHODS, Token, TokenKey, TokenStore
from .wire import Flow, InStore, Pause, Renew, Request

T = TypeVar("T")

MARGIN = 5.0
"""Seconds that a lease outlives the request it covers."""

WAIT_LEASES = 4
"""How many leases' time somebody without a token waits for other processes to bring one."""

REST = 30.0
"""Seconds without another early renewal of a key after one has failed."""

LOOK_AGAIN = 1.0
"""Seconds until the store is asked again for what another process is renewing, or for a ticket."""

BREAK = 5.0
"""Seconds in which a token that an API refused right after its renewal is not renewed again."""

_MOST_HOPELESS = 4096
_FIRST_LOOK, _LAST_LOOK = 0.01, 0.25
_MOST_FETCHES = 3


class _LeaseLost(Exception):  # noqa: N818 - it never leaves this module
    """Somebody else has the turn by now."""


class _Lease:
    """A lease as its holder sees it; ``left`` counts on a clock that nobody sets."""

    def __init__(self, fence: int, asked_at: float, seconds: float) -> None:
        self.fence = fence
        self._end = asked_at + seconds

    def left(self) -> float:
        return self._end - time.monotonic()

    def extended(self, asked_at: float, seconds: float) -> None:
        self._end = asked_at + seconds


class Keeper:
    """Keep the tokens of one family of clients: a suite and its corps, or one app.

    ``platform`` is the platform's address and goes into every key that the store sees;
    ``timeout`` is that of one exchange, in seconds.
    """

    def __init__(
        self,
        store: TokenStore,
        *,
        platform: str,
        timeout: float,
        clock: Callable[[], float],
    ) -> None:
        self.store = store
        self.front: dict[TokenKey, Token] = {}
        self.lease_seconds = timeout + MARGIN
        self._platform = platform
        self._clock = clock
        self._refused: dict[TokenKey, Token] = {}
        self._rest: dict[TokenKey, float] = {}
        self._looked: dict[TokenKey, float] = {}
        self._hopeless: dict[tuple[TokenKey, str], tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._instant = bool(getattr(store, "instant", False))

    # -- what calls ask ---------------------------------------------------------------------

    def token(self, grant: Grant) -> Flow[Token]:
        """Return a token for a call, renewed if need be."""
        key = grant.key
        for _ in range(_MOST_FETCHES):
            held, now = self.front.get(key), self._clock()
            if held is not None and not held.valid(now):
                held = None
            if held is not None and not self._is_recent(grant):
                fallback = None
            elif held is not None and held.fresh(now):
                return held
            else:
                fallback = held
            if held is not None and time.monotonic() < self._rest.get(key, 0.0):
                return held
            token: Token = yield self._renewal(grant, fallback)
            if not self._was_refused(key, token):
                break
            # We joined a renewal that had begun before our token was refused.
        return token

    def _is_recent(self, grant: Grant) -> bool:
        """Tell whether the front may be believed without a look into the store.

        A token that is dead is refused, and then looked for. Of a ticket nobody tells us, so that
        what another process did to it is asked for every second.
        """
        if grant.dead:
            return True
        return time.monotonic() - self._looked.get(grant.key, -math.inf) < LOOK_AGAIN

    def _renewal(self, grant: Grant, fallback: Token | None) -> Renew:
        return Renew(grant.key, lambda: self._renew(grant), fallback)

    def refused(self, key: TokenKey, token: Token) -> None:
        """Take note that the platform refused a token. It is deleted when the next one is sought.

        Neither blocks nor asks the store.
        """
        with self._lock:
            held = self.front.get(key)
            if held is not None and held.value != token.value:
                return  # it was renewed while the call was under way
            self._refused[key] = token
            self.front.pop(key, None)

    def give_up(self, key: TokenKey, api: str, token: Token) -> None:
        """Take note that an API refused a token that had just been renewed: age is not why.

        For a few seconds it is not renewed again for this API, or every call of a busy service
        would fetch one more.
        """
        if len(self._hopeless) >= _MOST_HOPELESS:
            self._hopeless.clear()
        self._hopeless[key, api] = token.value, time.monotonic() + BREAK

    def is_hopeless(self, key: TokenKey, api: str, token: Token) -> bool:
        """Tell whether renewing this token for this API was in vain a moment ago."""
        value, until = self._hopeless.get((key, api), ("", 0.0))
        return value == token.value and time.monotonic() < until

    def held(self, key: TokenKey) -> Flow[Token | None]:
        """Return what the store has, expired or not, and fetch nothing."""
        return self._look(key)

    def put(self, key: TokenKey, token: Token) -> Flow[None]:
        """Keep a token that came by another way than a grant: a person's, after a login."""
        at = self.at(key)
        yield from self._stored(lambda: self.store.put(at, token))
        self.adopt(key, token)

    def forget(self, key: TokenKey) -> Flow[None]:
        """Forget a token that is of no use any more, whatever it is."""
        at = self.at(key)

        def forget() -> None:
            held = self.store.get(at)
            if held is not None:
                self.store.delete_if(at, held.value)

        with self._lock:
            self.front.pop(key, None)
            self._refused.pop(key, None)
        yield from self._stored(forget)

    @property
    def direct(self) -> DirectStore:
        """The store for those who may block; see there."""
        return DirectStore(self)

    # -- renewal ----------------------------------------------------------------------------

    def _renew(self, grant: Grant) -> Flow[Token]:
        try:
            return (yield from self._bring(grant))
        except SanfangError as problem:
            usable = self._usable(grant.key)
            if usable is None:
                raise
            log.warning("%s token not renewed, the one held goes on: %s", grant.key.kind, problem)
            self._rest[grant.key] = time.monotonic() + REST
            return usable

    def _usable(self, key: TokenKey) -> Token | None:
        held = self.front.get(key)
        return held if held is not None and held.valid(self._clock()) else None

    def _bring(self, grant: Grant) -> Flow[Token]:
        """Bring a token that is fresh, or one that works while another process is at it."""
        key, fetches = grant.key, 0
        give_up = time.monotonic() + WAIT_LEASES * self.lease_seconds
        pause = _FIRST_LOOK
        while True:
            held = yield from self._look(key)
            if held is not None and held.valid(self._clock()):
                self._kept(key, held)
                if held.fresh(self._clock()):
                    return held
            lease = yield from self._lease(key)
            if lease is not None:
                fetches += 1
                token = yield from self._under(lease, grant)
                if token is not None:
                    return token
                give_up = time.monotonic() + WAIT_LEASES * self.lease_seconds
            else:
                usable = self._usable(key)
                if usable is not None:
                    self._rest[key] = time.monotonic() + LOOK_AGAIN
                    return usable
            if time.monotonic() >= give_up or fetches >= _MOST_FETCHES:
                raise TokenBusy(key.kind, WAIT_LEASES * self.lease_seconds, self.store_name)
            if lease is None:
                yield Pause(pause * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
                pause = min(pause * 1.5, _LAST_LOOK)

    def _lease(self, key: TokenKey) -> Flow[_Lease | None]:
        at, asked_at = self.at(key), time.monotonic()
        cancelled = False

        def take() -> int | None:
            fence = self.store.lease(at, self.lease_seconds)
            if cancelled and fence is not None:  # while this thread waited for the store
                self._let_go(at, fence)
            return fence

        try:
            fence = yield from self._stored(take)
        except GeneratorExit:
            cancelled = True
            raise
        return None if fence is None else _Lease(fence, asked_at, self.lease_seconds)

    def _under(self, lease: _Lease, grant: Grant) -> Flow[Token | None]:
        """Renew with the lease in hand; None if it was lost on the way."""
        key, at = grant.key, self.at(grant.key)
        try:
            held = yield from self._look(key)
            if held is not None and held.fresh(self._clock()):
                yield from self._release(at, lease)
                return self._kept(key, held)
            token = yield from self._covered(grant.fetch(), at, lease)
        except _LeaseLost:
            return None
        except GeneratorExit:
            self._abandon(at, lease.fence)
            raise
        except BaseException:
            yield from self._release(at, lease)
            raise
        try:
            kept = yield from self._stored(lambda: self.store.put(at, token, lease.fence))
        except GeneratorExit:
            raise
        except BaseException:  # the store broke; the token is good all the same
            self.adopt(key, token)
            yield from self._release(at, lease)
            raise
        return self.adopt(key, token) if kept else (yield from self._overtaken(grant, token))

    def _overtaken(self, grant: Grant, token: Token) -> Flow[Token | None]:
        at = self.at(grant.key)
        held = yield from self._stored(lambda: self.store.get(at))
        if held is not None and held.value == token.value:
            return self._kept(grant.key, held)
        if held is not None and not grant.dead:
            theirs = held.value
            yield from self._stored(lambda: self.store.delete_if(at, theirs))
        return None

    def _covered(self, flow: Flow[Token], at: TokenKey, lease: _Lease) -> Flow[Token]:
        """Run a flow, and let no request begin that the lease would not outlive."""
        try:
            effect = next(flow)
            while True:
                if type(effect) is Request and lease.left() < effect.timeout:
                    yield from self._extend(at, lease, effect.timeout + MARGIN)
                try:
                    answer = yield effect
                except GeneratorExit:
                    raise
                except BaseException as problem:  # noqa: BLE001 - handed on, as yield from would
                    effect = flow.throw(problem)
                else:
                    effect = flow.send(answer)
        except StopIteration as end:
            token: Token = end.value
            return token
        finally:
            flow.close()

    def _extend(self, at: TokenKey, lease: _Lease, seconds: float) -> Flow[None]:
        asked_at = time.monotonic()
        if not (yield from self._stored(lambda: self.store.extend(at, lease.fence, seconds))):
            raise _LeaseLost
        lease.extended(asked_at, seconds)

    def _release(self, at: TokenKey, lease: _Lease) -> Flow[None]:
        yield from self._stored(lambda: self._let_go(at, lease.fence))

    def _abandon(self, at: TokenKey, fence: int) -> None:
        """Release when cancelled, and nothing can be asked of the driver any more.

        Should this come too late or fail, the lease ends by itself.
        """
        if self._instant:
            self._let_go(at, fence)
        else:
            threading.Thread(target=self._let_go, args=(at, fence), daemon=True).start()

    def _let_go(self, at: TokenKey, fence: int) -> None:
        try:
            self.store.release(at, fence)
        except Exception:  # noqa: BLE001 - the failure to be heard of is the one before
            return

    # -- front and store --------------------------------------------------------------------

    def _look(self, key: TokenKey) -> Flow[Token | None]:
        """Look into the store; what was refused is deleted there, unless it was renewed."""
        at = self.at(key)
        held = yield from self._stored(lambda: self.store.get(at))
        if held is None or not self._was_refused(key, held):
            return held
        dead = held.value
        yield from self._stored(lambda: self.store.delete_if(at, dead))
        return None

    def _was_refused(self, key: TokenKey, token: Token) -> bool:
        refused = self._refused.get(key)
        # The platform may hand out the same text again: then it is as good as new.
        return (
            refused is not None
            and refused.value == token.value
            and refused.fetched_at >= token.fetched_at
        )

    def _kept(self, key: TokenKey, token: Token) -> Token:
        with self._lock:
            if not self._was_refused(key, token):
                self.front[key] = token
                self._looked[key] = time.monotonic()
        return token

    def adopt(self, key: TokenKey, token: Token) -> Token:
        """Take a token that is new into the front, even with the text of a refused one."""
        with self._lock:
            self._refused.pop(key, None)
            self.front[key] = token
            self._looked[key] = time.monotonic()
        return token

    def _stored(self, work: Callable[[], T]) -> Flow[T]:
        return stored(work, instant=self._instant)

    def at(self, key: TokenKey) -> TokenKey:
        """Return the key as stores see it."""
        return key._replace(platform=self._platform)

    @property
    def store_name(self) -> str:
        """What errors call the store."""
        return type(self.store).__name__


class DirectStore:
    """The store with the front kept in step, without flows: for scripts and tests. It may block."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def get(self, key: TokenKey, /) -> Token | None:
        """Return what the store has."""
        return self._keeper.store.get(self._keeper.at(key))

    def put(self, key: TokenKey, token: Token, /) -> None:
        """Put a token into the store, and into the front."""
        self._keeper.store.put(self._keeper.at(key), token)
        self._keeper.adopt(key, token)

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        """Delete a token if it has this value."""
        held = self._keeper.front.get(key)
        if held is not None and held.value == value:
            self._keeper.front.pop(key, None)
        return self._keeper.store.delete_if(self._keeper.at(key), value)


class Suites(NamedTuple):
    """A suite store as flows ask it: in a thread, unless it answers at once."""

    store: SuiteStore
    instant: bool

    @classmethod
    def of(cls, store: SuiteStore) -> Suites:
        """Wrap a store."""
        return cls(store, bool(getattr(store, "instant", False)))

    def ticket(self, suite_key: str) -> Flow[str | None]:
        """Return the last suite_ticket, or None."""
        return stored(lambda: self.store.ticket(suite_key), instant=self.instant)

    def permanent_code(self, suite_key: str, corp_id: str) -> Flow[str | None]:
        """Return the corp's permanent code, or None."""
        return stored(lambda: self.store.permanent_code(suite_key, corp_id), instant=self.instant)

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str) -> Flow[None]:
        """Save the corp's permanent code."""
        return stored(
            lambda: self.store.save_permanent_code(suite_key, corp_id, code), instant=self.instant
        )

    def forget_corp(self, suite_key: str, corp_id: str) -> Flow[None]:
        """Forget the corp's permanent code."""
        return stored(lambda: self.store.forget_corp(suite_key, corp_id), instant=self.instant)


def stored(work: Callable[[], T], *, instant: bool) -> Flow[T]:
    """Ask a store: at once if it never blocks, else wherever the driver lets things block."""
    if instant:
        return work()
    answer: Any = yield InStore(work)
    result: T = answer
    return result


def check_store(store: object) -> None:
    """Refuse what is no `TokenStore`, with the names of what is missing."""
    missing = [name for name in STORE_METHODS if not callable(getattr(store, name, None))]
    if missing:
        raise BadCall(
            f"tokens={type(store).__name__} 不是令牌存储，缺少方法 {', '.join(missing)}（见 TokenStore）"
            f" / is no token store, it lacks {', '.join(missing)}; see TokenStore"
        )
