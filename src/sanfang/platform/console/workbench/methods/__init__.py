"""The abilities a page can call (``dd.biz.contact.choose`` ...): which exist, and their server side.

A call has passed every check (right frame, page still open, known name, flavour, grant) when it
comes here. An ability is one of three things:

* answered by the server: a function under ``@server("biz.user.get")``;
* done by a person in the browser: named by ``browser("biz.util.datepicker")``; its module is in
  ``static/abilities``;
* both: ``@server`` returns ``Ask(params)`` after looking at the parameters, or the browser hands what
  the person did to ``@finishes("biz.contact.createGroup")``, which makes the page's result of it.

Names are the canonical ones of the bridge (three segments); aliases are resolved before. Modules of
this folder register on import and are imported at the first call, so that a start stays quick.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ....domain.core import Core
from ....domain.desks import Desk
from ....domain.frames import Frame

CANCELLED, ABSENT, BAD_PARAMETER, SYSTEM, NOT_GRANTED = "-1", "1", "2", "3", "7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One call of a page.

    ``url`` is the page's address as the page sees it (on the proxy's host), with its hash;
    ``page_url`` the same at the app's own origin. ``device`` holds what the simulator is set to, and
    is whatever the browser sent: check what is read.
    """

    core: Core
    token: str  # of the desk
    desk: Desk
    frame: Frame
    method: str  # canonical
    asked: str  # as the page named it
    params: dict[str, Any]
    url: str
    page_url: str
    device: dict[str, Any] = field(default_factory=dict)


class Fail(Exception):  # noqa: N818 - it is an answer, not an accident
    """The ability fails: the page gets ``{"errorCode": code, "errorMessage": message}``.

    ``report`` is shown in the workbench's failure panel beside it.
    """

    def __init__(self, code: str, message: str, report: object = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.report = report


@dataclass(frozen=True, slots=True)
class Ask:
    """The browser's ability has the word, with these parameters."""

    params: Mapping[str, Any]


Serve = Callable[[Invocation], Awaitable[Any]]
Finish = Callable[[Invocation, Any], Awaitable[Any]]

_server: dict[str, Serve] = {}
_finishes: dict[str, Finish] = {}
_browser: set[str] = set()


def server(*names: str) -> Callable[[Serve], Serve]:
    """Register a function that answers these methods, or returns ``Ask``."""

    def register(function: Serve) -> Serve:
        for name in names:
            assert name not in _server, name
            _server[name] = function
        return function

    return register


def finishes(*names: str) -> Callable[[Finish], Finish]:
    """Register a function that turns what a person did in the browser into the page's result."""

    def register(function: Finish) -> Finish:
        for name in names:
            assert name not in _finishes, name
            _finishes[name] = function
        return function

    return register


def browser(*names: str) -> None:
    """Say that these methods are done by the browser's abilities."""
    _browser.update(names)


@cache
def load() -> None:
    """Import every module of this folder."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f".{module.name}", __name__)


def known(method: str) -> bool:
    """Tell whether this container has an ability of that canonical name."""
    load()
    return method in _server or method in _browser


def names() -> list[str]:
    """Return the canonical names of all abilities."""
    load()
    return sorted(_server.keys() | _browser)


async def perform(call: Invocation) -> Any:
    """Do a call: return the result, or ``Ask``. Raises ``Fail``, ``Refusal``."""
    load()
    function = _server.get(call.method)
    return Ask(call.params) if function is None else await function(call)


async def finish(call: Invocation, answer: Any) -> Any:
    """Make the page's result of what a person did; without a function of its own it is the answer."""
    load()
    function = _finishes.get(call.method)
    return answer if function is None else await function(call, answer)
