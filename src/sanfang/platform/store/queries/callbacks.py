"""Registrations for events of a corp, their tags, and events that could not be delivered."""

from ..ports import Query

CALLBACK = "target_key, corp_id, key_id, token, aes_key, url, tags, created_at, updated_at"

INSERT = Query(
    "callbacks.insert",
    f"""INSERT INTO callbacks ({CALLBACK}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        ON CONFLICT (target_key, corp_id) DO NOTHING""",
)
UPDATE = Query(
    "callbacks.update",
    """UPDATE callbacks SET token = $3, aes_key = $4, url = $5, tags = $6, updated_at = $7
       WHERE target_key = $1 AND corp_id = $2""",
)
BY_KEY = Query(
    "callbacks.by_key",
    f"SELECT {CALLBACK} FROM callbacks WHERE target_key = $1 AND corp_id = $2",
)
# Of a corp, with how many events could not be delivered. Its tags have an index by corp.
OF_CORP = Query(
    "callbacks.of_corp",
    f"""SELECT {CALLBACK}, (SELECT count(*) FROM callback_failures f
                            WHERE f.target_key = c.target_key AND f.corp_id = c.corp_id)
        FROM callbacks c
        WHERE corp_id = $1
          AND target_key IN (SELECT t.target_key FROM callback_tags t WHERE t.corp_id = $1)
        ORDER BY target_key""",
)
LOCK = Query(
    "callbacks.lock",
    f"SELECT {CALLBACK} FROM callbacks WHERE target_key = $1 AND corp_id = $2 FOR UPDATE",
)
DELETE = Query("callbacks.delete", "DELETE FROM callbacks WHERE target_key = $1 AND corp_id = $2")

INSERT_TAG = Query(
    "callback_tags.insert",
    "INSERT INTO callback_tags (corp_id, tag, target_key) VALUES ($1, $2, $3)",
)
DELETE_TAG = Query(
    "callback_tags.delete",
    "DELETE FROM callback_tags WHERE corp_id = $1 AND tag = $2 AND target_key = $3",
)
# With what the corp lets a suite see of its contacts: '' is everything, NULL an own app. A target is
# 'cb:' and the key of its owner.
SUBSCRIBERS = Query(
    "callback_tags.subscribers",
    """SELECT t.target_key, a.auth_scopes FROM callback_tags t
       LEFT JOIN authorisations a ON a.suite_key = substr(t.target_key, 4) AND a.corp_id = t.corp_id
       WHERE t.corp_id = $1 AND t.tag = $2""",
)

INSERT_FAILURE = Query(
    "callback_failures.insert",
    """INSERT INTO callback_failures (target_key, corp_id, tag, plain, event_time, returned)
       VALUES ($1, $2, $3, $4, $5, 0)""",
)
DELETE_RETURNED = Query(
    "callback_failures.delete_returned",
    """DELETE FROM callback_failures WHERE target_key = $1 AND corp_id = $2 AND returned = 1""",
)
FAILURES = Query(
    "callback_failures.page",
    """SELECT failure_id, tag, plain, event_time FROM callback_failures
       WHERE target_key = $1 AND corp_id = $2 AND event_time >= $3 AND event_time <= $4
       ORDER BY failure_id LIMIT $5""",
)
MARK_RETURNED = Query(
    "callback_failures.mark_returned",
    """UPDATE callback_failures SET returned = 1
       WHERE target_key = $1 AND corp_id = $2 AND event_time >= $3 AND event_time <= $4
         AND failure_id <= $5""",
)
DELETE_FAILURES = Query(
    "callback_failures.delete",
    "DELETE FROM callback_failures WHERE target_key = $1 AND corp_id = $2",
)
# Of every app and suite of a corp, also of those whose registration is gone.
FAILURES_OF_CORP = Query(
    "callback_failures.of_corp",
    """SELECT failure_id, target_key, tag, plain, event_time, returned FROM callback_failures
       WHERE corp_id = $1 AND failure_id > $2
         AND target_key IN (SELECT 'cb:' || app_key FROM corp_apps WHERE corp_id = $1
                            UNION SELECT 'cb:' || suite_key FROM authorisations WHERE corp_id = $1)
         AND ($3 = '' OR target_key = 'cb:' || $3)
       ORDER BY failure_id LIMIT $4""",
)
