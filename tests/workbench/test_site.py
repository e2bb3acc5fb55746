"""The site itself stands."""

from __future__ import annotations

import asyncio

from playwright.sync_api import Browser

from .apart import Apart
from .site import Site


def test_the_platform_and_the_app_answer(site: Site, browser: Browser) -> None:
    site.pages["/"] = "<title>hello</title>"
    page = browser.new_page()
    page.goto(f"{site.app.origin}/?a=b")
    assert page.title() == "hello"
    assert "/?a=b" in site.app.targets()
    assert site.send(site.url, "/gettoken").json["errcode"] != 0
    page.close()


def test_loops_of_ones_own_may_run_beside_the_browser(site: Site) -> None:
    assert asyncio.run(_seven()) == 7
    assert site.run(_seven()) == 7


def test_a_loop_apart_outlives_what_playwright_does(browser: Browser) -> None:
    """A fixture of a module is set up while Playwright's loop counts as running."""
    with Apart() as one:
        browser.new_context().close()
        assert one.run(_seven()) == 7


async def _seven() -> int:
    return 7
