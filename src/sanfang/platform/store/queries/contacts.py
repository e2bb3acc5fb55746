"""Departments and members."""

from ..ports import Query

DEPT = "dept_id, parent_id, name, sort_order, profile"
MEMBER = (
    "m.userid, m.unionid, m.name, m.mobile, m.email, m.position, m.jobnumber,"
    " m.is_admin, m.is_boss, m.active, m.profile"
)
PLACE = "p.dept_id, p.sort_order, p.is_leader, p.title"

INSERT_DEPT = Query(
    "departments.insert",
    """INSERT INTO departments (corp_id, dept_id, parent_id, name, sort_order, profile)
       VALUES ($1, $2, $3, $4, $5, $6)""",
)
UPDATE_DEPT = Query(
    "departments.update",
    """UPDATE departments SET parent_id = $3, name = $4, sort_order = $5, profile = $6
       WHERE corp_id = $1 AND dept_id = $2""",
)
RENAME_DEPT = Query(
    "departments.rename", "UPDATE departments SET name = $3 WHERE corp_id = $1 AND dept_id = $2"
)
DELETE_DEPT = Query(
    "departments.delete", "DELETE FROM departments WHERE corp_id = $1 AND dept_id = $2"
)
DEPT_BY_ID = Query(
    "departments.by_id", f"SELECT {DEPT} FROM departments WHERE corp_id = $1 AND dept_id = $2"
)
DEPT_BY_NAME = Query(
    "departments.by_name",
    f"SELECT {DEPT} FROM departments WHERE corp_id = $1 AND parent_id = $2 AND name = $3",
)
CHILDREN = Query(
    "departments.children",
    f"""SELECT {DEPT} FROM departments WHERE corp_id = $1 AND parent_id = $2
        ORDER BY sort_order, dept_id LIMIT $3""",
)
DESCENDANTS = Query(
    "departments.descendants",
    f"""WITH RECURSIVE below (dept_id, parent_id, name, sort_order, profile) AS (
          SELECT {DEPT} FROM departments WHERE corp_id = $1 AND parent_id = $2
          UNION ALL
          SELECT d.dept_id, d.parent_id, d.name, d.sort_order, d.profile
          FROM departments d JOIN below b ON d.parent_id = b.dept_id
          WHERE d.corp_id = $1)
        SELECT {DEPT} FROM below ORDER BY sort_order, dept_id LIMIT $3""",
)
# From a department up to the root, itself first.
ANCESTORS = Query(
    "departments.ancestors",
    """WITH RECURSIVE above (dept_id, parent_id, steps) AS (
         SELECT dept_id, parent_id, 0 FROM departments WHERE corp_id = $1 AND dept_id = $2
         UNION ALL
         SELECT d.dept_id, d.parent_id, a.steps + 1
         FROM departments d JOIN above a ON d.dept_id = a.parent_id WHERE d.corp_id = $1)
       SELECT dept_id FROM above ORDER BY steps""",
)
# The departments a member lies in: its own and all above them. The condition on is_leader is always
# true; without it SQLite reads the index of a corp's whole order, because that has every column asked for.
AROUND_MEMBER = Query(
    "member_departments.around",
    """WITH RECURSIVE above (dept_id) AS (
         SELECT dept_id FROM member_departments
         WHERE corp_id = $1 AND userid = $2 AND is_leader >= 0
         UNION
         SELECT d.parent_id FROM departments d JOIN above a ON d.dept_id = a.dept_id
         WHERE d.corp_id = $1)
       SELECT dept_id FROM above""",
)
# How many levels lie below a department.
HEIGHT = Query(
    "departments.height",
    """WITH RECURSIVE below (dept_id, steps) AS (
         SELECT dept_id, 0 FROM departments WHERE corp_id = $1 AND dept_id = $2
         UNION ALL
         SELECT d.dept_id, b.steps + 1
         FROM departments d JOIN below b ON d.parent_id = b.dept_id WHERE d.corp_id = $1)
       SELECT max(steps) FROM below""",
)
DEPT_SEARCH = Query(
    "departments.search",
    r"""SELECT dept_id FROM departments
        WHERE corp_id = $1 AND lower(name) LIKE lower($2) ESCAPE '\'
        ORDER BY dept_id LIMIT $3""",
)
DEPT_HAS_MEMBERS = Query(
    "departments.has_members",
    "SELECT 1 FROM member_departments WHERE corp_id = $1 AND dept_id = $2 LIMIT 1",
)
COUNT_OF_DEPT = Query(
    "departments.count_members",
    "SELECT count(*) FROM member_departments WHERE corp_id = $1 AND dept_id = $2",
)
LEADERS = Query(
    "departments.leaders",
    """SELECT userid FROM member_departments
       WHERE corp_id = $1 AND dept_id = $2 AND is_leader = 1 ORDER BY userid""",
)
CLEAR_LEADERS = Query(
    "departments.clear_leaders",
    """UPDATE member_departments SET is_leader = 0
       WHERE corp_id = $1 AND dept_id = $2 AND is_leader = 1""",
)
SET_LEADER = Query(
    "departments.set_leader",
    """UPDATE member_departments SET is_leader = 1
       WHERE corp_id = $1 AND dept_id = $2 AND userid = $3""",
)

INSERT_MEMBER = Query(
    "members.insert",
    """INSERT INTO members (corp_id, userid, unionid, name, mobile, email, position, jobnumber,
                            is_admin, is_boss, active, created_at, modified_at, profile)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 1, $10, $10, $11)""",
)
UPDATE_MEMBER = Query(
    "members.update",
    """UPDATE members SET name = $3, mobile = $4, email = $5, position = $6, jobnumber = $7,
                          profile = $8, modified_at = $9
       WHERE corp_id = $1 AND userid = $2""",
)
SET_ADMIN = Query(
    "members.set_admin",
    "UPDATE members SET is_admin = $3, profile = $4 WHERE corp_id = $1 AND userid = $2",
)
SET_ACTIVE = Query(
    "members.set_active",
    "UPDATE members SET active = $3 WHERE corp_id = $1 AND userid = $2 AND active <> $3",
)
DELETE_MEMBER = Query("members.delete", "DELETE FROM members WHERE corp_id = $1 AND userid = $2")
MEMBER_BY_ID = Query(
    "members.by_id", f"SELECT {MEMBER} FROM members m WHERE m.corp_id = $1 AND m.userid = $2"
)
# A row per place, and whether there are roles to ask for: one trip for nearly every member. Unordered,
# because for the order SQLite would walk all places of the corp.
MEMBER_AND_PLACES = Query(
    "members.with_places",
    f"""SELECT {MEMBER}, {PLACE}, EXISTS (SELECT 1 FROM member_roles h
          WHERE h.corp_id = m.corp_id AND h.userid = m.userid)
        FROM members m LEFT JOIN member_departments p
          ON p.corp_id = m.corp_id AND p.userid = m.userid
        WHERE m.corp_id = $1 AND m.userid = $2""",
)
ROLES_OF_MEMBER = Query(
    "member_roles.of_member",
    """SELECT r.role_id, r.name, g.name FROM member_roles h
       JOIN roles r ON r.role_id = h.role_id JOIN role_groups g ON g.group_id = r.group_id
       WHERE h.corp_id = $1 AND h.userid = $2 ORDER BY r.role_id""",
)
MEMBER_BY_MOBILE = Query(
    "members.by_mobile",
    f"SELECT {MEMBER} FROM members m WHERE m.corp_id = $1 AND m.mobile = $2 AND m.mobile <> ''",
)
MEMBER_BY_TELEPHONE = Query(
    "members.by_telephone",
    "SELECT userid FROM members WHERE corp_id = $1 AND telephone = $2 AND telephone <> ''",
)
SET_TELEPHONE = Query(
    "members.set_telephone", "UPDATE members SET telephone = $3 WHERE corp_id = $1 AND userid = $2"
)
# Whether there are more than $n members: read from an index that far and no further.
MORE_MEMBERS_THAN = Query(
    "members.more_than",
    "SELECT userid FROM members WHERE corp_id = $1 ORDER BY userid LIMIT 1 OFFSET $2",
)
MORE_IN_DEPT_THAN = Query(
    "member_departments.more_than",
    """SELECT userid FROM member_departments WHERE corp_id = $1 AND dept_id = $2
       ORDER BY userid LIMIT 1 OFFSET $3""",
)
MORE_DEPTS_THAN = Query(
    "departments.more_than",
    "SELECT dept_id FROM departments WHERE corp_id = $1 ORDER BY dept_id LIMIT 1 OFFSET $2",
)
MEMBER_BY_EMAIL = Query(
    "members.by_email",
    f"SELECT {MEMBER} FROM members m WHERE m.corp_id = $1 AND m.email = $2 AND m.email <> ''",
)
MEMBER_BY_UNIONID = Query(
    "members.by_unionid",
    f"SELECT {MEMBER} FROM members m WHERE m.unionid = $2 AND m.corp_id = $1",
)
UNIONID_OF_MOBILE = Query(
    "members.unionid_of_mobile",
    "SELECT unionid FROM members WHERE mobile = $1 AND mobile <> '' LIMIT 1",
)
PLAIN_CORPS_OF_MOBILE = Query(
    "members.plain_corps_of_mobile",
    """SELECT count(*) FROM members m JOIN corps c ON c.corp_id = m.corp_id
       WHERE m.mobile = $1 AND m.mobile <> '' AND c.is_authenticated = 0""",
)
MEMBER_COUNT = Query("members.count", "SELECT count(*) FROM members WHERE corp_id = $1")
ACTIVE_COUNT = Query(
    "members.count_active", "SELECT count(*) FROM members WHERE corp_id = $1 AND active = 1"
)
ADMINS = Query(
    "members.admins",
    """SELECT userid, is_admin FROM members WHERE corp_id = $1 AND is_admin > 0
       ORDER BY is_admin, userid LIMIT 1000""",
)
MEMBER_SEARCH = Query(
    "members.search",
    r"""SELECT userid FROM members
        WHERE corp_id = $1 AND lower(name) LIKE lower($2) ESCAPE '\'
        ORDER BY userid LIMIT $3""",
)
MEMBERS_NAMED = Query(
    "members.named",
    "SELECT userid FROM members WHERE corp_id = $1 AND name = $2 ORDER BY userid LIMIT $3",
)
BY_ACTIVITY = Query(
    "members.by_activity",
    """SELECT userid FROM members WHERE corp_id = $1 AND active = $2
       ORDER BY userid LIMIT $3 OFFSET $4""",
)

LEFT = Query(
    "left_members.insert",
    """INSERT INTO left_members (corp_id, userid, name, mobile, reason, left_at)
       VALUES ($1, $2, $3, $4, $5, $6)""",
)
LEFT_BETWEEN = Query(
    "left_members.between",
    """SELECT left_id, userid, name, mobile, reason, left_at FROM left_members
       WHERE corp_id = $1 AND left_at >= $2 AND left_at <= $3 AND left_id > $4
       ORDER BY left_id LIMIT $5""",
)

ADD_DEPT_OF_MEMBER = Query(
    "member_departments.insert",
    """INSERT INTO member_departments
         (corp_id, dept_id, userid, is_leader, sort_order, title, entered_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)""",
)
KEEP_DEPT_OF_MEMBER = Query(
    "member_departments.update",
    """UPDATE member_departments SET sort_order = $4, title = $5
       WHERE corp_id = $1 AND dept_id = $2 AND userid = $3""",
)
LEAVE_DEPT = Query(
    "member_departments.leave",
    "DELETE FROM member_departments WHERE corp_id = $1 AND dept_id = $2 AND userid = $3",
)
CLEAR_DEPTS_OF_MEMBER = Query(
    "member_departments.clear",
    "DELETE FROM member_departments WHERE corp_id = $1 AND userid = $2",
)
USERIDS_OF_DEPT = Query(
    "member_departments.userids",
    """SELECT userid FROM member_departments WHERE corp_id = $1 AND dept_id = $2
       ORDER BY userid LIMIT $3""",
)
USERIDS_BELOW = Query(
    "member_departments.userids_below",
    """WITH RECURSIVE below (dept_id) AS (
         SELECT dept_id FROM departments WHERE corp_id = $1 AND dept_id = $2
         UNION ALL
         SELECT d.dept_id FROM departments d JOIN below b ON d.parent_id = b.dept_id
         WHERE d.corp_id = $1)
       SELECT DISTINCT m.userid FROM member_departments m
       JOIN below b ON b.dept_id = m.dept_id WHERE m.corp_id = $1""",
)


def _page(order: str, key: str, direction: str) -> Query:
    """A page of a department with every place of its members: a row per member and place."""
    return Query(
        f"members.of_dept_{order}",
        f"""SELECT {MEMBER}, {PLACE} FROM (
              SELECT d.userid, {key} AS rank FROM member_departments d
              JOIN members o ON o.corp_id = d.corp_id AND o.userid = d.userid
              WHERE d.corp_id = $1 AND d.dept_id = $2
              ORDER BY {key} {direction}, d.userid LIMIT $3 OFFSET $4) page
            JOIN members m ON m.corp_id = $1 AND m.userid = page.userid
            JOIN member_departments p ON p.corp_id = $1 AND p.userid = page.userid
            ORDER BY page.rank {direction}, page.userid, p.dept_id""",
    )


PAGES = {
    "custom": _page("custom", "d.sort_order", "DESC"),
    "entry_asc": _page("entry_asc", "d.entered_at", "ASC"),
    "entry_desc": _page("entry_desc", "d.entered_at", "DESC"),
    "modify_asc": _page("modify_asc", "o.modified_at", "ASC"),
    "modify_desc": _page("modify_desc", "o.modified_at", "DESC"),
}
