"""Media: files an app uploads and names by a media_id, which only that app in that corp can use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO, Literal

import msgspec

from ..store import files
from ..store.ports import Tx
from ..store.queries import media as rows_of
from . import media_rules, secrets
from .core import Core
from .model import Identity
from .refusals import Refusal

# What ids of each kind begin with on the real platform; nothing may rely on it.
_PREFIXES = {"image": "@lAL", "voice": "@lAT", "video": "@lAX", "file": "@lAz", "drive": "$iAE"}

Kind = Literal["image", "voice", "video", "file", "drive"]


class Media(msgspec.Struct, frozen=True):
    """``kind`` drive: uploaded for the drive (/file/upload/*), without limits of a message."""

    media_id: str
    owner_key: str
    kind: str
    filename: str
    content_type: str
    sha256: str
    size: int
    created_at: int


def owner_of(identity: Identity) -> str:
    """Return the key of the app behind a token: what its files belong to."""
    return identity.suite_key or identity.app_key


async def upload(
    core: Core, identity: Identity, *, kind: str, filename: str, content_type: str, file: IO[bytes]
) -> Media:
    """Keep an upload.

    Refuses 40004 (kind), 40005 (extension), 40006 (too large for its kind), 44001 (empty), 45007
    (a voice longer than a minute).
    """
    media_rules.check_kind(kind)
    media_rules.check_name(kind, filename)
    size = file.seek(0, 2)
    if not size:
        raise empty(filename)
    media_rules.check_size(core, kind, size)
    if kind == "voice":
        file.seek(0)
        media_rules.check_voice(file.read())
    return await keep(core, identity, kind, filename, content_type, file)


async def keep(
    core: Core, identity: Identity, kind: str, filename: str, content_type: str, file: IO[bytes]
) -> Media:
    """Keep a file without looking at it."""
    stored = await core.files.put(files.pieces(file))
    return await add(core, identity, kind, filename, content_type, stored)


async def add(
    core: Core,
    identity: Identity,
    kind: str,
    filename: str,
    content_type: str,
    stored: files.Stored,
    *,
    finished: str = "",
) -> Media:
    """Give a kept content a media_id; ``finished`` is the key of the upload it came by."""
    media = Media(
        _PREFIXES[kind] + secrets.secret()[:40],
        owner_of(identity),
        *(kind, filename, content_type, stored.sha256, stored.size, core.clock.now()),
    )

    async def body(tx: Tx) -> None:
        await tx.run(
            rows_of.INSERT,
            *(media.media_id, identity.corp_id, media.owner_key, media.kind, media.filename),
            *(media.content_type, media.sha256, media.size, media.created_at),
        )
        if finished:
            await tx.run(rows_of.DELETE_PARTS, finished)
            await tx.run(rows_of.DELETE_UPLOAD, finished)

    await core.durable.transact(body)
    return media


async def get(core: Core, identity: Identity, media_id: str) -> Media:
    """Return what an app uploaded in its corp; refuse 40007 for everything else."""
    row = await core.durable.one(rows_of.BY_ID, media_id, identity.corp_id)
    if row is None or row[1] != owner_of(identity):
        raise unknown(media_id)
    return Media(*row)


async def open_media(
    core: Core, identity: Identity, media_id: str
) -> tuple[Media, AsyncIterator[bytes]]:
    """Return an upload and its content, piece by piece; refuse 40007."""
    return await _opened(core, await get(core, identity, media_id))


async def open_in_corp(
    core: Core, corp_id: str, media_id: str
) -> tuple[Media, AsyncIterator[bytes]]:
    """Return an upload of any app of a corp, as members see it in messages; refuse 40007."""
    row = await core.durable.one(rows_of.BY_ID, media_id, corp_id)
    if row is None:
        raise unknown(media_id)
    return await _opened(core, Media(*row))


async def _opened(core: Core, media: Media) -> tuple[Media, AsyncIterator[bytes]]:
    try:
        return media, files.chunks(await core.files.open(media.sha256))
    except FileNotFoundError:
        raise Refusal(
            40007,
            "该媒体文件的内容已不在本平台（没有数据目录时，重启后内容即丢失）；请重新上传。",
            "The content of this media is no longer here (without a data folder a restart loses it);"
            " upload it again.",
        ) from None


def empty(filename: str) -> Refusal:
    return Refusal(44001, f"文件 {filename[:80]!r} 是空的。", f"{filename[:80]!r} is empty.")


def unknown(media_id: str) -> Refusal:
    return Refusal(
        40007,
        f"没有媒体文件 {media_id[:12]}…；media_id 只能由上传它的应用在同一企业内使用。",
        f"There is no media {media_id[:12]!r}...; only the app that uploaded it can use it, in the"
        " same corp.",
    )
