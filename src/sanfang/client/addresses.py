"""Where the platform is: arguments, then the environment, then DingTalk's own hosts (pain 17)."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from .errors import BadCall

OAPI = "https://oapi.dingtalk.com"
API = "https://api.dingtalk.com"


def addresses(base_url: str | None, api_url: str | None) -> tuple[str, str]:
    """Return the addresses of the old and of the new host.

    A platform of one address (ours) needs only ``base_url``, or SANFANG_OAPI_URL.
    """
    if base_url is None:
        base_url = os.environ.get("SANFANG_OAPI_URL") or None
        api_url = api_url or os.environ.get("SANFANG_API_URL") or None
    if base_url is None:
        return OAPI, _clean(api_url or API)
    base_url = _clean(base_url)
    return base_url, _clean(api_url) if api_url else base_url


def platform_of(base_url: str, api_url: str) -> str:
    """Name a platform in one text, for the keys of stores."""
    one = base_url == api_url or (base_url, api_url) == (OAPI, API)
    return base_url if one else f"{base_url} {api_url}"


def _clean(url: str) -> str:
    """Check an address; without a scheme it is https, never http by accident."""
    whole = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(whole)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment or parts.username or parts.password:
        raise BadCall(
            f"平台地址不对：{url[:80]!r}，应为 https://主机[:端口][/路径]"
            " / not an address of a platform; expected https://host[:port][/path]"
        )
    return whole.rstrip("/")
