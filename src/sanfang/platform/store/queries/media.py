"""Media, and uploads that have begun."""

from ..ports import Query

INSERT = Query(
    "media.insert",
    """INSERT INTO media (media_id, corp_id, owner_key, kind, filename, content_type, sha256, size,
                        created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
)
BY_ID = Query(
    "media.by_id",
    """SELECT media_id, owner_key, kind, filename, content_type, sha256, size, created_at
       FROM media WHERE media_id = $1 AND corp_id = $2""",
)

INSERT_UPLOAD = Query(
    "uploads.insert",
    """INSERT INTO uploads (upload_key, corp_id, owner_key, space_no, expected_size, parts,
                          created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)""",
)
UPLOAD = Query(
    "uploads.by_key",
    """SELECT upload_key, owner_key, space_no, expected_size, parts, created_at
       FROM uploads WHERE upload_key = $1 AND corp_id = $2""",
)
LOCK_UPLOAD = Query(
    "uploads.lock", "SELECT upload_key FROM uploads WHERE upload_key = $1 FOR UPDATE"
)
DELETE_UPLOAD = Query("uploads.delete", "DELETE FROM uploads WHERE upload_key = $1")
PUT_PART = Query(
    "upload_parts.put",
    """INSERT INTO upload_parts (upload_key, part, sha256, size) VALUES ($1, $2, $3, $4)
       ON CONFLICT (upload_key, part) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size""",
)
PARTS = Query(
    "upload_parts.of_upload",
    "SELECT part, sha256, size FROM upload_parts WHERE upload_key = $1 ORDER BY part",
)
DELETE_PARTS = Query("upload_parts.delete", "DELETE FROM upload_parts WHERE upload_key = $1")
