"""Announcements of a corp."""

from ..ports import Query

ANNOUNCEMENT = "announcement_id, author, title, content, details, created_at, modified_at"

INSERT = Query(
    "announcements.insert",
    """INSERT INTO announcements (announcement_id, corp_id, author, title, content, details,
                                created_at, modified_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7)""",
)
UPDATE = Query(
    "announcements.update",
    """UPDATE announcements SET author = $3, title = $4, content = $5, modified_at = $6
       WHERE corp_id = $1 AND announcement_id = $2""",
)
DELETE = Query(
    "announcements.delete",
    "DELETE FROM announcements WHERE corp_id = $1 AND announcement_id = $2",
)
BY_ID = Query(
    "announcements.by_id",
    f"SELECT {ANNOUNCEMENT} FROM announcements WHERE corp_id = $1 AND announcement_id = $2",
)
OF_CORP = Query(
    "announcements.of_corp",
    f"""SELECT {ANNOUNCEMENT} FROM announcements WHERE corp_id = $1
        ORDER BY created_at DESC, announcement_id LIMIT $2 OFFSET $3""",
)
