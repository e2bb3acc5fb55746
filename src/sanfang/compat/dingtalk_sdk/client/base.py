"""What all clients have in common: requests, errors, and the way to `sanfang.client`."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urljoin, urlsplit

from urllib3.filepost import encode_multipart_formdata

from sanfang.client import (
    BadAnswer,
    BadCall,
    CallRefused,
    Client,
    Credentials,
    NoTicket,
    Response,
    SuiteStore,
    TokenKey,
    Transport,
)
from sanfang.client.addresses import OAPI, addresses

from ..answers import Answer, Asked, number, unwrap
from ..core.exceptions import DingTalkClientException
from ..core.utils import objects
from ..groups import Group, group_class, group_names
from ..storage import BaseStorage
from ..storage.memorystorage import MemoryStorage
from ..storage.stores import StoredTokens
from .connections import SHARED, close_connections
from .wire import GATEWAY, GATEWAY_PATH, LARGEST_DOWNLOAD, Wire, gateway_error

__all__ = ["BaseClient", "close_connections"]

_DEFAULT_ADDRESS = f"{OAPI}/"
_GATEWAY_ZONE = dt.timezone(dt.timedelta(hours=8))  # its clock, wherever this runs
_SHOPS = "tb"  # thousands of methods about Taobao's shops and parcels


class BaseClient:
    """A client of one identity. ``API_BASE_URL`` may be set on a subclass, or SANFANG_OAPI_URL.

    ``timeout``: seconds for one exchange, or a pair of connect and read as `requests` has it;
    10 s without one. ``auto_retry``: wait and repeat when the platform is busy.
    """

    API_BASE_URL: ClassVar[str] = _DEFAULT_ADDRESS
    transport: ClassVar[Transport | None] = None
    """A transport to use in place of the usual one, set on a subclass."""

    _wire: Wire
    _client: Client
    _home: str

    def __init__(
        self, storage: BaseStorage | None = None, timeout: Any = None, auto_retry: bool = True
    ) -> None:
        self.storage = MemoryStorage() if storage is None else storage
        self.timeout = timeout
        self.auto_retry = auto_retry

    def _open(self, credentials: Credentials, suite_store: SuiteStore | None = None) -> None:
        """Make the client beneath; it connects when it is first used."""
        given = None if self.API_BASE_URL == _DEFAULT_ADDRESS else self.API_BASE_URL
        base, _ = addresses(given, None)
        self._home = f"{base}/"
        transport = type(self).transport or SHARED
        # A platform of one address has the gateway there too.
        self._wire = Wire(transport, GATEWAY if base == OAPI else f"{base}/{GATEWAY_PATH}")
        self._client = Client(
            credentials,
            base_url=given,
            timeout=_seconds(self.timeout),
            retries=3 if self.auto_retry else 0,
            tokens=StoredTokens(self.storage, self._token_name),
            suite_store=suite_store,
            transport=self._wire,
        )

    def _token_name(self, key: TokenKey) -> str:
        """Return the name under which a token is kept in the storage."""
        raise NotImplementedError

    # -- any call ---------------------------------------------------------------------------

    def get(self, uri: str, params: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """Call with GET."""
        return self.request("GET", uri, params=params, **options)

    def post(
        self,
        uri: str,
        data: Any = None,
        params: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """Call with POST; a dict as ``data`` is sent as JSON."""
        return self.request("POST", uri, data=data, params=params, **options)

    def request(
        self,
        method: str,
        uri: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Any = None,
        json: Any = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: Any = None,
        api_base_url: str | None = None,
        result_processor: Any = None,
        raw: bool = False,
    ) -> Any:
        """Call an API by its path or its address on this platform.

        Returns the answer as an `ObjectDict`, or what ``result_processor`` makes of it; ``raw``:
        an `Answer` when it is no JSON. Raises `DingTalkClientException`.
        """
        path, query = self._path(urljoin(api_base_url, uri) if api_base_url else uri)
        query.update(params or {})
        if "access_token" in query or "suite_access_token" in query:
            raise ValueError(f"令牌由客户端添加 / the client adds the token: {path}")
        body, form = _body(json if data is None else data, files)
        self._wire.expect(
            headers={**(headers or {}), **(form or {})},
            body=body if form else None,
            timeout=None if timeout is None else _seconds(timeout),
            download=raw,
        )
        answer = objects(self._answer(method.upper(), path, query, body, raw))
        self._wire.expect()  # a download need not stay in memory
        if isinstance(answer, dict) and "errcode" in answer:
            answer["errcode"] = number(answer["errcode"])
        return result_processor(answer) if result_processor else answer

    def top_request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        format_: str = "json",
        v: str = "2.0",
        simplify: str = "false",
        partner_id: Any = None,
        url: str | None = None,
        *,
        timeout: Any = None,
        result_processor: Any = None,
    ) -> Any:
        """Call an API of the TOP gateway by its name; lists and objects go as JSON text."""
        query = {
            **(params or {}),
            "method": method,
            "timestamp": dt.datetime.now(_GATEWAY_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            "format": format_,
            "v": v,
            "simplify": simplify if format_ == "json" else None,
            "partner_id": partner_id,
        }
        if "session" in query:
            raise ValueError(f"session 由客户端添加 / the client adds the session: {method}")
        query, gateway = self._handle_pre_top_request(query, url or f"/{GATEWAY_PATH}")
        self._wire.expect(
            gateway=gateway if "://" in gateway else "",
            timeout=None if timeout is None else _seconds(timeout),
        )
        answer = self._answer("POST", GATEWAY_PATH, query, None, raw=False)
        try:
            result = unwrap(answer, method)
        except DingTalkClientException as refused:
            raise self._told(refused.errcode, refused.errmsg) from None
        self._wire.expect()
        if result_processor and isinstance(result, dict):
            return result_processor(result)
        return result

    def _handle_pre_top_request(
        self, params: dict[str, Any], uri: str
    ) -> tuple[dict[str, Any], str]:
        """Return the fields and the address of a call of the gateway.

        Programs override it to reach a gateway elsewhere; the session is added later.
        """
        return params, uri

    _get, _post, _top_request = get, post, top_request  # as its documents call them

    def _answer(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, raw: bool
    ) -> Any:
        with self._translated():
            try:
                return self._client.request(method, path, query=query, body=body)
            except BadAnswer:
                response = self._wire.last[1]
                if not raw or response is None or not _whole(response):
                    raise
                return Answer(response)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise refusals and unreadable answers as `DingTalkClientException`."""
        try:
            yield
        except CallRefused as refused:
            told = gateway_error(self._wire.last[1])
            code, text = told or (refused.code, refused.errmsg)
            raise self._told(code, text) from refused
        except (BadAnswer, NoTicket) as problem:
            raise self._told(None, str(problem)) from problem

    def _told(self, code: Any, text: Any) -> DingTalkClientException:
        request, response = self._wire.last
        asked = None if request is None else Asked(request.method, request.mask(request.url))
        answer = None if response is None else Answer(response)
        return DingTalkClientException(code, text, self, asked, answer)

    def _path(self, uri: str) -> tuple[str, dict[str, Any]]:
        """Split an address of this platform into its path and its query."""
        home = urlsplit(self._home)
        parts = urlsplit(uri if "://" in uri else urljoin("//x/", uri))
        if "://" in uri and (parts.scheme, parts.netloc) != (home.scheme, home.netloc):
            raise BadCall(
                f"{uri[:80]} 在别的主机上，令牌不会发往别处"
                " / on another host, and tokens go nowhere else"
            )
        path = parts.path.removeprefix(home.path) if "://" in uri else parts.path
        return path, dict(parse_qsl(parts.query, keep_blank_values=True))

    # -- groups -----------------------------------------------------------------------------

    _has_groups = True

    def __getattr__(self, name: str) -> Any:
        kind = group_class(name) if self._has_groups and not name.startswith("_") else None
        if kind is not None:
            group: Group = kind(self)
            self.__dict__[name] = group
            return group
        text = f"{type(self).__name__!r} object has no attribute {name!r}"
        if self._has_groups and name.startswith(_SHOPS):
            text += (
                "：淘宝的接口不属于钉钉，可用 top_request(名称, 参数)"
                " / APIs of Taobao are not DingTalk's; top_request(name, params) sends them"
            )
        raise AttributeError(text)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(group_names() if self._has_groups else ())]

    # -- end --------------------------------------------------------------------------------

    def close(self) -> None:
        """Do nothing: connections are shared by all clients of the process, see `close_connections`."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._client!r}>"


def _seconds(timeout: Any) -> float:
    if timeout is None:
        return 10.0
    if isinstance(timeout, (tuple, list)):
        return float(sum(part for part in timeout if part is not None)) or 10.0
    return float(timeout)


def _whole(response: Response) -> bool:
    return response.status < 300 and len(response.body) <= LARGEST_DOWNLOAD


def _body(data: Any, files: Mapping[str, Any] | None) -> tuple[Any, dict[str, str] | None]:
    """Return what to send, and the headers that say what it is."""
    if not files:
        if data is None or isinstance(data, Mapping):
            return data, None
        return data.encode() if isinstance(data, str) else data, None
    parts = {**(data or {}), **{name: _part(name, given) for name, given in files.items()}}
    body, content_type = encode_multipart_formdata(parts)
    return body, {"Content-Type": content_type}


def _part(field: str, given: Any) -> tuple[Any, ...]:
    """Return the file name, the content and perhaps the type of what `requests` calls a file."""
    name, content, *more = given if isinstance(given, (tuple, list)) else (None, given)
    if name is None:
        whole = getattr(content, "name", None)
        name = whole.replace("\\", "/").rpartition("/")[2] if isinstance(whole, str) else field
    return (name, content.read() if hasattr(content, "read") else content, *more[:1])
