"""A member's conversations and messages, for the workbench.

Besides real conversations (``cid``) a member has threads that only receive: ``app:<agentid>``, the
work notifications of a micro-app, and ``app:<key>``, what an app's robot wrote to the member alone.

Everything is found by key: the last message of a thread, a page of one, what came since. Whoever has
a userid sees nothing of what a former holder of the same userid got.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..store.ports import Query, Row, Tx
from ..store.queries import inbox as rows_of
from . import bells, message_content, renderings
from . import conversations as talk
from .conversations import DISBANDED, SINGLE
from .core import Core
from .members import unknown_member
from .refusals import Refusal

Kind = Literal["single", "group", "app"]
APP = "app:"
_MOST = 500  # conversations listed
_COUNTED = 1000  # unread messages counted
_PAGE = 100
_TOLD = 100  # members whose messages were read are told so at once
_ALL = 2**53
_LONGEST_ID = 128

_BODY = msgspec.json.Decoder()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of conversations."""

    cid: str
    kind: Kind
    title: str
    icon: str = ""
    last_text: str = ""
    last_at: int = 0  # epoch milliseconds; of making the conversation when nothing was said
    last_id: int = 0
    unread: int = 0
    closed: bool = False  # a group that was disbanded: nothing more can be said


class Author(msgspec.Struct, frozen=True):
    """Who speaks: a member (userid), an app or a robot."""

    kind: Literal["member", "app", "robot"]
    id: str
    name: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A message as data: ``data`` holds what its ``type`` needs (renderings.py), cleaned of harm."""

    id: int
    cid: str
    author: Author
    mine: bool
    type: str  # text, image, voice, video, file, link, oa, markdown, action_card, feed_card, ...
    data: dict[str, Any]
    text: str  # in one line
    at: int
    recalled: bool = False
    read: bool = False  # by this member; of one's own message: by everybody
    read_count: int = 0  # of one's own message
    receiver_count: int = 0


class Changes(msgspec.Struct, frozen=True):
    """What came since; ask next with ``last``."""

    items: list[Item]
    last: int


async def conversations(core: Core, corp_id: str, userid: str) -> list[Entry]:
    """List a member's conversations, the newest first, at most 500; refuse 60111."""
    joined = await _joined(core, corp_id, userid)
    durable = core.durable
    last: dict[str, Row] = {}
    for query in (rows_of.LAST_RECEIVED, rows_of.LAST_SENT):
        for row in await durable.all(query, corp_id, userid):
            thread = row[15]
            if row[5] >= joined and (thread not in last or last[thread][0] < row[0]):
                last[thread] = row
    counted = await durable.all(rows_of.UNREAD, corp_id, userid, _COUNTED, joined)
    unread = {row[0]: int(row[1]) for row in counted}
    found: list[Entry] = []
    for row in await durable.all(rows_of.CONVERSATIONS, corp_id, userid):
        chat, other = talk.from_row(row[:11]), str(row[11])
        entry = Entry(
            cid=chat.cid,
            kind="single" if chat.kind == SINGLE else "group",
            title=(other or "已离职的成员") if chat.kind == SINGLE else chat.title,
            icon=chat.icon,
            last_at=chat.created_at,
            closed=chat.status == DISBANDED,
        )
        found.append(_with_last(entry, last.pop(chat.cid, None), unread))
    for thread, row in last.items():  # what is left: apps, and groups the member has left
        if thread.startswith(APP):
            name, icon = await _app(core, corp_id, thread)
            entry = Entry(cid=thread, kind="app", title=name, icon=icon)
            found.append(_with_last(entry, row, unread))
    found.sort(key=lambda each: (each.last_at, each.last_id), reverse=True)
    return found[:_MOST]


async def messages(
    core: Core, corp_id: str, userid: str, cid: str, *, before: int = 0, limit: int = 30
) -> list[Item]:
    """Return the last messages of a conversation, oldest first; ``before`` pages back by id.

    Refuses 60111, and 40016 when the member is not in such a conversation.
    """
    joined = await _joined(core, corp_id, userid)
    await _check_inside(core, corp_id, userid, cid)
    most = max(1, min(limit, _PAGE))
    last = before if 0 < before < _ALL else _ALL
    found = await core.durable.all(rows_of.PAGE, corp_id, userid, cid, last, most, joined)
    return await _items(core, corp_id, userid, found[::-1])


async def say(core: Core, corp_id: str, userid: str, cid: str, text: str) -> Item:
    """Say a text in a conversation, as a member.

    Refuses what `conversations.say` refuses, 34014 and 34016 for an empty or too long text, and 40016
    where only an app writes.
    """
    if cid.startswith(APP):
        raise Refusal(
            40016,
            "这是应用发来的通知，不能回复。",
            "These are notifications of an app; nobody answers here.",
        )
    await _check_inside(core, corp_id, userid, cid)
    text = text.encode("utf-8", "replace").decode()  # half a character cannot be written down
    content = message_content.check("text", {"content": text}, message_content.CHAT)
    said = await talk.say(
        core, corp_id, sender=userid, cid=cid, msgtype="text", body=content, app=""
    )
    row = await core.durable.one(rows_of.ITEM, corp_id, userid, said.message_id)
    assert row is not None
    return (await _items(core, corp_id, userid, [row]))[0]


async def read(core: Core, corp_id: str, userid: str, cid: str, *, up_to: int = 0) -> int:
    """Mark a conversation as read up to a message, 0: all of it; return how many were new."""
    if not _is_id(cid):
        return 0
    now = core.clock.now()
    last = up_to if 0 < up_to < _ALL else _ALL

    async def body(tx: Tx) -> int:
        senders = await tx.all(rows_of.UNREAD_OF, corp_id, userid, cid, last, _TOLD)
        for (sender,) in senders:
            bells.was_read(tx, corp_id, sender, cid)
        return await tx.run(rows_of.MARK_READ, corp_id, userid, cid, last, now)

    return await core.durable.transact(body)


async def changes(core: Core, corp_id: str, userid: str, since: int) -> Changes:
    """Return what a member got after message ``since``, oldest first, at most 100 at a time.

    Below 0: nothing but the number to begin with. One lookup by key when there is nothing. On
    PostgreSQL, of two messages sent in the same instant the one with the lower number may be seen
    too late to be told here; it is in `messages` all the same.
    """
    if since < 0:
        row = await core.durable.one(rows_of.LAST, corp_id, userid)
        return Changes([], 0 if row is None or row[0] is None else int(row[0]))
    found = await core.durable.all(rows_of.SINCE, corp_id, userid, min(since, _ALL), _PAGE)
    if not found:
        return Changes([], since)
    return Changes(await _items(core, corp_id, userid, found), int(found[-1][0]))


async def _joined(core: Core, corp_id: str, userid: str) -> int:
    row = await core.durable.one(rows_of.JOINED, corp_id, userid)
    if row is None:
        raise unknown_member(corp_id, userid)
    return int(row[0])


async def _check_inside(core: Core, corp_id: str, userid: str, cid: str) -> None:
    if not _is_id(cid):
        raise talk.unknown_conversation(cid)
    if cid.startswith(APP):
        return
    if await core.durable.one(rows_of.IS_INSIDE, corp_id, userid, cid) is None:
        raise talk.unknown_conversation(cid)


def _is_id(cid: str) -> bool:
    return cid.isascii() and cid.isprintable() and len(cid) <= _LONGEST_ID


def _with_last(entry: Entry, row: Row | None, unread: dict[str, int]) -> Entry:
    if row is None:
        return entry
    text = _one_line(row)
    if entry.kind == "group" and row[14]:
        text = f"{row[14]}：{text}"
    told: Entry = msgspec.structs.replace(
        entry, last_text=text, last_at=row[5], last_id=row[0], unread=unread.get(entry.cid, 0)
    )
    return told


def _one_line(row: Row) -> str:
    if row[13] is not None:
        return "[消息已撤回]"
    return renderings.render(row[3], _BODY.decode(row[4])).text


async def _items(core: Core, corp_id: str, userid: str, found: list[Row]) -> list[Item]:
    names: dict[str, str] = {}
    return [await _item(core, corp_id, userid, row, names) for row in found]


async def _item(core: Core, corp_id: str, userid: str, row: Row, names: dict[str, str]) -> Item:
    recalled = row[13] is not None
    shown = renderings.render(row[3], _BODY.decode(row[4]))
    mine = row[8] == userid
    receivers, readers = int(row[11]), int(row[17])
    return Item(
        id=row[0],
        cid=row[15] or row[9],
        author=await _author(core, corp_id, row, names),
        mine=mine,
        type="recalled" if recalled else shown.type,
        data={} if recalled else shown.data,
        text="[消息已撤回]" if recalled else shown.text,
        at=row[5],
        recalled=recalled,
        read=readers >= receivers if mine else row[16] is not None,
        read_count=readers,
        receiver_count=receivers,
    )


async def _author(core: Core, corp_id: str, row: Row, names: dict[str, str]) -> Author:
    agent_id, app, sender = int(row[2]), str(row[7]), str(row[8])
    if sender:
        return Author("member", sender, row[14] or sender)
    robot = app.startswith("robot:")
    thread = app if robot else f"{APP}{agent_id or app}"
    if thread not in names:
        names[thread] = (await _app(core, corp_id, thread))[0]
    return Author("robot" if robot else "app", thread.partition(":")[2], names[thread])


async def _app(core: Core, corp_id: str, thread: str) -> tuple[str, str]:
    """Return name and icon of who speaks in a thread that is no conversation."""
    kind, _, name = thread.partition(":")
    query: Query = rows_of.OWNER
    key: str | int = name
    if name.isascii() and name.isdigit() and len(name) < 19:
        query, key = (rows_of.ROBOT if kind == "robot" else rows_of.AGENT), int(name)
    row = await core.durable.one(query, corp_id, key)
    if row is None or not row[0]:
        return f"应用 {name}", ""
    return str(row[0]), str(row[1])
