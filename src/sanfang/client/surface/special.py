"""The few documented APIs that are not a question and an answer in JSON.

A file goes out as a form, a file comes back as bytes, and some are pages for a browser to open.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from sanfang.catalog import Endpoint

from ..addresses import OAPI
from ..calls import fill
from ..errors import AnswerTooLong
from ..wire import Flow

if TYPE_CHECKING:
    from ..core import Core
    from .operations import Operation

Kind = Literal["call", "page", "upload", "content"]
Run = Callable[[Any], Any]

LOGIN = "https://login.dingtalk.com"


def kind_of(endpoint: Endpoint) -> Kind:
    """Tell what a method of this API does."""
    if endpoint.response_type == "redirect":
        return "page"
    if endpoint.response_type == "binary":
        return "content"
    return "upload" if any(param.type == "file" for param in endpoint.params) else "call"


def page(core: Core, _: Run, what: Operation, params: Mapping[str, Any]) -> str:
    """Return a page's address; a platform of one address has its login pages there too."""
    planner = core.settings.planner
    call = fill(planner.plan(what.path, what.method, False), None, None, params)
    url = f"{call.url}?{call.query}" if call.query else call.url
    if what.endpoint.host == "login" and planner.base_url == OAPI:
        return LOGIN + url.removeprefix(OAPI)
    return url


def upload(core: Core, run: Run, what: Operation, params: Mapping[str, Any]) -> Any:
    """Send a file as a form."""
    from ..uploads import upload_form

    field = next(param.name for param in what.endpoint.params if param.type == "file")
    rest = {name: value for name, value in params.items() if name != field}
    return run(upload_form(core, what.path, params[field], rest, "", None, None))


def content(core: Core, run: Run, what: Operation, params: Mapping[str, Any]) -> Any:
    """Fetch a file into memory; `Client.download` writes one of any size to a disk."""
    return run(_bytes(core, what.path, params))


def _bytes(core: Core, path: str, params: Mapping[str, Any]) -> Flow[bytes]:
    from ..downloads import ANYTHING, download

    into = _Bounded(core.settings.limit, path)
    yield from download(core, path, into, None, None, params, None, ANYTHING, None)
    return into.getvalue()


class _Bounded(io.BytesIO):
    def __init__(self, limit: int, api: str) -> None:
        super().__init__()
        self._limit, self._api = limit, api

    def write(self, piece: Any, /) -> int:
        if self.tell() + len(piece) > self._limit:
            raise AnswerTooLong(
                f"内容超过 {self._limit} 字节：请用 client.download() 写入文件"
                f" / the content is longer than {self._limit} bytes: use client.download()",
                api=self._api,
            )
        return super().write(piece)


SPECIAL: dict[Kind, Callable[[Core, Run, Operation, Mapping[str, Any]], Any]] = {
    "page": page,
    "upload": upload,
    "content": content,
}
