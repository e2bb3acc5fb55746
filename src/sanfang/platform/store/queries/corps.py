"""Enterprises, their own apps, and the developers bound to one of them."""

from ..ports import Query

CORP_COLUMNS = "corp_id, name, is_authenticated, test_of, created_at, dissolved_at"
APP_COLUMNS = "app_key, corp_id, agent_id, name, secret, ip_whitelist"

INSERT = Query(
    "corps.insert",
    """INSERT INTO corps (corp_id, name, is_authenticated, test_of, next_dept_id, created_at)
       VALUES ($1, $2, $3, $4, 2, $5)""",
)
BY_ID = Query("corps.by_id", f"SELECT {CORP_COLUMNS} FROM corps WHERE corp_id = $1")
LOCK = Query("corps.lock", "SELECT corp_id FROM corps WHERE corp_id = $1 FOR UPDATE")
PAGE = Query(
    "corps.page",
    f"SELECT {CORP_COLUMNS} FROM corps WHERE corp_id > $1 ORDER BY corp_id LIMIT $2",
)
UPDATE = Query(
    "corps.update", "UPDATE corps SET name = $2, is_authenticated = $3 WHERE corp_id = $1"
)
TAKE_DEPT_ID = Query(
    "corps.take_dept_id",
    """UPDATE corps SET next_dept_id = next_dept_id + 1 WHERE corp_id = $1
       RETURNING next_dept_id - 1""",
)
DISSOLVE = Query(
    "corps.dissolve",
    "UPDATE corps SET dissolved_at = $2 WHERE corp_id = $1 AND dissolved_at IS NULL",
)
COUNT_TESTS = Query("corps.count_tests", "SELECT count(*) FROM corps WHERE test_of = $1")

INSERT_APP = Query(
    "corp_apps.insert",
    """INSERT INTO corp_apps (app_key, corp_id, agent_id, name, secret, ip_whitelist)
       VALUES ($1, $2, $3, $4, $5, $6)""",
)
DELETE_APPS = Query("corp_apps.delete_of_corp", "DELETE FROM corp_apps WHERE corp_id = $1")
APP_BY_KEY = Query(
    "corp_apps.by_key", f"SELECT {APP_COLUMNS} FROM corp_apps WHERE app_key = $1", often=True
)
APPS_OF = Query(
    "corp_apps.of_corp",
    f"SELECT {APP_COLUMNS} FROM corp_apps WHERE corp_id = $1 ORDER BY app_key LIMIT 1000",
)
# Own apps and authorised apps draw their agent ids from one sequence, so an agentid names one thing.
NEXT_AGENT = Query(
    "agents.next",
    """INSERT INTO agents (suite_key, corp_id, app_id, close)
       VALUES ($1, $2, 0, 1) RETURNING agent_id""",
)

INSERT_DEVELOPER = Query(
    "developers.insert",
    "INSERT INTO developers (developer_id, corp_id, name, created_at) VALUES ($1, $2, $3, $4)",
)
DEVELOPER = Query(
    "developers.by_id",
    "SELECT developer_id, corp_id, name FROM developers WHERE developer_id = $1",
)
LOCK_DEVELOPER = Query(
    "developers.lock",
    "SELECT developer_id, corp_id, name FROM developers WHERE developer_id = $1 FOR UPDATE",
)
DEVELOPER_OF_CORP = Query(
    "developers.of_corp",
    "SELECT developer_id, corp_id, name FROM developers WHERE corp_id = $1",
)
DEVELOPERS = Query(
    "developers.page",
    """SELECT developer_id, corp_id, name FROM developers
       WHERE developer_id > $1 ORDER BY developer_id LIMIT $2""",
)
