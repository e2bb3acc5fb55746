"""The TOP gateway: every API at ``/router/rest``, told apart by the field ``method``.

What names the same thing as an API of oapi goes to that API's handler: ``dingtalk.oapi.user.get``
to ``/user/get``; ``dingtalk.corp.*`` and ``dingtalk.smartwork.*`` to their later twin, where there
is one with behaviour and none of their own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

import msgspec

from ..domain.refusals import Refusal
from .answers import Refused, Style
from .handling import Fields

PATH = "/router/rest"
# What the gateway itself reads; everything else belongs to the API.
PROTOCOL = (
    *("method", "app_key", "format", "v", "sign", "sign_method", "simplify", "partner_id"),
    *("target_app_key", "access_token", "timestamp"),
)

_encode = msgspec.json.Encoder().encode
_TOKEN = frozenset((33001, 40001, 40014, 40082, 42001))
_PERMISSION = frozenset((48002, 60011, 60020))


class TopGateway(Style):
    """``{"<method>_response": {...}}``, or ``{"error_response": {"code", "msg", "sub_code", ...}}``.

    ``sub_code`` is our number, except for parameters, where the gateway has words of its own.
    """

    def __init__(self, method: str = "") -> None:
        self._key = method.replace(".", "_") + "_response"

    def accepted(self, answer: Fields) -> bytes:
        fields = msgspec.to_builtins(answer)
        return _encode({self._key: {**fields, "request_id": _request_id()}})

    def refused(self, refusal: Refusal, names: Mapping[int, str]) -> Refused:
        code, text, sub_code = _told(refusal)
        body = {
            "code": code,
            "msg": text,
            "sub_code": sub_code,
            "sub_msg": refusal.errmsg,
            "request_id": _request_id(),
        }
        return Refused(200, _encode({"error_response": body}))


def _told(refusal: Refusal) -> tuple[int, str, str]:
    """Return the gateway's code and text, and the sub_code."""
    code, facts = refusal.code, refusal.facts
    number = str(code)
    if "top" in facts:  # said by the gateway itself (`top_protocol`)
        text = str(facts["top"])
        return code, text, "isv." + text.lower().replace(" ", "-")
    if code == 404:
        return 22, "Invalid method", "isv.invalid-method"
    if code == 41001:
        return 26, "Missing session", number
    if code in _TOKEN:
        return 27, "Invalid session", number
    if code in _PERMISSION:
        return 11, "Insufficient isv permissions", number
    if 90001 <= code <= 90020:
        return 7, "App Call Limited", number
    if "missing" in facts:
        return 40, "Missing required arguments", f"isv.missing-parameter:{facts['missing']}"
    if "field" in facts:
        return 41, "Invalid arguments", f"isv.invalid-parameter:{facts['field']}"
    return 50, "Remote service error", number


def twins(method: str) -> Iterator[str]:
    """Yield the name of a method and the later names of the same thing."""
    yield method
    for old in ("dingtalk.corp.", "dingtalk.smartwork."):
        if method.startswith(old):
            yield "dingtalk.oapi." + method.removeprefix(old)


def _request_id() -> str:
    return secrets.token_hex(6)


GATEWAY = TopGateway()
