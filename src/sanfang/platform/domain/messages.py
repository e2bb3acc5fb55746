"""Messages from apps to members, and the members' inboxes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Row, Tx
from ..store.queries import authorisations as auth_rows
from ..store.queries import contacts as contact_rows
from ..store.queries import corps as corp_rows
from ..store.queries import messages as rows_of
from . import rows
from .core import Core
from .corps import ROOT_DEPARTMENT
from .model import Close, Identity
from .refusals import Refusal

_BODY = msgspec.json.Decoder()


class Sent(msgspec.Struct, frozen=True):
    """What became of a message: its number and who could not be reached."""

    message_id: int
    invalid_users: list[str]
    invalid_parties: list[int]
    receivers: int


class Message(msgspec.Struct, frozen=True):
    message_id: int
    corp_id: str
    agent_id: int
    msgtype: str
    body: object
    created_at: int
    receivers: list[str]


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
) -> Sent:
    """Deliver a message to members, departments or everybody.

    Refuses 40056 (agentid not of this app), 41028 (an ISV writing to all), 41029 (too many
    receivers), 40031/40066 when nobody can be reached.
    """
    await _check_agent(core, identity, agent_id)
    own = identity.kind == "internal"
    if to_all and not own:
        raise Refusal(
            41028, "ISV 应用不能给全员发消息。", "An ISV's app may not write to everybody."
        )
    corp_id = identity.corp_id
    found, strangers, missing = await _receivers(core, corp_id, touser, toparty, to_all)
    most = 5000 if own else 1000
    if len(found) > most:
        raise Refusal(
            41029,
            f"接收者 {len(found)} 人，超过上限 {most}。",
            f"{len(found)} receivers; the limit is {most}.",
        )
    if not found:
        code = 40031 if touser or not toparty else 40066
        raise Refusal(code, "没有可送达的接收者。", "Nobody of the receivers can be reached.")
    now = core.clock.now()

    async def write(tx: Tx) -> int:
        row = await tx.one(rows_of.INSERT, corp_id, agent_id, msgtype, rows.json_text(body), now)
        assert row is not None
        number = int(row[0])
        await tx.many(
            rows_of.INSERT_RECIPIENT, [(corp_id, userid, number) for userid in sorted(found)]
        )
        return number

    number = await core.durable.transact(write)
    return Sent(number, strangers, missing, len(found))


async def list_messages(
    core: Core, corp_id: str, *, userid: str = "", limit: int = 50, after: int = 0
) -> list[Message]:
    """Return the messages of a corp, or of one member's inbox, oldest first."""
    durable = core.durable
    if userid:
        found = await durable.all(rows_of.OF_MEMBER, corp_id, after, limit, userid)
    else:
        found = await durable.all(rows_of.OF_CORP, corp_id, after, limit)
    return [await _message(core, row) for row in found]


async def _message(core: Core, row: Row) -> Message:
    number, corp_id, agent_id, msgtype, body, created_at = row
    receivers = await core.durable.all(rows_of.RECIPIENTS, corp_id, number)
    return Message(
        *(number, corp_id, agent_id, msgtype, _BODY.decode(body), created_at),
        [receiver[0] for receiver in receivers],
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


async def _check_agent(core: Core, identity: Identity, agent_id: int) -> None:
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
