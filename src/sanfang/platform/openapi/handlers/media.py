"""Media: upload and download."""

from __future__ import annotations

from typing import Any

from ...domain import media
from .. import reasons
from ..handling import Binary, Call, handler
from ..multipart import Upload


@handler("oapi_media_upload_post", judges=("type",))
async def upload(call: Call) -> dict[str, Any]:
    file: Upload = call.args["media"]
    made = await media.upload(
        call.core,
        call.identity,
        kind=call.args["type"],
        filename=file.filename,
        content_type=file.content_type,
        file=file.file,
    )
    return {"type": made.kind, "media_id": made.media_id, "created_at": made.created_at}


@handler("oapi_media_get_get", kinds=("internal", "isv_corp"))
async def get(call: Call) -> Binary:
    return await _download(call)


@handler("oapi_media_download_file_get", types={"media_id": "string"})
async def download_file(call: Call) -> Binary:
    return await _download(call)


async def _download(call: Call) -> Binary:
    media_id = call.args.get("media_id")
    if not media_id:
        raise reasons.missing(41006, "media_id")
    found, content = await media.open_media(call.core, call.identity, media_id)
    return Binary(found.content_type, found.filename, found.size, content)
