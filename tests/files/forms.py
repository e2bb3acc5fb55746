"""Multipart bodies, made by the library that requests uses."""

from __future__ import annotations

from typing import Any

from urllib3.filepost import encode_multipart_formdata

from ..openapi.world import Headers, Reply, World

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def encoded(*parts: tuple[str, Any]) -> tuple[bytes, Headers]:
    body, content_type = encode_multipart_formdata(list(parts))
    return body, [(b"content-type", content_type.encode())]


async def upload(
    world: World, name: str, content: bytes, kind: str = "image", token: str = ""
) -> Reply:
    target = f"/media/upload?type={kind}&access_token={token or world.own}"
    return await world.raw("POST", target, *encoded(("media", (name, content))))


async def fetch(world: World, path: str, media_id: str, token: str = "") -> Reply:
    return await world.get(path, token or world.own, media_id=media_id)
