"""Look at what a client does: subclass `Hooks` and pass it as ``hooks=``.

A hook is called by whoever makes the call, in its thread or its task, so it must be quick and must
not block. What it raises is logged and not passed on: watching a call cannot break it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from .calls import Call
from .credentials import tail
from .errors import BadAnswer, CallRefused, SanfangError
from .tokens import TokenKey
from .wire import Request, mask_fields

log = logging.getLogger("sanfang.client")
log.addHandler(logging.NullHandler())


class Exchange:
    """One try of one call, as hooks see it; it holds no secret.

    ``api`` is the path that was called, ``operation`` the same with ids as ``{...}``; ``url`` is
    the address without its query. ``attempt`` counts from 1. ``kind``, ``suite``, ``corp`` and
    ``app`` say whose token it used. Afterwards ``duration`` (seconds), ``status`` (0 without an
    answer), ``request_id`` and ``code`` (0 for a success) are set, and ``retry_in``: the seconds
    until the next try, or None if there is none. ``data`` is the hooks' own.
    """

    __slots__ = (
        "api", "app", "attempt", "code", "corp", "data", "duration", "kind", "method", "operation",
        "request_id", "retry_in", "size", "started", "status", "suite", "target", "url",
    )  # fmt: skip

    def __init__(self, call: Call, request: Request, key: TokenKey | None, attempt: int) -> None:
        self.api = call.api
        self.operation = call.operation or call.api
        self.method = request.method
        self.url, _, query = request.url.partition("?")
        self.target = mask_target(self.url, query, request.secrets)
        self.attempt = attempt
        self.kind = key.kind if key is not None else ""
        self.suite = key.suite if key is not None else ""
        self.corp = key.corp if key is not None else ""
        self.app = key.app if key is not None else ""
        self.status = 0
        self.size = 0
        self.code: int | str = 0
        self.request_id = ""
        self.retry_in: float | None = None
        self.data: dict[Any, Any] = {}
        self.duration = 0.0
        self.started = time.monotonic()

    def __repr__(self) -> str:
        return f"<Exchange {self.method} {self.api} #{self.attempt}>"


class Hooks:
    """The three moments of a try. Override what you need."""

    def before(self, exchange: Exchange) -> None:
        """Called when a request is about to be sent."""

    def after(self, exchange: Exchange) -> None:
        """Called when it succeeded."""

    def error(self, exchange: Exchange, problem: BaseException) -> None:
        """Called when it failed or was cancelled; ``retry_in`` says whether it is repeated."""

    def held_back(self, api: str, rule: str, seconds: float) -> None:
        """Called when the limiter lets a call wait for a place in a rule that is full."""


class LogHooks(Hooks):
    """Log to ``sanfang.client``: every try at DEBUG, what is repeated or held back at INFO.

    It is built in and on as soon as that logger is enabled for DEBUG; what is held back is logged
    without that.
    """

    def held_back(self, api: str, rule: str, seconds: float) -> None:
        text = "%s 限流等待 %.1f 秒（%s）/ held back for %.1f s by the limiter"
        log.info(text, api, seconds, rule, seconds)

    def after(self, exchange: Exchange) -> None:
        log.debug(
            "%s %s -> %s %.0f ms%s",
            exchange.method,
            exchange.target,
            exchange.status,
            exchange.duration * 1e3,
            _aside(exchange),
        )

    def error(self, exchange: Exchange, problem: BaseException) -> None:
        again = ""
        if exchange.retry_in is not None:
            again = f"；{exchange.retry_in:.1f} 秒后重试 / again in {exchange.retry_in:.1f} s"
        log.log(
            logging.DEBUG if exchange.retry_in is None else logging.INFO,
            "%s %s -> %s %.0f ms%s: %s%s",
            exchange.method,
            exchange.target,
            exchange.status or "-",
            exchange.duration * 1e3,
            _aside(exchange),
            problem if isinstance(problem, SanfangError) else type(problem).__name__,
            again,
        )


def _aside(exchange: Exchange) -> str:
    parts = []
    if exchange.attempt > 1:
        parts.append(f"第 {exchange.attempt} 次 try {exchange.attempt}")
    if exchange.request_id:
        parts.append(f"request_id={exchange.request_id}")
    return f" ({', '.join(parts)})" if parts else ""


def mask_target(url: str, query: str, secrets: tuple[str, ...]) -> str:
    """Return path and query of a URL with secrets shown by their last four characters."""
    at = url.find("/", 8)
    text = f"{url[at:] if at > 0 else '/'}{query and '?' + query}"
    for secret in secrets:
        if secret:
            text = text.replace(secret, tail(secret))
    return mask_fields(text)


class Watch:
    """The hooks of a client, called safely."""

    def __init__(self, hooks: Hooks | Iterable[Hooks] | None) -> None:
        self._hooks: tuple[Hooks, ...] = ()
        if hooks is not None:
            self._hooks = tuple(hooks) if isinstance(hooks, Iterable) else (hooks,)
        self._and_log = (*self._hooks, LogHooks())

    def on(self) -> bool:
        """Tell whether anybody looks."""
        return bool(self._hooks) or log.isEnabledFor(logging.DEBUG)

    def begin(self, call: Call, request: Request, key: TokenKey | None, attempt: int) -> Exchange:
        """Tell that a request is about to be sent."""
        exchange = Exchange(call, request, key, attempt)
        for hook in self._hooks:
            try:
                hook.before(exchange)
            except Exception:  # noqa: BLE001 - see above
                _broken(hook)
        return exchange

    def held_back(self, api: str, rule: str, seconds: float) -> None:
        """Tell that the limiter lets a call wait."""
        for hook in self._and_log:
            try:
                hook.held_back(api, rule, seconds)
            except Exception:  # noqa: BLE001 - see above
                _broken(hook)

    def end(self, exchange: Exchange, answer: dict[str, Any], status: int, size: int) -> None:
        """Tell that it succeeded."""
        exchange.duration = time.monotonic() - exchange.started
        exchange.status, exchange.size = status, size
        exchange.request_id = str(answer.get("request_id") or answer.get("requestid") or "")
        for hook in self._and_log:
            try:
                hook.after(exchange)
            except Exception:  # noqa: BLE001 - see above
                _broken(hook)

    def fail(self, exchange: Exchange, problem: BaseException, retry_in: float | None) -> None:
        """Tell that it failed."""
        exchange.duration = time.monotonic() - exchange.started
        exchange.retry_in = retry_in
        if isinstance(problem, (CallRefused, BadAnswer)):
            exchange.status = problem.status
        if isinstance(problem, CallRefused):
            exchange.code, exchange.request_id = problem.code, problem.request_id
        for hook in self._and_log:
            try:
                hook.error(exchange, problem)
            except Exception:  # noqa: BLE001 - see above
                _broken(hook)


def _broken(hook: Hooks) -> None:
    name = type(hook).__name__
    log.error("钩子 %s 出错，已忽略 / a hook failed and was ignored: %s", name, name, exc_info=True)  # noqa: LOG014
