"""Which paths are the sign-in pages', and where a form of theirs may send the browser back to."""

from __future__ import annotations

import re

from ...domain.refusals import Refusal
from ...domain.signin_pages import LONGEST, PAGES

OWN = "/sanfang/signin/"
SCAN, BACKENDS = f"{OWN}scan/", f"{OWN}backends"
QR_FRAME = "/login/qrcode.htm"  # where the official ddLogin.js points its frame
_OLD_SCRIPT = re.compile(r"/dingding/dinglogin/[0-9.]{1,20}/ddLogin\.js")
_NEW_SCRIPT = re.compile(r"/dingding/h5-dingtalk-login/[0-9.]{1,20}/ddlogin\.js")


def script_of(path: str) -> str:
    """Return our file for a path of the official scripts; empty for any other path."""
    if _OLD_SCRIPT.fullmatch(path):
        return "ddLogin.js"
    return "ddlogin-frame.js" if _NEW_SCRIPT.fullmatch(path) else ""


def is_ours(path: str) -> bool:
    """Tell whether a path belongs to the sign-in pages."""
    if path in PAGES or path == QR_FRAME or path.startswith(OWN):
        return True
    return path.startswith("/dingding/") and bool(script_of(path))


def way_back(text: str) -> str:
    """Return ``text`` when it is a page of ours to go on to; refuse anything else (open redirect).

    Only a path is taken, never a scheme or a host; ``//evil`` and ``/\\evil`` are none of our paths.
    """
    path, mark, query = text.partition("?")
    ours = path in PAGES or path == BACKENDS or re.fullmatch(rf"{SCAN}[a-z0-9]{{1,64}}", path)
    if not ours or len(text) > LONGEST + 200 or not text.isprintable() or "#" in text:
        raise Refusal(
            50001,
            "登录之后只能回到本平台的登录页面；这个地址不是。",
            "After signing in the browser goes on to a sign-in page of this platform; this is none.",
            facts={"field": "next"},
        )
    return path + mark + query
