"""Uploads in parts: begun, filled by signed addresses or /file/upload/chunk, put together at the end."""

from __future__ import annotations

from typing import IO

import msgspec

from ..store import files
from ..store.ports import Tx
from ..store.queries import media as rows_of
from . import secrets
from .core import Core
from .media import owner_of
from .model import Identity
from .refusals import Refusal

MOST_PARTS = 10_000


class Upload(msgspec.Struct, frozen=True):
    """``expected_size`` -1 and ``parts`` 0: not told."""

    key: str
    owner_key: str
    space_no: int
    expected_size: int
    parts: int
    created_at: int


async def begin(
    core: Core, identity: Identity, *, space_no: int = 0, size: int = -1, parts: int = 0
) -> str:
    """Begin an upload and return its key; refuse 40006 and 40035 for a size or number of parts that
    cannot be.
    """
    if size > core.settings.drive_upload_bytes:
        raise too_large(core, size)
    if not 0 <= parts <= MOST_PARTS:
        raise _refusal(
            40035, f"块数应为 1 到 {MOST_PARTS}。", f"There are 1 to {MOST_PARTS} parts."
        )
    key = "#iAE" + secrets.secret()[:40]

    async def body(tx: Tx) -> None:
        await tx.run(
            rows_of.INSERT_UPLOAD,
            *(key, identity.corp_id, owner_of(identity), space_no, size, parts, core.clock.now()),
        )

    await core.durable.transact(body)
    return key


async def get(core: Core, identity: Identity, key: str) -> Upload:
    """Return an upload under way; refuse 40035 (paramError.uploadKey)."""
    row = await core.durable.one(rows_of.UPLOAD, key, identity.corp_id)
    if row is None or row[1] != owner_of(identity):
        raise _unknown(key)
    return Upload(*row)


async def put_part(core: Core, key: str, part: int, content: IO[bytes]) -> files.Stored:
    """Keep one part; the same part again replaces it. Refuses 40035 when the upload is finished."""
    stored = await core.files.put(files.pieces(content))

    async def body(tx: Tx) -> None:
        if await tx.one(rows_of.LOCK_UPLOAD, key) is None:
            raise _unknown(key)
        await tx.run(rows_of.PUT_PART, key, part, stored.sha256, stored.size)

    await core.durable.transact(body)
    return stored


async def content(core: Core, identity: Identity, key: str) -> files.Stored:
    """Put the parts together; refuse 40035 naming a missing part, 40006 for another size than told."""
    upload = await get(core, identity, key)
    parts = await core.durable.all(rows_of.PARTS, key)
    numbers = [int(row[0]) for row in parts]
    wanted = list(range(1, max(upload.parts or len(parts), 1) + 1))
    if numbers != wanted:
        lacking = next((n for n in wanted if n not in set(numbers)), wanted[0])
        raise _refusal(
            40035,
            f"第 {lacking} 块还没有上传。",
            f"Part {lacking} has not been uploaded.",
        )
    size = sum(int(row[2]) for row in parts)
    if upload.expected_size not in (-1, size):
        raise other_size(upload.expected_size, size)
    if len(parts) == 1:
        return files.Stored(str(parts[0][1]), size)
    return await core.files.join([str(row[1]) for row in parts])


async def forget(tx: Tx, key: str) -> None:
    """Remove an upload that is finished."""
    await tx.run(rows_of.DELETE_PARTS, key)
    await tx.run(rows_of.DELETE_UPLOAD, key)


def other_size(told: int, came: int) -> Refusal:
    return _refusal(
        40006,
        f"声明的大小是 {told} 字节，收到 {came} 字节。",
        f"{told} bytes were announced, {came} came.",
    )


def too_large(core: Core, size: int) -> Refusal:
    most = core.settings.drive_upload_bytes
    return _refusal(
        40006,
        f"文件最大 {most} 字节，这个有 {size} 字节。",
        f"A file has at most {most} bytes, this one {size}.",
    )


def _unknown(key: str) -> Refusal:
    return _refusal(
        40035,
        f"没有进行中的上传 {key[:12]}…；可能已提交，或由另一个应用开始。",
        f"There is no upload {key[:12]!r}... under way; it may be finished, or another app's.",
    )


def _refusal(code: int, zh: str, en: str) -> Refusal:
    return Refusal(code, zh, en, facts={"v1": "paramError.uploadKey"})
