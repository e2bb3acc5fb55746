"""Settings that name members and departments: found by whom they name, and rewritten."""

from ..ports import Query

ADD = Query(
    "mentions.add",
    """INSERT INTO mentions (corp_id, kind, mentioned, place, place_id) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (corp_id, kind, mentioned, place, place_id) DO NOTHING""",
)
DELETE = Query(
    "mentions.delete",
    """DELETE FROM mentions
       WHERE corp_id = $1 AND kind = $2 AND mentioned = $3 AND place = $4 AND place_id = $5""",
)
OF = Query(
    "mentions.of",
    """SELECT place, place_id FROM mentions
       WHERE corp_id = $1 AND kind = $2 AND mentioned = $3 ORDER BY place, place_id""",
)
FORGET = Query(
    "mentions.forget", "DELETE FROM mentions WHERE corp_id = $1 AND kind = $2 AND mentioned = $3"
)

SET_DEPT_PROFILE = Query(
    "departments.set_profile",
    "UPDATE departments SET profile = $3 WHERE corp_id = $1 AND dept_id = $2",
)
SET_MEMBER_PROFILE = Query(
    "members.set_profile", "UPDATE members SET profile = $3 WHERE corp_id = $1 AND userid = $2"
)
SCOPE_OF_HOLDER = Query(
    "member_roles.scope",
    "SELECT scope FROM member_roles WHERE corp_id = $1 AND role_id = $2 AND userid = $3",
)
SCOPES_OF_MEMBER = Query(
    "member_roles.scopes_of_member",
    """SELECT role_id, scope FROM member_roles
       WHERE corp_id = $1 AND userid = $2 AND scope <> '[]'""",
)
# A corp has few authorisations, however many corps and members there are.
AUTH_SCOPES = Query(
    "authorisations.scopes_of_corp",
    """SELECT suite_key, auth_scopes FROM authorisations
       WHERE corp_id = $1 AND auth_scopes <> '' ORDER BY suite_key""",
)
DROP_FILE_PERMISSIONS = Query(
    "dentry_permissions.drop_member",
    """DELETE FROM dentry_permissions WHERE member_id = $3 AND member_type = $2
         AND space_no IN (SELECT space_no FROM spaces WHERE corp_id = $1)""",
)
