"""The authorisation of a suite by a corp: the state machine A1-A9 of isv-lifecycle.md 3.2.

``relieved`` (or no row) → authorise → ``pending`` → the ISV exchanges the temporary code and
activates → ``active`` → relieve → ``relieved``. Every change locks the authorisation's row first, so
the pushes of one suite and corp are numbered in the order of the changes they announce.

An authorisation begins once: when the ISV has received a temporary code (its push was answered, or the
code was used), every further 授权 announces ``change_auth`` until the corp relieves (F43).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Literal

import msgspec

from ..store.ports import Row, Tx
from ..store.queries import authorisations as rows_of
from ..store.queries import callbacks as callback_rows
from ..store.queries import contacts as contact_rows
from ..store.queries import corps as corp_rows
from ..store.queries import micro_apps as app_rows
from ..store.queries import outbox as push_rows
from ..store.queries import suites as suite_rows
from . import bells, corp_events, outbox, rows, secrets
from .contacts import unknown_member
from .core import Core
from .corps import get_corp, is_dissolved, unknown_corp
from .gatekeeping import parse_patterns
from .model import Agent, Authorisation, Close, Corp, MicroApp
from .refusals import Refusal
from .suites import unknown_suite

UNACTIVE_PAGE = 100


class AuthOutcome(msgspec.Struct, frozen=True):
    """What an act of authorising announced; ``repeated``: the earlier push goes out again."""

    event_type: Literal["tmp_auth_code", "change_auth"]
    push_id: int
    repeated: bool = False


class AuthInfo(msgspec.Struct, frozen=True):
    corp: Corp
    authorisation: Authorisation
    agents: list[tuple[Agent, MicroApp]]


async def authorise(core: Core, suite_key: str, corp_id: str, userid: str = "") -> AuthOutcome:
    """The corp's admin authorises the suite: A1, A4, A7, A9, or the same code pushed again."""
    code = secrets.letters(32)

    async def body(tx: Tx) -> AuthOutcome:
        await _parties_exist(tx, suite_key, corp_id, userid)
        await tx.run(rows_of.ENSURE, suite_key, corp_id, secrets.letters(32))
        old = await _locked(tx, suite_key, corp_id)
        if old.state == "relieved":
            return await _begin(tx, core, old, code, userid or "manager")
        await _add_agents(tx, suite_key, corp_id)
        if old.code_received_at is None and old.code_used_at is None:
            assert old.code_push_id is not None
            now = core.clock.now()
            await tx.run(push_rows.REVIVE, old.code_push_id, now)
            await tx.run(push_rows.HURRY_LANE, suite_key, corp_id, now)
            tx.notify(outbox.CHANNEL, suite_key)
            return AuthOutcome("tmp_auth_code", old.code_push_id, repeated=True)
        push_id = await _announce(tx, core, suite_key, corp_id, "change_auth", AuthCorpId=corp_id)
        return AuthOutcome("change_auth", push_id)

    return await core.durable.transact(body)


async def relieve(core: Core, suite_key: str, corp_id: str) -> int:
    """A8: the corp de-authorises; the permanent code and all its tokens are dead at once."""

    async def body(tx: Tx) -> int:
        await standing(tx, suite_key, corp_id)
        await tx.run(rows_of.RELIEVE, suite_key, corp_id, core.clock.now())
        await tx.run(app_rows.DELETE_SCOPES, suite_key, corp_id)
        await tx.run(rows_of.DELETE_AGENTS, suite_key, corp_id)
        target = corp_events.target_of(suite_key)
        await corp_events.forget(tx, target, corp_id)
        await tx.run(callback_rows.DELETE_FAILURES, target, corp_id)
        return await _announce(tx, core, suite_key, corp_id, "suite_relieve", AuthCorpId=corp_id)

    return await core.durable.transact(body)


async def set_enabled(
    core: Core, suite_key: str, corp_id: str, enabled: bool, *, app_id: int | None = None
) -> list[int]:
    """A5 and A6: the admin disables or enables micro-apps (all, or one); return the pushes' numbers.

    Announced as org_micro_app_stop/restore for each agent and one change_auth, as in the 2016
    profile (isv-lifecycle.md 6.4). Agents that wait for activation are left alone.
    """
    before, after = (Close.DISABLED, Close.NORMAL) if enabled else (Close.NORMAL, Close.DISABLED)
    event = "org_micro_app_restore" if enabled else "org_micro_app_stop"

    async def body(tx: Tx) -> list[int]:
        await standing(tx, suite_key, corp_id)
        pushes = []
        for row in await tx.all(rows_of.AGENTS_OF, suite_key, corp_id):
            agent = rows.agent(row)
            if agent.close != before or app_id not in (None, agent.app_id):
                continue
            await tx.run(rows_of.SET_CLOSE, agent.agent_id, int(after))
            facts: dict[str, str | int] = {
                "AgentId": agent.agent_id,
                "AppId": agent.app_id,
                "AuthCorpId": corp_id,
            }
            pushes.append(await _announce(tx, core, suite_key, corp_id, event, **facts))
        if pushes:
            pushes.append(
                await _announce(tx, core, suite_key, corp_id, "change_auth", AuthCorpId=corp_id)
            )
        return pushes

    return await core.durable.transact(body)


async def remove_app(core: Core, suite_key: str, corp_id: str, app_id: int) -> int:
    """A10: the admin deletes a micro-app but keeps the authorisation; authorising again brings it back.

    Refuses 70003 when the corp has no such app of the suite.
    """

    async def body(tx: Tx) -> int:
        await standing(tx, suite_key, corp_id)
        for row in await tx.all(rows_of.AGENTS_OF, suite_key, corp_id):
            agent = rows.agent(row)
            if agent.app_id == app_id:
                await tx.run(rows_of.DELETE_AGENT, agent.agent_id)
                facts: dict[str, str | int] = {"AgentId": agent.agent_id, "AppId": app_id}
                event = "org_micro_app_remove"
                return await _announce(
                    tx, core, suite_key, corp_id, event, AuthCorpId=corp_id, **facts
                )
        raise Refusal(
            70003,
            f"企业 {corp_id} 下没有套件的微应用 {app_id}。",
            f"Corp {corp_id} has no micro-app {app_id} of the suite.",
        )

    return await core.durable.transact(body)


async def exchange_code(core: Core, suite_key: str, tmp_auth_code: str) -> tuple[str, Corp]:
    """A2: turn a temporary code into a permanent one, once; of two callers at once one wins.

    Refuses 40078 and says which it was: used already, another suite's, relieved, unknown (F44).
    """
    permanent = secrets.secret()
    now = core.clock.now()

    async def body(tx: Tx) -> str:
        row = await tx.one(
            rows_of.USE_CODE, tmp_auth_code, suite_key, now, secrets.fingerprint(permanent)
        )
        if row is None:
            raise await _dead_code(tx, suite_key, tmp_auth_code, now)
        return str(row[0])

    corp_id = await core.durable.transact(body)
    return permanent, await get_corp(core, corp_id)


async def activate(core: Core, suite_key: str, corp_id: str, permanent_code: str | None) -> None:
    """A3: the ISV activates; agents that waited are open. On an active suite nothing changes."""
    if not await is_dissolved(core.durable, corp_id):
        await check_permanent_code(core, suite_key, corp_id, permanent_code)

    async def body(tx: Tx) -> None:
        if await is_dissolved(tx, corp_id):
            raise Refusal(70001, f"企业 {corp_id} 已解散。", f"Corp {corp_id} is dissolved.")
        await standing(tx, suite_key, corp_id)
        if not await tx.all(rows_of.AGENTS_OF, suite_key, corp_id):
            raise Refusal(70002, "套件下没有微应用。", "The suite has no micro-app.")
        await tx.run(rows_of.ACTIVATE, suite_key, corp_id, core.clock.now())
        await tx.run(rows_of.ACTIVATE_AGENTS, suite_key, corp_id)
        bells.apps_changed(tx, corp_id)

    await core.durable.transact(body)


async def check_permanent_code(
    core: Core, suite_key: str, corp_id: str, permanent_code: str | None
) -> Authorisation:
    """Return the standing authorisation, after comparing the permanent code when one is given.

    Refuses 41030 (never authorised), 48004 (relieved), 41031 (another corp's code), 40084.
    """
    row = await core.durable.one(rows_of.BY_KEY, suite_key, corp_id)
    found = _stands(row, suite_key, corp_id)
    if permanent_code is None:
        return found
    mark = secrets.fingerprint(permanent_code)
    if hmac.compare_digest(mark, found.permanent_code_hash):
        return found
    other = await core.durable.one(rows_of.CORP_OF_PERMANENT, mark)
    if other is not None and other[0] == suite_key:
        raise Refusal(
            41031,
            "这个永久授权码属于另一家企业。",
            "This permanent code belongs to another corp.",
        )
    raise Refusal(
        40084,
        "永久授权码不存在或已随解除授权失效；丢失后无法再读取，请企业解除授权后重新授权。",
        "No such permanent code, or it died when the corp relieved the suite. A lost one cannot be"
        " read again: relieve and authorise anew.",
        faq="F45",
    )


async def auth_info(
    core: Core, suite_key: str, corp_id: str, permanent_code: str | None
) -> AuthInfo:
    """Return what get_auth_info tells: the corp, who authorised, the agents."""
    found = await check_permanent_code(core, suite_key, corp_id, permanent_code)
    apps = {row[0]: MicroApp(*row) for row in await core.durable.all(suite_rows.APPS_OF, suite_key)}
    agents = [
        rows.agent(row) for row in await core.durable.all(rows_of.AGENTS_OF, suite_key, corp_id)
    ]
    corp = await get_corp(core, corp_id)
    return AuthInfo(corp, found, [(agent, apps[agent.app_id]) for agent in agents])


async def agent_info(
    core: Core, suite_key: str, corp_id: str, agent_id: int, permanent_code: str | None
) -> tuple[Agent, MicroApp]:
    """Return one agent; refuse 70003 (no such agent), 70004 (of another corp)."""
    info = await auth_info(core, suite_key, corp_id, permanent_code)
    for agent, app in info.agents:
        if agent.agent_id == agent_id:
            return agent, app
    known = [agent.agent_id for agent, _ in info.agents]
    row = await core.durable.one(rows_of.AGENT_BY_ID, agent_id)
    elsewhere = row is not None and row[1] == suite_key
    raise Refusal(
        70004 if elsewhere else 70003,
        f"企业 {corp_id} 下没有 agentid {agent_id}；可用的是 {known}。",
        f"Corp {corp_id} has no agentid {agent_id}; it has {known}.",
        faq="F10",
        facts={"agentids": known},
    )


async def unactive_corps(core: Core, suite_key: str, app_id: int) -> tuple[list[str], bool]:
    """Return corps where a micro-app still waits for activation, and whether there are more."""
    await _own_app(core, suite_key, app_id)
    found = await core.durable.all(rows_of.UNACTIVE, app_id, UNACTIVE_PAGE + 1)
    return [row[0] for row in found[:UNACTIVE_PAGE]], len(found) > UNACTIVE_PAGE


async def reauth_corps(core: Core, suite_key: str, app_id: int, corp_ids: Sequence[str]) -> None:
    """Push the authorisation of corps again (what the official demo's retry job asks for)."""
    await _own_app(core, suite_key, app_id)
    for corp_id in dict.fromkeys(corp_ids):
        await check_permanent_code(core, suite_key, corp_id, None)
    for corp_id in dict.fromkeys(corp_ids):
        await authorise(core, suite_key, corp_id)


async def set_ip_whitelist(
    core: Core, suite_key: str, corp_id: str, patterns: Sequence[str]
) -> None:
    """Set the whitelist of one corp, beside the suite's own; refuse 40035 for a bad entry."""
    parse_patterns(patterns)

    async def body(tx: Tx) -> None:
        await standing(tx, suite_key, corp_id)
        await tx.run(rows_of.SET_WHITELIST, suite_key, corp_id, rows.json_text(list(patterns)))

    await core.durable.transact(body)


async def get_authorisation(core: Core, suite_key: str, corp_id: str) -> Authorisation | None:
    """Return an authorisation in whatever state, None if the corp never authorised the suite."""
    row = await core.durable.one(rows_of.BY_KEY, suite_key, corp_id)
    found = None if row is None else rows.authorisation(row)
    return None if found is None or found.generation == 0 else found


async def list_authorisations(
    core: Core, *, suite_key: str = "", corp_id: str = "", limit: int = 100, after: str = ""
) -> list[Authorisation]:
    """Return the authorisations of a suite (by corpid) or of a corp (by suite_key)."""
    if suite_key and corp_id:
        one = await get_authorisation(core, suite_key, corp_id)
        return [] if one is None else [one]
    query, key = (rows_of.OF_SUITE, suite_key) if suite_key else (rows_of.OF_CORP, corp_id)
    return [rows.authorisation(row) for row in await core.durable.all(query, key, after, limit)]


async def list_agents(core: Core, suite_key: str, corp_id: str) -> list[Agent]:
    """Return the agents of an authorisation."""
    found = await core.durable.all(rows_of.AGENTS_OF, suite_key, corp_id)
    return [rows.agent(row) for row in found]


async def _begin(tx: Tx, core: Core, old: Authorisation, code: str, userid: str) -> AuthOutcome:
    suite_key, corp_id = old.suite_key, old.corp_id
    await tx.run(rows_of.BEGIN, suite_key, corp_id, userid, code, core.clock.now())
    await _add_agents(tx, suite_key, corp_id)
    push_id = await _announce(
        tx, core, suite_key, corp_id, "tmp_auth_code", AuthCode=code, AuthCorpId=corp_id
    )
    await tx.run(rows_of.SET_CODE_PUSH, suite_key, corp_id, push_id)
    return AuthOutcome("tmp_auth_code", push_id)


async def _add_agents(tx: Tx, suite_key: str, corp_id: str) -> None:
    apps = await tx.all(suite_rows.APPS_OF, suite_key)
    await tx.many(rows_of.INSERT_AGENT, [(suite_key, corp_id, app[0]) for app in apps])


async def _announce(
    tx: Tx, core: Core, suite_key: str, corp_id: str, event_type: str, **facts: str | int
) -> int:
    plain = rows.json_text(
        {
            "EventType": event_type,
            "SuiteKey": suite_key,
            "TimeStamp": core.clock.now(),
            **facts,
        }
    )
    bells.apps_changed(tx, corp_id)
    return await outbox.enqueue(tx, core, suite_key, corp_id, event_type, plain)


async def announce_change(tx: Tx, core: Core, suite_key: str, corp_id: str) -> int:
    """Push ``change_auth`` in the transaction of what changed; return the push's number."""
    return await _announce(tx, core, suite_key, corp_id, "change_auth", AuthCorpId=corp_id)


async def _locked(tx: Tx, suite_key: str, corp_id: str) -> Authorisation:
    row = await tx.one(rows_of.LOCK, suite_key, corp_id)
    assert row is not None
    return rows.authorisation(row)


async def standing(tx: Tx, suite_key: str, corp_id: str) -> Authorisation:
    """Return an authorisation that stands, locked."""
    return _stands(await tx.one(rows_of.LOCK, suite_key, corp_id), suite_key, corp_id)


def _stands(row: Row | None, suite_key: str, corp_id: str) -> Authorisation:
    found = None if row is None else rows.authorisation(row)
    if found is None or found.generation == 0:
        raise Refusal(
            41030,
            f"企业 {corp_id} 没有授权过套件 {suite_key}。",
            f"Corp {corp_id} has never authorised suite {suite_key}.",
            facts={"corp_id": corp_id, "suite_key": suite_key},
        )
    if found.state == "relieved":
        raise Refusal(
            48004,
            f"企业 {corp_id} 已解除对套件 {suite_key} 的授权；需要企业重新授权。",
            f"Corp {corp_id} has relieved suite {suite_key}; it must authorise again.",
            faq="F45",
            facts={"corp_id": corp_id, "relieved_at": found.relieved_at},
        )
    return found


async def _parties_exist(tx: Tx, suite_key: str, corp_id: str, userid: str) -> None:
    if await tx.one(suite_rows.BY_KEY, suite_key) is None:
        raise unknown_suite(suite_key)
    if await tx.one(corp_rows.BY_ID, corp_id) is None or await is_dissolved(tx, corp_id):
        raise unknown_corp(corp_id)
    if userid and await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
        raise unknown_member(corp_id, userid)


async def _own_app(core: Core, suite_key: str, app_id: int) -> None:
    row = await core.durable.one(suite_rows.APP_BY_ID, app_id)
    if row is None or row[1] != suite_key:
        raise Refusal(
            40086,
            f"套件 {suite_key} 下没有微应用 {app_id}。",
            f"Suite {suite_key} has no micro-app {app_id}.",
        )


async def _dead_code(tx: Tx, suite_key: str, code: str, now: int) -> Refusal:
    row = await tx.one(rows_of.BY_CODE, code)
    found = None if row is None else rows.authorisation(row)
    if found is None or found.generation == 0:
        zh, en = "没有这个临时授权码。", "There is no such temporary code."
    elif found.suite_key != suite_key:
        zh = "这个临时授权码属于另一个套件，请用该套件的 suite_access_token。"
        en = "This temporary code belongs to another suite; use that suite's suite_access_token."
    elif found.code_used_at is not None:
        ago = (now - found.code_used_at) // 1000
        zh = f"临时授权码只能用一次，{ago} 秒前已换过永久授权码；若没有保存，请企业解除授权后重新授权。"
        en = (
            f"A temporary code works once; it was exchanged {ago} s ago. If the permanent code was"
            " not stored, the corp must relieve and authorise again."
        )
    else:
        zh = "企业已解除授权，这个临时授权码随之失效。"
        en = "The corp has relieved the suite, which killed this temporary code."
    return Refusal(40078, zh, en, faq="F44")
