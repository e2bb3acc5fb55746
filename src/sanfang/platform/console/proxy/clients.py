"""What each flavour of the client calls itself (jsapi.md §7.1)."""

from __future__ import annotations

from ...domain.frames import CLIENT_VERSION
from ..names import Flavour

_MOBILE = {
    "android": (
        "Mozilla/5.0 (Linux; U; Android 13; zh-CN; Pixel) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Version/4.0 Chrome/100.0.0.0 Mobile Safari/537.36 AliApp(DingTalk/{version})"
        " com.alibaba.android.rimet/1 Channel/700159 language/zh-CN"
    ),
    "ios": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
        " Gecko) Mobile/21A329 AliApp(DingTalk/{version}) com.laiwang.DingTalk/1 Channel/201200"
        " language/zh-Hans-CN"
    ),
}
_DESKTOP = "{browser} dingtalk-win/1.0.0 nw(0.14.7) DingTalk({version}-Release.1)"


def user_agent(flavour: Flavour, browser: str, version: str = CLIENT_VERSION) -> str:
    """Return the User-Agent of a client; that on a desktop is the browser's and more."""
    pattern = _MOBILE.get(flavour, _DESKTOP)
    return pattern.format(version=version, browser=browser).strip()
