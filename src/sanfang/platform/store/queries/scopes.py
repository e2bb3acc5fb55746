"""Which of its contacts a corp lets a suite see."""

from ..ports import Query

SET = Query(
    "authorisations.set_scopes",
    "UPDATE authorisations SET auth_scopes = $3 WHERE suite_key = $1 AND corp_id = $2",
)
OF = Query(
    "authorisations.scopes",
    "SELECT auth_scopes FROM authorisations WHERE suite_key = $1 AND corp_id = $2",
)
