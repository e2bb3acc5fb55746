"""Which tags an app may register for (callback-crypto.md 9)."""

from __future__ import annotations

from functools import cache

from sanfang import catalog

# What is pushed over HTTP to the callback of a suite, and cannot be registered for.
_TO_SUITES = """
change_auth check_create_suite_url check_suite_license_code check_update_suite_url check_url
market_buy org_micro_app_restore org_micro_app_stop suite_relieve suite_ticket tmp_auth_code
"""


@cache
def known_tags() -> frozenset[str]:
    """Return the tags that may be registered; the first call reads the catalogue's events.

    Beyond the lists of ``call_back_tag`` these are all events that the newer documents push over
    HTTP: there is no console here in which to subscribe to those.
    """
    pushed = frozenset(catalog.events().tags("http")).difference(_TO_SUITES.split())
    return pushed.union(catalog.event_tags())
