"""What is outside the platform: addresses that its answers name, where contents are put and had.

They are judged before anything goes there, and no token of ours is sent along: the address and the
headers that came with it are the whole permission (storage API, header signatures).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .answers import excerpt, read
from .errors import BadAnswer, BadCall, CallRefused, SanfangError
from .wire import Request, Response

if TYPE_CHECKING:
    from .core import Core

GATEWAY = (500, 502, 503, 504)
"""HTTP answers of a storage after which the same is tried again."""

_SLOWEST = 16_384  # bytes a second; an upload may take this long, and a minute
_SHORT = 8  # characters; hiding less would only garble the text
_QUIET = 60.0  # seconds a storage may be silent after an upload


def time_for(size: int, timeout: float | None) -> float:
    """Return the seconds that sending so many bytes may take; raise `BadCall` for no number."""
    if timeout is not None and not 0 < timeout < float("inf"):
        raise BadCall(f"timeout 应为大于 0 的秒数 / timeout must be seconds above 0: {timeout!r}")
    return 60.0 + size / _SLOWEST if timeout is None else timeout


def quiet(core: Core, limit: float) -> float:
    """Return the seconds of silence that are borne after an upload."""
    return min(limit, max(_QUIET, core.settings.timeout))


def upload_key(answer: Mapping[str, Any], path: str) -> str:
    """Take the name of an upload out of the answer that began it."""
    key = answer.get("uploadKey")
    if not isinstance(key, str) or not key:
        text = "应答中没有 uploadKey / the answer has no uploadKey"
        raise BadAnswer("shape", text, api=path, status=200)
    return key


def signed_address(info: object, path: str) -> tuple[str, Mapping[str, str]]:
    """Take address and headers out of a headerSignatureInfo."""
    urls = info.get("resourceUrls") if isinstance(info, dict) else None
    headers = info.get("headers") if isinstance(info, dict) else None
    if not isinstance(urls, list) or not urls or not isinstance(urls[0], str):
        text = "应答中没有 resourceUrls / the answer has no resourceUrls"
        raise BadAnswer("shape", text, api=path, status=200)
    given = headers if isinstance(headers, dict) else {}
    return urls[0], {str(name): str(value) for name, value in given.items()}


# What an answer may not make us send: it would change the exchange, or show who we are.
_OURS = frozenset(
    {
        "connection", "content-length", "cookie", "expect", "host", "keep-alive", "range",
        "if-range", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
        "x-acs-dingtalk-access-token",
    }
)  # fmt: skip


def checked_url(core: Core, url: str) -> str:
    """Check an address that an answer, or the caller, wants us to go to.

    It is https; http only to the host (and port) of a platform that itself is spoken to by http.
    """
    planner = core.settings.planner
    plain = {
        urlsplit(base).netloc for base in (planner.base_url, planner.api_url) if base[:5] == "http:"
    }
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "https" or (parts.scheme == "http" and parts.netloc in plain)
        fine = fine and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        fine = False
    if not fine or not url.isascii() or not url.isprintable() or " " in url:
        where = "/".join(url.partition("?")[0].split("/")[:3])[:120]  # the path may be secret
        raise BadCall(
            f"不去这个地址：{where!r}（应为 https，或与平台同一主机的 http）"
            " / not an address to go to: it must be https, or http on the platform's own host"
        )
    return url.partition("#")[0]


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that were given with an address, but for those that are ours to set."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        if name.lower() in _OURS:
            continue
        if not (value.isascii() and value.isprintable()):
            raise BadCall(f"请求头 {name[:40]!r} 只能是 ASCII 文本 / must be ASCII text")
        kept[name] = value
    return kept


def secrets_of(url: str, headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the texts that may not be shown: whoever has them may do what we do."""
    parts = urlsplit(url)
    found = [value for name, value in headers.items() if name.lower() == "authorization"]
    found += [parts.query, parts.path.rpartition("/")[2]]
    return tuple(text for text in found if len(text) >= _SHORT)


def storage_refusal(request: Request, response: Response) -> SanfangError:
    """Return the error for what a storage answered: JSON of ours, XML of an object store, a page."""
    status = response.status
    try:
        read(request, response)
    except (CallRefused, BadAnswer) as error:
        if isinstance(error, CallRefused) or 300 <= status < 400:
            return error
    code = re.search(rb"<Code>([\w.]{1,80})</Code>", response.body[:4096])
    why = code[1].decode() if code else ""
    text = (
        f"存储服务拒绝了传输（{why or status}）：地址可能已过期，请重新获取"
        f" / the storage refused the transfer ({why or status}): its address may have expired, ask"
        " for a new one"
    )
    return BadAnswer(
        "storage", text, api=request.api, status=status, excerpt=excerpt(request, response.body)
    )
