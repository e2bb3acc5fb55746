"""Spaces of the drive, and who subscribed to what happens in them."""

from ..ports import Query

SPACE = (
    "space_no, corp_id, kind, owner_key, scene, name, root_uuid, creator, details, quota, used,"
    " created_at, modified_at"
)

INSERT = Query(
    "spaces.insert",
    f"""INSERT INTO spaces (corp_id, kind, owner_key, scene, name, root_uuid, creator, details, quota,
                         used, created_at, modified_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10) RETURNING {SPACE}""",
)
BY_NO = Query("spaces.by_no", f"SELECT {SPACE} FROM spaces WHERE space_no = $1 AND corp_id = $2")
LOCK = Query(
    "spaces.lock", f"SELECT {SPACE} FROM spaces WHERE space_no = $1 AND corp_id = $2 FOR UPDATE"
)
BY_ROOT = Query(
    "spaces.by_root", f"SELECT {SPACE} FROM spaces WHERE root_uuid = $1 AND corp_id = $2"
)
BY_SCENE = Query(
    "spaces.by_scene",
    f"""SELECT {SPACE} FROM spaces
        WHERE corp_id = $1 AND kind = $2 AND owner_key = $3 AND scene = $4 AND scene <> ''""",
)
OF_KIND = Query(
    "spaces.of_kind",
    f"""SELECT {SPACE} FROM spaces WHERE corp_id = $1 AND kind = $2 AND space_no > $3
        ORDER BY space_no LIMIT $4""",
)
GROW = Query(
    "spaces.grow", "UPDATE spaces SET used = used + $2, modified_at = $3 WHERE space_no = $1"
)
DELETE = Query("spaces.delete", "DELETE FROM spaces WHERE space_no = $1")
DELETE_PERMISSIONS = Query(
    "spaces.delete_permissions", "DELETE FROM dentry_permissions WHERE space_no = $1"
)
DELETE_VERSIONS = Query(
    "spaces.delete_versions",
    """DELETE FROM dentry_versions
       WHERE dentry_no IN (SELECT dentry_no FROM dentries WHERE space_no = $1)""",
)
DELETE_DENTRIES = Query("spaces.delete_dentries", "DELETE FROM dentries WHERE space_no = $1")
DELETE_ITEMS = Query("spaces.delete_items", "DELETE FROM recycle_items WHERE space_no = $1")

SUBSCRIBE = Query(
    "storage_subscriptions.insert",
    """INSERT INTO storage_subscriptions (corp_id, owner_key, scope, scope_id)
       VALUES ($1, $2, $3, $4) ON CONFLICT (corp_id, scope, scope_id, owner_key) DO NOTHING""",
)
UNSUBSCRIBE = Query(
    "storage_subscriptions.delete",
    """DELETE FROM storage_subscriptions
       WHERE corp_id = $1 AND owner_key = $2 AND scope = $3 AND scope_id = $4""",
)
SUBSCRIBED = Query(
    "storage_subscriptions.of_space",
    """SELECT DISTINCT scope, scope_id FROM storage_subscriptions
       WHERE corp_id = $1 AND ((scope = 'ORG' AND scope_id = $1)
                               OR (scope = 'SPACE' AND scope_id = $2))
       ORDER BY scope""",
)
TOTALS = Query(
    "spaces.totals",
    """SELECT CAST(COALESCE(SUM(used), 0) AS BIGINT), CAST(COALESCE(SUM(quota), 0) AS BIGINT)
       FROM spaces WHERE corp_id = $1 AND ($2 = '' OR owner_key = $2)""",
)
