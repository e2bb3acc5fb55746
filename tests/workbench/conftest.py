"""The running site and the browser that tests of the workbench share."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .site import Site, a_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("SANFANG_CHROMIUM", "/usr/bin/chromium")
REQUIRED = os.environ.get("SANFANG_REQUIRE_BROWSER") == "1"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def running_site() -> Iterator[Site]:
    with a_site() as one:
        yield one


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    """The site all tests share; the app's pages and what it was asked are this test's own."""
    running_site.pages.clear()
    running_site.app.requests.clear()
    yield running_site
    running_site.pages.clear()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium; ``*.localhost`` is loopback to it. Make a context or page per test."""
    if not Path(CHROMIUM).exists() and shutil.which(CHROMIUM) is None:
        if REQUIRED:
            pytest.fail(f"there is no Chromium at {CHROMIUM}, and SANFANG_REQUIRE_BROWSER=1")
        pytest.skip(f"needs Chromium at {CHROMIUM} (SANFANG_CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield one
        one.close()


@pytest.fixture(autouse=True)
def _own_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests without a browser use asyncio.run while Playwright's loop waits for its next turn."""
    if "browser" in request.fixturenames:
        yield
        return
    others = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(others)
