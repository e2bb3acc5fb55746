"""Suites, their micro-apps and their tickets."""

from ..ports import Query

SUITE = (
    "suite_id, suite_key, developer_id, name, token, aes_key, callback_url, suite_secret,"
    " ip_whitelist, user_fields, status, ticket, ticket_before, ticket_at, ticket_due_at, created_at"
)
APP = "app_id, suite_key, name, description, logo_url, home_url, pc_home_url"

INSERT = Query(
    "suites.insert",
    """INSERT INTO suites (suite_key, developer_id, name, token, aes_key, callback_url,
                           suite_secret, ip_whitelist, user_fields, status, ticket,
                           ticket_before, ticket_at, ticket_due_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'developing', '', '', 0, NULL, $10)""",
)
UPDATE = Query(
    "suites.update",
    """UPDATE suites SET name = $2, token = $3, aes_key = $4, callback_url = $5,
                         ip_whitelist = $6, user_fields = $7, status = $8
       WHERE suite_key = $1""",
)
BY_KEY = Query("suites.by_key", f"SELECT {SUITE} FROM suites WHERE suite_key = $1")
BY_ID = Query("suites.by_id", f"SELECT {SUITE} FROM suites WHERE suite_id = $1")
LOCK = Query("suites.lock", f"SELECT {SUITE} FROM suites WHERE suite_key = $1 FOR UPDATE")
PAGE = Query(
    "suites.page",
    f"SELECT {SUITE} FROM suites WHERE suite_key > $1 ORDER BY suite_key LIMIT $2",
)
KEYS_OF_CORP = Query(
    "suites.keys_of_corp",
    """SELECT s.suite_key FROM developers d JOIN suites s ON s.developer_id = d.developer_id
       WHERE d.corp_id = $1 ORDER BY s.suite_key LIMIT 1000""",
)
TICKET_DUE = Query(
    "suites.ticket_due",
    f"""SELECT {SUITE} FROM suites WHERE ticket_due_at IS NOT NULL AND ticket_due_at <= $1
        ORDER BY ticket_due_at LIMIT $2 FOR UPDATE SKIP LOCKED""",
)
NEXT_TICKET_DUE = Query(
    "suites.next_ticket_due",
    """SELECT ticket_due_at FROM suites WHERE ticket_due_at IS NOT NULL
       ORDER BY ticket_due_at LIMIT 1""",
)
SET_TICKET = Query(
    "suites.set_ticket",
    """UPDATE suites SET ticket = $2, ticket_before = $3, ticket_at = $4, ticket_due_at = $5
       WHERE suite_key = $1""",
)
SET_TICKET_DUE = Query(
    "suites.set_ticket_due", "UPDATE suites SET ticket_due_at = $2 WHERE suite_key = $1"
)

INSERT_APP = Query(
    "micro_apps.insert",
    f"""INSERT INTO micro_apps (suite_key, name, description, logo_url, home_url, pc_home_url)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING {APP}""",
)
APPS_OF = Query(
    "micro_apps.of_suite",
    f"SELECT {APP} FROM micro_apps WHERE suite_key = $1 ORDER BY app_id LIMIT 1000",
)
APP_BY_ID = Query("micro_apps.by_id", f"SELECT {APP} FROM micro_apps WHERE app_id = $1")
