"""Events of calendars, who takes part, and meeting rooms."""

from ..ports import Query

EVENT = (
    "e.event_no, e.event_id, e.organizer, e.summary, e.starts_at, e.ends_at, e.cancelled,"
    " e.details, e.created_at, e.updated_at"
)

INSERT = Query(
    "calendar_events.insert",
    """INSERT INTO calendar_events (event_id, corp_id, organizer, summary, starts_at, ends_at,
                                  cancelled, details, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $8) RETURNING event_no""",
)
UPDATE = Query(
    "calendar_events.update",
    """UPDATE calendar_events SET summary = $2, starts_at = $3, ends_at = $4, cancelled = $5,
                                  details = $6, updated_at = $7
       WHERE event_no = $1""",
)
LOCK = Query(
    "calendar_events.lock",
    "SELECT event_no FROM calendar_events WHERE corp_id = $1 AND event_id = $2 FOR UPDATE",
)
BY_ID = Query(
    "calendar_events.by_id",
    f"SELECT {EVENT} FROM calendar_events e WHERE e.corp_id = $1 AND e.event_id = $2",
)
# Quotes inside texts are escaped in JSON, so only a field of that name is found (perhaps a deeper one).
_REPEATS = """e.details LIKE '%"recurrence":%'"""
OF_PERSON = Query(
    "calendar_events.of_person",
    f"""SELECT {EVENT} FROM calendar_people p
        JOIN calendar_events e ON e.event_no = p.event_no
        WHERE p.corp_id = $1 AND p.unionid = $2 AND p.hidden = 0 AND e.cancelled <= $3
          AND p.starts_at >= $4 AND p.starts_at <= $5
          AND (p.starts_at > $6 OR (p.starts_at = $6 AND p.event_no > $7))
          AND NOT {_REPEATS}
        ORDER BY p.starts_at, p.event_no LIMIT $8""",
)
SERIES_OF_PERSON = Query(
    "calendar_events.series_of_person",
    f"""SELECT {EVENT}, p.response FROM calendar_people p
        JOIN calendar_events e ON e.event_no = p.event_no
        WHERE p.corp_id = $1 AND p.unionid = $2 AND p.hidden = 0 AND e.cancelled <= $3
          AND p.starts_at <= $4 AND {_REPEATS}
        ORDER BY p.starts_at, p.event_no LIMIT $5""",
)
COMING_OF_PERSON = Query(
    "calendar_events.coming_of_person",
    """SELECT e.event_id FROM calendar_people p JOIN calendar_events e ON e.event_no = p.event_no
       WHERE p.corp_id = $1 AND p.unionid = $2 AND e.cancelled = 0 AND e.ends_at > $3
       ORDER BY e.event_no""",
)
BUSY = Query(
    "calendar_events.busy",
    f"""SELECT {EVENT}, p.response FROM calendar_people p
        JOIN calendar_events e ON e.event_no = p.event_no
        WHERE p.corp_id = $1 AND p.unionid = $2 AND p.hidden = 0 AND e.cancelled = 0
          AND p.response <> 'declined' AND p.starts_at < $4 AND e.ends_at > $3 AND NOT {_REPEATS}
        ORDER BY p.starts_at, p.event_no LIMIT 500""",
)

INSERT_PERSON = Query(
    "calendar_people.insert",
    """INSERT INTO calendar_people (corp_id, unionid, event_no, starts_at, is_optional, response,
                                  hidden)
       VALUES ($1, $2, $3, $4, $5, $6, $7)""",
)
DELETE_PEOPLE = Query("calendar_people.delete", "DELETE FROM calendar_people WHERE event_no = $1")
PEOPLE = Query(
    "calendar_people.of_event",
    """SELECT p.unionid, p.is_optional, p.response, p.hidden, coalesce(m.name, '')
       FROM calendar_people p
       LEFT JOIN members m ON m.corp_id = p.corp_id AND m.unionid = p.unionid
       WHERE p.event_no = $1 ORDER BY p.unionid""",
)

INSERT_ROOM = Query(
    "meeting_rooms.insert",
    """INSERT INTO meeting_rooms (room_id, corp_id, name, details, created_at)
       VALUES ($1, $2, $3, $4, $5)""",
)
DELETE_ROOM = Query(
    "meeting_rooms.delete", "DELETE FROM meeting_rooms WHERE corp_id = $1 AND room_id = $2"
)
DELETE_BOOKINGS_OF_ROOM = Query(
    "room_bookings.delete_room", "DELETE FROM room_bookings WHERE room_id = $1"
)
ROOM = Query(
    "meeting_rooms.by_id",
    "SELECT room_id, name, details FROM meeting_rooms WHERE corp_id = $1 AND room_id = $2",
)
LOCK_ROOM = Query(
    "meeting_rooms.lock",
    "SELECT room_id FROM meeting_rooms WHERE corp_id = $1 AND room_id = $2 FOR UPDATE",
)
ROOMS = Query(
    "meeting_rooms.of_corp",
    """SELECT room_id, name, details FROM meeting_rooms WHERE corp_id = $1
       ORDER BY room_id LIMIT $2 OFFSET $3""",
)
BOOK = Query(
    "room_bookings.insert",
    """INSERT INTO room_bookings (room_id, event_no) VALUES ($1, $2)
       ON CONFLICT (room_id, event_no) DO NOTHING""",
)
UNBOOK = Query(
    "room_bookings.delete", "DELETE FROM room_bookings WHERE room_id = $1 AND event_no = $2"
)
ROOMS_OF_EVENT = Query(
    "room_bookings.of_event",
    """SELECT r.room_id, r.name FROM room_bookings b JOIN meeting_rooms r ON r.room_id = b.room_id
       WHERE b.event_no = $1 ORDER BY r.room_id""",
)
ROOM_BUSY = Query(
    "room_bookings.busy",
    f"""SELECT {EVENT} FROM room_bookings b JOIN calendar_events e ON e.event_no = b.event_no
        WHERE b.room_id = $1 AND e.cancelled = 0 AND e.starts_at < $3 AND e.ends_at > $2
        ORDER BY e.starts_at, e.event_no LIMIT 500""",
)
