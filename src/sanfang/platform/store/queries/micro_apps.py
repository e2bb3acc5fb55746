"""Micro-apps as a corp has them: its own and those of suites, and who sees them."""

from ..ports import Query

SHOWN = "a.agent_id, a.app_id, a.suite_key, a.close"
_OWN = (
    "c.name, COALESCE(d.description, ''), COALESCE(d.icon, ''), COALESCE(d.home_url, ''),"
    " COALESCE(d.pc_home_url, ''), COALESCE(d.oa_url, '')"
)
_OWN_TABLES = """corp_apps c JOIN agents a ON a.agent_id = c.agent_id
                 LEFT JOIN app_details d ON d.agent_id = c.agent_id"""

OWN_APPS = Query(
    "micro_apps.own",
    f"""SELECT {SHOWN}, {_OWN} FROM {_OWN_TABLES}
        WHERE c.corp_id = $1 ORDER BY a.agent_id LIMIT 1000""",
)
OWN_APP = Query(
    "micro_apps.own_by_agent",
    f"""SELECT {SHOWN}, {_OWN} FROM agents a
        JOIN corp_apps c ON c.app_key = a.suite_key AND c.agent_id = a.agent_id
        LEFT JOIN app_details d ON d.agent_id = a.agent_id
        WHERE a.agent_id = $2 AND c.corp_id = $1""",
)
SUITE_APPS = Query(
    "micro_apps.of_suites",
    f"""SELECT {SHOWN}, m.name, m.description, m.logo_url, m.home_url, m.pc_home_url, ''
        FROM agents a JOIN micro_apps m ON m.app_id = a.app_id
        WHERE a.corp_id = $1 AND a.app_id > 0 ORDER BY a.agent_id LIMIT 1000""",
)
HOMES_BY_AGENT = Query(
    "micro_apps.homes_by_agent",
    """SELECT a.corp_id, a.close, COALESCE(c.name, m.name, ''),
         COALESCE(d.home_url, m.home_url, ''), COALESCE(d.pc_home_url, m.pc_home_url, '')
       FROM agents a
       LEFT JOIN corp_apps c ON c.app_key = a.suite_key AND c.agent_id = a.agent_id
       LEFT JOIN app_details d ON d.agent_id = a.agent_id
       LEFT JOIN micro_apps m ON m.app_id = a.app_id
       WHERE a.agent_id = $1""",
)
COUNT_OWN = Query("micro_apps.count_own", "SELECT count(*) FROM corp_apps WHERE corp_id = $1")
RENAME = Query("corp_apps.rename", "UPDATE corp_apps SET name = $2 WHERE app_key = $1")
SET_WHITELIST = Query(
    "corp_apps.set_whitelist", "UPDATE corp_apps SET ip_whitelist = $2 WHERE app_key = $1"
)
DELETE_APP = Query("corp_apps.delete", "DELETE FROM corp_apps WHERE app_key = $1")
DELETE_AGENT = Query("agents.delete_one", "DELETE FROM agents WHERE agent_id = $1")
PUT_DETAILS = Query(
    "app_details.put",
    """INSERT INTO app_details (agent_id, description, icon, home_url, pc_home_url, oa_url)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (agent_id) DO UPDATE SET description = $2, icon = $3, home_url = $4,
         pc_home_url = $5, oa_url = $6""",
)
DELETE_DETAILS = Query("app_details.delete", "DELETE FROM app_details WHERE agent_id = $1")

SCOPE = Query(
    "agent_scopes.by_id",
    "SELECT is_hidden, dept_ids, userids, role_ids FROM agent_scopes WHERE agent_id = $1",
)
SCOPES_OF_CORP = Query(
    "agent_scopes.of_corp",
    """SELECT s.agent_id, s.is_hidden, s.dept_ids, s.userids, s.role_ids
       FROM agents a JOIN agent_scopes s ON s.agent_id = a.agent_id WHERE a.corp_id = $1""",
)
PUT_SCOPE = Query(
    "agent_scopes.put",
    """INSERT INTO agent_scopes (agent_id, is_hidden, dept_ids, userids, role_ids)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (agent_id) DO UPDATE SET is_hidden = $2, dept_ids = $3, userids = $4,
         role_ids = $5""",
)
DELETE_SCOPE = Query("agent_scopes.delete", "DELETE FROM agent_scopes WHERE agent_id = $1")
DELETE_SCOPES = Query(
    "agent_scopes.delete_of_suite",
    """DELETE FROM agent_scopes WHERE agent_id IN (
         SELECT agent_id FROM agents WHERE suite_key = $1 AND corp_id = $2)""",
)
