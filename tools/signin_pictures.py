"""Take the pictures of docs/sign-in.md: each sign-in page, as a person meets it, in headless Chromium.

    PYTHONPATH=src:. python tools/signin_pictures.py

A site (tests/workbench/site.py) is started for it and thrown away afterwards.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from tests.workbench.conftest import ARGUMENTS, CHROMIUM  # noqa: E402
from tests.workbench.signin_client import CORP, OAUTH, QR, SNS, address  # noqa: E402
from tests.workbench.site import Site, a_site  # noqa: E402

from sanfang.platform.domain import contacts, corps, signin_apps  # noqa: E402

FOLDER = ROOT / "docs" / "images"
LI = "李四"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with a_site() as site, sync_playwright() as playwright:
        _furnish(site)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        _persons_and_consent(site, browser)
        _codes(site, browser)
        _refusal(site, browser)
        browser.close()


def _furnish(site: Site) -> None:
    """A person of two corps, a web site with an open app."""
    other = site.run(corps.create_corp(site.core, "分公司"))
    for corp_id in (site.corp_id, other.corp_id):
        made = contacts.create_member(
            site.core, corp_id, name="赵六", userid="zhao", mobile="13900000006"
        )
        site.run(made)
    host = urlsplit(site.app.origin).netloc
    site.run(signin_apps.set_hosts(site.core, site.app_key, [host]))


def _persons_and_consent(site: Site, browser: Browser) -> None:
    page = _page(browser)
    page.goto(_oauth(site))
    _shoot(page, "signin-people")
    page.get_by_role("button", name="赵六").first.click()
    _shoot(page, "signin-consent")
    page.context.close()


def _codes(site: Site, browser: Browser) -> None:
    host = urlsplit(site.app.origin).netloc
    app = site.run(signin_apps.create_open_app(site.core, "示例网站", [host]))
    fields = {"appid": app.app_id, "response_type": "code", "scope": "snsapi_login"}
    fields |= {"state": "S1", "redirect_uri": f"{site.app.origin}/back"}
    page = _page(browser)
    page.goto(site.url + address(QR, **fields))
    _shoot(page, "signin-qr")
    goto = quote(site.url + address(SNS, **fields), safe="")
    site.pages["/login"] = (
        '<!doctype html><meta charset="utf-8"><body style="font:18px sans-serif;padding:2rem">'
        "<h1>示例网站</h1><p>用钉钉登录：</p><div id=box></div>"
        f'<script src="{site.url}/dingding/dinglogin/0.0.5/ddLogin.js"></script>'
        f'<script>DDLogin({{ id: "box", goto: "{goto}", width: "365", height: "400",'
        ' style: "border:1px solid #ccc" })</script>'
    )
    embedding = _page(browser)
    embedding.goto(f"{site.app.origin}/login")
    frame = embedding.frames[1]
    frame.wait_for_selector("svg")
    _shoot(embedding, "signin-embedded")
    phone = _page(browser, 390)
    phone.goto(str(frame.locator("#scan").get_attribute("href")))
    phone.get_by_role("button", name=LI).click()
    _shoot(phone, "signin-scan")
    for each in (page, embedding, phone):
        each.context.close()


def _refusal(site: Site, browser: Browser) -> None:
    page = _page(browser)
    fields = {"appid": site.corp_id, "response_type": "code", "scope": "snsapi_base"}
    fields |= {"state": "S1", "redirect_uri": "https://other.example.com/home"}
    page.goto(site.url + address(CORP, **fields))
    _shoot(page, "signin-refused")
    page.context.close()


def _oauth(site: Site) -> str:
    fields = {"client_id": site.app_key, "response_type": "code", "scope": "openid corpid"}
    fields |= {"prompt": "consent", "state": "S1", "redirect_uri": f"{site.app.origin}/back"}
    return site.url + address(OAUTH, **fields)


def _page(browser: Browser, width: int = 640) -> Page:
    viewport = {"width": width, "height": 600}
    return browser.new_context(viewport=viewport, locale="zh-CN").new_page()  # type: ignore[arg-type]


def _shoot(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
    sys.stdout.write(f"docs/images/{name}.png\n")


if __name__ == "__main__":
    main()
