"""Check-ins, attendance records and leaves."""

from ..ports import Query

CHECK_IN = (
    "c.check_in_id, c.userid, c.checked_at, c.place, c.detail_place, c.remark, c.latitude,"
    " c.longitude, c.images"
)
RECORD = (
    "record_id, userid, work_date, check_type, base_check_at, user_check_at, time_result,"
    " location_result, source_type, details"
)
LEAVE = "leave_id, userid, starts_at, ends_at, duration_unit, duration_percent"

INSERT_CHECK_IN = Query(
    "check_ins.insert",
    """INSERT INTO check_ins (corp_id, userid, checked_at, place, detail_place, remark, latitude,
                            longitude, images)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING check_in_id""",
)
CHECK_INS_OF_USER = Query(
    "check_ins.of_user",
    f"""SELECT {CHECK_IN} FROM check_ins c
        WHERE c.corp_id = $1 AND c.userid = $2 AND c.checked_at >= $3 AND c.checked_at <= $4
        ORDER BY c.checked_at, c.check_in_id LIMIT $5""",
)
_OF_DEPARTMENT = f"""
    WITH RECURSIVE below (dept_id) AS (
      SELECT dept_id FROM departments WHERE corp_id = $1 AND dept_id = $2
      UNION ALL
      SELECT d.dept_id FROM departments d JOIN below b ON d.parent_id = b.dept_id
      WHERE d.corp_id = $1)
    SELECT {CHECK_IN} FROM check_ins c
    WHERE c.corp_id = $1 AND c.checked_at >= $3 AND c.checked_at <= $4
      AND EXISTS (SELECT 1 FROM member_departments m JOIN below b ON b.dept_id = m.dept_id
                  WHERE m.corp_id = $1 AND m.userid = c.userid)"""
CHECK_INS_OF_DEPT = Query(
    "check_ins.of_dept",
    _OF_DEPARTMENT + " ORDER BY c.checked_at, c.check_in_id LIMIT $5 OFFSET $6",
)
CHECK_INS_OF_DEPT_BACK = Query(
    "check_ins.of_dept_back",
    _OF_DEPARTMENT + " ORDER BY c.checked_at DESC, c.check_in_id DESC LIMIT $5 OFFSET $6",
)

INSERT_RECORD = Query(
    "attendance_records.insert",
    """INSERT INTO attendance_records (corp_id, userid, work_date, check_type, base_check_at,
                            user_check_at, time_result, location_result, source_type, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING record_id""",
)
BY_WORK_DATE = Query(
    "attendance_records.by_work_date",
    f"""SELECT {RECORD} FROM attendance_records
        WHERE corp_id = $1 AND userid = $2 AND work_date >= $3 AND work_date <= $4
        ORDER BY work_date, record_id LIMIT $5""",
)
BY_CHECK_TIME = Query(
    "attendance_records.by_check_time",
    f"""SELECT {RECORD} FROM attendance_records
        WHERE corp_id = $1 AND userid = $2 AND user_check_at >= $3 AND user_check_at <= $4
          AND time_result <> 'NotSigned'
        ORDER BY user_check_at, record_id LIMIT $5""",
)

INSERT_LEAVE = Query(
    "leaves.insert",
    """INSERT INTO leaves (corp_id, userid, starts_at, ends_at, duration_unit, duration_percent)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING leave_id""",
)
LEAVES = Query(
    "leaves.of_user",
    f"""SELECT {LEAVE} FROM leaves
        WHERE corp_id = $1 AND userid = $2 AND starts_at <= $4 AND ends_at >= $3
        ORDER BY starts_at, leave_id LIMIT $5""",
)
