"""The call log, and permission points."""

from ..ports import Query

ADD = Query(
    "calls.add",
    """INSERT INTO call_pages (calls, total, page)
       SELECT $1::bigint, $1::bigint + COALESCE(MAX(total), 0), $2::bytea FROM call_pages""",
)
TRIM = Query(
    "calls.trim",
    "DELETE FROM call_pages WHERE total <= (SELECT MAX(total) FROM call_pages) - $1",
)
PAGES = Query(
    "calls.pages",
    """SELECT page_id, page FROM call_pages WHERE page_id <= $1
       ORDER BY page_id DESC LIMIT $2""",
)

GRANT = Query(
    "permissions.grant",
    "INSERT INTO granted_permissions (owner_key, point) VALUES ($1, $2) ON CONFLICT DO NOTHING",
)
REVOKE = Query(
    "permissions.revoke", "DELETE FROM granted_permissions WHERE owner_key = $1 AND point = $2"
)
GRANTED = Query(
    "permissions.granted",
    "SELECT point FROM granted_permissions WHERE owner_key = $1 ORDER BY point LIMIT 1000",
)
HOLDS = Query(
    "permissions.holds",
    "SELECT 1 FROM granted_permissions WHERE owner_key = $1 AND point = $2",
)
