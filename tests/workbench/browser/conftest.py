"""The official clients and the bare host. Browser and site come from the folder above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ..conftest import REQUIRED
from ..site import Site
from . import bundles
from .app import App
from .bare_host import BareHost
from .bench import bench, stranger

__all__ = ["bench", "stranger"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .driving import Desk


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


@pytest.fixture
def app(site: Site, clients: dict[str, bytes]) -> App:
    """The app behind the site's micro-app, with pages of its own for each test."""
    return App(site, clients)


@pytest.fixture(scope="module")
def open_desk(running_site: Site, browser: Browser, clients: dict[str, bytes]) -> Iterator[Desk]:
    """The administrator's workbench, opened once: most tests only open the app in it."""
    from .driving import Desk

    with Desk(running_site, browser) as one:
        yield one


@pytest.fixture
def desk(open_desk: Desk, app: App) -> Iterator[Desk]:
    """The administrator at the workbench, with nothing open and nothing called yet."""
    open_desk.clear()
    yield open_desk
    assert not open_desk.problems, open_desk.problems
