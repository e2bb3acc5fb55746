"""Cookies on their way through the proxy."""

from __future__ import annotations

from urllib.parse import urlsplit

# The workbench's and the sign-in pages' own: apps never see them, and never set them.
OURS = frozenset(
    prefix + name for name in ("sanfang_desk", "sanfang_form") for prefix in ("", "__host-")
)


def for_app(header: str) -> str:
    """Return a Cookie header without our own cookies; empty when nothing is left."""
    kept = [pair for pair in header.split(";") if _name(pair).lower() not in OURS]
    return ";".join(kept).strip() if any(pair.strip() for pair in kept) else ""


def for_browser(header: str, here: str, there: str) -> str:
    """Return an app's Set-Cookie for its host behind the proxy; empty when it may not be set.

    ``Domain`` goes: the cookie then belongs to this host alone, as no other shows the app. Where the
    proxy is on http, ``Secure`` goes, and with it what browsers accept with it only; a name that
    demands it (``__Host-``) keeps it, since below ``localhost`` browsers accept it on http too.
    """
    pair, *attributes = header.split(";")
    name = _name(pair)
    if not name or name.lower() in OURS:
        return ""
    plain = there.startswith("http:") and not name.lower().startswith(("__secure-", "__host-"))
    kept = [pair]
    for attribute in attributes:
        key, _, value = attribute.partition("=")
        key, value = key.strip().lower(), value.strip()
        if key == "domain":
            if value and not _within(urlsplit(here).hostname or "", value):
                return ""  # set for somebody else's host: a browser would refuse it
            continue
        if plain and key in ("secure", "partitioned"):
            continue
        if plain and key == "samesite" and value.lower() == "none":
            # None needs Secure. Workbench and app are one site, so Lax is enough in the frame.
            kept.append(" SameSite=Lax")
            continue
        kept.append(attribute)
    return ";".join(kept)


def _name(pair: str) -> str:
    return pair.partition("=")[0].strip()


def _within(host: str, domain: str) -> bool:
    domain = domain.lower().removeprefix(".")
    return host == domain or host.endswith(f".{domain}")
