"""Reports of members, their templates, readers and comments."""

from ..ports import Query

TEMPLATE = "template_id, name, fields"
REPORT = (
    "report_no, report_id, template_id, template_name, creator, creator_name, dept_name, draft,"
    " contents, details, created_at, modified_at"
)

INSERT_TEMPLATE = Query(
    "report_templates.insert",
    """INSERT INTO report_templates (template_id, corp_id, name, fields, created_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (corp_id, name) DO NOTHING""",
)
TEMPLATES = Query(
    "report_templates.of_corp",
    f"SELECT {TEMPLATE} FROM report_templates WHERE corp_id = $1 ORDER BY created_at, name",
)

INSERT = Query(
    "reports.insert",
    """INSERT INTO reports (report_id, corp_id, template_id, template_name, creator, creator_name,
                            dept_name, draft, contents, details, created_at, modified_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) RETURNING report_no""",
)
BY_ID = Query(
    "reports.by_id",
    f"SELECT {REPORT} FROM reports WHERE report_id = $2 AND corp_id = $1 AND draft = 0",
)
OF_CORP = Query(
    "reports.of_corp",
    f"""SELECT {REPORT} FROM reports
        WHERE corp_id = $1 AND draft = 0 AND report_no > $2 AND created_at >= $3
          AND created_at <= $4 AND modified_at >= $5 AND modified_at <= $6
          AND ($7 = '' OR template_name = $7)
        ORDER BY report_no LIMIT $8""",
)
OF_CREATOR = Query(
    "reports.of_creator",
    f"""SELECT {REPORT} FROM reports
        WHERE corp_id = $1 AND draft = 0 AND report_no > $2 AND created_at >= $3
          AND created_at <= $4 AND modified_at >= $5 AND modified_at <= $6
          AND ($7 = '' OR template_name = $7) AND creator = $9
        ORDER BY report_no LIMIT $8""",
)

INSERT_RECEIVER = Query(
    "report_people.insert",
    "INSERT INTO report_people (report_no, corp_id, userid, receiver) VALUES ($1, $2, $3, 1)",
)
READ = Query(
    "report_people.read",
    """INSERT INTO report_people (report_no, corp_id, userid, receiver, read_at)
       VALUES ($1, $2, $3, 0, $4) ON CONFLICT (report_no, userid)
       DO UPDATE SET read_at = coalesce(report_people.read_at, excluded.read_at)""",
)
LIKE = Query(
    "report_people.like",
    """INSERT INTO report_people (report_no, corp_id, userid, receiver, read_at, liked_at)
       VALUES ($1, $2, $3, 0, $4, $4) ON CONFLICT (report_no, userid)
       DO UPDATE SET read_at = coalesce(report_people.read_at, excluded.read_at),
                     liked_at = coalesce(report_people.liked_at, excluded.liked_at)""",
)
UNREAD = Query(
    "report_people.unread",
    """SELECT count(*) FROM report_people
       WHERE corp_id = $1 AND userid = $2 AND receiver = 1 AND read_at IS NULL""",
)
RECEIVERS = Query(
    "report_people.receivers",
    """SELECT userid FROM report_people WHERE report_no = $1 AND receiver = 1
       ORDER BY userid LIMIT $3 OFFSET $2""",
)
READERS = Query(
    "report_people.readers",
    """SELECT userid FROM report_people WHERE report_no = $1 AND read_at IS NOT NULL
       ORDER BY userid LIMIT $3 OFFSET $2""",
)
LIKERS = Query(
    "report_people.likers",
    """SELECT userid FROM report_people WHERE report_no = $1 AND liked_at IS NOT NULL
       ORDER BY userid LIMIT $3 OFFSET $2""",
)
COMMENTERS = Query(
    "report_comments.people",
    """SELECT DISTINCT userid FROM report_comments WHERE report_no = $1
       ORDER BY userid LIMIT $3 OFFSET $2""",
)
COUNTS = Query(
    "report_people.counts",
    """SELECT (SELECT count(*) FROM report_people WHERE report_no = $1 AND read_at IS NOT NULL),
              (SELECT count(*) FROM report_people WHERE report_no = $1 AND liked_at IS NOT NULL),
              (SELECT count(*) FROM report_comments WHERE report_no = $1),
              (SELECT count(DISTINCT userid) FROM report_comments WHERE report_no = $1)""",
)

INSERT_COMMENT = Query(
    "report_comments.insert",
    """INSERT INTO report_comments (report_no, userid, content, created_at)
       VALUES ($1, $2, $3, $4)""",
)
COMMENTS = Query(
    "report_comments.of_report",
    """SELECT userid, content, created_at FROM report_comments WHERE report_no = $1
       ORDER BY comment_id LIMIT $3 OFFSET $2""",
)
