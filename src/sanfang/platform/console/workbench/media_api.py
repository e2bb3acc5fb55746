"""Files a member adds in the workbench, and pictures, voices and files of messages.

An upload belongs to the app in whose page it was made, as if the app had uploaded it, so that the
app's server can use its media_id. The body is the file itself; its name and kind are in the query.
"""

from __future__ import annotations

import mimetypes
from tempfile import SpooledTemporaryFile
from typing import cast
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...domain import frames, media
from ...domain.core import Core
from ...domain.model import Identity
from .asking import Fault, answer, bad, caller, origin_of, query

LARGEST = 20 << 20  # bytes; more than a message takes, since the drive takes them too
_IN_MEMORY = 1 << 18
# What a browser may show; everything else is saved, never rendered on our origin.
_SHOWN = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"),
        *("audio/amr", "audio/mpeg", "audio/wav", "audio/x-wav", "audio/webm", "audio/ogg"),
        *("video/mp4", "video/webm"),
    }
)


async def upload(core: Core, request: Request) -> Response:
    """``POST /api/media?frame=&name=&kind=``: keep a file; ``{media_id, url, size}``."""
    who = await caller(core, request)
    frame = await frames.get_frame(core, who.token, query(request, "frame", most=64))
    kind = query(request, "kind", most=10) or "image"
    if kind not in ("image", "voice", "video", "file"):
        raise bad("kind", "应为 image、voice、video 或 file", "it is image, voice, video or file")
    name = query(request, "name", most=200).replace("/", "_") or "upload"
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    identity = Identity("user", corp_id=who.desk.corp_id, app_key=frame.owner_key)
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                raise Fault(
                    413,
                    f"文件最大 {LARGEST >> 20} MB。",
                    f"A file has at most {LARGEST >> 20} MB.",
                )
            file.write(piece)
        if not size:
            raise media.empty(name)
        kept = await media.keep(core, identity, cast(media.Kind, kind), name, guessed, file)
    path = f"/api/media/{quote(kept.media_id, safe='')}"
    return answer(
        {
            "media_id": kept.media_id,
            "url": origin_of(core, request) + path,
            "name": name,
            "size": kept.size,
        }
    )


async def download(core: Core, request: Request) -> Response:
    """``GET /api/media/{media_id}``: to members of the corp it was uploaded in."""
    who = await caller(core, request)
    found, pieces = await media.open_in_corp(
        core, who.desk.corp_id, request.path_params["media_id"][:100]
    )
    shown = found.content_type in _SHOWN
    disposition = "inline" if shown else "attachment"
    return StreamingResponse(
        pieces,
        headers={
            "content-type": found.content_type if shown else "application/octet-stream",
            "content-length": str(found.size),
            "content-disposition": f"{disposition}; filename*=UTF-8''{quote(found.filename, safe='')}",
            "content-security-policy": "default-src 'none'; sandbox",
            "cross-origin-resource-policy": "same-site",  # pages of apps show it
            "cache-control": "private, max-age=3600",
        },
    )
