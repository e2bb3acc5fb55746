"""Downloads: flows without I/O of their own, from the platform or a storage into a file.

A download goes on where it was cut, if the other end offers ranges and the content is still the same
(If-Range with its ETag or date), and begins again otherwise, as often as the retry rule allows: bytes
that came count as progress, so a bad line is slow and not fatal.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from .calls import fill
from .errors import AnswerCutShort, BadAnswer, SanfangError, TimedOut, TransportFailed
from .files import Expect, Landing, Progress, Target, landing
from .storages import (
    GATEWAY,
    checked_url,
    safe_headers,
    secrets_of,
    signed_address,
    storage_refusal,
    time_for,
)
from .wire import Flow, InStore, Pause, Request, Response

if TYPE_CHECKING:
    from .core import Core

MOST = 1 << 40
"""Bytes of a download that are accepted, unless the caller expects a size."""

ANYTHING = Expect()
NO_HEADERS: Mapping[str, str] = {}

PATIENCE = 3600.0
"""Seconds a download may take in all, unless told otherwise; silence ends it much sooner."""


class Download(NamedTuple):
    """What came: its bytes, and what the other end says of it."""

    size: int
    content_type: str
    filename: str


class _Sink:
    """What a transport gives the pieces of one try to; the next try goes on with the landing."""

    def __init__(
        self, to: Landing, progress: Progress | None, expect: Expect, any_type: bool
    ) -> None:
        self.most = MOST if expect.size is None else expect.size
        self.done = 0
        self.total: int | None = None
        self.headers: Mapping[str, str] = {}
        self.begun = False
        self._to = to
        self._progress = progress
        self._expect = expect
        self._any_type = any_type
        self._hashes = expect.hashes()
        self._validator = ""
        self._tail_from: int | None = None

    # -- asked by the transport -------------------------------------------------------------

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Look at the head of an answer: is its body for us, and where does it go on?"""
        if not self._any_type and "json" in _header(headers, "content-type").lower():
            return False
        coding = _header(headers, "content-encoding").lower()
        if coding not in ("", "identity"):
            raise BadAnswer(
                "encoding",
                f"应答被压缩（{coding[:20]}），并未要求 / compressed without being asked to",
                status=status,
            )
        if status == 206:
            first, total = _content_range(headers)
            if first != self.done or first != self._tail_from:
                raise BadAnswer(
                    "range",
                    f"续传应从 {self.done} 开始，应答从 {first} 开始"
                    f" / asked for the content from {self.done}, came from {first}",
                    status=status,
                )
            self.total = total
            self.most = self._most() - self.done
        else:
            self._again()
            length = _header(headers, "content-length")
            self.total = int(length) if length.isascii() and length.isdigit() else None
            self.most = self._most()
        self.headers = headers
        self.begun = True
        self._validator = _validator(headers)
        self._moved()
        return True

    def __call__(self, piece: bytes) -> None:
        self._to.write(piece)
        self.done += len(piece)
        for each in self._hashes.values():
            each.update(piece)
        self._moved()

    # -- asked by the flow ------------------------------------------------------------------

    def range_headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest, if the other end offers that."""
        self._tail_from = None
        if not self.done or not self._validator:
            return {}
        self._tail_from = self.done
        return {"Range": f"bytes={self.done}-", "If-Range": self._validator}

    def take_whole(self, response: Response) -> None:
        """Take a body that came in one piece, from a transport that knows no sinks."""
        if not self.begin(response.status, response.headers):
            return
        if response.body:
            self(response.body)

    def checked(self, request_api: str) -> Download:
        """Compare what came with what was expected."""
        wanted = self._expect.size if self._expect.size is not None else self.total
        if wanted is not None and wanted != self.done:
            raise BadAnswer(
                "truncated",
                f"应有 {wanted} 字节，收到 {self.done} / {wanted} bytes expected, {self.done} came",
                api=request_api,
                status=200,
            )
        for name, made in self._hashes.items():
            if made.hexdigest() != str(getattr(self._expect, name)).lower():
                raise BadAnswer(
                    "digest",
                    f"内容的 {name} 与期望的不符 / the content's {name} is not the expected one",
                    api=request_api,
                    status=200,
                )
        return Download(self.done, _header(self.headers, "content-type"), _filename(self.headers))

    def _again(self) -> None:
        if self.done:
            self._to.restart()
            self.done = 0
            self._hashes = self._expect.hashes()

    def _most(self) -> int:
        return MOST if self._expect.size is None else self._expect.size

    def _moved(self) -> None:
        if self._progress is not None:
            whole = self.total if self.total is not None else self._expect.size
            self._progress(self.done, whole)


def download(
    core: Core,
    path: str,
    to: Target,
    query: Mapping[str, Any] | None,
    body: Any,
    params: Mapping[str, Any],
    progress: Progress | None,
    expect: Expect,
    timeout: float | None,
) -> Flow[Download]:
    """Call an API that answers with a content, and write it to ``to``."""
    plan = core.settings.planner.plan(path, None, body is not None, query, body, params)
    call = fill(plan, query, body, params)

    def once(sink: _Sink, left: float) -> Flow[None]:
        def shape(request: Request) -> Request:
            headers = {**request.headers, **sink.range_headers()}
            return replace(
                request, headers=headers, timeout=left, read=core.settings.timeout, sink=sink
            )

        answer = yield from core.exchange(call, shape)
        if not sink.begun:
            raise _not_a_file(plan.api, answer)

    return (yield from _landed(core, to, once, plan.api, progress, expect, timeout, any_type=False))


def fetch(
    core: Core,
    url: str,
    to: Target,
    headers: Mapping[str, str],
    progress: Progress | None,
    expect: Expect,
    timeout: float | None,
) -> Flow[Download]:
    """Fetch a URL without any token, and write it to ``to``."""
    address = checked_url(core, url)
    own = safe_headers(headers)
    api = urlsplit(address).netloc

    def once(sink: _Sink, left: float) -> Flow[None]:
        request = Request(
            "GET",
            address,
            {**own, **sink.range_headers()},
            timeout=left,
            limit=core.settings.limit,
            api=api,
            secrets=secrets_of(address, own),
            read=core.settings.timeout,
            sink=sink,
        )
        response: Response = yield request
        if 200 <= response.status < 300:
            if not sink.begun or (response.body and not sink.done):
                sink.take_whole(response)
            return
        raise storage_refusal(request, response)

    return (yield from _landed(core, to, once, api, progress, expect, timeout, any_type=True))


def _landed(
    core: Core,
    to: Target,
    once: Callable[[_Sink, float], Flow[None]],
    api: str,
    progress: Progress | None,
    expect: Expect,
    timeout: float | None,
    *,
    any_type: bool,
) -> Flow[Download]:
    """Try until the content is whole; whatever ends this early leaves nothing behind."""
    pauses = core.settings.retries.pauses
    end = time.monotonic() + (PATIENCE if timeout is None else time_for(0, timeout))
    place = landing(to)
    whole = False
    try:
        sink = _Sink(place, progress, expect, any_type)
        tries = 0
        while True:
            before = sink.done
            try:
                yield from once(sink, max(end - time.monotonic(), 0.001))
                break
            except (TransportFailed, BadAnswer) as error:
                if time.monotonic() >= end or not _worth_another(error, tries, pauses):
                    raise
            # Bytes that came are progress: what is cut again and again still comes to its end.
            tries = 1 if sink.done > before else tries + 1
            yield Pause(pauses[min(tries, len(pauses)) - 1])
        made = sink.checked(api)
        yield InStore(place.finish)  # a disk takes its time
        whole = True
        return made
    finally:
        if not whole:
            place.abandon()


def _worth_another(error: SanfangError, tries: int, pauses: tuple[float, ...]) -> bool:
    if tries >= len(pauses):
        return False
    if isinstance(error, AnswerCutShort):
        return True
    if isinstance(error, TimedOut):
        return getattr(error, "phase", "") == "read"
    if isinstance(error, TransportFailed):
        return error.dropped
    return isinstance(error, BadAnswer) and error.status in GATEWAY


def _not_a_file(api: str, answer: Mapping[str, Any]) -> BadAnswer:
    shown = ", ".join(sorted(answer)[:8])
    return BadAnswer(
        "shape",
        f"应答是 JSON 而不是文件内容（字段 {shown}）：请用 call()，下载地址再用 fetch() 取"
        " / the answer is JSON and no content: use call(), and fetch() for an address in it",
        api=api,
        status=200,
    )


def download_file(
    core: Core,
    space_id: str | int,
    dentry_id: str | int,
    to: Target,
    union_id: str,
    version: int | None,
    progress: Progress | None,
    expect: Expect,
    timeout: float | None,
) -> Flow[Download]:
    """Ask for a file's signed address, and fetch it from there."""
    path = "/v1.0/storage/spaces/{spaceId}/dentries/{dentryId}/downloadInfos/query"
    ids = {"spaceId": str(space_id), "dentryId": str(dentry_id), "unionId": union_id}
    body = {} if version is None else {"option": {"version": version}}
    answer = yield from core.call(path, "POST", None, body, ids, safe=True)
    url, headers = signed_address(answer.get("headerSignatureInfo"), path)
    return (yield from fetch(core, url, to, headers, progress, expect, timeout))


def _header(headers: Mapping[str, str], name: str) -> str:
    if name in headers:
        return headers[name]
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _content_range(headers: Mapping[str, str]) -> tuple[int, int | None]:
    match = re.fullmatch(
        r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", _header(headers, "content-range").strip()
    )
    if match is None:
        return -1, None
    return int(match[1]), None if match[2] == "*" else int(match[2])


def _validator(headers: Mapping[str, str]) -> str:
    """Return what If-Range can hold, or nothing if the other end has no ranges or no validator."""
    if _header(headers, "accept-ranges").lower() != "bytes" and not _header(
        headers, "content-range"
    ):
        return ""
    tag = _header(headers, "etag")
    if tag and not tag.startswith("W/"):
        return tag
    return _header(headers, "last-modified")


_STAR = re.compile(r"filename\*\s*=\s*(?:UTF-8|utf-8)''([^;\s]+)")
_PLAIN = re.compile(r'filename\s*=\s*(?:"([^"]*)"|([^;\s]+))')


def _filename(headers: Mapping[str, str]) -> str:
    """Return the name the other end gives, without any folder in it."""
    said = _header(headers, "content-disposition")
    if star := _STAR.search(said):
        name = unquote(star[1], errors="replace")
    elif plain := _PLAIN.search(said):
        name = plain[1] if plain[1] is not None else plain[2]
        with contextlib.suppress(UnicodeError):
            name = name.encode("latin-1").decode("utf-8")
    else:
        return ""
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(char for char in name if char.isprintable()).strip()
    return "" if name in (".", "..") else name[:255]
