"""The life of an authorisation as decisions: no I/O, no clock (isv-lifecycle.md §3.2).

`next_step` looks at an event and at what is stored, and says what to do next; the driver
(`lifecycle`) does it, stores the result and asks again. So whatever instant a process dies at,
the next one goes on from the last stored result:

    tmp_auth_code   Exchange -> Describe -> Activate -> Finish(activated)
    change_auth                 Describe -> Activate (agents at 2) -> Finish(changed)
    suite_relieve   Relieve  -> Finish(relieved)
    org_micro_app_* Patch    -> Finish()

A record's ``since`` is the inbox id of the event that began the authorisation. Inbox ids grow in
the order of arrival, so "was this relieved after it began" is a comparison of two numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from sanfang.protocol.events import (
    ChangeAuth,
    Event,
    MicroAppRemove,
    MicroAppRestore,
    MicroAppStop,
    SuiteRelieve,
    TmpAuthCode,
)

from .outcomes import Superseded
from .records import Agent, CorpRecord, CorpState

Kind = Literal["activated", "changed", "relieved"]

TO_ACTIVATE = 2
"""``close`` of an agent that waits for activate_suite; 1 is in use, 0 disabled."""


class Exchange(msgspec.Struct, frozen=True):
    """Turn the temporary code into a permanent one."""


class Describe(msgspec.Struct, frozen=True):
    """Ask for names and agents, and for the state of each agent."""


class Activate(msgspec.Struct, frozen=True):
    """Activate the suite for the corp."""


class Store(msgspec.Struct, frozen=True):
    """Store this record; ``forget`` drops permanent code and tokens as well."""

    record: CorpRecord
    forget: bool = False


class Finish(msgspec.Struct, frozen=True):
    """Nothing is left but to tell the handlers."""

    kinds: tuple[Kind, ...] = ()


Step = Exchange | Describe | Activate | Store | Finish

CONCERNED = (
    *(TmpAuthCode, ChangeAuth, SuiteRelieve),
    *(MicroAppStop, MicroAppRestore, MicroAppRemove),
)
"""The events that change a corp's record."""


def next_step(event_id: int, event: Event, record: CorpRecord) -> Step:
    """Say what comes next for an event; raises `Superseded` when it has become void."""
    match event:
        case TmpAuthCode():
            return _authorised(event_id, record)
        case ChangeAuth():
            return _changed(event_id, record)
        case SuiteRelieve():
            return _relieved(event_id, event, record)
        case MicroAppStop() | MicroAppRestore() | MicroAppRemove():
            patched = _patched(event, record)
            return Finish() if patched == record else Store(patched)
    return Finish()


def _authorised(event_id: int, record: CorpRecord) -> Step:
    if record.since != event_id:
        if record.relieved_by > event_id or record.since > event_id:
            raise Superseded("这次授权已经结束 / this authorisation has ended meanwhile")
        return Exchange()
    match record.state:
        case CorpState.AUTHORISED:
            return Describe()
        case CorpState.DESCRIBED:
            return Activate()
        case CorpState.ACTIVE:
            return Finish(("activated",))
    raise Superseded("授权已解除 / the corp has ended the authorisation")


def _changed(event_id: int, record: CorpRecord) -> Step:
    if record.relieved_by > event_id:
        raise Superseded("授权已解除 / the corp has ended the authorisation")
    if record.described_by != event_id:
        return Describe()
    if record.activated_by == event_id:
        # It was not active before: the tmp_auth_code was lost to us, this event brought the corp in.
        return Finish(("activated", "changed"))
    if record.state is not CorpState.ACTIVE or to_activate(record):
        return Activate()
    return Finish(("changed",))


def _relieved(event_id: int, event: SuiteRelieve, record: CorpRecord) -> Step:
    if record.relieved_by == event_id:
        return Finish(("relieved",))
    time = event.timestamp or 0
    if record.relieved_by > event_id or 0 < time < record.auth_time:
        raise Superseded("企业已重新授权 / the corp has authorised again since")
    gone = msgspec.structs.replace(
        record,
        state=CorpState.RELIEVED,
        agents=[],
        relieved_by=event_id,
    )
    return Store(gone, forget=True)


def _patched(
    event: MicroAppStop | MicroAppRestore | MicroAppRemove, record: CorpRecord
) -> CorpRecord:
    agents = []
    for agent in record.agents:
        if agent.agent_id != event.agent_id:
            agents.append(agent)
        elif not isinstance(event, MicroAppRemove):
            close = 0 if isinstance(event, MicroAppStop) else 1
            agents.append(msgspec.structs.replace(agent, close=close))
    return msgspec.structs.replace(record, agents=agents)


def to_activate(record: CorpRecord) -> bool:
    """Tell whether an agent waits for activation."""
    return any(agent.close == TO_ACTIVATE for agent in record.agents)


# What an answer does to a record


def recovered(record: CorpRecord, event_id: int, auth_time: int) -> CorpRecord:
    """Begin an authorisation whose code was used up by a process that died before storing it."""
    return msgspec.structs.replace(
        record,
        state=CorpState.AUTHORISED,
        since=event_id,
        auth_time=auth_time,
        described_by=0,
        activated_by=0,
    )


def described(
    record: CorpRecord, event_id: int, info: Mapping[str, Any], closes: Mapping[int, int | None]
) -> CorpRecord:
    """Take over what get_auth_info and get_agent said."""
    corp = _mapping(info.get("auth_corp_info"))
    user = _mapping(info.get("auth_user_info"))
    agents = [
        Agent(
            agent_id=agent_id,
            app_id=_number(raw.get("appid")),
            name=_text(raw.get("agent_name")),
            close=closes.get(agent_id),
        )
        for agent_id, raw in agents_in(info).items()
    ]
    stays = record.state is CorpState.ACTIVE
    return msgspec.structs.replace(
        record,
        state=CorpState.ACTIVE if stays else CorpState.DESCRIBED,
        corp_name=_text(corp.get("corp_name")) or record.corp_name,
        user_id=_text(user.get("userId")) or record.user_id,
        agents=agents,
        described_by=event_id,
    )


def activated(record: CorpRecord, event_id: int) -> CorpRecord:
    """Take over that activate_suite succeeded."""
    was_active = record.state is CorpState.ACTIVE
    return msgspec.structs.replace(
        record,
        state=CorpState.ACTIVE,
        activated_by=record.activated_by if was_active else event_id,
        agents=[
            msgspec.structs.replace(agent, close=1) if agent.close == TO_ACTIVATE else agent
            for agent in record.agents
        ],
    )


def agents_in(info: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Return the agents of a get_auth_info answer by agentid; what cannot be read is left out."""
    listed = _mapping(info.get("auth_info")).get("agent")
    found: dict[int, Mapping[str, Any]] = {}
    for raw in listed if isinstance(listed, list) else []:
        agent_id = _number(_mapping(raw).get("agentid"))
        if agent_id is not None:
            found[agent_id] = raw
    return found


def close_of(answer: Mapping[str, Any]) -> int | None:
    """Return ``close`` of a get_agent answer; some send it as text."""
    return _number(answer.get("close"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) else None
