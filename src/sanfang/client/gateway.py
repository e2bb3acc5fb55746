"""The TOP gateway: APIs that have a name and no path, ``dingtalk.corp.role.list``.

All go to ``/router/rest`` with their name as ``method`` and the token as ``session``. The answer is
wrapped in ``<name>_response``; a refusal is an ``error_response`` whose ``sub_code`` holds the old
host's number where there is one (errors.md section 1).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from .addresses import OAPI
from .errors import BadCall, CallRefused, Forbidden, PlatformBusy, RateLimited

if TYPE_CHECKING:
    from .wire import Request, Response

ADDRESS = "https://eco.taobao.com/router/rest"
PREFIX = "dingtalk."
UNSUCCESSFUL = "unsuccessful"
"""The code of a refusal that tells none: ``success: false`` and nothing else."""

_NAME = re.compile(r"dingtalk(\.[A-Za-z]\w*){2,}", re.ASCII)
_ZONE = dt.timezone(dt.timedelta(hours=8))  # the gateway's clock, wherever the caller is
_INVALID_SESSION, _DEAD_TOKEN = 27, 40014
_KINDS: dict[int | str, type[CallRefused]] = {7: RateLimited, 10: PlatformBusy, 11: Forbidden}


def is_name(path: str) -> bool:
    """Tell whether a path is the name of an API on the gateway."""
    return path.startswith(PREFIX) and _NAME.fullmatch(path) is not None


def address(base_url: str) -> str:
    """Return where the gateway is: a platform of one address has it there too."""
    return ADDRESS if base_url == OAPI else f"{base_url}/router/rest"


def arguments(
    name: str, query: Mapping[str, Any] | None, body: Any, params: Mapping[str, Any], now: float
) -> dict[str, Any]:
    """Return all that goes into the query, but for the session; ``now`` in seconds.

    Raises `BadCall` for a body that is no object: it has no place.
    """
    if body is not None and not isinstance(body, Mapping):
        raise BadCall(
            f"{name}: 网关的参数都有名字，body 只能是对象"
            " / parameters of the gateway have names: body must be an object"
        )
    moment = dt.datetime.fromtimestamp(now, _ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "method": name,
        "timestamp": moment,
        "format": "json",
        "v": "2.0",
        "simplify": "false",
        **(query or {}),
        **(body or {}),
        **params,
    }


def opened(request: Request, response: Response, value: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is inside an answer's wrapping, or None if it is not wrapped.

    Raises `CallRefused` for an ``error_response``, and for a failure that is told inside.
    """
    error = value.get("error_response")
    if isinstance(error, dict):
        raise _refusal(request, response, error)
    inside = value.get(request.api.replace(".", "_") + "_response")
    if not isinstance(inside, dict):
        return None
    result = inside.get("result")
    for part in (inside, _read(result) if isinstance(result, str) else result):
        if isinstance(part, dict):
            _look(request, response, part)
    return inside


def _read(text: str) -> Any:
    if text[:1] != "{":
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _look(request: Request, response: Response, part: dict[str, Any]) -> None:
    """Raise for a failure: ``errcode``, or ``success: false`` with ``ding_open_errcode``."""
    from .answers import number, refusal

    code = number(part.get("errcode") or 0)
    text = part.get("errmsg")
    if not code and (part.get("success") is False or part.get("is_success") is False):
        code = number(part.get("ding_open_errcode") or UNSUCCESSFUL)
        text = part.get("error_msg")
    if code:
        id_ = str(part.get("request_id") or "")
        told = request.mask(str(text or ""))
        raise refusal(code, told, request.api, id_, response.status)


def _refusal(request: Request, response: Response, error: dict[str, Any]) -> CallRefused:
    from .answers import number, refusal

    outer = number(error.get("code", -1))
    code = number(error.get("sub_code") or outer)
    if outer == _INVALID_SESSION and (code == outer or isinstance(code, str)):
        code = _DEAD_TOKEN
    text = request.mask(str(error.get("sub_msg") or error.get("msg") or ""))
    request_id = str(error.get("request_id") or "")
    made = refusal(code, text, request.api, request_id, response.status)
    kind = _KINDS.get(outer)
    if kind is None or isinstance(made, kind):
        return made
    return kind(code, text, made.explanation, request_id, request.api, status=response.status)
