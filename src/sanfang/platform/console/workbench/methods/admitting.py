"""Between the registry and an ability: its parameters are read and its corp is the member's own.

`serves` and `completes` are ``@server`` and ``@finishes`` with that check in front; `in_browser` names
what a person does, with the same check before the person is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ....domain.refusals import Refusal
from . import BAD_PARAMETER, Ask, Fail, Finish, Invocation, Serve, finishes, server
from .fields import Unfit, read
from .parameters import FIELDS
from .signing_in import check_corp, refused

# The client's library puts the text "corpId" there itself (jsapi.md 7.7).
_NO_CORP = "biz.calendar."


def serves(*names: str) -> Callable[[Serve], Serve]:
    """Register a function that answers these methods, given parameters that were read."""

    def register(function: Serve) -> Serve:
        async def admitted(call: Invocation) -> Any:
            return await function(await admit(call))

        server(*names)(admitted)
        return function

    return register


def completes(*names: str) -> Callable[[Finish], Finish]:
    """Register a function that makes the result of what a person did, given read parameters."""

    def register(function: Finish) -> Finish:
        async def admitted(call: Invocation, answer: Any) -> Any:
            return await function(await admit(call), answer)

        finishes(*names)(admitted)
        return function

    return register


def in_browser(*names: str) -> None:
    """Say that a person does these in the browser; the browser gets the parameters as they were read."""

    async def ask(call: Invocation) -> Ask:
        return Ask((await admit(call)).params)

    server(*names)(ask)


async def admit(call: Invocation) -> Invocation:
    """Return a call with its parameters read.

    Fails with "2" for what cannot be read, with "3" for another corp's corpId.
    """
    try:
        params = read(FIELDS.get(call.method, ()), call.params)
    except Unfit as unfit:
        raise Fail(BAD_PARAMETER, unfit.text, _report(call, unfit)) from None
    if not call.method.startswith(_NO_CORP):
        try:
            check_corp(call)
        except Refusal as refusal:
            raise refused(call, refusal) from refusal
    return replace(call, params=params)


def unfit(name: str, zh: str, en: str) -> Fail:
    """Fail with "2" for a parameter that only the ability itself can judge."""
    return Fail(BAD_PARAMETER, Unfit(name, zh, en).text)


def _report(call: Invocation, found: Unfit) -> dict[str, Any]:
    return {
        "kind": "parameter",
        "code": BAD_PARAMETER,
        "sent": {"method": call.asked, found.name: call.params.get(found.name)},
        "zh": f"{call.method} 的参数 {found.name} {found.zh}。",
        "en": f"The parameter {found.name} of {call.method} should be {found.en}.",
        "faq": "",
    }
