"""Every test of signing in runs on both kinds of stores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..domain import world


@pytest.fixture(params=world.KINDS, scope="package", autouse=True)
def kind(request: pytest.FixtureRequest) -> Iterator[None]:
    world.KIND[0] = request.param
    yield
    world.KIND[0] = world.KINDS[0]
