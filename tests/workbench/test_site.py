"""The site itself stands."""

from __future__ import annotations

import asyncio

from playwright.sync_api import Browser

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
    async def nothing() -> int:
        return 7

    assert asyncio.run(nothing()) == 7
    assert site.run(nothing()) == 7
