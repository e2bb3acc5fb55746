"""The official clients and the bare host. Browser and site come from the folder above."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..conftest import REQUIRED
from . import bundles
from .bare_host import BareHost


@pytest.fixture(scope="session")
def clients() -> dict[str, bytes]:
    """The official clients by bundle name."""
    try:
        return bundles.bundles()
    except bundles.BundlingError as problem:
        if REQUIRED:
            raise
        pytest.skip(f"the official clients cannot be had: {problem}")


@pytest.fixture(scope="package")
def bare(clients: dict[str, bytes]) -> Iterator[BareHost]:
    """The host of the bridge-only tests."""
    host = BareHost(clients)
    yield host
    host.close()
