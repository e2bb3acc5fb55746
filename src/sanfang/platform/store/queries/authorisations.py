"""Authorisations of suites by corps, and the agents that come of them."""

from ..ports import Query

AUTH = (
    "suite_key, corp_id, generation, state, auth_userid, tmp_auth_code, code_push_id,"
    " code_received_at, code_used_at, permanent_code_hash, ip_whitelist, authorised_at,"
    " activated_at, relieved_at"
)
AGENT = "agent_id, suite_key, corp_id, app_id, close"

# A row exists before it is locked, so that two first authorisations at once queue up behind it.
ENSURE = Query(
    "authorisations.ensure",
    """INSERT INTO authorisations (suite_key, corp_id, generation, state, auth_userid,
         tmp_auth_code, permanent_code_hash, ip_whitelist, authorised_at)
       VALUES ($1, $2, 0, 'relieved', '', $3, '', '[]', 0)
       ON CONFLICT (suite_key, corp_id) DO NOTHING""",
)
BY_KEY = Query(
    "authorisations.by_key",
    f"SELECT {AUTH} FROM authorisations WHERE suite_key = $1 AND corp_id = $2",
)
LOCK = Query(
    "authorisations.lock",
    f"SELECT {AUTH} FROM authorisations WHERE suite_key = $1 AND corp_id = $2 FOR UPDATE",
)
OF_SUITE = Query(
    "authorisations.of_suite",
    f"""SELECT {AUTH} FROM authorisations WHERE suite_key = $1 AND corp_id > $2
        AND generation > 0 ORDER BY corp_id LIMIT $3""",
)
OF_CORP = Query(
    "authorisations.of_corp",
    f"""SELECT {AUTH} FROM authorisations WHERE corp_id = $1 AND suite_key > $2
        AND generation > 0 ORDER BY suite_key LIMIT $3""",
)
BEGIN = Query(
    "authorisations.begin",
    """UPDATE authorisations SET generation = generation + 1, state = 'pending',
         auth_userid = $3, tmp_auth_code = $4, code_push_id = NULL, code_received_at = NULL,
         code_used_at = NULL, permanent_code_hash = '', auth_scopes = '', authorised_at = $5,
         activated_at = NULL, relieved_at = NULL
       WHERE suite_key = $1 AND corp_id = $2""",
)
SET_CODE_PUSH = Query(
    "authorisations.set_code_push",
    "UPDATE authorisations SET code_push_id = $3 WHERE suite_key = $1 AND corp_id = $2",
)
CODE_RECEIVED = Query(
    "authorisations.code_received",
    """UPDATE authorisations SET code_received_at = $4
       WHERE suite_key = $1 AND corp_id = $2 AND code_push_id = $3 AND code_received_at IS NULL""",
)
USE_CODE = Query(
    "authorisations.use_code",
    """UPDATE authorisations SET code_used_at = $3, permanent_code_hash = $4
       WHERE tmp_auth_code = $1 AND suite_key = $2 AND code_used_at IS NULL
         AND state <> 'relieved'
       RETURNING corp_id""",
)
BY_CODE = Query(
    "authorisations.by_code", f"SELECT {AUTH} FROM authorisations WHERE tmp_auth_code = $1"
)
CORP_OF_PERMANENT = Query(
    "authorisations.corp_of_permanent",
    """SELECT suite_key, corp_id FROM authorisations
       WHERE permanent_code_hash = $1 AND permanent_code_hash <> ''""",
)
ACTIVATE = Query(
    "authorisations.activate",
    """UPDATE authorisations SET state = 'active', activated_at = COALESCE(activated_at, $3)
       WHERE suite_key = $1 AND corp_id = $2""",
)
RELIEVE = Query(
    "authorisations.relieve",
    """UPDATE authorisations SET state = 'relieved', relieved_at = $3, permanent_code_hash = '',
         ip_whitelist = '[]'
       WHERE suite_key = $1 AND corp_id = $2""",
)
RELIEVE_CORP = Query(
    "authorisations.relieve_corp",
    """UPDATE authorisations SET state = 'relieved', relieved_at = $2, permanent_code_hash = '',
         ip_whitelist = '[]'
       WHERE corp_id = $1 AND state <> 'relieved'""",
)
DELETE_AGENTS_OF_CORP = Query("agents.delete_of_corp", "DELETE FROM agents WHERE corp_id = $1")
SET_WHITELIST = Query(
    "authorisations.set_whitelist",
    "UPDATE authorisations SET ip_whitelist = $3 WHERE suite_key = $1 AND corp_id = $2",
)
GRANT = Query(
    "authorisations.grant",
    """SELECT a.state, a.generation, a.ip_whitelist, s.ip_whitelist, s.user_fields, a.auth_scopes
       FROM authorisations a JOIN suites s ON s.suite_key = a.suite_key
       WHERE a.suite_key = $1 AND a.corp_id = $2""",
    often=True,
)

INSERT_AGENT = Query(
    "agents.insert",
    """INSERT INTO agents (suite_key, corp_id, app_id, close) VALUES ($1, $2, $3, 2)
       ON CONFLICT (suite_key, corp_id, app_id) DO NOTHING""",
)
DELETE_AGENTS = Query("agents.delete", "DELETE FROM agents WHERE suite_key = $1 AND corp_id = $2")
DELETE_AGENT = Query("agents.delete_one", "DELETE FROM agents WHERE agent_id = $1")
AGENTS_OF = Query(
    "agents.of_authorisation",
    f"SELECT {AGENT} FROM agents WHERE suite_key = $1 AND corp_id = $2 ORDER BY agent_id",
)
AGENT_BY_ID = Query("agents.by_id", f"SELECT {AGENT} FROM agents WHERE agent_id = $1")
LOCK_AGENT = Query("agents.lock", f"SELECT {AGENT} FROM agents WHERE agent_id = $1 FOR UPDATE")
SET_CLOSE = Query("agents.set_close", "UPDATE agents SET close = $2 WHERE agent_id = $1")
ACTIVATE_AGENTS = Query(
    "agents.activate",
    "UPDATE agents SET close = 1 WHERE suite_key = $1 AND corp_id = $2 AND close = 2",
)
UNACTIVE = Query(
    "agents.unactive",
    """SELECT corp_id FROM agents WHERE app_id = $1 AND close = 2
       ORDER BY corp_id LIMIT $2""",
)
