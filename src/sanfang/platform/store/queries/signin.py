"""Signing in: open apps, addresses to return to, SSO secrets, and who a person is in every corp."""

from ..ports import Query

OPEN_APP = "app_id, name, secret, created_at"

INSERT_OPEN_APP = Query(
    "open_apps.insert",
    "INSERT INTO open_apps (app_id, name, secret, created_at) VALUES ($1, $2, $3, $4)",
)
OPEN_APP_BY_ID = Query("open_apps.by_id", f"SELECT {OPEN_APP} FROM open_apps WHERE app_id = $1")
OPEN_APPS = Query(
    "open_apps.page",
    f"SELECT {OPEN_APP} FROM open_apps WHERE app_id > $1 ORDER BY app_id LIMIT $2",
)

HOSTS = Query("redirect_hosts.of", "SELECT hosts FROM redirect_hosts WHERE owner_key = $1")
PUT_HOSTS = Query(
    "redirect_hosts.put",
    """INSERT INTO redirect_hosts (owner_key, hosts) VALUES ($1, $2)
       ON CONFLICT (owner_key) DO UPDATE SET hosts = $2""",
)

SSO_SECRET = Query("sso_secrets.of", "SELECT secret FROM sso_secrets WHERE corp_id = $1")
MAKE_SSO_SECRET = Query(
    "sso_secrets.make",
    """INSERT INTO sso_secrets (corp_id, secret, made_at) VALUES ($1, $2, $3)
       ON CONFLICT (corp_id) DO NOTHING""",
)
RENEW_SSO_SECRET = Query(
    "sso_secrets.renew", "UPDATE sso_secrets SET secret = $2, made_at = $3 WHERE corp_id = $1"
)

GRANT = Query(
    "sns_grants.make",
    """INSERT INTO sns_grants (app_id, openid, unionid, persistent_code, granted_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (app_id, openid) DO NOTHING""",
)
GRANTED = Query(
    "sns_grants.of",
    "SELECT unionid, persistent_code FROM sns_grants WHERE app_id = $1 AND openid = $2",
)

# The same person in all corps that have not ended, the one joined first in front.
PERSON = Query(
    "members.of_person",
    """SELECT m.corp_id, m.userid, m.is_admin, c.name, c.is_authenticated FROM members m
       JOIN corps c ON c.corp_id = m.corp_id
       WHERE m.unionid = $1 AND c.dissolved_at IS NULL
       ORDER BY m.created_at, m.corp_id LIMIT 100""",
)
STANDING = Query(
    "members.standing",
    """SELECT m.unionid FROM members m JOIN corps c ON c.corp_id = m.corp_id
       WHERE m.corp_id = $1 AND m.userid = $2 AND c.dissolved_at IS NULL""",
)
