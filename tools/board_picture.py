"""Take docs/images/board.png: the sample micro-app in the workbench, as `sanfang demo` leaves it.

Needs Chromium (SANFANG_CHROMIUM, /usr/bin/chromium) and Playwright, both of the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "board.png"
CHROMIUM = os.environ.get("SANFANG_CHROMIUM", "/usr/bin/chromium")


def take(address: str) -> None:
    """Open the board at the workbench, check in, and take the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(locale="zh-CN", viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.get_by_role("button", name="签到看板").click()
        board = page.frame_locator(".device.android iframe")
        board.locator("#check-in").click()
        expect(board.locator("#told")).to_contain_text("已签到")
        page.screenshot(path=PICTURE)
        browser.close()


def main() -> None:
    """Run the demo until the picture is taken."""
    command = [sys.executable, "-m", "sanfang.cli", "demo", "--json"]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert demo.stdout is not None
        for line in demo.stdout:
            if found := json.loads(line).get("addresses"):
                take(found["workbench"])
                break
    finally:
        demo.terminate()
        demo.wait(30)


if __name__ == "__main__":
    main()
