"""What the administrator of a corp sees of registrations for its events."""

from __future__ import annotations

import msgspec


class Registered(msgspec.Struct, frozen=True):
    """A registration as the enterprise's administrator sees it: whose, where, what for; no secrets."""

    owner_key: str  # the suite_key, or the app_key of an own app
    corp_id: str
    url: str
    tags: list[str]
    failed: int  # events that could not be delivered
    created_at: int
    updated_at: int


class Lost(msgspec.Struct, frozen=True):
    """An event that could not be delivered; ``returned``: the app has fetched it once."""

    failure_id: int
    owner_key: str
    tag: str
    plain: msgspec.Raw
    event_time: int
    returned: bool
