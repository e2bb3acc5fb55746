"""0008: what older databases hold is found by whom it names, on both databases."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanfang.platform.store import open_durable
from sanfang.platform.store.migrate import FOLDER
from sanfang.platform.store.ports import Query, Tx

from .fixtures import DURABLES, durable_address

pytestmark = pytest.mark.anyio

DEPARTMENT = {
    "brief": '名 "x" \\ é',
    "org_dept_owner": "jia",
    "user_permits": ["jia", "yi"],
    "outer_permit_users": ["yi"],
    "dept_permits": [7, 8],
    "outer_permit_depts": [9],
}
CONTACT = {"follower_user_id": "jia", "share_user_ids": ["bing"], "share_dept_ids": [7]}
ROWS = [
    Query("c", "INSERT INTO corps VALUES ('c', '公司', 0, NULL, 2, 0, NULL)"),
    Query("d", "INSERT INTO departments VALUES ('c', 2, 1, '部', 0, $1)"),
    Query("d0", "INSERT INTO departments VALUES ('c', 3, 1, '空', 0, '{}')"),
    Query(
        "m",
        """INSERT INTO members (corp_id, userid, unionid, name, mobile, email, position, jobnumber,
             is_admin, is_boss, active, created_at, profile)
           VALUES ('c', 'ding', 'u', '丁', '', '', '', '', 0, 0, 1, 0, $1)""",
    ),
    Query(
        "h",
        """INSERT INTO member_roles (corp_id, role_id, userid, scope)
           VALUES ('c', 5, 'ding', '[7,8]'), ('c', 6, 'ding', '[]')""",
    ),
    Query("x", "INSERT INTO external_contacts VALUES ('c', 'ext', '139', $1)"),
]
ALL = Query("all", "SELECT kind, mentioned, place, place_id FROM mentions")
EXPECTED = {
    *(("user", "jia", "dept", "2"), ("user", "yi", "dept", "2")),
    *(("dept", "7", "dept", "2"), ("dept", "8", "dept", "2"), ("dept", "9", "dept", "2")),
    ("user", "jia", "member", "ding"),
    *(("dept", "7", "role", "5:ding"), ("dept", "8", "role", "5:ding")),
    *(("user", "jia", "external", "ext"), ("user", "bing", "external", "ext")),
    ("dept", "7", "external", "ext"),
}


@pytest.fixture(params=DURABLES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with durable_address(str(request.param), tmp_path, blank=True) as where:
        yield where


async def test_settings_written_before_are_found_by_whom_they_name(
    address: str, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for path in FOLDER.glob("*.sql"):
        if path.name < "0008":
            shutil.copy(path, before)
    texts = {"d": DEPARTMENT, "m": {"manager_userid": "jia", "remark": "a;b"}, "x": CONTACT}

    async def write(tx: Tx) -> None:
        for query in ROWS:
            given = texts.get(query.name)
            values = () if given is None else (json.dumps(given, ensure_ascii=False),)
            await tx.run(query, *values)

    store = await open_durable(address, folder=before)
    await store.transact(write)
    await store.close()
    store = await open_durable(address)
    try:
        found = await store.all(ALL)
    finally:
        await store.close()
    assert {tuple(row) for row in found} == EXPECTED
    assert len(found) == len(EXPECTED)
