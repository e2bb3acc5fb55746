"""Where a listing goes on: the ``next`` of a page comes back as the ``cursor`` of the following."""

from __future__ import annotations

from ..domain.refusals import Refusal


def number(cursor: str) -> int:
    """Read the cursor of a listing that is numbered; refuse 40035 what no page ever gave."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise Refusal(
            40035,
            "cursor 应为上一页返回的 next。",
            "The cursor has to be the 'next' of the page before.",
            facts={"field": "cursor"},
        )
    return int(cursor)
