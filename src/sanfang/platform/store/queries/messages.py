"""Messages, who got them and who has read them."""

from ..ports import Query

MESSAGE = (
    "m.message_id, m.corp_id, m.agent_id, m.msgtype, m.body, m.created_at, m.channel, m.app,"
    " m.sender, m.cid, m.message_key, m.receiver_count, m.invalid, m.recalled_at"
)

INSERT = Query(
    "messages.insert",
    """INSERT INTO messages (corp_id, agent_id, msgtype, body, created_at, channel, app, sender,
         cid, message_key, receiver_count, to_all, invalid)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING message_id""",
)
INSERT_RECIPIENT = Query(
    "message_recipients.insert",
    "INSERT INTO message_recipients (corp_id, userid, message_id, thread) VALUES ($1, $2, $3, $4)",
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
OF_CONVERSATION = Query(
    "messages.of_conversation",
    f"""SELECT {MESSAGE} FROM messages m WHERE m.cid = $4 AND m.corp_id = $1
          AND m.message_id > $2 ORDER BY m.message_id LIMIT $3""",
)
BY_ID = Query(
    "messages.by_id", f"SELECT {MESSAGE} FROM messages m WHERE m.corp_id = $1 AND m.message_id = $2"
)
BY_KEY = Query(
    "messages.by_key",
    f"""SELECT {MESSAGE} FROM messages m
        WHERE m.message_key = $2 AND m.message_key <> '' AND m.corp_id = $1""",
)
RECIPIENTS = Query(
    "message_recipients.of_message",
    """SELECT userid, read_at FROM message_recipients WHERE message_id = $1
       ORDER BY userid LIMIT $2""",
)
READERS = Query(
    "message_recipients.readers",
    """SELECT userid FROM message_recipients WHERE message_id = $1 AND read_at IS NOT NULL
       ORDER BY userid LIMIT $2 OFFSET $3""",
)
RECALL = Query(
    "messages.recall",
    """UPDATE messages SET recalled_at = $2 WHERE message_id = $1 AND recalled_at IS NULL""",
)
REWRITE = Query("messages.rewrite", "UPDATE messages SET body = $2 WHERE message_id = $1")

MARK_READ = Query(
    "message_recipients.mark_read",
    """UPDATE message_recipients SET read_at = $4
       WHERE corp_id = $1 AND userid = $2 AND message_id <= $3 AND read_at IS NULL""",
)
MARK_READ_OF_CONVERSATION = Query(
    "message_recipients.mark_read_of_conversation",
    """UPDATE message_recipients SET read_at = $4
       WHERE corp_id = $1 AND userid = $2 AND message_id <= $3 AND read_at IS NULL
         AND thread = $5""",
)
# Who said, and where, what somebody is about to read.
UNREAD_OF = Query(
    "message_recipients.unread_of",
    """SELECT DISTINCT m.sender, m.cid FROM message_recipients r
       JOIN messages m ON m.message_id = r.message_id
       WHERE r.corp_id = $1 AND r.userid = $2 AND r.message_id <= $3 AND r.read_at IS NULL
         AND m.sender <> '' LIMIT $4""",
)
UNREAD = Query(
    "message_recipients.unread",
    """SELECT m.cid, count(*) FROM message_recipients r
       JOIN messages m ON m.message_id = r.message_id
       WHERE r.corp_id = $1 AND r.userid = $2 AND r.read_at IS NULL AND m.recalled_at IS NULL
       GROUP BY m.cid""",
)

# What an app, or everybody, has sent since a moment: messages, receivers, messages to all.
SENT_BY_APP = Query(
    "messages.sent_by_app",
    """SELECT count(*), COALESCE(sum(receiver_count), 0)::bigint, COALESCE(sum(to_all), 0)::bigint
       FROM messages WHERE corp_id = $1 AND app = $2 AND app <> '' AND created_at > $3""",
)
SENT_TO_CORP = Query(
    "messages.sent_to_corp",
    """SELECT COALESCE(sum(receiver_count), 0)::bigint FROM messages
       WHERE corp_id = $1 AND app <> '' AND created_at > $2""",
)
