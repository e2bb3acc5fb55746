"""Answers for APIs without behaviour of their own: made up from the shape in the catalogue.

They have the right fields and types, are the same for the same question, and repeat what the
question said. The gate marks them (``x-sanfang-synthetic``); ``Settings.synthetic_answers`` off
refuses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from sanfang.catalog import Endpoint, example

from . import reasons
from .handling import Answer, Call, Handler, Raw

MARK = (b"x-sanfang-synthetic", b"1")

_CORP = frozenset(("internal", "isv_corp"))
_OURS = _CORP | {"suite", "user", "sso", "personal", "sns_user"}  # tokens given out here
_ENVELOPE = ("errcode", "errmsg", "request_id")
_LONGEST_ECHO = 500  # characters: an answer is not made large by a question
_MOST = 1 << 53
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"


def synthetic(endpoint: Endpoint) -> Handler:
    """Make the handler of an endpoint that has none."""

    async def run(call: Call) -> Answer:
        return _answer(endpoint, call.args)

    return Handler(endpoint.id, run, frozenset(), {}, {}, _kinds(endpoint))


def _kinds(endpoint: Endpoint) -> frozenset[str]:
    """Return whose tokens are taken.

    Of an API that only an SDK knows nobody says whose; and the token of a corp stands in for kinds
    that this platform does not give out (a channel's, a workbench's).
    """
    kinds = frozenset(endpoint.tokens)
    return kinds | _CORP if kinds and (not endpoint.documented or not kinds & _OURS) else kinds


def _answer(endpoint: Endpoint, args: Mapping[str, Any]) -> Answer:
    made = example(endpoint, {name: value for name, value in args.items() if _short(value)})
    kind = endpoint.response_type
    if kind == "empty":
        return Raw(b"")
    if kind == "binary":
        return Raw(made, "image/png")
    if kind == "redirect":
        return _redirect(args, made)
    if not isinstance(made, dict):
        return Raw(msgspec.json.encode(made), "application/json")
    if endpoint.host == "api":
        return made
    return {name: value for name, value in made.items() if name not in _ENVELOPE}


def _redirect(args: Mapping[str, Any], params: Mapping[str, str]) -> Raw:
    target = str(args.get("redirect_uri") or "")
    if not target.startswith(("http://", "https://")):
        raise reasons.unfit(40035, "redirect_uri", ("http(s) 地址", "an http(s) address"))
    safe = quote(target, safe=_URL_SAFE, errors="replace")
    location = f"{safe}{'&' if '?' in safe else '?'}{urlencode(params, errors='replace')}"
    return Raw(b"", status=302, headers=[(b"location", location.encode("ascii"))])


def _short(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_ECHO
    return isinstance(value, int) and -_MOST < value < _MOST
