"""What every call goes through: token, limiter, request, answer, and what to do about a refusal.

Its plan says which token it takes, and the `keeper` has it. A refusal with a dead-token code is told
the keeper, which deletes *that* token (compare-and-delete, so that a newer one survives), and the
call is made again with a new one, once: 487 calls and a recursion error is what happens without a
bound (pain 7). A refusal that passes by itself is repeated after a `Pause`, while the call's time
lasts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .answers import read
from .calls import Call
from .errors import BadAnswer, CallRefused, RateLimited, SanfangError, TokenRefused, TransportFailed
from .grants import Grant
from .limits import Lane, Limits, Turn
from .tokens import Token
from .wire import Flow, Pause, Request

if TYPE_CHECKING:
    from .core import Settings


class _Course:
    """How far a call has come: what decides whether it is made once more."""

    __slots__ = ("call", "grant", "renewed", "settings", "started", "tries")

    def __init__(self, settings: Settings, call: Call, grant: Grant | None) -> None:
        self.settings = settings
        self.call = call
        self.grant = grant
        self.tries = 0
        self.renewed = False
        self.started = time.monotonic()

    def left(self) -> float | None:
        """Return the seconds that are left of the call's time; None: it has no bound."""
        bound = self.settings.times.call
        return None if bound is None else bound - (time.monotonic() - self.started)

    def judge(self, error: SanfangError, token: Token | None) -> tuple[SanfangError, float | None]:
        """Return the error to raise, and the seconds until the next try, or None if there is none.

        A dead token is renewed once, and that is no retry.
        """
        settings, grant = self.settings, self.grant
        if (
            isinstance(error, CallRefused)
            and token is not None
            and grant is not None
            and error.code in grant.dead
        ):
            keeper, api = settings.keeper, self.call.api
            if self.renewed:
                keeper.give_up(grant.key, api, token)
            if self.renewed or keeper.is_hopeless(grant.key, api, token):
                # It stays where it is: the next call is not to fetch two.
                return still_refused(settings, error, grant, token), None
            keeper.refused(grant.key, token)
            self.renewed = True
            return error, 0.0
        pause = settings.retries.pause(error, safe=self.call.safe, tries=self.tries)
        self.tries += 1
        left = self.left()
        return error, None if pause is None or (left is not None and pause >= left) else pause


def exchange(
    settings: Settings,
    call: Call,
    grant: Grant | None,
    shape: Callable[[Request], Request] | None = None,
) -> Flow[dict[str, Any]]:
    """Make a call until it succeeds, is refused for good, or has had its time.

    ``shape`` changes each request before it goes.
    """
    times, limits, watch = settings.times, settings.limits, settings.watch
    looked_at = watch.on()
    course = _Course(settings, call, grant)
    lane: Lane = ()
    if limits is not None and grant is not None:
        lane = limits.lane(grant.key, call.operation or call.api)
    attempt, token = 0, None
    while True:
        if grant is not None:
            token = settings.keeper.front.get(grant.key)  # the short way of token, for speed
            if token is None or not token.fresh(settings.clock()):
                token = yield from settings.keeper.token(grant)
        if lane and limits is not None:
            turn = limits.take(lane, course.left())
            if turn is not None:
                yield from _wait(limits, lane, turn, course)
        seconds = times.exchange
        if attempt and times.call is not None:
            seconds = min(seconds, max(course.left() or 0.0, 0.001))
        request = call.request(
            token and token.value, seconds, settings.limit, times.connect, times.read
        )
        if shape is not None:
            request = shape(request)
        attempt += 1
        seen = watch.begin(call, request, grant and grant.key, attempt) if looked_at else None
        try:
            response = yield request
            answer = read(request, response)
        except (CallRefused, TransportFailed, BadAnswer) as error:
            if lane and limits is not None and isinstance(error, RateLimited):
                limits.refused(lane, error)
            failure, pause = course.judge(error, token)
            if seen is not None:
                watch.fail(seen, failure, pause)
            if pause is None:
                if failure is error:
                    raise
                raise failure from None
        except BaseException as interruption:  # cancelled, or a transport that is broken
            if seen is not None:
                watch.fail(seen, interruption, None)
            raise
        else:
            if seen is not None:
                watch.end(seen, answer, response.status, len(response.body))
            return answer
        if pause:
            yield Pause(pause)


def _wait(limits: Limits, lane: Lane, turn: Turn | None, course: _Course) -> Flow[None]:
    """Wait for a place in the limiter's windows; give it up when cancelled."""
    while turn is not None:
        course.settings.watch.held_back(turn.window.api, turn.window.rule, turn.seconds)
        try:
            yield Pause(turn.seconds)
        except BaseException:
            limits.leave(turn)
            raise
        turn = limits.take(lane, course.left(), turn)


def still_refused(
    settings: Settings, refusal: CallRefused, grant: Grant, token: Token
) -> TokenRefused:
    """Make the error of a token that was renewed once and is still refused."""
    age = settings.clock() - token.fetched_at
    return TokenRefused.after(
        refusal, kind=grant.key.kind, age=age, store=settings.keeper.store_name
    )
