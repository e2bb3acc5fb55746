"""Conversations between two members and group chats, with their members, bound apps and robots."""

from ..ports import Query

CONVERSATION = (
    "c.cid, c.chatid, c.corp_id, c.kind, c.title, c.owner, c.icon, c.template_id, c.options,"
    " c.status, c.created_at"
)

INSERT = Query(
    "conversations.insert",
    """INSERT INTO conversations (cid, chatid, corp_id, kind, pair, title, owner, icon,
         template_id, options, status, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)""",
)
BY_CID = Query(
    "conversations.by_cid",
    f"SELECT {CONVERSATION} FROM conversations c WHERE c.cid = $2 AND c.corp_id = $1",
)
BY_CHATID = Query(
    "conversations.by_chatid",
    f"SELECT {CONVERSATION} FROM conversations c WHERE c.chatid = $2 AND c.corp_id = $1",
)
BY_PAIR = Query(
    "conversations.by_pair",
    f"""SELECT {CONVERSATION} FROM conversations c
        WHERE c.corp_id = $1 AND c.pair = $2 AND c.pair <> ''""",
)
LOCK = Query("conversations.lock", "SELECT cid FROM conversations WHERE cid = $1 FOR UPDATE")
OF_CORP = Query(
    "conversations.of_corp",
    f"""SELECT {CONVERSATION} FROM conversations c WHERE c.corp_id = $1 AND c.cid > $2
        ORDER BY c.cid LIMIT $3""",
)
OF_MEMBER = Query(
    "conversations.of_member",
    f"""SELECT {CONVERSATION} FROM conversation_members p JOIN conversations c ON c.cid = p.cid
        WHERE p.corp_id = $1 AND p.userid = $4 AND p.cid > $2 ORDER BY p.cid LIMIT $3""",
)
ALL_OF_MEMBER = Query(
    "conversations.all_of_member",
    "SELECT cid FROM conversation_members WHERE corp_id = $1 AND userid = $2 ORDER BY cid",
)
# The conversation of two of whom one has left the corp: who comes by the same userid gets a new one.
UNPAIR = Query("conversations.unpair", "UPDATE conversations SET pair = '' WHERE cid = $1")
SET_OWNER = Query("conversations.set_owner", "UPDATE conversations SET owner = $2 WHERE cid = $1")
UPDATE = Query(
    "conversations.update",
    "UPDATE conversations SET title = $2, owner = $3, icon = $4, options = $5 WHERE cid = $1",
)
DISBAND = Query(
    "conversations.disband", "UPDATE conversations SET status = 2 WHERE cid = $1 AND status = 1"
)

ADD_MEMBER = Query(
    "conversation_members.add",
    """INSERT INTO conversation_members (cid, corp_id, userid, is_admin, nick, muted_from,
         muted_until)
       VALUES ($1, $2, $3, 0, '', 0, 0) ON CONFLICT (cid, userid) DO NOTHING""",
)
REMOVE_MEMBER = Query(
    "conversation_members.remove",
    "DELETE FROM conversation_members WHERE cid = $1 AND userid = $2",
)
# Whoever has left the corp has left its chats.
MEMBERS = Query(
    "conversation_members.of_conversation",
    """SELECT p.userid, m.unionid, m.name, p.is_admin, p.nick, p.muted_from, p.muted_until
       FROM conversation_members p
       JOIN members m ON m.corp_id = p.corp_id AND m.userid = p.userid
       WHERE p.cid = $1 ORDER BY p.userid LIMIT 1001""",
)
SET_ADMIN = Query(
    "conversation_members.set_admin",
    "UPDATE conversation_members SET is_admin = $3 WHERE cid = $1 AND userid = $2",
)
SET_NICK = Query(
    "conversation_members.set_nick",
    "UPDATE conversation_members SET nick = $3 WHERE cid = $1 AND userid = $2",
)
MUTE = Query(
    "conversation_members.mute",
    """UPDATE conversation_members SET muted_from = $3, muted_until = $4
       WHERE cid = $1 AND userid = $2""",
)

APPS = Query(
    "conversation_apps.of_conversation",
    "SELECT agent_id, suite_key FROM conversation_apps WHERE cid = $1 ORDER BY agent_id",
)
BIND = Query(
    "conversation_apps.bind",
    "INSERT INTO conversation_apps (cid, agent_id, suite_key) VALUES ($1, $2, $3)",
)
UNBIND = Query(
    "conversation_apps.unbind",
    "DELETE FROM conversation_apps WHERE cid = $1 AND agent_id = $2",
)

ROBOT = (
    "r.robot_id, r.corp_id, r.cid, r.name, r.secret, r.keywords, r.ip_whitelist, r.stopped,"
    " c.status"
)
INSERT_ROBOT = Query(
    "webhook_robots.insert",
    """INSERT INTO webhook_robots (token_hash, corp_id, cid, name, secret, keywords, ip_whitelist,
         stopped)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 0) RETURNING robot_id""",
)
ROBOT_BY_TOKEN = Query(
    "webhook_robots.by_token",
    f"""SELECT {ROBOT} FROM webhook_robots r JOIN conversations c ON c.cid = r.cid
        WHERE r.token_hash = $1""",
)
ROBOTS = Query(
    "webhook_robots.of_conversation",
    f"""SELECT {ROBOT} FROM webhook_robots r JOIN conversations c ON c.cid = r.cid
        WHERE r.cid = $1 ORDER BY r.robot_id LIMIT 100""",
)
