"""What a member's workbench shows: threads, their messages, and people to sign in as.

A thread is a conversation's cid, or ``app:`` and the agentid or key of an app that wrote to the
member alone (migration 0012). What a member said is found through ``messages``, as nobody is a
receiver of one's own message.
"""

from ..ports import Query
from .contacts import MEMBER
from .conversations import CONVERSATION
from .corps import CORP_COLUMNS
from .messages import MESSAGE

# For a sandbox: one corp's members by part of a name or by userid.
PEOPLE = Query(
    "inbox.people",
    rf"""SELECT {MEMBER} FROM members m WHERE m.corp_id = $1
          AND (lower(m.name) LIKE lower($2) ESCAPE '\' OR m.userid = $3)
        ORDER BY m.is_admin DESC, m.userid LIMIT $4""",
)

# And corps, by their id first of all, else by part of the name: one pass over a sandbox's corps.
CORPS = Query(
    "inbox.corps",
    rf"""SELECT {CORP_COLUMNS} FROM corps WHERE corp_id = $1 AND dissolved_at IS NULL
        UNION ALL
        SELECT * FROM (SELECT {CORP_COLUMNS} FROM corps
          WHERE lower(name) LIKE lower($2) ESCAPE '\' AND dissolved_at IS NULL AND corp_id <> $1
          ORDER BY corp_id LIMIT $3) named""",
)

# A message as one member sees it: who said it, when this member read it, how many others did.
_ITEM = f"""{MESSAGE}, COALESCE(s.name, ''), r.thread, r.read_at,
    CASE WHEN m.sender = $2 THEN (SELECT count(*) FROM message_recipients x
      WHERE x.message_id = m.message_id AND x.read_at IS NOT NULL) ELSE 0 END"""
_SENDER = "LEFT JOIN members s ON s.corp_id = m.corp_id AND s.userid = m.sender AND m.sender <> ''"
_MINE = """LEFT JOIN message_recipients r
           ON r.corp_id = $1 AND r.userid = $2 AND r.message_id = m.message_id"""

PAGE = Query(
    "inbox.page",
    f"""SELECT {_ITEM} FROM messages m {_SENDER} {_MINE}
        WHERE m.corp_id = $1 AND m.message_id IN (
          SELECT g.message_id FROM (
            SELECT message_id FROM message_recipients
            WHERE corp_id = $1 AND userid = $2 AND thread = $3 AND message_id < $4
            ORDER BY message_id DESC LIMIT $5) g
          UNION
          SELECT o.message_id FROM (
            SELECT message_id FROM messages
            WHERE cid = $3 AND sender = $2 AND sender <> '' AND message_id < $4
            ORDER BY message_id DESC LIMIT $5) o)
          AND m.created_at >= $6
        ORDER BY m.message_id DESC LIMIT $5""",
)
ITEM = Query(
    "inbox.item",
    f"""SELECT {_ITEM} FROM messages m {_SENDER} {_MINE}
        WHERE m.corp_id = $1 AND m.message_id = $3""",
)
SINCE = Query(
    "inbox.since",
    f"""SELECT {_ITEM} FROM message_recipients r
        JOIN messages m ON m.message_id = r.message_id {_SENDER}
        WHERE r.corp_id = $1 AND r.userid = $2 AND r.message_id > $3
        ORDER BY r.message_id LIMIT $4""",
)
LAST = Query(
    "inbox.last",
    "SELECT max(message_id) FROM message_recipients WHERE corp_id = $1 AND userid = $2",
)

# Since when somebody has this userid: what a former holder of it got is none of theirs.
JOINED = Query("inbox.joined", "SELECT created_at FROM members WHERE corp_id = $1 AND userid = $2")

# The last message of each thread: from one thread to the next through the index, however many
# messages lie between.
LAST_RECEIVED = Query(
    "inbox.last_received",
    f"""WITH RECURSIVE t (thread) AS (
          SELECT (SELECT min(f.thread) FROM message_recipients f
                  WHERE f.corp_id = $1 AND f.userid = $2)
          UNION ALL
          SELECT (SELECT min(n.thread) FROM message_recipients n
                  WHERE n.corp_id = $1 AND n.userid = $2 AND n.thread > t.thread)
          FROM t WHERE t.thread IS NOT NULL)
        SELECT {MESSAGE}, COALESCE(s.name, ''), t.thread, 0, 0 FROM t
        JOIN messages m ON m.message_id = (
          SELECT max(l.message_id) FROM message_recipients l
          WHERE l.corp_id = $1 AND l.userid = $2 AND l.thread = t.thread)
        {_SENDER} WHERE t.thread IS NOT NULL AND t.thread <> ''""",
)
LAST_SENT = Query(
    "inbox.last_sent",
    f"""SELECT {MESSAGE}, '', p.cid, 0, 0 FROM conversation_members p
        JOIN messages m ON m.message_id = (
          SELECT max(l.message_id) FROM messages l
          WHERE l.cid = p.cid AND l.sender = $2 AND l.sender <> '')
        WHERE p.corp_id = $1 AND p.userid = $2""",
)
# With the other's name where it is a conversation of two.
CONVERSATIONS = Query(
    "inbox.conversations",
    f"""SELECT {CONVERSATION}, CASE WHEN c.kind = 'single' THEN COALESCE((
          SELECT o.name FROM conversation_members q
          JOIN members o ON o.corp_id = q.corp_id AND o.userid = q.userid
          WHERE q.cid = c.cid AND q.userid <> $2 LIMIT 1), '') ELSE '' END
        FROM conversation_members p JOIN conversations c ON c.cid = p.cid
        WHERE p.corp_id = $1 AND p.userid = $2""",
)
IS_INSIDE = Query(
    "inbox.is_inside",
    "SELECT 1 FROM conversation_members WHERE cid = $3 AND corp_id = $1 AND userid = $2",
)
UNREAD = Query(
    "inbox.unread",
    """SELECT u.thread, count(*) FROM (
         SELECT thread, message_id FROM message_recipients
         WHERE corp_id = $1 AND userid = $2 AND read_at IS NULL
         ORDER BY thread, message_id LIMIT $3) u
       JOIN messages m ON m.message_id = u.message_id
       WHERE m.recalled_at IS NULL AND m.created_at >= $4 GROUP BY u.thread""",
)
# Whose messages somebody is about to read.
UNREAD_OF = Query(
    "inbox.unread_of",
    """SELECT DISTINCT m.sender FROM message_recipients r
       JOIN messages m ON m.message_id = r.message_id
       WHERE r.corp_id = $1 AND r.userid = $2 AND r.thread = $3 AND r.message_id <= $4
         AND r.read_at IS NULL AND m.sender <> '' LIMIT $5""",
)
MARK_READ = Query(
    "inbox.mark_read",
    """UPDATE message_recipients SET read_at = $5
       WHERE corp_id = $1 AND userid = $2 AND thread = $3 AND message_id <= $4
         AND read_at IS NULL""",
)

# Who speaks where no member does: a micro-app, the robot of an app, a group's own robot.
AGENT = Query(
    "inbox.agent",
    """SELECT COALESCE(c.name, m.name, ''), COALESCE(d.icon, m.logo_url, '') FROM agents a
       LEFT JOIN corp_apps c ON c.app_key = a.suite_key AND c.agent_id = a.agent_id
       LEFT JOIN app_details d ON d.agent_id = a.agent_id
       LEFT JOIN micro_apps m ON m.app_id = a.app_id AND a.app_id > 0
       WHERE a.agent_id = $2 AND a.corp_id = $1""",
)
OWNER = Query(
    "inbox.owner",
    """SELECT name, '' FROM corp_apps WHERE app_key = $2 AND corp_id = $1
       UNION ALL SELECT name, '' FROM suites WHERE suite_key = $2""",
)
ROBOT = Query(
    "inbox.robot", "SELECT name, '' FROM webhook_robots WHERE robot_id = $2 AND corp_id = $1"
)
