"""External contacts of a corp."""

from ..ports import Query

INSERT = Query(
    "external_contacts.insert",
    "INSERT INTO external_contacts (corp_id, userid, mobile, contact) VALUES ($1, $2, $3, $4)",
)
UPDATE = Query(
    "external_contacts.update",
    "UPDATE external_contacts SET contact = $3 WHERE corp_id = $1 AND userid = $2",
)
DELETE = Query(
    "external_contacts.delete",
    "DELETE FROM external_contacts WHERE corp_id = $1 AND userid = $2",
)
BY_ID = Query(
    "external_contacts.by_id",
    "SELECT userid, contact FROM external_contacts WHERE corp_id = $1 AND userid = $2",
)
BY_MOBILE = Query(
    "external_contacts.by_mobile",
    "SELECT userid FROM external_contacts WHERE corp_id = $1 AND mobile = $2",
)
PAGE = Query(
    "external_contacts.page",
    """SELECT userid, contact FROM external_contacts WHERE corp_id = $1
       ORDER BY userid LIMIT $2 OFFSET $3""",
)
