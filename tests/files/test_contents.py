"""Contents on disk: whole or not there, kept once, found again."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanfang.platform.store.files import PIECE, Files, FolderFiles, MemoryFiles, chunks


@pytest.fixture(params=["folder", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return FolderFiles(tmp_path / "media") if request.param == "folder" else MemoryFiles()


def test_what_is_put_is_found_under_its_hash(files: Files) -> None:
    async def run() -> None:
        content = os.urandom(PIECE * 2 + 7)
        stored = await files.put([content[:100], content[100:]])
        assert stored == (hashlib.sha256(content).hexdigest(), len(content))
        found = [piece async for piece in chunks(await files.open(stored.sha256))]
        assert b"".join(found) == content
        assert max(map(len, found)) <= PIECE
        assert await files.put([content]) == stored

    asyncio.run(run())


def test_an_unknown_content_is_not_found(files: Files) -> None:
    with pytest.raises(FileNotFoundError):
        asyncio.run(files.open("0" * 64))


def test_the_same_content_is_kept_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    async def run() -> None:
        files = FolderFiles(tmp_path)
        await asyncio.gather(*(files.put([b"same"]) for _ in range(20)))
        kept = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path.name for path in kept] == [hashlib.sha256(b"same").hexdigest()]
        assert kept[0].stat().st_mode & 0o777 == 0o600

    asyncio.run(run())


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        asyncio.run(FolderFiles(tmp_path).put(broken()))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_drafts_of_a_dead_process_are_removed_and_those_of_a_living_one_are_not(
    tmp_path: Path,
) -> None:
    old, new = tmp_path / ".a.draft", tmp_path / ".b.draft"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    FolderFiles(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)
