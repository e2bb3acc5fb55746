"""Roles, their groups, and who holds them."""

from ..ports import Query

INSERT_GROUP = Query(
    "role_groups.insert",
    "INSERT INTO role_groups (corp_id, name) VALUES ($1, $2) RETURNING group_id",
)
GROUP = Query(
    "role_groups.by_id",
    "SELECT group_id, name FROM role_groups WHERE corp_id = $1 AND group_id = $2",
)
GROUP_NAMED = Query(
    "role_groups.named", "SELECT group_id FROM role_groups WHERE corp_id = $1 AND name = $2"
)
ROLES_OF_GROUP = Query(
    "roles.of_group",
    """SELECT role_id, name FROM roles WHERE corp_id = $1 AND group_id = $2
       ORDER BY role_id LIMIT 1000""",
)
INSERT = Query(
    "roles.insert",
    "INSERT INTO roles (corp_id, group_id, name) VALUES ($1, $2, $3) RETURNING role_id",
)
RENAME = Query("roles.rename", "UPDATE roles SET name = $3 WHERE corp_id = $1 AND role_id = $2")
DELETE = Query("roles.delete", "DELETE FROM roles WHERE corp_id = $1 AND role_id = $2")
BY_ID = Query(
    "roles.by_id", "SELECT role_id, group_id, name FROM roles WHERE corp_id = $1 AND role_id = $2"
)
NAMED = Query(
    "roles.named",
    "SELECT role_id FROM roles WHERE corp_id = $1 AND group_id = $2 AND name = $3",
)
# A group without roles has one row, with NULL for the role.
PAGE = Query(
    "roles.page",
    """SELECT g.group_id, g.name, r.role_id, r.name FROM role_groups g
       LEFT JOIN roles r ON r.corp_id = g.corp_id AND r.group_id = g.group_id
       WHERE g.corp_id = $1 ORDER BY g.group_id, r.role_id LIMIT $2 OFFSET $3""",
)
GIVE = Query(
    "member_roles.insert",
    """INSERT INTO member_roles (corp_id, role_id, userid, scope) VALUES ($1, $2, $3, '[]')
       ON CONFLICT (corp_id, role_id, userid) DO NOTHING""",
)
TAKE = Query(
    "member_roles.delete",
    "DELETE FROM member_roles WHERE corp_id = $1 AND role_id = $2 AND userid = $3",
)
FORGET_MEMBER = Query(
    "member_roles.forget", "DELETE FROM member_roles WHERE corp_id = $1 AND userid = $2"
)
IS_HELD = Query(
    "member_roles.is_held",
    "SELECT 1 FROM member_roles WHERE corp_id = $1 AND role_id = $2 LIMIT 1",
)
SET_SCOPE = Query(
    "member_roles.set_scope",
    """UPDATE member_roles SET scope = $4
       WHERE corp_id = $1 AND role_id = $2 AND userid = $3""",
)
HOLDERS = Query(
    "member_roles.holders",
    """SELECT h.userid, m.name, h.scope FROM member_roles h
       JOIN members m ON m.corp_id = h.corp_id AND m.userid = h.userid
       WHERE h.corp_id = $1 AND h.role_id = $2 ORDER BY h.userid LIMIT $3 OFFSET $4""",
)
