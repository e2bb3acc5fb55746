"""Suites: made only when their callback URL answers, kept supplied with tickets."""

from __future__ import annotations

from typing import Literal

import msgspec

from sanfang.protocol import crypto

from ..store.ports import Tx
from ..store.queries import outbox as push_rows
from ..store.queries import suites as rows_of
from . import outbox, rows, secrets
from .core import Core, ProbeResult
from .developers import get_developer
from .gatekeeping import parse_patterns
from .model import MicroApp, Suite
from .refusals import Refusal

CORP_WIDE = ""  # the lane of pushes that concern the suite alone


class MicroAppForm(msgspec.Struct, kw_only=True):
    """A micro-app as the developer describes it (isv-lifecycle.md 2.3)."""

    name: str
    home_url: str
    description: str = ""
    logo_url: str = ""
    pc_home_url: str = ""


class SuiteForm(msgspec.Struct, kw_only=True):
    """A suite as the developer describes it (isv-lifecycle.md 2.2)."""

    name: str
    token: str
    aes_key: str
    callback_url: str
    ip_whitelist: list[str] = []
    user_fields: list[str] = []
    micro_apps: list[MicroAppForm] = []


async def create_suite(core: Core, developer_id: str, form: SuiteForm) -> Suite:
    """Make a suite if its callback URL answers ``check_create_suite_url`` (F40, F52).

    Refuses 71009 (wrong reply), 71011, 71012, 71013 with what was expected and what came.
    """
    await get_developer(core, developer_id)
    _check_form(form)
    await _prove_url(
        core, form.callback_url, form.token, form.aes_key, crypto.CREATE_SUITE_KEY, "create"
    )
    key, secret, now = f"suite{secrets.letters(16)}", secrets.secret(), core.clock.now()

    async def body(tx: Tx) -> Suite:
        await tx.run(
            rows_of.INSERT,
            *(key, developer_id, form.name.strip(), form.token, form.aes_key, form.callback_url),
            *(secret, rows.json_text(form.ip_whitelist), rows.json_text(form.user_fields), now),
        )
        for app in form.micro_apps:
            await _insert_app(tx, key, app)
        if form.micro_apps:
            await _first_ticket(tx, core, key)
        return await _locked(tx, key)

    return await core.durable.transact(body)


async def update_suite(
    core: Core,
    suite_key: str,
    *,
    name: str | None = None,
    token: str | None = None,
    aes_key: str | None = None,
    callback_url: str | None = None,
    ip_whitelist: list[str] | None = None,
    user_fields: list[str] | None = None,
    status: Literal["developing", "finished"] | None = None,
) -> Suite:
    """Change a suite; a new URL, token or key must first pass ``check_update_suite_url``."""
    given = {
        "name": name,
        "token": token,
        "aes_key": aes_key,
        "callback_url": callback_url,
        "ip_whitelist": ip_whitelist,
        "user_fields": user_fields,
        "status": status,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    new: Suite = msgspec.structs.replace(await get_suite(core, suite_key), **changes)
    parse_patterns(new.ip_whitelist)
    if {"token", "aes_key", "callback_url"} & changes.keys():
        await _prove_url(core, new.callback_url, new.token, new.aes_key, suite_key, "update")

    async def body(tx: Tx) -> Suite:
        suite: Suite = msgspec.structs.replace(await _locked(tx, suite_key), **changes)
        await tx.run(
            rows_of.UPDATE,
            *(suite_key, suite.name, suite.token, suite.aes_key, suite.callback_url),
            *(rows.json_text(suite.ip_whitelist), rows.json_text(suite.user_fields), suite.status),
        )
        return suite

    return await core.durable.transact(body)


async def get_suite(core: Core, suite_key: str) -> Suite:
    """Return a suite; refuse with 40083 when there is none."""
    row = await core.durable.one(rows_of.BY_KEY, suite_key)
    if row is None:
        raise unknown_suite(suite_key)
    return rows.suite(row)


async def get_suite_by_id(core: Core, suite_id: int) -> Suite:
    """Return a suite by its number; refuse with 40083 when there is none."""
    row = await core.durable.one(rows_of.BY_ID, suite_id)
    if row is None:
        raise unknown_suite(str(suite_id))
    return rows.suite(row)


async def list_suites(core: Core, *, limit: int = 100, after: str = "") -> list[Suite]:
    """Return suites by suite_key, those after ``after``."""
    return [rows.suite(row) for row in await core.durable.all(rows_of.PAGE, after, limit)]


async def micro_apps(core: Core, suite_key: str) -> list[MicroApp]:
    """Return the micro-apps of a suite."""
    return [MicroApp(*row) for row in await core.durable.all(rows_of.APPS_OF, suite_key)]


async def add_micro_app(core: Core, suite_key: str, form: MicroAppForm) -> MicroApp:
    """Add a micro-app; the first one starts the ticket timer (isv-lifecycle.md 3.1)."""
    _check_app(form)

    async def body(tx: Tx) -> MicroApp:
        suite = await _locked(tx, suite_key)
        app = await _insert_app(tx, suite_key, form)
        if not suite.ticket:
            await _first_ticket(tx, core, suite_key)
        return app

    return await core.durable.transact(body)


async def rotate_due_tickets(core: Core, *, limit: int = 100) -> int:
    """Give every suite whose ticket is due a new one and enqueue its push; return how many."""
    now = core.clock.now()

    async def body(tx: Tx) -> int:
        due = await tx.all(rows_of.TICKET_DUE, now, limit)
        for row in due:
            await _rotate(tx, core, rows.suite(row))
        return len(due)

    return await core.durable.transact(body)


async def next_ticket_due(core: Core) -> int | None:
    """Return when the next ticket is due (epoch ms), None when no suite has a timer running."""
    row = await core.durable.one(rows_of.NEXT_TICKET_DUE)
    return None if row is None else int(row[0])


async def repush(core: Core, suite_key: str) -> int:
    """重新推送: set the suite's open pushes going with counters at 0, and push a fresh ticket.

    Returns the number of pushes set going (F41). A suite without a micro-app has no ticket to push.
    """

    async def body(tx: Tx) -> int:
        suite = await _locked(tx, suite_key)
        count = await outbox.revive_suite(tx, core, suite_key)
        if not await tx.all(rows_of.APPS_OF, suite_key):
            if not count:
                raise Refusal(
                    70002,
                    "套件下没有微应用，不会推送 suite_ticket；请先添加微应用。",
                    "The suite has no micro-app, so no suite_ticket is pushed; add one first.",
                    faq="F41",
                )
            return count
        superseded = await _rotate(tx, core, suite, failures=0)
        return count - superseded + 1

    return await core.durable.transact(body)


async def _first_ticket(tx: Tx, core: Core, suite_key: str) -> None:
    await _rotate(tx, core, await _locked(tx, suite_key))


async def _rotate(tx: Tx, core: Core, suite: Suite, *, failures: int | None = None) -> int:
    """Make a new ticket valid, then announce it; an older announcement still open is superseded.

    The count of failures goes on over superseded tickets, else a dead ISV would never reach the
    limit. Returns how many announcements were superseded.
    """
    now, ticket = core.clock.now(), secrets.letters(32)
    due = now + core.settings.ticket_interval_ms
    await tx.run(rows_of.SET_TICKET, suite.suite_key, ticket, suite.ticket, now, due)
    superseded = await tx.all(push_rows.SUPERSEDE, suite.suite_key, CORP_WIDE, "suite_ticket")
    if failures is None:
        failures = max((int(row[0]) for row in superseded), default=0)
    plain = rows.json_text(
        {
            "SuiteKey": suite.suite_key,
            "EventType": "suite_ticket",
            "TimeStamp": now,
            "SuiteTicket": ticket,
        }
    )
    await outbox.enqueue(
        tx, core, suite.suite_key, CORP_WIDE, "suite_ticket", plain, failures=failures
    )
    return len(superseded)


async def _locked(tx: Tx, suite_key: str) -> Suite:
    row = await tx.one(rows_of.LOCK, suite_key)
    if row is None:
        raise unknown_suite(suite_key)
    return rows.suite(row)


async def _insert_app(tx: Tx, suite_key: str, form: MicroAppForm) -> MicroApp:
    row = await tx.one(
        rows_of.INSERT_APP,
        *(suite_key, form.name.strip(), form.description, form.logo_url),
        *(form.home_url, form.pc_home_url),
    )
    assert row is not None
    return MicroApp(*row)


async def _prove_url(
    core: Core,
    url: str,
    token: str,
    aes_key: str,
    key_id: str,
    occasion: Literal["create", "update"],
) -> None:
    random = secrets.letters(8)
    plain = rows.json_text(
        {"EventType": f"check_{occasion}_suite_url", "Random": random, "TestSuiteKey": key_id}
    ).encode()
    accept = (random,) if core.settings.strict_2016_reply else (random, "success")
    result = await core.probe(
        url, token=token, aes_key=aes_key, key_id=key_id, plain=plain, accept=accept
    )
    if not result.ok:
        raise not_proven(result)


def not_proven(result: ProbeResult) -> Refusal:
    """Refuse a callback URL with what was expected and what came."""
    facts: dict[str, object] = {
        "expected": result.expected,
        "received": result.received,
        "decrypted": result.decrypted,
        "fields": result.fields,
        "status": result.status,
    }
    return Refusal(
        result.code,
        result.zh,
        result.en,
        errmsg=result.errmsg or None,
        faq=result.faq,
        facts=facts,
    )


def _check_form(form: SuiteForm) -> None:
    if not 1 <= len(form.name.strip()) <= 50:
        raise Refusal(
            40035, "套件名称应为 1 到 50 个字符。", "A suite name has 1 to 50 characters."
        )
    if not form.token:
        raise Refusal(71010, "缺少 token。", "The token is missing.")
    parse_patterns(form.ip_whitelist)
    for app in form.micro_apps:
        _check_app(app)


def _check_app(form: MicroAppForm) -> None:
    if not 2 <= len(form.name.strip()) <= 16:
        raise Refusal(
            33002, "微应用名称应为 2 到 16 个字符。", "A micro-app name has 2 to 16 characters."
        )
    for url, code in ((form.home_url, 33005), (form.pc_home_url, 33006)):
        if url and not url.startswith(("http://", "https://")):
            raise Refusal(
                code,
                "主页地址必须以 http:// 或 https:// 开头。",
                "A home URL starts with http:// or https://.",
            )
    if not form.home_url:
        raise Refusal(33005, "缺少主页地址。", "The home URL is missing.")


def unknown_suite(suite_key: str) -> Refusal:
    return Refusal(
        40083,
        f"没有套件 {suite_key!r}。",
        f"There is no suite {suite_key!r}.",
        facts={"suite_key": suite_key},
    )
