"""Messages from apps to members, and the members' inboxes: who got what, who has read it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import authorisations as auth_rows
from ..store.queries import contacts as contact_rows
from ..store.queries import corps as corp_rows
from ..store.queries import messages as rows_of
from . import app_scopes, bells, message_limits, rows, secrets
from .core import Core
from .corps import ROOT_DEPARTMENT
from .model import Close, Identity
from .refusals import Refusal

_BODY = msgspec.json.Decoder()
_INVALID = msgspec.json.Decoder(tuple[list[str], list[int], list[str]])

_TOLD = 200  # members whose messages were read are told so at once, by conversation
RECEIVERS = 10_000  # the most one listing of a message's receivers returns


class Sent(msgspec.Struct, frozen=True):
    """What became of a message: its number and who could not be reached."""

    message_id: int
    invalid_users: list[str]
    invalid_parties: list[int]
    forbidden_users: list[str]
    receivers: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A message about to be written. ``channel`` says which way it came, ``app`` who answers for it."""

    corp_id: str
    msgtype: str
    body: object
    channel: str = "send"
    agent_id: int = 0
    app: str = ""
    sender: str = ""  # userid; '' when an app or a robot speaks
    cid: str = ""
    key: str = ""  # as the wire names it where a number will not do
    to_all: bool = False
    invalid_users: list[str] = []
    invalid_parties: list[int] = []
    forbidden_users: list[str] = []

    @property
    def thread(self) -> str:
        """Under what its receivers find it: the conversation, or the app that wrote to them alone."""
        return self.cid or f"app:{self.agent_id or self.app}"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    message_id: int
    corp_id: str
    agent_id: int
    msgtype: str
    body: object
    created_at: int
    channel: str
    app: str
    sender: str
    cid: str
    key: str
    receiver_count: int
    invalid_users: list[str]
    invalid_parties: list[int]
    forbidden_users: list[str]
    recalled_at: int | None
    receivers: list[str] = []
    read_by: list[str] = []


class Reading(msgspec.Struct, frozen=True):
    """One receiver of a message; ``read_at`` None: not read yet."""

    userid: str
    read_at: int | None


async def send(
    core: Core,
    identity: Identity,
    *,
    agent_id: int,
    touser: Sequence[str],
    toparty: Sequence[int],
    to_all: bool,
    msgtype: str,
    body: dict[str, object],
    channel: str = "send",
) -> Sent:
    """Deliver a message to members, departments or everybody.

    Refuses 40056 (agentid not of this app), 41028 (an ISV writing to all), 41029 (too many
    receivers), 41045-41048 (see message_limits), and, when sent at once, 40031/40066 when nobody
    can be reached: what is sent as a task (channel ``work``) tells that in its result.
    """
    await check_agent(core, identity, agent_id)
    message_limits.check_to_all(core.settings, identity, to_all)
    corp_id = identity.corp_id
    found, strangers, missing = await _receivers(core, corp_id, touser, toparty, to_all)
    forbidden = await _outside_scope(core, corp_id, agent_id, found)
    found -= forbidden
    message_limits.check_receivers(core.settings, identity, len(found))
    if not found and channel == "send":
        code = 40031 if touser or not toparty else 40066
        raise Refusal(
            code,
            "没有可送达的接收者：不是成员，或不在微应用的可见范围内。",
            "Nobody of the receivers can be reached: no members, or they do not see the micro-app.",
        )
    draft = Draft(
        corp_id=corp_id,
        msgtype=msgtype,
        body=body,
        channel=channel,
        agent_id=agent_id,
        app=app_of(identity),
        to_all=to_all,
        invalid_users=strangers,
        invalid_parties=missing,
        forbidden_users=sorted(forbidden),
    )

    async def write(tx: Tx) -> int:
        await message_limits.check_volume(tx, core, identity, len(found), to_all)
        return await deliver(tx, core, draft, found)

    number = await core.durable.transact(write)
    return Sent(number, strangers, missing, draft.forbidden_users, len(found))


async def deliver(tx: Tx, core: Core, draft: Draft, receivers: set[str]) -> int:
    """Write a message and put it into the inbox of each receiver; return its number."""
    row = await tx.one(
        rows_of.INSERT,
        *(draft.corp_id, draft.agent_id, draft.msgtype, rows.json_text(draft.body)),
        *(core.clock.now(), draft.channel, draft.app, draft.sender, draft.cid, draft.key),
        *(len(receivers), int(draft.to_all)),
        rows.json_text([draft.invalid_users, draft.invalid_parties, draft.forbidden_users]),
    )
    assert row is not None
    number = int(row[0])
    got = [(draft.corp_id, userid, number, draft.thread) for userid in sorted(receivers)]
    await tx.many(rows_of.INSERT_RECIPIENT, got)
    bells.got_message(tx, draft.corp_id)
    return number


def new_key(kind: str) -> str:
    """Return an id for a message that the wire does not number."""
    return kind + secrets.letters(32)


def app_of(identity: Identity) -> str:
    """Return which app answers for what it sends: its app_key, or the suite's key."""
    return identity.app_key if identity.kind == "internal" else identity.suite_key


async def get_message(core: Core, corp_id: str, message_id: int) -> Message | None:
    """Return a message of a corp by its number, or None."""
    row = await core.durable.one(rows_of.BY_ID, corp_id, message_id)
    return None if row is None else await _message(core.durable, row)


async def get_by_key(core: Core, corp_id: str, key: str) -> Message | None:
    """Return a message of a corp by the id the wire gave it, or None."""
    row = await core.durable.one(rows_of.BY_KEY, corp_id, key)
    return None if row is None else await _message(core.durable, row)


async def list_messages(
    core: Core, corp_id: str, *, userid: str = "", cid: str = "", limit: int = 50, after: int = 0
) -> list[Message]:
    """Return the messages of a corp, of a conversation or of one member's inbox, oldest first."""
    durable = core.durable
    if cid:
        found = await durable.all(rows_of.OF_CONVERSATION, corp_id, after, limit, cid)
    elif userid:
        found = await durable.all(rows_of.OF_MEMBER, corp_id, after, limit, userid)
    else:
        found = await durable.all(rows_of.OF_CORP, corp_id, after, limit)
    return [await _message(durable, row, 1000) for row in found]


async def readings(core: Core, message_id: int) -> list[Reading]:
    """Return who got a message and when each of them read it."""
    found = await core.durable.all(rows_of.RECIPIENTS, message_id, RECEIVERS)
    return [Reading(*row) for row in found]


async def readers(core: Core, message_id: int, *, offset: int, size: int) -> list[str]:
    """Return a page of the userids who have read a message."""
    return [row[0] for row in await core.durable.all(rows_of.READERS, message_id, size, offset)]


async def mark_read(core: Core, corp_id: str, userid: str, *, cid: str = "", up_to: int = 0) -> int:
    """Mark what a member got as read, all of it or one conversation's; return how many were new.

    ``up_to`` is the number of the last message to mark; 0 means every one.
    """
    last = up_to or 2**53
    now = core.clock.now()

    async def write(tx: Tx) -> int:
        for sender, where in await tx.all(rows_of.UNREAD_OF, corp_id, userid, last, _TOLD):
            if where and cid in ("", where):
                bells.was_read(tx, corp_id, sender, where)
        if cid:
            return await tx.run(rows_of.MARK_READ_OF_CONVERSATION, corp_id, userid, last, now, cid)
        return await tx.run(rows_of.MARK_READ, corp_id, userid, last, now)

    return await core.durable.transact(write)


async def unread(core: Core, corp_id: str, userid: str) -> dict[str, int]:
    """Count what a member has not read, by cid; under '' what apps sent to the member."""
    return {row[0]: int(row[1]) for row in await core.durable.all(rows_of.UNREAD, corp_id, userid)}


async def recall(core: Core, message: Message) -> bool:
    """Take a message back; False when it was taken back before."""
    now = core.clock.now()

    async def write(tx: Tx) -> int:
        return await tx.run(rows_of.RECALL, message.message_id, now)

    return await core.durable.transact(write) > 0


async def rewrite(core: Core, message: Message, body: dict[str, object]) -> None:
    """Change what a message says."""

    async def write(tx: Tx) -> None:
        await tx.run(rows_of.REWRITE, message.message_id, rows.json_text(body))

    await core.durable.transact(write)


async def _message(reader: Reader, row: Row, receivers: int = RECEIVERS) -> Message:
    number, corp_id, agent_id, msgtype, body, created_at = row[:6]
    channel, app, sender, cid, key, count, invalid, recalled_at = row[6:]
    users, parties, forbidden = _INVALID.decode(invalid)
    got = await reader.all(rows_of.RECIPIENTS, number, receivers)
    return Message(
        message_id=number,
        corp_id=corp_id,
        agent_id=agent_id,
        msgtype=msgtype,
        body=_BODY.decode(body),
        created_at=created_at,
        channel=channel,
        app=app,
        sender=sender,
        cid=cid,
        key=key,
        receiver_count=count,
        invalid_users=users,
        invalid_parties=parties,
        forbidden_users=forbidden,
        recalled_at=recalled_at,
        receivers=[each[0] for each in got],
        read_by=[each[0] for each in got if each[1] is not None],
    )


async def _receivers(
    core: Core, corp_id: str, touser: Sequence[str], toparty: Sequence[int], to_all: bool
) -> tuple[set[str], list[str], list[int]]:
    durable = core.durable
    found: set[str] = set()
    strangers: list[str] = []
    missing: list[int] = []
    for userid in dict.fromkeys(touser):
        if await durable.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
            strangers.append(userid)
        else:
            found.add(userid)
    parties = [ROOT_DEPARTMENT] if to_all else list(dict.fromkeys(toparty))
    for dept_id in parties:
        if await durable.one(contact_rows.DEPT_BY_ID, corp_id, dept_id) is None:
            missing.append(dept_id)
            continue
        below = await durable.all(contact_rows.USERIDS_BELOW, corp_id, dept_id)
        found.update(row[0] for row in below)
    return found, strangers, missing


async def _outside_scope(core: Core, corp_id: str, agent_id: int, userids: set[str]) -> set[str]:
    """Return who of these does not see the app: nothing it says reaches them."""
    scope = await app_scopes.get_scope(core, corp_id, agent_id)
    if scope.open:
        return set()
    viewers = [await app_scopes.viewer(core, corp_id, userid) for userid in userids]
    return {viewer.userid for viewer in viewers if not viewer.sees(scope)}


async def check_agent(core: Core, identity: Identity, agent_id: int) -> None:
    """Refuse 40056 for an agentid that is not of this app, 41044 for one that may not send."""
    if identity.kind == "internal":
        row = await core.durable.one(corp_rows.APP_BY_KEY, identity.app_key)
        own = [] if row is None else [row[2]]
    else:
        agents = await core.durable.all(auth_rows.AGENTS_OF, identity.suite_key, identity.corp_id)
        own = [agent[0] for agent in agents]
        for agent in agents:
            if agent[0] == agent_id and agent[4] != Close.NORMAL:
                state = "待激活" if agent[4] == Close.PENDING else "被企业停用"
                raise Refusal(
                    41044,
                    f"微应用 {agent_id} {state}，不能发消息。",
                    f"Micro-app {agent_id} is not active in this corp, it cannot send.",
                )
    if agent_id not in own:
        raise Refusal(
            40056,
            f"agentid {agent_id} 不属于此应用；该企业下可用的是 {own}。",
            f"agentid {agent_id} is not of this app; in this corp it has {own}.",
            faq="F10",
            facts={"agentids": own},
        )
