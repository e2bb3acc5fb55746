"""For all tests: hypothesis judges what happens, never how long it took on a busy machine; and what
they leave in PostgreSQL goes at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from .store.fixtures import drop_all

settings.register_profile(
    "sanfang",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),  # one's own runs look for more, CI judges the change
)
settings.load_profile("sanfang")


@pytest.fixture(scope="session", autouse=True)
def _no_schema_stays() -> Iterator[None]:
    yield
    drop_all()
