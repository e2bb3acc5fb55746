"""What a call costs does not grow with the corp: every question is an index's work."""

from __future__ import annotations

import sqlite3
from itertools import chain

import pytest

from sanfang.platform.store import migrate
from sanfang.platform.store.ports import Query
from sanfang.platform.store.queries import (
    approvals,
    calendars,
    callbacks,
    contacts,
    conversations,
    mentions,
    micro_apps,
    roles,
    todos,
)

# Query, and the columns by which SQLite must find the rows.
FOUND_BY = [
    (contacts.MEMBER_AND_PLACES, "member_departments_user (corp_id=? AND userid=?)"),
    (contacts.ROLES_OF_MEMBER, "member_roles_user (corp_id=? AND userid=?)"),
    (contacts.MEMBER_BY_MOBILE, "(corp_id=? AND mobile=?)"),
    (contacts.MEMBER_BY_EMAIL, "(corp_id=? AND email=?)"),
    (contacts.MEMBER_BY_UNIONID, "(unionid=?)"),
    (contacts.MEMBERS_NAMED, "(corp_id=? AND name=?)"),
    (contacts.LEADERS, "member_departments_leaders (corp_id=? AND dept_id=?)"),
    (contacts.CLEAR_LEADERS, "member_departments_leaders (corp_id=? AND dept_id=?)"),
    (contacts.LEAVE_DEPT, "(corp_id=? AND dept_id=? AND userid=?)"),
    (contacts.PAGES["custom"], "member_departments_order (corp_id=? AND dept_id=?)"),
    (roles.HOLDERS, "(corp_id=? AND role_id=?)"),
    (roles.FORGET_MEMBER, "(corp_id=? AND userid=?)"),
    (roles.PAGE, "(corp_id=? AND group_id=?)"),
    # What leaving and scopes ask.
    (callbacks.SUBSCRIBERS, "SEARCH t USING COVERING INDEX"),
    (callbacks.SUBSCRIBERS, "SEARCH a USING INDEX sqlite_autoindex_authorisations_2"),
    (contacts.AROUND_MEMBER, "(corp_id=? AND userid=?)"),
    (mentions.OF, "(corp_id=? AND kind=? AND mentioned=?)"),
    (mentions.FORGET, "(corp_id=? AND kind=? AND mentioned=?)"),
    (mentions.SCOPES_OF_MEMBER, "(corp_id=? AND userid=?)"),
    (mentions.AUTH_SCOPES, "(corp_id=?)"),
    (mentions.DROP_FILE_PERMISSIONS, "(member_id=? AND member_type=?)"),
    (micro_apps.SCOPES_OF_CORP, "agents_corp (corp_id=?)"),
    (conversations.ALL_OF_MEMBER, "(corp_id=? AND userid=?)"),
    (todos.OPEN_OF_PERSON, "(corp_id=? AND unionid=?)"),
    (calendars.COMING_OF_PERSON, "(corp_id=? AND unionid=?)"),
    (approvals.WAITING_FOR, "process_tasks_todo (corp_id=? AND userid=?)"),
]


@pytest.fixture(scope="module")
def database() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    migrations = migrate.read(migrate.FOLDER)
    for statement in chain.from_iterable(each.statements("sqlite") for each in migrations):
        made.execute(statement.sqlite)
    return made


@pytest.mark.parametrize(("query", "columns"), FOUND_BY, ids=lambda each: str(each)[:40])
def test_rows_are_found_by_an_index(
    database: sqlite3.Connection, query: Query, columns: str
) -> None:
    marks = query.sqlite.count("?")
    plan = database.execute(f"EXPLAIN QUERY PLAN {query.sqlite}", [1] * marks).fetchall()
    assert any(columns in row[3] for row in plan), plan
    assert not any(row[3].startswith("SCAN member") for row in plan)
