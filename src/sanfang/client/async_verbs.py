# ruff: noqa: ASYNC109 - the time of a transfer is kept by its flow
"""What an `AsyncClient` can do beyond single calls: people signing in, pages, files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from . import downloads, drives, jsapi, people, uploads
from .downloads import ANYTHING, NO_HEADERS, Download
from .files import Expect, Progress, Source, Target
from .jsapi import Digest, QueryRule
from .paging import Walk, find_style

if TYPE_CHECKING:
    from .async_client import _Driver
    from .core import Core
    from .credentials import Identity


class AsyncVerbs:
    """The part of `AsyncClient` that lives here; it is used through `AsyncClient` only."""

    _core: Core
    _driver: _Driver

    if TYPE_CHECKING:

        @classmethod
        def _of(cls, core: Core, driver: _Driver) -> Self: ...

    @property
    def identity(self) -> Identity:
        """Return who calls: the credentials given, a corp of a suite, or a person signed in."""
        return self._core.identity

    # -- people -----------------------------------------------------------------------------

    async def sign_in(self, code: str, user: str = "") -> Self:
        """Exchange the code of a sign-in and return the client of that person.

        The code serves once: call this once per code, at once. ``user`` is your name for the
        person; by it `user` finds them again while their refresh token lives (30 days). Without
        it there is a random one, in ``identity.user``; of an `OpenApp` it is the openid. Raises
        `CallRefused` for a code that is unknown, used or too old. sso-and-login.md sections 6, 7.
        """
        core = await self._driver.run(people.sign_in(self._core, code, user))
        return self._of(core, self._driver)

    def user(self, user: str, corp_id: str = "") -> Self:
        """Return the client of a person who signed in before; nothing is sent.

        ``corp_id`` is that of their ``identity``. The access token is refreshed as need be; when
        that cannot be, a call raises `NotSignedIn`.
        """
        return self._of(people.user(self._core, user, corp_id), self._driver)

    async def sign_out(self) -> None:
        """Forget this person's tokens."""
        await self._driver.run(people.sign_out(self._core))

    # -- pages ------------------------------------------------------------------------------

    async def jsapi_signature(
        self,
        url: str,
        *,
        agent_id: int | str,
        corp_id: str | None = None,
        js_api_list: Iterable[str] | None = None,
        type: int | None = None,  # noqa: A002 - the field's name
        digest: Digest = "sha256",
        query: QueryRule = "decoded",
    ) -> dict[str, Any]:
        """Return what ``dd.config`` takes on the page at ``url``, signed with the ticket we keep.

        ``url`` is the page's ``location.href``; ``agent_id`` is the micro-app's in that corp.
        ``corp_id`` need be given only to an `AppKey`. The rest is as in `sign_jsapi`. Raises
        `BadCall` for what cannot work, before anything is sent.
        """
        return await self._driver.run(
            jsapi.signature(
                self._core,
                url,
                agent_id,
                corp_id,
                js_api_list=js_api_list,
                type=type,
                digest=digest,
                query=query,
            )
        )

    async def renew_jsapi_ticket(self, dead: str) -> str:
        """Return a jsapi_ticket other than ``dead``, which a page found to be invalid (52013).

        Nobody tells a client that its ticket was killed, by another program that fetched one; this
        is the way to say so. One is fetched however many pages report the same. Call it for what
        your own page reports and with a bound, not for whatever arrives.
        """
        return await self._driver.run(self._core.renew_jsapi_ticket(dead))

    # -- files ------------------------------------------------------------------------------

    async def upload(
        self,
        file: Source,
        kind: str | None = None,
        *,
        name: str = "",
        progress: Progress | None = None,
        check: bool = True,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Upload a media file; the answer has its ``media_id``.

        ``file`` is a path, bytes, or a file opened in binary mode; ``kind`` is image, voice, video
        or file, by default what the extension says. What the platform would refuse for its size
        or extension is refused here, unless ``check=False``. ``progress(done, total)`` is called
        as the bytes go out.
        """
        flow = uploads.upload_media(self._core, file, kind, name, progress, check, timeout)
        return await self._driver.run(flow)

    async def upload_to(
        self,
        path: str,
        file: Source,
        /,
        *,
        name: str = "",
        progress: Progress | None = None,
        timeout: float | None = None,
        **params: Any,
    ) -> dict[str, Any]:
        """Call any API that takes a file as a form: ``file/upload/single`` and its like."""
        flow = uploads.upload_form(self._core, path, file, params, name, progress, timeout)
        return await self._driver.run(flow)

    async def upload_file(
        self,
        space_id: str | int,
        parent_id: str | int,
        file: Source,
        *,
        union_id: str,
        name: str = "",
        conflict: str | None = None,
        part_size: int | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Put a file into a folder of a storage space (``0`` is its root); return its dentry.

        Over 64 MB it goes in parts, and a part that fails is sent again; ``part_size`` (bytes)
        asks for parts of that size. ``conflict``: AUTO_RENAME, OVERWRITE, RETURN_DENTRY_IF_EXISTS
        or RETURN_ERROR_IF_EXISTS. ``timeout``: seconds for each part.
        """
        flow = drives.upload_file(
            *(self._core, space_id, parent_id, file, union_id),
            *(name, conflict, part_size, progress, timeout),
        )
        return await self._driver.run(flow)

    async def upload_to_folder(
        self,
        folder_uuid: str,
        file: Source,
        *,
        union_id: str,
        name: str = "",
        conflict: str | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Put a file into a folder of the drive that is named by its uuid; return its dentry.

        The second version of the storage API: one piece, whatever its size. The rest as for
        `upload_file`.
        """
        flow = drives.upload_to_folder(
            self._core, folder_uuid, file, union_id, name, conflict, progress, timeout
        )
        return await self._driver.run(flow)

    async def upload_chunks(
        self,
        file: Source,
        agent_id: str | int,
        *,
        name: str = "",
        part_size: int = uploads.CHUNK,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Upload a file for ``cspace`` in numbered chunks; the answer has its ``media_id``.

        A chunk that fails is sent again. ``timeout``: seconds for each.
        """
        flow = uploads.upload_chunks(self._core, file, agent_id, name, part_size, progress, timeout)
        return await self._driver.run(flow)

    async def download(
        self,
        path: str,
        to: Target,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        progress: Progress | None = None,
        expect: Expect = ANYTHING,
        timeout: float | None = None,
        **params: Any,
    ) -> Download:
        """Call an API that answers with a file (``media/downloadFile``), and write it to ``to``.

        A path is written whole or not at all: whatever ends this early leaves nothing behind. An
        open binary file is written as the bytes come. What was cut is resumed where the other end
        can. ``expect`` names size and digests; another content raises `BadAnswer`. ``timeout``:
        seconds in all (an hour); a silence of the client's ``timeout`` ends a try.
        """
        flow = downloads.download(
            self._core, path, to, query, body, params, progress, expect, timeout
        )
        return await self._driver.run(flow)

    async def download_file(
        self,
        space_id: str | int,
        dentry_id: str | int,
        to: Target,
        *,
        union_id: str,
        version: int | None = None,
        progress: Progress | None = None,
        expect: Expect = ANYTHING,
        timeout: float | None = None,
    ) -> Download:
        """Download a file of a storage space; the rest as for `download`."""
        flow = downloads.download_file(
            *(self._core, space_id, dentry_id, to, union_id, version),
            *(progress, expect, timeout),
        )
        return await self._driver.run(flow)

    async def fetch(
        self,
        url: str,
        to: Target,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        progress: Progress | None = None,
        expect: Expect = ANYTHING,
        timeout: float | None = None,
    ) -> Download:
        """Download an address that an answer named, with its headers and without any token.

        It must be https, or http on the platform's own host. The rest as for `download`.
        """
        flow = downloads.fetch(self._core, url, to, headers, progress, expect, timeout)
        return await self._driver.run(flow)

    # -- pages ------------------------------------------------------------------------------

    def pages(
        self,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        items: str = "",
        **params: Any,
    ) -> AsyncIterator[dict[str, Any]]:
        """Give the answers of a list, page by page, each fetched when it is asked for.

        ``params`` as for `call`; a cursor, offset or page number among them is where it begins,
        a size among them is the pages' length. Raises `BadCall` for an API of which the catalogue
        does not say how it pages, and `BadAnswer` for a list that goes round in circles.
        """
        walk = self._walk(path, query, body, items, params, whole=False)
        return self._answers(walk)

    def each(
        self,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        items: str = "",
        **params: Any,
    ) -> AsyncIterator[Any]:
        """Give the rows of a list, over all its pages.

        ``items`` names the list where an answer has several (``result.list``).
        """
        walk = self._walk(path, query, body, items, params, whole=True)
        walk.check_items()
        return self._rows(walk)

    def _walk(
        self,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        items: str,
        params: Mapping[str, Any],
        *,
        whole: bool,
    ) -> Walk:
        style = find_style(path, None, body is not None, whole=whole)
        core = self._core
        return Walk(
            path,
            style,
            lambda asked: core.call(path, style.method, query, body, asked),
            params,
            items,
        )

    async def _answers(self, walk: Walk) -> AsyncIterator[dict[str, Any]]:
        while (flow := walk.next()) is not None:
            answer = await self._driver.run(flow)
            walk.took(answer)
            yield answer

    async def _rows(self, walk: Walk) -> AsyncIterator[Any]:
        async for answer in self._answers(walk):
            for item in walk.items(answer):
                yield item
