"""The limiter: calls are held back here before the platform refuses them.

Per rule and key it keeps the times of the calls of the last minute, exactly: a limit is then a limit
in *any* 60 seconds, where counters and token buckets let up to twice as many pass
(tokens-and-limits.md 7.1 has the four rules). A call takes its place in all of its rules or in none.

Who must wait is told for how long, as the n-th who waits for the n-th place: nobody polls, nobody is
woken in vain, and who comes later does not overtake. Where the platform says that a rule is full
although it is not by our count, others are using it too (another process, another server): the
rule is closed for a moment and its limit lowered to what we had (a tenth at least), and regained by and by.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from .errors import BadCall, LimitReached, RateLimited
from .tokens import TokenKey

_KEPT = 1024
_LONGEST_PENALTY = 60.0
_SECOND_MARGIN = 0.1
_BAN = 1111


class Window:
    """The calls of one rule and one key in the last minute."""

    __slots__ = ("api", "closed_till", "code", "full", "limit", "lowered", "penalty", "rule",
                 "seconds", "span", "times", "waiting")  # fmt: skip

    def __init__(
        self, rule: str, code: int | str, limit: int, api: str, seconds: float, margin: float
    ) -> None:
        self.rule = rule
        self.seconds = seconds
        self.span = seconds + margin
        self.code = code
        self.limit = self.full = limit
        self.api = api
        self.times: deque[float] = deque()
        self.waiting = 0
        self.closed_till = 0.0
        self.lowered = 0.0
        self.penalty = 0.0

    def stale(self, now: float) -> bool:
        """Tell whether it can be forgotten."""
        edge = now - self.span
        return not self.waiting and self.limit == self.full and (
            not self.times or self.times[-1] <= edge
        )  # fmt: skip


Lane = tuple[Window, ...]


class Turn:
    """A place in the queue of a window: wait ``seconds``, then ask again with it."""

    __slots__ = ("seconds", "window")

    def __init__(self, window: Window, seconds: float) -> None:
        self.window = window
        self.seconds = seconds


class Limits:
    """Keep to the limits of the platform; one object may serve many clients, threads and loops.

    The numbers are calls per ``window`` seconds: of a corp's own app per API (``corp_api``), of
    the ISV per API over all corps, of the ISV per corp and API, of a suite per corp and API.
    ``app_api_second`` is the rule of 2026, calls per second of an app (in a corp) per API, 20 in
    the documents. 0 turns a rule off. ``share``: this process's part of them, say 0.25 with four
    processes. ``wait``: the most seconds a call is held back; would it be longer, it fails at once
    with `LimitReached`. ``margin``: seconds added to the window, since calls travel unevenly and
    platforms may count in whole seconds.
    """

    def __init__(
        self,
        *,
        corp_api: int = 1500,
        isv_api: int = 2000,
        isv_corp_api: int = 1500,
        suite_corp_api: int = 1000,
        app_api_second: int = 0,
        window: float = 60.0,
        wait: float = 30.0,
        share: float = 1.0,
        margin: float = 1.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not (0 < share <= 1 and window > 0 and wait >= 0 and margin >= 0):
            raise BadCall("限流参数不对 / limits: share is in (0, 1], the times are seconds")
        numbers = (corp_api, isv_api, isv_corp_api, suite_corp_api, app_api_second)
        if min(numbers) < 0:
            raise BadCall("限流次数不能为负 / limits: numbers of calls cannot be negative")
        self.wait = wait
        self._corp, self._isv, self._isv_corp, self._suite, self._second = (
            max(1, int(number * share)) if number else 0 for number in numbers
        )
        self._window, self._margin = window, margin
        self._clock = clock
        self._lock = threading.Lock()
        self._lanes: dict[tuple[TokenKey, str], Lane] = {}
        self._windows: dict[tuple[str, ...], Window] = {}
        self._banned_till = 0.0
        self._swept = 0.0

    def lane(self, key: TokenKey, api: str) -> Lane:
        """Return the windows of calls of this API with this kind of token, the narrowest first."""
        lane = self._lanes.get((key, api))
        if lane is None:
            with self._lock:
                lane = self._lanes[key, api] = self._make(key, api)
        return lane

    def take(self, lane: Lane, wait: float | None = None, after: Turn | None = None) -> Turn | None:
        """Take a place in all windows of a lane, or none: then return a turn to wait for.

        ``wait``: seconds this call can wait at most. ``after``: the turn that was waited for.
        Raises `LimitReached` if it would be longer.
        """
        with self._lock:
            now = self._clock()
            if after is not None:
                after.window.waiting -= 1
            free = now >= self._banned_till
            for window in lane:
                times = window.times
                edge = now - window.span
                while times and times[0] <= edge:
                    times.popleft()
                if len(times) + window.waiting >= window.limit or now < window.closed_till:
                    free = False
            if free or self._soonest(lane, now, after)[1] <= 0:
                for window in lane:
                    window.times.append(now)
                return None
            window, seconds = self._soonest(lane, now, after)
            bound = self.wait if wait is None else min(wait, self.wait)
            if seconds > bound:
                raise LimitReached.of(
                    window.code, window.rule, window.limit, window.seconds, seconds, window.api
                )
            window.waiting += 1
            return Turn(window, seconds + 0.001)

    def leave(self, turn: Turn) -> None:
        """Give a turn up: the call was cancelled while it waited."""
        with self._lock:
            turn.window.waiting -= 1

    def refused(self, lane: Lane, refusal: RateLimited) -> None:
        """Learn from a refusal of the platform: it counts more calls than we do."""
        if not lane:
            return
        with self._lock:
            now = self._clock()
            if refusal.code == _BAN:
                self._banned_till = now + (refusal.retry_after or _LONGEST_PENALTY)
                return
            found = [window for window in lane if refusal.code in _CODES[window.rule]]
            window = found[0] if found else lane[0]
            recent = now < window.lowered + max(window.span, _LONGEST_PENALTY)
            window.penalty = min(window.penalty * 2, _LONGEST_PENALTY) if recent else 1.0
            window.closed_till = now + max(refusal.retry_after or 0.0, window.penalty)
            window.lowered = now
            if found:
                ours = min(window.limit, len(window.times) * 9 // 10)
                window.limit = max(1, window.full // 10, ours)

    def _soonest(self, lane: Lane, now: float, after: Turn | None) -> tuple[Window, float]:
        """Return the window that holds a call back the longest, and for how many seconds."""
        worst, longest = lane[0], self._banned_till - now
        for window in lane:
            if window.limit < window.full and now >= window.lowered + max(
                window.span, _LONGEST_PENALTY
            ):
                window.limit = min(window.full, window.limit + window.limit // 4 + 1)
                window.lowered = now
            times = window.times
            ahead = 0 if after is not None and after.window is window else window.waiting
            over = len(times) + ahead - window.limit
            seconds = window.closed_till - now
            if over >= 0:
                # The n-th who waits gets the n-th place; beyond what is counted, a round later.
                rounds, place = divmod(over, max(len(times), 1))
                first = times[place] if times else now
                seconds = max(seconds, first + window.span * (1 + rounds) - now)
            if seconds > longest:
                worst, longest = window, seconds
        return worst, longest

    def _make(self, key: TokenKey, api: str) -> Lane:
        if len(self._lanes) >= _KEPT:
            self._sweep()
        wanted: list[tuple[str, int, tuple[str, ...]]]
        if not key.suite:
            wanted = [("corp_api", self._corp, (key.corp or key.app, api))]
        elif key.corp:
            wanted = [
                ("suite_corp_api", self._suite, (key.suite, key.corp, api)),
                ("isv_corp_api", self._isv_corp, (key.corp, api)),
                ("isv_api", self._isv, (api,)),
            ]
        else:
            wanted = [("isv_api", self._isv, (api,))]
        wanted.insert(0, ("app_api_second", self._second, (key.suite or key.app, key.corp, api)))
        return tuple(
            self._windows.setdefault((rule, *name), self._new(rule, limit, api))
            for rule, limit, name in wanted
            if limit
        )

    def _new(self, rule: str, limit: int, api: str) -> Window:
        second = rule == "app_api_second"
        seconds, margin = (1.0, _SECOND_MARGIN) if second else (self._window, self._margin)
        return Window(rule, _CODES[rule][0], limit, api, seconds, margin)

    def _sweep(self) -> None:
        """Forget the windows that nobody used for a minute; once a minute at most."""
        now = self._clock()
        if now < self._swept + self._window:
            return
        self._swept = now
        used = {name: each for name, each in self._windows.items() if not each.stale(now)}
        kept = set(map(id, used.values()))
        self._windows = used
        self._lanes = {
            name: lane for name, lane in self._lanes.items() if all(id(w) in kept for w in lane)
        }

    def __repr__(self) -> str:
        return f"<Limits {self._corp}/{self._isv}/{self._isv_corp}/{self._suite} per {self._window:g} s>"


# The codes that say which rule is full, that for one API first: tokens-and-limits.md 7.1.
_CODES: dict[str, tuple[int | str, ...]] = {
    "corp_api": (90005, 90006, 90003, 90004),
    "isv_api": (90010, 90009),
    "isv_corp_api": (90008, 90007),
    "suite_corp_api": (90014, 90013, 90012, 90011),
    "app_api_second": (
        90018,
        "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
        "Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi",
    ),
}
