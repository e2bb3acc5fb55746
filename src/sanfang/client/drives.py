"""Uploads to the drive: a signed address is asked for, the content is put there, and committed.

Documents: storage API, upload infos (of both versions), multi-part upload infos, commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .errors import AnswerCutShort, BadAnswer, BadCall, TransportFailed
from .files import Content, Progress, Source
from .storages import (
    GATEWAY,
    checked_url,
    quiet,
    safe_headers,
    secrets_of,
    signed_address,
    storage_refusal,
    time_for,
    upload_key,
)
from .uploads import opened
from .wire import Flow, Pause, Request, Response

if TYPE_CHECKING:
    from .core import Core

PART = 16 * 1024 * 1024
"""Bytes of one part of an upload in parts; larger when there would be over 10 000 of them."""

IN_PARTS = 64 * 1024 * 1024
"""Bytes over which a file goes to the drive in parts."""

_MOST_PARTS = 10_000
_ANSWER_LIMIT = 65_536
_PROTOCOL = {"protocol": "HEADER_SIGNATURE"}


def upload_file(
    core: Core,
    space_id: str | int,
    parent_id: str | int,
    file: Source,
    union_id: str,
    name: str,
    conflict: str | None,
    part_size: int | None,
    progress: Progress | None,
    timeout: float | None,
) -> Flow[dict[str, Any]]:
    """Put a file into a space: address, content, commit. Returns the dentry's record."""
    content = yield from opened(file, name)
    try:
        _check(content, part_size)
        known = {"size": content.size, "name": content.name, "parentId": str(parent_id)}
        option = {"storageDriver": "DINGTALK", "preCheckParam": known}
        ids = {"spaceId": str(space_id), "unionId": union_id}
        if content.size == 0 or (part_size is None and content.size <= IN_PARTS):
            path = "/v1.0/storage/spaces/{spaceId}/files/uploadInfos/query"
            body = {**_PROTOCOL, "multipart": False, "option": option}
            key = yield from _put_whole(core, content, path, ids, body, progress, timeout)
        else:
            key = yield from _put_parts(
                core, content, ids, option, part_size or PART, progress, timeout
            )
        path = "/v1.0/storage/spaces/{spaceId}/files/commit"
        more = {"parentId": str(parent_id)}
        return (yield from _commit(core, content, path, ids, key, more, conflict))
    finally:
        content.close()


def upload_to_folder(
    core: Core,
    folder_uuid: str,
    file: Source,
    union_id: str,
    name: str,
    conflict: str | None,
    progress: Progress | None,
    timeout: float | None,
) -> Flow[dict[str, Any]]:
    """Put a file into a folder that is named by its uuid, as the second version of the API does."""
    content = yield from opened(file, name)
    try:
        _check(content, None)
        ids = {"parentDentryUuid": folder_uuid, "unionId": union_id}
        known = {"size": content.size, "name": content.name}
        body = {**_PROTOCOL, "option": {"storageDriver": "DINGTALK", "preCheckParam": known}}
        path = "/v2.0/storage/spaces/files/{parentDentryUuid}/"
        key = yield from _put_whole(
            core, content, f"{path}uploadInfos/query", ids, body, progress, timeout
        )
        return (yield from _commit(core, content, f"{path}commit", ids, key, {}, conflict))
    finally:
        content.close()


def _check(content: Content, part_size: int | None) -> None:
    if not content.name:
        raise BadCall("请给出文件名 name / the file needs a name")
    if part_size is not None and part_size < 1:
        raise BadCall(f"part_size 应为正数 / part_size must be above 0: {part_size}")


def _commit(
    core: Core,
    content: Content,
    path: str,
    ids: Mapping[str, str],
    key: str,
    more: Mapping[str, Any],
    conflict: str | None,
) -> Flow[dict[str, Any]]:
    option: dict[str, Any] = {"size": content.size}
    if conflict is not None:
        option["conflictStrategy"] = conflict
    body = {"uploadKey": key, "name": content.name, **more, "option": option}
    answer = yield from core.call(path, "POST", None, body, ids)
    dentry = answer.get("dentry")
    return dentry if isinstance(dentry, dict) else answer


def _put_whole(
    core: Core,
    content: Content,
    path: str,
    ids: Mapping[str, str],
    body: Mapping[str, Any],
    progress: Progress | None,
    timeout: float | None,
) -> Flow[str]:
    # Asking for an address changes nothing; one that is not used is forgotten.
    answer = yield from core.call(path, "POST", None, body, ids, safe=True)
    address = signed_address(answer.get("headerSignatureInfo"), path)
    yield from _put(core, address, content, 0, content.size, progress, timeout)
    return upload_key(answer, path)


def _put_parts(
    core: Core,
    content: Content,
    ids: Mapping[str, str],
    option: Mapping[str, Any],
    part_size: int,
    progress: Progress | None,
    timeout: float | None,
) -> Flow[str]:
    init = "/v1.0/storage/spaces/{spaceId}/files/multiPartUploadInfos/init"
    begun = yield from core.call(init, "POST", None, {"option": option}, ids, safe=True)
    key = upload_key(begun, init)
    path = "/v1.0/storage/spaces/files/multiPartUploadInfos/query"
    size = max(part_size, -(-content.size // _MOST_PARTS))
    for number, offset in enumerate(range(0, content.size, size), 1):
        # One address at a time: they live some minutes, a large file takes longer.
        body = {"uploadKey": key, "partNumbers": [number]}
        asked = {"unionId": ids["unionId"]}
        answer = yield from core.call(path, "POST", None, body, asked, safe=True)
        infos = answer.get("multipartHeaderSignatureInfos")
        info = infos[0] if isinstance(infos, list) and infos else None
        signed = info.get("headerSignatureInfo") if isinstance(info, dict) else None
        address = signed_address(signed, path)
        length = min(size, content.size - offset)
        yield from _put(core, address, content, offset, length, progress, timeout)
    return key


def _put(
    core: Core,
    address: tuple[str, Mapping[str, str]],
    content: Content,
    offset: int,
    length: int,
    progress: Progress | None,
    timeout: float | None,
) -> Flow[None]:
    """Put a piece of the content where it was told to go; the same bytes may go there twice."""
    url, headers = checked_url(core, address[0]), safe_headers(address[1])
    # Signatures cover Content-Type: there is none unless it is among the headers that were given.
    pauses = core.settings.retries.pauses
    limit = time_for(length, timeout)
    body = content.part(offset, length)
    if progress is not None:
        body.moved = lambda done: progress(offset + done, content.size)
    for tries in range(len(pauses) + 1):
        request = Request(
            "PUT",
            url,
            headers,
            body,
            limit,
            _ANSWER_LIMIT,
            urlsplit(url).netloc,
            secrets_of(url, headers),
            read=quiet(core, limit),
        )
        try:
            response: Response = yield request
            if 200 <= response.status < 300:
                return
            raise storage_refusal(request, response)
        except (TransportFailed, AnswerCutShort, BadAnswer) as error:
            if tries == len(pauses) or not (
                isinstance(error, (AnswerCutShort, TransportFailed)) or error.status in GATEWAY
            ):
                raise
        yield Pause(pauses[tries])
