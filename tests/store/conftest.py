"""Every test of a port runs on every engine behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sanfang.platform.store import disk, open_durable, open_hot
from sanfang.platform.store.ports import Durable, Hot

from .fixtures import HOTS, durable_address, hot_address

SCHEMA = Path(__file__).parent / "schema"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["sqlite", "sqlite on a slow disk", "sqlite in memory", "postgres"])
def durable_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    kind = request.param
    if kind == "sqlite on a slow disk":
        monkeypatch.setattr(disk, "SLOW", 0.0)  # every commit goes to the thread
    if kind == "sqlite in memory":
        yield ":memory:"
    else:
        with durable_address(kind.split(" ", maxsplit=1)[0], tmp_path, blank=True) as address:
            yield address


@pytest.fixture
async def durable(durable_url: str) -> AsyncIterator[Durable]:
    """A store with the table of schema/0001_shelf.sql."""
    store = await open_durable(durable_url, folder=SCHEMA)
    yield store
    await store.close()


@pytest.fixture(params=HOTS)
def hot_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with hot_address(request.param, tmp_path) as address:
        yield address


@pytest.fixture
async def hot(hot_url: str) -> AsyncIterator[Hot]:
    store = await open_hot(hot_url)
    yield store
    await store.close()
