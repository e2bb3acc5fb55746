"""Departments and members."""

from ..ports import Query

DEPT = "dept_id, parent_id, name, sort_order"
MEMBER = (
    "m.userid, m.unionid, m.name, m.mobile, m.email, m.position, m.jobnumber,"
    " m.is_admin, m.is_boss, m.active"
)

INSERT_DEPT = Query(
    "departments.insert",
    """INSERT INTO departments (corp_id, dept_id, parent_id, name, sort_order)
       VALUES ($1, $2, $3, $4, $5)""",
)
UPDATE_DEPT = Query(
    "departments.update",
    """UPDATE departments SET parent_id = $3, name = $4, sort_order = $5
       WHERE corp_id = $1 AND dept_id = $2""",
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
    f"""WITH RECURSIVE below (dept_id, parent_id, name, sort_order) AS (
          SELECT {DEPT} FROM departments WHERE corp_id = $1 AND parent_id = $2
          UNION ALL
          SELECT d.dept_id, d.parent_id, d.name, d.sort_order
          FROM departments d JOIN below b ON d.parent_id = b.dept_id
          WHERE d.corp_id = $1)
        SELECT {DEPT} FROM below ORDER BY sort_order, dept_id LIMIT $3""",
)
ANCESTORS = Query(
    "departments.ancestors",
    """WITH RECURSIVE above (dept_id, parent_id) AS (
         SELECT dept_id, parent_id FROM departments WHERE corp_id = $1 AND dept_id = $2
         UNION ALL
         SELECT d.dept_id, d.parent_id
         FROM departments d JOIN above a ON d.dept_id = a.parent_id WHERE d.corp_id = $1)
       SELECT dept_id FROM above""",
)
DEPT_HAS_MEMBERS = Query(
    "departments.has_members",
    "SELECT 1 FROM member_departments WHERE corp_id = $1 AND dept_id = $2 LIMIT 1",
)

INSERT_MEMBER = Query(
    "members.insert",
    """INSERT INTO members (corp_id, userid, unionid, name, mobile, email, position, jobnumber,
                            is_admin, is_boss, active, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 1, $10)""",
)
UPDATE_MEMBER = Query(
    "members.update",
    """UPDATE members SET name = $3, mobile = $4, email = $5, position = $6, jobnumber = $7,
                          is_admin = $8
       WHERE corp_id = $1 AND userid = $2""",
)
DELETE_MEMBER = Query("members.delete", "DELETE FROM members WHERE corp_id = $1 AND userid = $2")
MEMBER_BY_ID = Query(
    "members.by_id", f"SELECT {MEMBER} FROM members m WHERE m.corp_id = $1 AND m.userid = $2"
)
MEMBER_BY_MOBILE = Query(
    "members.by_mobile",
    f"SELECT {MEMBER} FROM members m WHERE m.corp_id = $1 AND m.mobile = $2 AND m.mobile <> ''",
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
MEMBERS_OF_DEPT = Query(
    "members.of_dept",
    f"""SELECT {MEMBER} FROM member_departments d
        JOIN members m ON m.corp_id = d.corp_id AND m.userid = d.userid
        WHERE d.corp_id = $1 AND d.dept_id = $2
        ORDER BY d.userid LIMIT $3 OFFSET $4""",
)
MEMBER_COUNT = Query("members.count", "SELECT count(*) FROM members WHERE corp_id = $1")

ADD_DEPT_OF_MEMBER = Query(
    "member_departments.insert",
    """INSERT INTO member_departments (corp_id, dept_id, userid, is_leader)
       VALUES ($1, $2, $3, 0)""",
)
CLEAR_DEPTS_OF_MEMBER = Query(
    "member_departments.clear",
    "DELETE FROM member_departments WHERE corp_id = $1 AND userid = $2",
)
DEPTS_OF_MEMBER = Query(
    "member_departments.of_member",
    """SELECT dept_id FROM member_departments WHERE corp_id = $1 AND userid = $2
       ORDER BY dept_id""",
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
