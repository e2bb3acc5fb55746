"""All stores keep the obligations that `sanfang.client.stores.conformance` writes down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sanfang.client import MemorySuites, MemoryTokens
from sanfang.client.stores import SealedStore
from sanfang.client.stores.conformance import SuiteStoreTests, TokenStoreTests

from .places import KINDS, opened, place


class TestMemoryTokens(TokenStoreTests):
    @pytest.fixture
    def open_store(self) -> Callable[[], MemoryTokens]:
        store = MemoryTokens()
        return lambda: store


class TestMemorySuites(SuiteStoreTests):
    @pytest.fixture
    def open_store(self) -> Callable[[], MemorySuites]:
        store = MemorySuites()
        return lambda: store


class TestDurableStores(TokenStoreTests, SuiteStoreTests):
    @pytest.fixture(params=KINDS)
    def open_store(
        self, request: pytest.FixtureRequest, tmp_path: Path
    ) -> Iterator[Callable[[], Any]]:
        stores: list[Any] = []
        with place(request.param, tmp_path) as address:

            def open_one() -> Any:
                stores.append(opened(address))
                return stores[-1]

            yield open_one
            for store in stores:
                store.close()


class TestSealedStore(TokenStoreTests, SuiteStoreTests):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Iterator[Callable[[], Any]]:
        stores: list[SealedStore] = []
        with place("sqlite", tmp_path) as address:

            def open_one() -> SealedStore:
                stores.append(SealedStore(opened(address), b"k" * 32))
                return stores[-1]

            yield open_one
            for store in stores:
                store.close()
