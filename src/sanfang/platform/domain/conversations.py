"""Conversations: between two members, or a group's chat; what is said in them.

A conversation has one ``cid``, which is its openConversationId as well, and one ``chatid``: all
names on the wire lead to the same thing. Two members have one conversation, however often it is
opened (F20: a page picks it through JSAPI and the server writes to it with its ``cid``).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import contacts as contact_rows
from ..store.queries import conversations as rows_of
from ..store.queries import corps as corp_rows
from . import messages, rows, secrets
from .core import Core
from .corps import get_corp
from .members import unknown_member
from .messages import Draft
from .refusals import Refusal

SINGLE, GROUP = "single", "group"
DISBANDED = 2

_OPTIONS = msgspec.json.Decoder(dict[str, int])


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    cid: str
    chatid: str
    corp_id: str
    kind: str
    title: str
    owner: str
    icon: str
    template_id: str
    options: dict[str, int]
    status: int
    created_at: int


class ChatMember(msgspec.Struct, frozen=True):
    userid: str
    unionid: str
    name: str
    is_admin: bool
    nick: str
    muted_from: int
    muted_until: int


class Spoken(msgspec.Struct, frozen=True):
    """A message in a conversation and who got it."""

    message_id: int
    key: str
    receivers: list[str]


async def open_conversation(core: Core, corp_id: str, userids: Sequence[str]) -> str:
    """Return the cid of a conversation of these members.

    Two members always get the same one; three and more get a new group, owned by the first.
    Refuses 60111 (not a member) and 49010 (fewer than two).
    """
    people = list(dict.fromkeys(userids))
    if len(people) < 2:
        raise Refusal(49010, "会话至少要有两名成员。", "A conversation has at least two members.")
    await get_corp(core, corp_id)

    async def body(tx: Tx) -> str:
        for userid in people:
            if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
                raise unknown_member(corp_id, userid)
        if len(people) > 2:
            made = await create(
                tx, core, corp_id, people, kind=GROUP, owner=people[0], title="群聊"
            )
            return made.cid
        pair = rows.json_text(sorted(people))
        await tx.one(corp_rows.LOCK, corp_id)  # two who open it at once get the same one
        old = await tx.one(rows_of.BY_PAIR, corp_id, pair)
        if old is not None:
            return str(old[0])
        return (await create(tx, core, corp_id, people, kind=SINGLE, pair=pair)).cid

    return await core.durable.transact(body)


async def create(
    tx: Tx,
    core: Core,
    corp_id: str,
    userids: Sequence[str],
    *,
    kind: str,
    pair: str = "",
    owner: str = "",
    title: str = "",
    icon: str = "",
    template_id: str = "",
    options: dict[str, int] | None = None,
) -> Conversation:
    """Write a conversation with its members, who are known to exist."""
    made = Conversation(
        cid=f"cid{secrets.letters(30)}",
        chatid=f"chat{secrets.letters(32)}",
        corp_id=corp_id,
        kind=kind,
        title=title,
        owner=owner,
        icon=icon,
        template_id=template_id,
        options=options or {},
        status=1,
        created_at=core.clock.now(),
    )
    await tx.run(
        rows_of.INSERT,
        *(made.cid, made.chatid, corp_id, kind, pair, title, owner, icon, template_id),
        *(rows.json_text(made.options), made.created_at),
    )
    await tx.many(rows_of.ADD_MEMBER, [(made.cid, corp_id, userid) for userid in userids])
    return made


async def find(core: Core, corp_id: str, cid: str) -> Conversation | None:
    """Return a conversation of a corp by its cid, or None."""
    row = await core.durable.one(rows_of.BY_CID, corp_id, cid)
    return None if row is None else from_row(row)


async def find_chat(core: Core, corp_id: str, chatid: str) -> Conversation | None:
    """Return a conversation of a corp by its chatid, or None."""
    row = await core.durable.one(rows_of.BY_CHATID, corp_id, chatid)
    return None if row is None else from_row(row)


async def get(core: Core, corp_id: str, cid: str) -> Conversation:
    """Return a living conversation by its cid; refuse 40016."""
    found = await find(core, corp_id, cid)
    if found is None or found.status == DISBANDED:
        raise unknown_conversation(cid)
    return found


async def members_of(reader: Reader, cid: str) -> list[ChatMember]:
    """Return the members of a conversation who are still in the corp, by userid."""
    found = await reader.all(rows_of.MEMBERS, cid)
    return [ChatMember(row[0], row[1], row[2], bool(row[3]), *row[4:]) for row in found]


async def userids_of(core: Core, corp_id: str, unionids: Sequence[str]) -> list[str]:
    """Return the userids of persons of a corp; refuse 60111."""
    found = []
    for unionid in unionids:
        row = await core.durable.one(contact_rows.MEMBER_BY_UNIONID, corp_id, unionid)
        if row is None:
            raise unknown_member(corp_id, unionid)
        found.append(str(row[0]))
    return found


async def name_of(core: Core, corp_id: str, userid: str) -> str:
    """Return a member's name, '' for one who has left the corp."""
    row = await core.durable.one(contact_rows.MEMBER_BY_ID, corp_id, userid)
    return "" if row is None else str(row[2])


async def list_conversations(
    core: Core, corp_id: str, *, userid: str = "", limit: int = 100, after: str = ""
) -> list[Conversation]:
    """Return the conversations of a corp or of one member, by cid."""
    query = rows_of.OF_MEMBER if userid else rows_of.OF_CORP
    more = (userid,) if userid else ()
    found = await core.durable.all(query, corp_id, after, limit, *more)
    return [from_row(row) for row in found]


async def say(
    core: Core, corp_id: str, *, sender: str, cid: str, msgtype: str, body: object, app: str
) -> Spoken:
    """Write to a conversation in a member's name (/message/send_to_conversation).

    Refuses 40012 (no such sender), 40016 (no such conversation), 40015 (the sender is not in it),
    40017 (nobody else of the corp is in it) and 34015 (the sender is muted).
    """
    if not sender or await core.durable.one(contact_rows.MEMBER_BY_ID, corp_id, sender) is None:
        raise Refusal(
            40012,
            f"sender {sender[:64]!r} 不是该企业的成员。",
            f"sender {sender[:64]!r} is not a member of the corp.",
        )
    found = await get(core, corp_id, cid)
    people = await members_of(core.durable, cid)
    me = next((each for each in people if each.userid == sender), None)
    if me is None:
        raise Refusal(
            40015,
            f"{sender} 不在这个会话中；cid 要由会话成员通过 JSAPI 选取。",
            f"{sender} is not in this conversation; a member of it has to pick the cid through JSAPI.",
            faq="F20",
        )
    others = {each.userid for each in people} - {sender}
    if not others:
        raise Refusal(
            40017,
            "会话里没有同企业的其他人。",
            "Nobody else of the corp is in this conversation.",
        )
    _may_speak(core, found, me)
    return await write_to(core, found, others, msgtype, body, app=app, sender=sender)


async def write_to(
    core: Core,
    conversation: Conversation,
    receivers: set[str],
    msgtype: str,
    body: object,
    *,
    app: str,
    sender: str = "",
    channel: str = "chat",
    agent_id: int = 0,
) -> Spoken:
    """Put a message into a conversation, for these receivers."""
    draft = Draft(
        corp_id=conversation.corp_id,
        msgtype=msgtype,
        body=body,
        channel=channel,
        agent_id=agent_id,
        app=app,
        sender=sender,
        cid=conversation.cid,
        key=messages.new_key("msg"),
    )

    async def body_of(tx: Tx) -> int:
        return await messages.deliver(tx, core, draft, receivers)

    number = await core.durable.transact(body_of)
    return Spoken(number, draft.key, sorted(receivers))


def from_row(row: Row) -> Conversation:
    """Read a conversation as the queries give it."""
    cid, chatid, corp_id, kind, title, owner, icon, template_id, options, status, created = row
    return Conversation(
        cid=cid,
        chatid=chatid,
        corp_id=corp_id,
        kind=kind,
        title=title,
        owner=owner,
        icon=icon,
        template_id=template_id,
        options=_OPTIONS.decode(options),
        status=status,
        created_at=created,
    )


def unknown_conversation(cid: str) -> Refusal:
    """40016: no living conversation of the corp has this cid."""
    return Refusal(
        40016,
        f"该企业没有会话 {cid[:64]!r}，或群已解散。",
        f"The corp has no conversation {cid[:64]!r}, or the group was disbanded.",
        faq="F20",
    )


def not_inside(userid: str) -> Refusal:
    """60124: somebody who is not in the conversation."""
    return Refusal(60124, f"{userid[:64]!r} 不在群中。", f"{userid[:64]!r} is not in the chat.")


def _may_speak(core: Core, conversation: Conversation, member: ChatMember) -> None:
    now = core.clock.now()
    muted = member.muted_from <= now < member.muted_until
    all_muted = bool(conversation.options.get("chat_banned_type"))
    if muted or (all_muted and not member.is_admin and member.userid != conversation.owner):
        raise Refusal(
            34015, f"{member.userid} 在此群被禁言。", f"{member.userid} is muted in this group."
        )
