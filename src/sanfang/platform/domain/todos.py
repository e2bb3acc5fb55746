"""To-dos: one thing under two names, work records of 2018 and to-do tasks of the newer API.

People are unionids here; the older names translate userids at the door.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag
from typing import Any

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import todos as rows_of
from . import members, rows, secrets
from .core import Core
from .corp_events import announce
from .model import Identity
from .refusals import Refusal

MOST_PEOPLE = 1000
CHUNK = 200  # rows read at a time where a page is filtered

_DETAILS = msgspec.json.Decoder(dict[str, Any])


class Role(IntFlag):
    EXECUTOR = 1
    CREATOR = 2
    PARTICIPANT = 4


class Person(msgspec.Struct, frozen=True):
    unionid: str
    roles: int
    done: bool
    finished_at: int | None


class Todo(msgspec.Struct, frozen=True):
    """``details`` holds what only comes back as it was sent, under the newer API's names."""

    number: int
    task_id: str
    owner_key: str  # suite_key or app_key of the app that made it
    source_id: str  # the app's own id for it
    subject: str
    creator: str
    modifier: str
    done: bool
    due_at: int | None
    details: dict[str, Any]
    created_at: int
    modified_at: int
    finished_at: int | None
    people: list[Person] = []

    def having(self, role: Role) -> list[str]:
        """Return the unionids of everybody in a role."""
        return [each.unionid for each in self.people if each.roles & role]


async def create(
    core: Core,
    identity: Identity,
    *,
    creator: str,
    subject: str,
    executors: Sequence[str] = (),
    participants: Sequence[str] = (),
    modifier: str = "",
    source_id: str = "",
    due_at: int | None = None,
    details: dict[str, Any] | None = None,
) -> Todo:
    """Make a to-do; without executors it is the creator's own.

    Refuses 60111 (somebody is not of the corp) and 40035 (subject, too many people, a source_id
    that the app has used).
    """
    _check_subject(subject)
    corp_id, now = identity.corp_id, core.clock.now()
    owner = identity.suite_key or identity.app_key
    people = _people(creator, executors or [creator], participants)
    await _all_members(core, corp_id, people)
    task_id = f"task{secrets.token()}"

    async def body(tx: Tx) -> Todo:
        if await tx.one(rows_of.BY_SOURCE, corp_id, owner, source_id) is not None:
            raise _refusal(
                f"sourceId {source_id!r} 已有待办；一个待办对应一个 sourceId。",
                f"There is a to-do with sourceId {source_id!r}; each to-do has its own.",
            )
        row = await tx.one(
            rows_of.INSERT,
            *(task_id, corp_id, owner, source_id, subject, creator, modifier or creator),
            *(due_at, rows.json_text(details or {}), now),
        )
        assert row is not None
        await _write_people(tx, corp_id, int(row[0]), people)
        made = await _by_id(tx, corp_id, task_id)
        await _tell(tx, core, corp_id, "todo_task_create", made)
        return made

    return await core.durable.transact(body)


async def update(
    core: Core,
    corp_id: str,
    task_id: str,
    *,
    modifier: str,
    subject: str | None = None,
    due_at: int | None = None,
    done: bool | None = None,
    executors: Sequence[str] | None = None,
    participants: Sequence[str] | None = None,
    details: dict[str, Any] | None = None,
) -> Todo:
    """Change what is given; ``done`` counts for every executor. Refuses as `create` does."""
    if subject is not None:
        _check_subject(subject)
    await _all_members(core, corp_id, [*(executors or ()), *(participants or ())])
    now = core.clock.now()

    async def body(tx: Tx) -> Todo:
        old = await _locked(tx, corp_id, task_id)
        people = _people(
            old.creator,
            old.having(Role.EXECUTOR) if executors is None else executors,
            old.having(Role.PARTICIPANT) if participants is None else participants,
        )
        states = {each.unionid: (each.done, each.finished_at) for each in old.people}
        if done is not None:
            states = dict.fromkeys(people, (done, now if done else None))
        finished = _finished(people, states)
        await _write(
            tx,
            msgspec.structs.replace(
                old,
                subject=old.subject if subject is None else subject,
                modifier=modifier,
                done=finished,
                due_at=old.due_at if due_at is None else due_at,
                details=old.details | (details or {}),
                modified_at=now,
                finished_at=(old.finished_at or now) if finished else None,
            ),
        )
        await tx.run(rows_of.DELETE_PEOPLE, old.number)
        await _write_people(tx, corp_id, old.number, people, states)
        new = await _by_id(tx, corp_id, task_id)
        await _tell(tx, core, corp_id, "todo_task_update", new)
        return new

    return await core.durable.transact(body)


async def set_executors_done(
    core: Core, corp_id: str, task_id: str, *, modifier: str, states: dict[str, bool]
) -> Todo:
    """Say of single executors whether they are done; the to-do is done when all are.

    Refuses 40035 for somebody who is not an executor.
    """
    now = core.clock.now()

    async def body(tx: Tx) -> Todo:
        old = await _locked(tx, corp_id, task_id)
        strangers = sorted(states.keys() - set(old.having(Role.EXECUTOR)))
        if strangers:
            raise _refusal(
                f"{strangers[0]} 不是该待办的执行者。",
                f"{strangers[0]} is not an executor of this to-do.",
            )
        people = {each.unionid: each.roles for each in old.people}
        known = {each.unionid: (each.done, each.finished_at) for each in old.people}
        known |= {who: (done, now if done else None) for who, done in states.items()}
        finished = _finished(people, known)
        await _write(
            tx,
            msgspec.structs.replace(
                old,
                modifier=modifier,
                done=finished,
                modified_at=now,
                finished_at=(old.finished_at or now) if finished else None,
            ),
        )
        await tx.run(rows_of.DELETE_PEOPLE, old.number)
        await _write_people(tx, corp_id, old.number, people, known)
        new = await _by_id(tx, corp_id, task_id)
        await _tell(tx, core, corp_id, "todo_task_update", new)
        return new

    return await core.durable.transact(body)


async def delete(core: Core, corp_id: str, task_id: str) -> None:
    """Delete a to-do; refuse 40035 when there is none."""

    async def body(tx: Tx) -> None:
        old = await _locked(tx, corp_id, task_id)
        await tx.run(rows_of.DELETE_PEOPLE, old.number)
        await tx.run(rows_of.DELETE, old.number)
        await _tell(tx, core, corp_id, "todo_task_delete", old)

    await core.durable.transact(body)


async def leave_all(tx: Tx, core: Core, corp_id: str, unionid: str) -> None:
    """Take somebody who leaves the corp out of what is yet to do, in the transaction of leaving.

    A to-do that loses its last executor becomes its creator's own; who made it is still told.
    """
    now = core.clock.now()
    for (task_id,) in await tx.all(rows_of.OPEN_OF_PERSON, corp_id, unionid):
        old = await _locked(tx, corp_id, task_id)
        executors = [each for each in old.having(Role.EXECUTOR) if each != unionid]
        if not executors and old.creator != unionid:
            executors = [old.creator]
        participants = [each for each in old.having(Role.PARTICIPANT) if each != unionid]
        people = _people(old.creator, executors, participants)
        states = {each.unionid: (each.done, each.finished_at) for each in old.people}
        finished = _finished(people, states)
        at = now if finished else None
        await _write(
            tx, msgspec.structs.replace(old, done=finished, modified_at=now, finished_at=at)
        )
        await tx.run(rows_of.DELETE_PEOPLE, old.number)
        await _write_people(tx, corp_id, old.number, people, states)
        await _tell(tx, core, corp_id, "todo_task_update", await _by_id(tx, corp_id, task_id))


async def get(core: Core, corp_id: str, task_id: str) -> Todo:
    """Return a to-do; refuse 40035 when there is none."""
    return await _by_id(core.durable, corp_id, task_id)


async def get_by_source(core: Core, identity: Identity, source_id: str) -> Todo:
    """Return the to-do an app made for its own ``source_id``; refuse 40035 when there is none."""
    owner = identity.suite_key or identity.app_key
    row = await core.durable.one(rows_of.BY_SOURCE, identity.corp_id, owner, source_id)
    if row is None:
        raise _unknown(source_id)
    return await _with_people(core.durable, row)


async def list_of(
    core: Core,
    corp_id: str,
    unionid: str,
    *,
    done: bool | None = None,
    roles: Sequence[int] = (),
    todo_type: str = "",
    with_url: bool = True,
    before: int | None = None,
    size: int = 20,
) -> tuple[list[Todo], int | None]:
    """Return a page of a person's to-dos, newest first, and where the next page starts.

    ``roles``: the person has all roles of one of these sums; ``with_url``: only to-dos with a page
    of their own, which are those of the enterprise.
    """
    found: list[Todo] = []
    last = (1 << 53) if before is None else before
    while True:
        chunk = await core.durable.all(rows_of.OF_PERSON, corp_id, unionid, last, CHUNK)
        for row in chunk:
            todo, held, own = _todo(row[:-2]), row[-2], bool(row[-1])
            last = todo.number
            if done is not None and own != done:
                continue
            if roles and not any(held & role == role for role in roles):
                continue
            if with_url and not todo.details.get("detailUrl"):
                continue
            if todo_type and todo.details.get("todoType", "TODO") != todo_type:
                continue
            if len(found) == size:
                return found, found[-1].number
            found.append(todo)
        if len(chunk) < CHUNK:
            return found, None


async def list_of_executor(
    core: Core, corp_id: str, unionid: str, *, done: bool, offset: int, size: int
) -> tuple[list[Todo], bool]:
    """Return a page of what a person has to do, or has done, and whether there is more."""
    found = await core.durable.all(
        rows_of.OF_EXECUTOR, corp_id, unionid, int(done), size + 1, offset
    )
    return [_todo(row) for row in found[:size]], len(found) > size


async def count_open(core: Core, corp_id: str, unionid: str) -> int:
    """Return how many to-dos a person has yet to do."""
    row = await core.durable.one(rows_of.COUNT_OPEN, corp_id, unionid)
    return 0 if row is None else int(row[0])


def _people(creator: str, executors: Sequence[str], participants: Sequence[str]) -> dict[str, int]:
    people: dict[str, int] = {creator: Role.CREATOR}
    for role, names in ((Role.EXECUTOR, executors), (Role.PARTICIPANT, participants)):
        for name in names:
            people[name] = people.get(name, 0) | role
    if len(people) > MOST_PEOPLE:
        raise _refusal(
            f"人数超过 {MOST_PEOPLE}。", f"There are more than {MOST_PEOPLE} people in it."
        )
    return {name: int(roles) for name, roles in people.items()}


def _finished(people: dict[str, int], states: dict[str, tuple[bool, int | None]]) -> bool:
    executors = [name for name, roles in people.items() if roles & Role.EXECUTOR]
    return bool(executors) and all(states.get(name, (False, None))[0] for name in executors)


async def _all_members(core: Core, corp_id: str, unionids: Sequence[str] | dict[str, int]) -> None:
    for unionid in dict.fromkeys(unionids):
        await members.get_member_by_unionid(core, corp_id, unionid)


async def _write(tx: Tx, todo: Todo) -> None:
    await tx.run(
        rows_of.UPDATE,
        *(todo.number, todo.subject, todo.modifier, int(todo.done), todo.due_at),
        *(rows.json_text(todo.details), todo.modified_at, todo.finished_at),
    )


async def _write_people(
    tx: Tx,
    corp_id: str,
    number: int,
    people: dict[str, int],
    states: dict[str, tuple[bool, int | None]] | None = None,
) -> None:
    known = states or {}
    for name in sorted(people):
        done, finished_at = known.get(name, (False, None))
        await tx.run(
            rows_of.INSERT_PERSON, corp_id, name, number, people[name], int(done), finished_at
        )


async def _locked(tx: Tx, corp_id: str, task_id: str) -> Todo:
    await tx.one(rows_of.LOCK, corp_id, task_id)
    return await _by_id(tx, corp_id, task_id)


async def _by_id(reader: Reader, corp_id: str, task_id: str) -> Todo:
    row = await reader.one(rows_of.BY_ID, corp_id, task_id)
    if row is None:
        raise _unknown(task_id)
    return await _with_people(reader, row)


async def _with_people(reader: Reader, row: Row) -> Todo:
    todo = _todo(row)
    people = await reader.all(rows_of.PEOPLE, todo.number)
    return msgspec.structs.replace(
        todo, people=[Person(each[0], each[1], bool(each[2]), each[3]) for each in people]
    )


def _todo(row: Row) -> Todo:
    values: list[Any] = list(row)
    values[7] = bool(values[7])
    values[9] = _DETAILS.decode(values[9])
    return Todo(*values)


async def _tell(tx: Tx, core: Core, corp_id: str, tag: str, todo: Todo) -> None:
    fields: dict[str, object] = {
        "taskId": todo.task_id,
        "UnionIdList": [each.unionid for each in todo.people],
    }
    if tag != "todo_task_delete":
        fields["bizTag"] = todo.owner_key
    await announce(tx, core, corp_id, tag, fields)


def _check_subject(subject: str) -> None:
    if not 1 <= len(subject) <= 1024:
        raise _refusal("标题应为 1 到 1024 个字符。", "A subject has 1 to 1024 characters.")


def _refusal(zh: str, en: str) -> Refusal:
    return Refusal(40035, zh, en)


def _unknown(task_id: str) -> Refusal:
    return _refusal(f"没有待办 {task_id[:64]!r}。", f"There is no to-do {task_id[:64]!r}.")
