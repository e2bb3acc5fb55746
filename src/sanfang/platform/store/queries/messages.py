"""Messages sent by apps, and who got them."""

from ..ports import Query

MESSAGE = "m.message_id, m.corp_id, m.agent_id, m.msgtype, m.body, m.created_at"

INSERT = Query(
    "messages.insert",
    """INSERT INTO messages (corp_id, agent_id, msgtype, body, created_at)
       VALUES ($1, $2, $3, $4, $5) RETURNING message_id""",
)
INSERT_RECIPIENT = Query(
    "message_recipients.insert",
    "INSERT INTO message_recipients (corp_id, userid, message_id) VALUES ($1, $2, $3)",
)
OF_CORP = Query(
    "messages.of_corp",
    f"""SELECT {MESSAGE} FROM messages m WHERE m.corp_id = $1 AND m.message_id > $2
        ORDER BY m.message_id LIMIT $3""",
)
OF_MEMBER = Query(
    "messages.of_member",
    f"""SELECT {MESSAGE} FROM message_recipients r
        JOIN messages m ON m.message_id = r.message_id
        WHERE r.corp_id = $1 AND r.userid = $4 AND r.message_id > $2
        ORDER BY r.message_id LIMIT $3""",
)
RECIPIENTS = Query(
    "message_recipients.of_message",
    """SELECT userid FROM message_recipients WHERE corp_id = $1 AND message_id = $2
       ORDER BY userid LIMIT 1000""",
)
