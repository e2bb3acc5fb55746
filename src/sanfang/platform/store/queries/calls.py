"""The call log, and permission points."""

from ..ports import Query

_COLUMNS = (
    "at, client_ip, app_key, suite_key, corp_id, endpoint, path, status, code, micros, synthetic,"
    " zh, en"
)

ADD = Query(
    "calls.add",
    f"""INSERT INTO calls ({_COLUMNS})
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)""",
)
# A few at a time, whenever some were added: the table does not outgrow what is kept by much.
TRIM = Query(
    "calls.trim",
    """DELETE FROM calls WHERE call_id IN (
         SELECT call_id FROM calls WHERE call_id <= (SELECT MAX(call_id) FROM calls) - $1
         ORDER BY call_id LIMIT $2)""",
)
# $5: 0 all, 1 refused ones only. No index but the first: the table is short, and writing it is not free.
LIST = Query(
    "calls.list",
    f"""SELECT call_id, {_COLUMNS} FROM calls
        WHERE ($1 = 0 OR call_id < $1) AND ($2 = '' OR corp_id = $2)
        AND ($3 = '' OR suite_key = $3 OR app_key = $3) AND ($4 = '' OR endpoint = $4)
        AND ($5 = 0 OR code <> 0)
        ORDER BY call_id DESC LIMIT $6""",
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
