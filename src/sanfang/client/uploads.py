"""Uploads: flows without I/O of their own, from a file to the platform, as forms.

Documents: media upload, file upload. Limits of media: docs/files.md (tokens-and-limits.md 7.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from .calls import fill
from .errors import BadAnswer, BadCall
from .files import Content, Progress, Source, form
from .storages import quiet, time_for
from .wire import Flow, InStore

if TYPE_CHECKING:
    from .core import Core

CHUNK = 8 * 1024 * 1024
"""Bytes of one chunk of `upload_chunks`."""

_MB = 1024 * 1024

MEDIA: dict[str, tuple[int, frozenset[str]]] = {
    "image": (1 * _MB, frozenset({"jpg", "jpeg", "png", "gif", "bmp"})),
    "voice": (2 * _MB, frozenset({"amr", "mp3", "wav"})),
    "video": (10 * _MB, frozenset({"mp4"})),
    "file": (
        10 * _MB,
        frozenset({"doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar"}),
    ),
}
"""What each type of media may be: its bytes, and the extensions of its files."""


def opened(file: Source, name: str) -> Flow[Content]:
    """Open a file where that may block: a pipe is read to its end first."""
    content: Content = yield InStore(lambda: Content(file, name))
    return content


def media_type(name: str) -> str:
    """Return the type of media that a file's extension belongs to; raise `BadCall`."""
    extension = name.rpartition(".")[2].lower()
    for kind, (_, extensions) in MEDIA.items():
        if extension in extensions:
            return kind
    raise BadCall(
        f"{name[-80:]!r} 的扩展名不属于任何媒体类型，请指明 type"
        f" / the extension belongs to no type of media; say type=: {_all_extensions()}"
    )


def _all_extensions() -> str:
    return "; ".join(f"{kind}: {' '.join(sorted(known))}" for kind, (_, known) in MEDIA.items())


def check_media(kind: str, name: str, size: int) -> None:
    """Refuse what the platform would refuse with 40004, 40005, 40006 or 44001."""
    if kind not in MEDIA:
        raise BadCall(f"type 应为 {'、'.join(MEDIA)} / type is one of them: {kind!r:.40}")
    most, extensions = MEDIA[kind]
    if not size:
        raise BadCall(f"{name or 'media'}: 文件是空的 (44001) / the file is empty")
    if size > most:
        raise BadCall(
            f"{name or 'media'}: {kind} 最大 {most} 字节，文件有 {size} 字节 (40006)"
            f" / a {kind} has at most {most} bytes, the file has {size}"
        )
    if name.rpartition(".")[2].lower() not in extensions:
        raise BadCall(
            f"{name[-80:]!r}: {kind} 的扩展名应为 {' '.join(sorted(extensions))} (40005)"
            f" / the extension of a {kind} is one of these"
        )


def upload_media(
    core: Core,
    file: Source,
    kind: str | None,
    name: str,
    progress: Progress | None,
    check: bool,
    timeout: float | None,
) -> Flow[dict[str, Any]]:
    """Upload a media file."""
    content = yield from opened(file, name)
    try:
        kind = kind or media_type(content.name)
        if check:
            check_media(kind, content.name, content.size)
        return (
            yield from _send_form(
                core, "media/upload", content, {"type": kind}, "media", progress, timeout
            )
        )
    finally:
        content.close()


def upload_form(
    core: Core,
    path: str,
    file: Source,
    params: Mapping[str, Any],
    name: str,
    progress: Progress | None,
    timeout: float | None,
) -> Flow[dict[str, Any]]:
    """Call an API that takes a file as a form; the catalogue knows the name of its field."""
    plan = core.settings.planner.plan(path, "POST", True)
    content = yield from opened(file, name)
    try:
        field = next((n for n, place in plan.places.items() if n in ("media", "file")), "media")
        given = {n: v for n, v in params.items() if n != field}
        return (yield from _send_form(core, path, content, given, field, progress, timeout))
    finally:
        content.close()


def _send_form(
    core: Core,
    path: str,
    content: Content,
    params: Mapping[str, Any],
    field: str,
    progress: Progress | None,
    timeout: float | None,
    part: tuple[int, int] | None = None,
) -> Flow[dict[str, Any]]:
    """Send the content, or the ``part`` of it from an offset over a length, as a form.

    A part has a number, so the same one may go twice; a whole file would be there twice.
    """
    import mimetypes

    kind = mimetypes.guess_type(content.name)[0] or "application/octet-stream"
    offset, length = part or (0, content.size)
    body, content_type = form(content, field, kind, offset, length)
    if progress is not None:
        body.moved = lambda done: progress(offset + done, content.size)
    plan = core.settings.planner.plan(path, "POST", True)
    call = fill(plan, params, {}, {})
    headers = {**call.headers, "Content-Type": content_type}
    call = replace(call, body=body, headers=headers, safe=part is not None)
    limit = time_for(length, timeout)
    return (
        yield from core.exchange(
            call, lambda request: replace(request, timeout=limit, read=quiet(core, limit))
        )
    )


def upload_chunks(
    core: Core,
    file: Source,
    agent_id: str | int,
    name: str,
    part_size: int,
    progress: Progress | None,
    timeout: float | None,
) -> Flow[dict[str, Any]]:
    """Upload a file in numbered chunks: open a transaction, send them, commit."""
    if part_size < 1:
        raise BadCall(f"part_size 应为正数 / part_size must be above 0: {part_size}")
    content = yield from opened(file, name)
    try:
        if not content.size:
            raise BadCall(f"{content.name or 'file'}: 文件是空的 (44001) / the file is empty")
        offsets = range(0, content.size, part_size)
        whole = {
            "file_size": content.size,
            "agent_id": str(agent_id),
            "chunk_numbers": len(offsets),
        }
        path = "file/upload/transaction"
        begun = yield from core.call(path, "GET", whole)
        upload_id = begun.get("upload_id")
        if not isinstance(upload_id, str) or not upload_id:
            text = "应答中没有 upload_id / the answer has no upload_id"
            raise BadAnswer("shape", text, api=path, status=200)
        for number, offset in enumerate(offsets, 1):
            params = {
                "upload_id": upload_id,
                "agent_id": str(agent_id),
                "chunk_sequence": number,
            }
            part = (offset, min(part_size, content.size - offset))
            yield from _send_form(
                core, "file/upload/chunk", content, params, "file", progress, timeout, part
            )
        return (yield from core.call(path, "GET", {**whole, "upload_id": upload_id}, safe=False))
    finally:
        content.close()
