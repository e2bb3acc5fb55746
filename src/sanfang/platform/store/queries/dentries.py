"""Files and folders of a space, their versions, and the recycle bin."""

from ..ports import Query

DENTRY = (
    "d.dentry_no, d.corp_id, d.space_no, d.parent_no, d.uuid, d.is_folder, d.name, d.sha256, d.size,"
    " d.version, d.properties, d.creator, d.modifier, d.created_at, d.modified_at, d.recycled"
)
# A dentry with all that is in it and alive; or, for what the recycle bin took, all it took.
TREE = """WITH RECURSIVE tree (dentry_no, depth) AS (
            SELECT dentry_no, 0 FROM dentries WHERE dentry_no = $1
            UNION ALL
            SELECT c.dentry_no, t.depth + 1 FROM dentries c JOIN tree t ON c.parent_no = t.dentry_no
            WHERE c.space_no = $2 AND c.recycled = $3)"""

INSERT = Query(
    "dentries.insert",
    """INSERT INTO dentries (corp_id, space_no, parent_no, uuid, is_folder, name, sha256, size, version,
                          properties, creator, modifier, created_at, modified_at, recycled)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $10, $11, $11, 0) RETURNING dentry_no""",
)
UPDATE = Query(
    "dentries.update",
    """UPDATE dentries SET parent_no = $2, name = $3, sha256 = $4, size = $5, version = $6,
                           properties = $7, modifier = $8, modified_at = $9
       WHERE dentry_no = $1""",
)
BY_NO = Query(
    "dentries.by_no",
    f"""SELECT {DENTRY} FROM dentries d
        WHERE d.dentry_no = $1 AND d.space_no = $2 AND d.recycled = 0""",
)
BY_UUID = Query(
    "dentries.by_uuid",
    f"""SELECT {DENTRY} FROM dentries d
        WHERE d.uuid = $1 AND d.corp_id = $2 AND d.recycled = 0""",
)
BY_NAME = Query(
    "dentries.by_name",
    f"""SELECT {DENTRY} FROM dentries d
        WHERE d.space_no = $1 AND d.parent_no = $2 AND d.name = $3 AND d.recycled = 0""",
)
ANCESTORS = Query(
    "dentries.ancestors",
    """WITH RECURSIVE up (dentry_no, parent_no, name, depth) AS (
         SELECT dentry_no, parent_no, name, 0 FROM dentries WHERE dentry_no = $1
         UNION ALL
         SELECT d.dentry_no, d.parent_no, d.name, u.depth + 1
         FROM dentries d JOIN up u ON d.dentry_no = u.parent_no)
       SELECT dentry_no, name FROM up ORDER BY depth DESC""",
)
TREE_ROWS = Query(
    "dentries.tree",
    f"""{TREE} SELECT {DENTRY} FROM tree t JOIN dentries d ON d.dentry_no = t.dentry_no
        ORDER BY t.depth, d.dentry_no LIMIT $4""",
)
MOVE_TREE = Query(
    "dentries.move_tree",
    f"""{TREE} UPDATE dentries SET space_no = $4
        WHERE dentry_no IN (SELECT dentry_no FROM tree)""",
)
MOVE_PERMISSIONS = Query(
    "dentry_permissions.move",
    f"""{TREE} UPDATE dentry_permissions SET space_no = $4
        WHERE space_no = $2 AND dentry_no IN (SELECT dentry_no FROM tree)""",
)
RECYCLE_TREE = Query(
    "dentries.recycle",
    f"""{TREE} UPDATE dentries SET recycled = $4
        WHERE dentry_no IN (SELECT dentry_no FROM tree)""",
)
TREE_SIZE = Query(
    "dentries.tree_size",
    f"""{TREE} SELECT CAST(COALESCE(SUM(d.size), 0) AS BIGINT)
        FROM tree t JOIN dentries d ON d.dentry_no = t.dentry_no""",
)
TAKEN_SIZE = Query(
    "dentries.taken_size",
    "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM dentries WHERE recycled = $1",
)
DELETE_TAKEN_VERSIONS = Query(
    "dentry_versions.delete_taken",
    """DELETE FROM dentry_versions
       WHERE dentry_no IN (SELECT dentry_no FROM dentries WHERE recycled = $1)""",
)
DELETE_TAKEN_PERMISSIONS = Query(
    "dentry_permissions.delete_taken",
    """DELETE FROM dentry_permissions
       WHERE dentry_no IN (SELECT dentry_no FROM dentries WHERE recycled = $1)""",
)
DELETE_TAKEN = Query("dentries.delete_taken", "DELETE FROM dentries WHERE recycled = $1")
PLACE = Query(
    "dentries.place",
    "UPDATE dentries SET space_no = $2, parent_no = $3, name = $4 WHERE dentry_no = $1",
)
RETURN_TAKEN = Query(
    "dentries.return_taken", "UPDATE dentries SET recycled = 0 WHERE recycled = $1"
)

_ORDERS = {
    "MODIFIED_TIME": "modified_at",
    "CREATE_TIME": "created_at",
    "NAME": "name",
    "SIZE": "size",
}
CHILDREN = {
    (field, way): Query(
        f"dentries.children_{field.lower()}_{way.lower()}",
        f"""SELECT {DENTRY} FROM dentries d
            WHERE d.space_no = $1 AND d.parent_no = $2 AND d.recycled = 0
            ORDER BY d.{column} {way}, d.dentry_no {way} LIMIT $3 OFFSET $4""",
    )
    for field, column in _ORDERS.items()
    for way in ("ASC", "DESC")
}
EVERYTHING = {
    way: Query(
        f"dentries.everything_{way.lower()}",
        f"""SELECT {DENTRY} FROM dentries d WHERE d.space_no = $1 AND d.recycled = 0
            ORDER BY d.dentry_no {way} LIMIT $2 OFFSET $3""",
    )
    for way in ("ASC", "DESC")
}

INSERT_VERSION = Query(
    "dentry_versions.insert",
    """INSERT INTO dentry_versions (dentry_no, version, sha256, size, creator, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)""",
)
VERSIONS = Query(
    "dentry_versions.of_dentry",
    """SELECT version, sha256, size, creator, created_at FROM dentry_versions
       WHERE dentry_no = $1 ORDER BY version DESC LIMIT $2 OFFSET $3""",
)
VERSION = Query(
    "dentry_versions.one",
    """SELECT version, sha256, size, creator, created_at FROM dentry_versions
       WHERE dentry_no = $1 AND version = $2""",
)

INSERT_ITEM = Query(
    "recycle_items.insert",
    """INSERT INTO recycle_items (corp_id, space_no, dentry_no, path, operator, deleted_at)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING item_no""",
)
ITEM = """SELECT i.item_no, i.space_no, i.dentry_no, i.path, i.operator, i.deleted_at, d.is_folder,
                 d.name, d.size, d.parent_no
          FROM recycle_items i JOIN dentries d ON d.dentry_no = i.dentry_no"""
ITEM_BY_NO = Query("recycle_items.by_no", f"{ITEM} WHERE i.item_no = $1 AND i.corp_id = $2")
ITEMS = Query(
    "recycle_items.of_corp",
    f"{ITEM} WHERE i.corp_id = $1 AND i.item_no < $2 ORDER BY i.item_no DESC LIMIT $3",
)
DELETE_ITEM = Query("recycle_items.delete", "DELETE FROM recycle_items WHERE item_no = $1")

PUT_PERMISSION = Query(
    "dentry_permissions.put",
    """INSERT INTO dentry_permissions (space_no, dentry_no, member_type, member_id, role, expires_at,
                                    operator, created_at, modified_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
       ON CONFLICT (space_no, dentry_no, member_type, member_id)
       DO UPDATE SET role = excluded.role, expires_at = excluded.expires_at,
                     operator = excluded.operator, modified_at = excluded.modified_at""",
)
DELETE_PERMISSION = Query(
    "dentry_permissions.delete",
    """DELETE FROM dentry_permissions
       WHERE space_no = $1 AND dentry_no = $2 AND member_type = $3 AND member_id = $4 AND role = $5""",
)
PERMISSIONS = Query(
    "dentry_permissions.of_dentry",
    """SELECT member_type, member_id, role, expires_at, operator, created_at, modified_at
       FROM dentry_permissions
       WHERE space_no = $1 AND dentry_no = $2 AND (expires_at IS NULL OR expires_at > $3)
       ORDER BY created_at, member_type, member_id LIMIT $4 OFFSET $5""",
)
# A dentry with all that it lies in; dentry 0 is the whole space.
_UP = """WITH RECURSIVE up (dentry_no, parent_no, creator) AS (
           SELECT dentry_no, parent_no, creator FROM dentries WHERE dentry_no = $1
           UNION ALL
           SELECT d.dentry_no, d.parent_no, d.creator
           FROM dentries d JOIN up u ON d.dentry_no = u.parent_no)"""
CREATORS_ABOVE = Query("dentries.creators_above", f"{_UP} SELECT DISTINCT creator FROM up")
PERMISSIONS_ABOVE = Query(
    "dentry_permissions.above",
    f"""{_UP} SELECT dentry_no, member_type, member_id, role FROM dentry_permissions
        WHERE space_no = $2 AND (expires_at IS NULL OR expires_at > $3)
          AND (dentry_no = 0 OR dentry_no IN (SELECT dentry_no FROM up))""",
)
# What an app may look through: the corp's spaces and its own, but not attachments of approvals.
SEARCH = Query(
    "dentries.search",
    f"""SELECT {DENTRY} FROM dentries d JOIN spaces s ON s.space_no = d.space_no
        WHERE d.corp_id = $1 AND d.recycled = 0 AND s.owner_key IN ('', $2) AND s.kind <> 'approval'
          AND lower(d.name) LIKE $3 ESCAPE '!' AND d.dentry_no < $4
          AND d.created_at >= $5 AND d.created_at <= $6
          AND d.modified_at >= $7 AND d.modified_at <= $8
        ORDER BY d.dentry_no DESC LIMIT $9""",
)
