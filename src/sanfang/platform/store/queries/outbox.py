"""Pushes, their lanes (one per suite and corp, which keeps their order) and their attempts."""

from ..ports import Query

PUSH = (
    "push_id, suite_key, corp_id, event_type, plain, state, attempts, failures, due_at,"
    " created_at, delivered_at"
)
# A stopped push still heads its lane: what comes after it waits, so that order is kept.
OPEN = "state IN ('pending', 'stopped')"

# The lane is touched before the push is numbered, so that numbers grow in commit order in a lane.
WAKE_LANE = Query(
    "lanes.wake",
    """INSERT INTO lanes (suite_key, corp_id, due_at, lease_owner) VALUES ($1, $2, $3, '')
       ON CONFLICT (suite_key, corp_id) DO UPDATE SET due_at = COALESCE(lanes.due_at, $3)""",
)
# In a lane of a registration nothing waits for a push that is to be tried again later.
WAKE_LANE_NOW = Query(
    "lanes.wake_now",
    """INSERT INTO lanes (suite_key, corp_id, due_at, lease_owner) VALUES ($1, $2, $3, '')
       ON CONFLICT (suite_key, corp_id) DO UPDATE SET due_at =
         CASE WHEN lanes.lease_owner = '' THEN $3 ELSE COALESCE(lanes.due_at, $3) END""",
)
# A leased lane is left alone: whoever works on it looks at its head again when the push is finished.
HURRY_LANE = Query(
    "lanes.hurry",
    """UPDATE lanes SET due_at = $3
       WHERE suite_key = $1 AND corp_id = $2 AND lease_owner = ''""",
)
HURRY_LANES = Query(
    "lanes.hurry_all",
    f"""UPDATE lanes SET due_at = $2 WHERE suite_key = $1 AND lease_owner = '' AND EXISTS (
          SELECT 1 FROM pushes p WHERE p.suite_key = lanes.suite_key
          AND p.corp_id = lanes.corp_id AND p.{OPEN})""",
)
# Claiming moves due_at to the end of the lease, so one index serves the due and the abandoned.
CLAIM = Query(
    "lanes.claim",
    """UPDATE lanes SET due_at = $3, lease_owner = $4
       WHERE (suite_key, corp_id) IN (
         SELECT suite_key, corp_id FROM lanes
         WHERE suite_key = $1 AND due_at IS NOT NULL AND due_at <= $2
         ORDER BY due_at LIMIT $5 FOR UPDATE SKIP LOCKED)
       RETURNING corp_id""",
)
LOCK_LANE = Query(
    "lanes.lock",
    "SELECT lease_owner, due_at FROM lanes WHERE suite_key = $1 AND corp_id = $2 FOR UPDATE",
)
SET_LANE = Query(
    "lanes.set",
    "UPDATE lanes SET due_at = $3, lease_owner = $4 WHERE suite_key = $1 AND corp_id = $2",
)
NEXT_DUE = Query(
    "lanes.next_due",
    """SELECT due_at FROM lanes WHERE suite_key = $1 AND due_at IS NOT NULL
       ORDER BY due_at LIMIT 1""",
)
# A skip scan over the partial index: its cost grows with suites that have something to push.
ACTIVE_SUITES = Query(
    "lanes.active_suites",
    """WITH RECURSIVE active (suite_key) AS (
         SELECT (SELECT min(suite_key) FROM lanes WHERE due_at IS NOT NULL)
         UNION ALL
         SELECT (SELECT min(l.suite_key) FROM lanes l
                 WHERE l.due_at IS NOT NULL AND l.suite_key > active.suite_key)
         FROM active WHERE active.suite_key IS NOT NULL)
       SELECT suite_key FROM active WHERE suite_key IS NOT NULL""",
)
FREE_LEASES = Query(
    "lanes.free_of_owner",
    """UPDATE lanes SET due_at = $1, lease_owner = ''
       WHERE lease_owner = $2 AND due_at IS NOT NULL""",
)
FREE_ALL_LEASES = Query(
    "lanes.free_all",
    """UPDATE lanes SET due_at = $1, lease_owner = ''
       WHERE lease_owner <> '' AND due_at IS NOT NULL""",
)

INSERT = Query(
    "pushes.insert",
    """INSERT INTO pushes (suite_key, corp_id, event_type, plain, state, attempts, failures,
                           due_at, created_at)
       VALUES ($1, $2, $3, $4, 'pending', 0, $5, $6, $6) RETURNING push_id""",
)
HEAD = Query(
    "pushes.head",
    f"""SELECT {PUSH} FROM pushes WHERE suite_key = $1 AND corp_id = $2 AND {OPEN}
        ORDER BY push_id LIMIT 1""",
)
# The predicate is word for word that of the index pushes_next.
NEXT = Query(
    "pushes.next",
    f"""SELECT {PUSH} FROM pushes WHERE suite_key = $1 AND corp_id = $2
        AND state = 'pending' AND suite_key LIKE 'cb:%'
        ORDER BY due_at, push_id LIMIT 1""",
)
BY_ID = Query("pushes.by_id", f"SELECT {PUSH} FROM pushes WHERE push_id = $1")
LOCK = Query("pushes.lock", f"SELECT {PUSH} FROM pushes WHERE push_id = $1 FOR UPDATE")
DELIVERED = Query(
    "pushes.delivered",
    """UPDATE pushes SET state = 'delivered', attempts = attempts + 1,
                         delivered_at = COALESCE(delivered_at, $2)
       WHERE push_id = $1 RETURNING attempts""",
)
FAILED = Query(
    "pushes.failed",
    """UPDATE pushes SET state = $2, attempts = attempts + 1, failures = $3, due_at = $4
       WHERE push_id = $1 RETURNING attempts""",
)
INSERT_ATTEMPT = Query(
    "push_attempts.insert",
    """INSERT INTO push_attempts (push_id, attempt, started_at, latency_ms, status, outcome,
                                  reply, reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
)
ATTEMPTS = Query(
    "push_attempts.of_push",
    """SELECT attempt, started_at, latency_ms, status, outcome, reply, reason
       FROM push_attempts WHERE push_id = $1 ORDER BY attempt LIMIT 1000""",
)
REVIVE = Query(
    "pushes.revive",
    f"""UPDATE pushes SET state = 'pending', failures = 0, due_at = $2
        WHERE push_id = $1 AND {OPEN}""",
)
REVIVE_SUITE = Query(
    "pushes.revive_suite",
    f"""UPDATE pushes SET state = 'pending', failures = 0, due_at = $2
        WHERE suite_key = $1 AND {OPEN}""",
)
SUPERSEDE = Query(
    "pushes.supersede",
    f"""UPDATE pushes SET state = 'superseded'
        WHERE suite_key = $1 AND corp_id = $2 AND event_type = $3 AND {OPEN}
        RETURNING failures""",
)
SUPERSEDE_LANE = Query(
    "pushes.supersede_lane",
    f"""UPDATE pushes SET state = 'superseded'
        WHERE suite_key = $1 AND corp_id = $2 AND {OPEN}""",
)
_NEWEST = "push_id < $1 AND ($3 = '' OR state = $3)"  # $3: a state, '' for any
PAGE = Query(
    "pushes.page",
    f"SELECT {PUSH} FROM pushes WHERE {_NEWEST} ORDER BY push_id DESC LIMIT $2",
)
PAGE_OF_SUITE = Query(
    "pushes.page_of_suite",
    f"""SELECT {PUSH} FROM pushes WHERE suite_key = $4 AND {_NEWEST}
        ORDER BY push_id DESC LIMIT $2""",
)
PAGE_OF_CORP = Query(
    "pushes.page_of_corp",
    f"""SELECT {PUSH} FROM pushes WHERE corp_id = $4 AND {_NEWEST}
        ORDER BY push_id DESC LIMIT $2""",
)
PAGE_OF_LANE = Query(
    "pushes.page_of_lane",
    f"""SELECT {PUSH} FROM pushes WHERE suite_key = $4 AND corp_id = $5 AND {_NEWEST}
        ORDER BY push_id DESC LIMIT $2""",
)
