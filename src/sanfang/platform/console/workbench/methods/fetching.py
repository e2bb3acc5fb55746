"""Files by address: fetched for a page, or sent for one, by the platform.

A page names the address, so it goes through the guard of everything outbound: private addresses only in
a sandbox, connections only to the addresses that were checked, redirects followed by hand and checked
again. What the workbench itself keeps (``/api/media/...``) is read from the store.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from ....domain import media
from ....domain.refusals import Refusal
from ....outbound import Forbidden, Resolver, read_url
from . import SYSTEM, Fail, Invocation

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

LARGEST = 20 << 20  # bytes
TIMEOUT_S = 30.0
UNCONFIGURED = "4"  # upload: the target is another origin than the app's
_REDIRECTS = 3
_IN_MEMORY = 1 << 18
_ANSWER = 1 << 20  # bytes of an app's answer to an upload


class Fetched(NamedTuple):
    """A file at an address; it is at its beginning."""

    file: IO[bytes]
    name: str
    content_type: str
    size: int


@asynccontextmanager
async def fetched(call: Invocation, url: str) -> AsyncIterator[Fetched]:
    """Fetch what lies at an address; fail with "3" saying why not."""
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        kept = _kept(call, url)
        if kept:
            found, pieces = await _media(call, kept)
            async for piece in pieces:
                file.write(piece)
            name, kind = found.filename, found.content_type
        else:
            name, kind = await _download(call, at_origin(call, url), file)
        size = file.tell()
        if not size:
            raise Fail(SYSTEM, f"{url[:200]} 是空的 / is empty")
        file.seek(0)
        yield Fetched(file, name, kind, size)


async def send(
    call: Invocation, url: str, path: str, name: str, fields: dict[str, str]
) -> dict[str, Any]:
    """Send a file that the workbench keeps to the app's own server, as a form; return its answer.

    Fails with "4" for an address on another origin than the app's, with "3" for a file that is not
    there or a server that does not answer.
    """
    from aiohttp import FormData

    target = at_origin(call, url)
    if _origin(target) not in call.frame.origins:
        raise Fail(
            UNCONFIGURED,
            f"上传地址不在应用的域名下 / {url[:200]} is on another origin than the app's",
        )
    kept = _kept(call, path)
    if not kept:
        raise Fail(SYSTEM, f"文件不存在 / there is no file {path[:200]}")
    found, pieces = await _media(call, kept)
    form = FormData(quote_fields=False)  # names in UTF-8, as browsers send them
    for field, value in fields.items():
        form.add_field(_plain(field), value)
    content = b"".join([piece async for piece in pieces])
    shown = _plain(name or found.filename)
    form.add_field("file", content, filename=shown, content_type=found.content_type)
    async with _session(call) as session, _asked(session, call, "POST", target, form) as answer:
        body = await answer.content.read(_ANSWER)
        return {
            "data": body.decode(errors="replace"),
            "statusCode": str(answer.status),
            "header": dict(answer.headers.items()),
            "size": found.size,
            "fileType": found.content_type,
        }


def _plain(name: str) -> str:
    """Return a name that cannot leave the header it stands in."""
    return "".join("_" if mark in '"\\' or not mark.isprintable() else mark for mark in name)[:200]


def at_origin(call: Invocation, url: str) -> str:
    """Return an address on the proxy's host as one at the app's own origin; others as they are."""
    seen, own = _origin(call.url), _origin(call.page_url)
    return own + url[len(seen) :] if seen and _origin(url) == seen else url


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def _kept(call: Invocation, url: str) -> str:
    """Return the media_id that an address of the workbench names, or ''."""
    parts = urlsplit(url)
    host = f"wb.{call.core.settings.console_domain}".lower()
    if (parts.hostname or "").lower() != host or not parts.path.startswith("/api/media/"):
        return ""
    return unquote(parts.path.removeprefix("/api/media/"))


async def _media(call: Invocation, media_id: str) -> tuple[media.Media, AsyncIterator[bytes]]:
    try:
        return await media.open_in_corp(call.core, call.frame.corp_id, media_id[:100])
    except Refusal as refusal:
        raise Fail(SYSTEM, f"文件不存在 / there is no such file: {refusal.errmsg}") from refusal


async def _download(call: Invocation, url: str, file: IO[bytes]) -> tuple[str, str]:
    async with _session(call) as session:
        for _ in range(_REDIRECTS + 1):
            async with _asked(session, call, "GET", url) as answer:
                if answer.status in (301, 302, 303, 307, 308) and "location" in answer.headers:
                    url = urljoin(url, answer.headers["location"])
                    continue
                if answer.status != HTTPStatus.OK:
                    raise Fail(SYSTEM, f"{url[:200]} 返回 / answered HTTP {answer.status}")
                async for piece in answer.content.iter_chunked(1 << 16):
                    file.write(piece)
                    if file.tell() > LARGEST:
                        most = LARGEST >> 20
                        raise Fail(SYSTEM, f"文件超过 {most} MB / it has more than {most} MB")
                name = unquote(urlsplit(url).path.rpartition("/")[2])
                return name[:200] or "download", answer.content_type
    raise Fail(SYSTEM, f"重定向过多 / {url[:200]} redirects too often")


@asynccontextmanager
async def _asked(
    session: ClientSession, call: Invocation, method: str, url: str, data: Any = None
) -> AsyncIterator[ClientResponse]:
    from aiohttp import ClientError

    try:
        read_url(url, sandbox=call.core.settings.sandbox)
        async with session.request(method, url, data=data, allow_redirects=False) as answer:
            yield answer
    except Forbidden as fault:
        raise Fail(SYSTEM, f"{url[:200]}: {fault.zh} {fault.en}") from None
    except (TimeoutError, ClientError, OSError, ValueError) as fault:
        reason = fault.__cause__ if isinstance(fault.__cause__, Forbidden) else fault
        raise Fail(
            SYSTEM, f"{url[:200]} 无法访问 / cannot be reached: {type(reason).__name__}"
        ) from None


@asynccontextmanager
async def _session(call: Invocation) -> AsyncIterator[ClientSession]:
    """Open a client that connects only to addresses that were checked."""
    from aiohttp import ClientSession, ClientTimeout, TCPConnector
    from aiohttp.abc import AbstractResolver, ResolveResult

    guard = Resolver(sandbox=call.core.settings.sandbox)

    class Checked(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            try:
                found = await guard.addresses(host)
            except Forbidden as fault:
                raise OSError(fault.en) from fault
            return [
                ResolveResult(
                    hostname=host,
                    host=each,
                    port=port,
                    family=_family(each),
                    proto=0,
                    flags=0,
                )
                for each in found
            ]

        async def close(self) -> None:
            """Hold nothing."""

    connector = TCPConnector(resolver=Checked(), use_dns_cache=False)
    timeout = ClientTimeout(total=TIMEOUT_S)
    async with ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
        yield session


def _family(address: str) -> int:
    import socket

    return socket.AF_INET6 if ":" in address else socket.AF_INET
