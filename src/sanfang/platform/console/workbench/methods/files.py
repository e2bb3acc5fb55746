"""Files of a page: downloads that the platform fetches, uploads that it sends to the app's server."""

from __future__ import annotations

from typing import Any

from ....domain import media
from . import Invocation
from .admitting import completes, in_browser, serves
from .drive import identity_of
from .fetching import fetched, send

in_browser("biz.util.downloadFile", "biz.util.downLoadFile")


@completes("biz.util.downloadFile", "biz.util.downLoadFile")
async def download(call: Invocation, _: Any) -> dict[str, Any]:
    """Fetch the file once; the browser then takes it from here, with progress."""
    async with fetched(call, call.params["url"]) as found:
        name = call.params.get("name") or found.name
        kept = await media.keep(
            *(call.core, identity_of(call), "drive"),
            *(name[:200], found.content_type, found.file),
        )
    return {"media_id": kept.media_id, "name": kept.filename, "size": kept.size}


@serves("biz.util.uploadFile")
async def upload(call: Invocation) -> dict[str, Any]:
    """Send a file that was chosen before to the app's own server."""
    fields = call.params.get("formData") or {}
    return await send(
        call,
        call.params["url"],
        call.params["filePath"],
        call.params.get("fileName", ""),
        {str(name)[:100]: str(value)[:10_000] for name, value in list(fields.items())[:50]},
    )
