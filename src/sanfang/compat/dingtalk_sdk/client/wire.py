"""Between `sanfang.client` and its transport: what only `dingtalk-sdk` does on the wire.

Calls of the TOP gateway leave for another host, with the token as ``session``, and its errors are
turned into the old host's so that a dead session is renewed like any other dead token. The last
exchange of a thread is remembered: exceptions carry it, and downloads are read from it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from sanfang.client import Request, Response, Transport

GATEWAY_PATH = "router/rest"
GATEWAY = "https://eco.taobao.com/router/rest"
LARGEST_DOWNLOAD = 128 * 1024 * 1024

_DEAD_SESSION = 27


class _Local(threading.local):
    request: Request | None = None
    response: Response | None = None
    headers: Mapping[str, str] | None = None
    body: bytes | None = None
    download: bool = False
    gateway: str = ""
    timeout: float | None = None


class Wire:
    """A `Transport` around another one."""

    def __init__(self, inner: Transport, gateway: str) -> None:
        self._inner = inner
        self.gateway = gateway
        self._local = _Local()

    def expect(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        download: bool = False,
        gateway: str = "",
        timeout: float | None = None,
    ) -> None:
        """Say what is special about this thread's next call, and forget the last one.

        With a ``body``, ``headers`` go with that very one, and not with a token that is fetched
        on the way; ``gateway`` is another address of it; ``timeout`` is in seconds.
        """
        local = self._local
        local.request = local.response = None
        local.headers, local.body, local.download = headers, body, download
        local.gateway, local.timeout = gateway, timeout

    @property
    def last(self) -> tuple[Request | None, Response | None]:
        """This thread's last exchange."""
        return self._local.request, self._local.response

    def send(self, request: Request, /) -> Response:
        local = self._local
        local.request, local.response = request, None
        path = urlsplit(request.url).path
        top = path.endswith("/" + GATEWAY_PATH)
        if top:
            request = self._to_gateway(request)
        elif local.headers and (local.body is None or request.body is local.body):
            request = _changed(request, headers={**request.headers, **local.headers})
        if local.timeout is not None:
            request = _changed(request, timeout=local.timeout)
        if local.download:
            request = _changed(request, limit=LARGEST_DOWNLOAD)
        response = self._inner.send(request)
        local.response = response
        return _as_old(response) if top else response

    def _to_gateway(self, request: Request) -> Request:
        fields = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
        query = urlencode([("session" if k == "access_token" else k, v) for k, v in fields])
        gateway = self._local.gateway or self.gateway
        return _changed(request, url=f"{gateway}?{query}", body=None, headers={})

    def close(self) -> None:
        self._inner.close()


def _changed(request: Request, **changes: Any) -> Request:
    return msgspec.structs.replace(request, **changes)


def _as_old(response: Response) -> Response:
    """Tell the gateway's refusal of a session as the old host would; leave all else alone.

    ``sub_code`` is 40014 and its like where the gateway passed on the old host's code.
    """
    body = response.body
    if not isinstance(body, bytes) or b"error_response" not in body:
        return response
    try:
        error = msgspec.json.decode(body)["error_response"]
        code = _number(error.get("code", -1))
        sub_code = _number(error.get("sub_code"))
    except (msgspec.DecodeError, UnicodeError, KeyError, TypeError, AttributeError):
        return response
    if code == _DEAD_SESSION:
        code = sub_code if isinstance(sub_code, int) else 40014
    told = {"errcode": code, "errmsg": str(error.get("sub_msg") or error.get("msg") or "")}
    if error.get("request_id"):
        told["request_id"] = error["request_id"]
    return msgspec.structs.replace(response, body=msgspec.json.encode(told))


def _number(code: Any) -> Any:
    text = str(code)
    return int(text) if text.lstrip("-").isdecimal() else code


def gateway_error(response: Response | None) -> tuple[Any, Any] | None:
    """Return code and text of a gateway's refusal as they arrived, or None."""
    if response is None or not isinstance(response.body, bytes):
        return None
    try:
        error = msgspec.json.decode(response.body)["error_response"]
        return error.get("code", -1), error.get("sub_msg", error.get("msg", ""))
    except (msgspec.DecodeError, UnicodeError, KeyError, TypeError, AttributeError):
        return None
