"""What a member's workbench shows: threads, their messages, and people to sign in as."""

from ..ports import Query
from .contacts import MEMBER
from .messages import MESSAGE

# For a sandbox: one corp's members by part of a name or by userid.
PEOPLE = Query(
    "inbox.people",
    rf"""SELECT {MEMBER} FROM members m WHERE m.corp_id = $1
          AND (lower(m.name) LIKE lower($2) ESCAPE '\' OR m.userid = $3)
        ORDER BY m.is_admin DESC, m.userid LIMIT $4""",
)
_ = MESSAGE
