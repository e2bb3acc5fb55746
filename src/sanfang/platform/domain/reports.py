"""Reports of members (日志): templates, writing, reading, comments."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from ..store.ports import Query, Row, Tx
from ..store.queries import reports as rows_of
from . import contacts, conversations, rows, secrets
from .core import Core
from .refusals import Refusal
from .report_model import Comment, Counts, Report, Template, TemplateField

Role = Literal["receivers", "readers", "commenters", "likers"]
MOST_RECEIVERS = 1000
LONGEST = 1000  # characters of one field
_FOREVER = 1 << 53
# What every corp has before anybody makes a template of its own.
_BUILT_IN = {
    "日报": ("今日完成工作", "未完成工作", "需协调工作", "备注"),
    "周报": ("本周完成工作", "本周工作总结", "下周工作计划", "需协调与帮助", "备注"),
    "月报": ("本月工作内容", "本月工作总结", "下月工作计划", "需帮助与支持", "备注"),
}
_PEOPLE: dict[Role, Query] = {
    "receivers": rows_of.RECEIVERS,
    "readers": rows_of.READERS,
    "commenters": rows_of.COMMENTERS,
    "likers": rows_of.LIKERS,
}

_FIELDS = msgspec.json.Decoder(list[TemplateField])
_CONTENTS = msgspec.json.Decoder(list[dict[str, Any]])
_DETAILS = msgspec.json.Decoder(dict[str, Any])


async def add_template(
    core: Core, corp_id: str, name: str, fields: Sequence[TemplateField]
) -> Template:
    """Make a template; refuse 40035 when the corp has one of that name."""
    made = Template(secrets.token(), name, list(fields))
    taken = name in _BUILT_IN

    async def body(tx: Tx) -> None:
        values = (made.template_id, corp_id, name, rows.json_text(made.fields), core.clock.now())
        if taken or not await tx.run(rows_of.INSERT_TEMPLATE, *values):
            raise _refusal(f"已有日志模板 {name}。", f"There is a template {name} already.")

    await core.durable.transact(body)
    return made


async def templates(core: Core, corp_id: str) -> list[Template]:
    """Return a corp's templates: those that all have, then its own."""
    found = [_built_in(corp_id, name) for name in _BUILT_IN]
    own = await core.durable.all(rows_of.TEMPLATES, corp_id)
    return found + [Template(row[0], row[1], _FIELDS.decode(row[2])) for row in own]


async def template(core: Core, corp_id: str, *, name: str = "", template_id: str = "") -> Template:
    """Return a template by its name or id; refuse 40035."""
    for each in await templates(core, corp_id):
        if each.name == name or each.template_id == template_id:
            return each
    asked = (name or template_id)[:64]
    raise _refusal(f"没有日志模板 {asked!r}。", f"There is no template {asked!r}.")


async def write(
    core: Core,
    corp_id: str,
    by: str,
    *,
    template_id: str,
    contents: Sequence[dict[str, Any]],
    receivers: Sequence[str] = (),
    cids: Sequence[str] = (),
    details: dict[str, Any] | None = None,
    draft: bool = False,
) -> str:
    """Write a report, or keep a draft of one; return its id.

    Refuses 60111 (the writer or a receiver is nobody), 40035 (unknown template or field, too long).
    """
    writer = await contacts.get_member(core, corp_id, by)
    form = await template(core, corp_id, template_id=template_id)
    _check(form, contents)
    userids = list(dict.fromkeys(receivers))
    if len(userids) > MOST_RECEIVERS:
        raise _refusal(
            f"接收人最多 {MOST_RECEIVERS} 个。", f"There are at most {MOST_RECEIVERS} receivers."
        )
    for userid in userids:
        await contacts.get_member(core, corp_id, userid)
    for cid in dict.fromkeys(cids):
        await conversations.get(core, corp_id, cid)
    first = writer.departments[0] if writer.departments else 1
    department = await contacts.get_department(core, corp_id, first)
    report_id = secrets.token()
    values = (
        *(report_id, corp_id, form.template_id, form.name, by, writer.name, department.name),
        *(int(draft), rows.json_text(list(contents)), rows.json_text(details or {})),
        core.clock.now(),
    )

    async def body(tx: Tx) -> None:
        row = await tx.one(rows_of.INSERT, *values)
        assert row is not None
        people = [(row[0], corp_id, userid) for userid in sorted(userids)]
        await tx.many(rows_of.INSERT_RECEIVER, people)

    await core.durable.transact(body)
    return report_id


async def get(core: Core, corp_id: str, report_id: str) -> Report:
    """Return a report that was sent; refuse 40035."""
    row = await core.durable.one(rows_of.BY_ID, corp_id, report_id)
    if row is None:
        raise _refusal(f"没有日志 {report_id[:64]!r}。", f"There is no report {report_id[:64]!r}.")
    return _report(row)


async def page(
    core: Core,
    corp_id: str,
    *,
    created: tuple[int, int],
    modified: tuple[int | None, int | None] = (None, None),
    template_name: str = "",
    creator: str = "",
    after: int = 0,
    size: int = 20,
) -> tuple[list[Report], int | None]:
    """Return reports in the order they were written, and the number after which others follow.

    Times are epoch milliseconds, both ends included.
    """
    begin, end = modified
    values = (
        *(corp_id, after, *created, begin or 0, _FOREVER if end is None else end),
        *(template_name, size + 1),
    )
    if creator:
        found = await core.durable.all(rows_of.OF_CREATOR, *values, creator)
    else:
        found = await core.durable.all(rows_of.OF_CORP, *values)
    reports = [_report(row) for row in found[:size]]
    return reports, reports[-1].number if len(found) > size else None


async def unread(core: Core, corp_id: str, userid: str) -> int:
    """Count the reports a member got and has not read."""
    await contacts.get_member(core, corp_id, userid)
    row = await core.durable.one(rows_of.UNREAD, corp_id, userid)
    return 0 if row is None else int(row[0])


async def people(
    core: Core, report: Report, role: Role, *, offset: int, size: int
) -> tuple[list[str], bool]:
    """Return userids of a report's people, and whether there are more."""
    found = await core.durable.all(_PEOPLE[role], report.number, offset, size + 1)
    return [row[0] for row in found[:size]], len(found) > size


async def comments(
    core: Core, report: Report, *, offset: int, size: int
) -> tuple[list[Comment], bool]:
    """Return what was said of a report, oldest first, and whether there is more."""
    found = await core.durable.all(rows_of.COMMENTS, report.number, offset, size + 1)
    return [Comment(*row) for row in found[:size]], len(found) > size


async def counts(core: Core, report: Report) -> Counts:
    """Count readers, likes, comments and those who commented."""
    row = await core.durable.one(rows_of.COUNTS, report.number)
    assert row is not None
    return Counts(*row)


async def read(core: Core, corp_id: str, report_id: str, userid: str) -> Counts:
    """Let a member read a report."""
    return await _mark(core, corp_id, report_id, userid, rows_of.READ)


async def like(core: Core, corp_id: str, report_id: str, userid: str) -> Counts:
    """Let a member like a report, and with that read it."""
    return await _mark(core, corp_id, report_id, userid, rows_of.LIKE)


async def comment(core: Core, corp_id: str, report_id: str, userid: str, content: str) -> Counts:
    """Let a member comment on a report, and with that read it."""
    await contacts.get_member(core, corp_id, userid)
    report, now = await get(core, corp_id, report_id), core.clock.now()

    async def body(tx: Tx) -> None:
        await tx.run(rows_of.INSERT_COMMENT, report.number, userid, content, now)
        await tx.run(rows_of.READ, report.number, corp_id, userid, now)

    await core.durable.transact(body)
    return await counts(core, report)


async def _mark(core: Core, corp_id: str, report_id: str, userid: str, how: Query) -> Counts:
    await contacts.get_member(core, corp_id, userid)
    report, now = await get(core, corp_id, report_id), core.clock.now()

    async def body(tx: Tx) -> None:
        await tx.run(how, report.number, corp_id, userid, now)

    await core.durable.transact(body)
    return await counts(core, report)


def _check(form: Template, contents: Sequence[dict[str, Any]]) -> None:
    known = {field.name for field in form.fields}
    if not contents:
        raise _refusal("日志没有内容。", "The report has no contents.", "contents")
    for number, each in enumerate(contents):
        key, content = each.get("key"), each.get("content")
        if key not in known:
            names = "、".join(known)
            raise _refusal(
                f"模板 {form.name} 没有字段 {str(key)[:40]!r}；有 {names}。",
                f"The template {form.name} has no field {str(key)[:40]!r}.",
                f"contents[{number}].key",
            )
        if not isinstance(content, str) or len(content) > LONGEST:
            raise _refusal(
                f"内容应为最多 {LONGEST} 个字符的文本。",
                f"The content is a text of at most {LONGEST} characters.",
                f"contents[{number}].content",
            )


def _built_in(corp_id: str, name: str) -> Template:
    number = hashlib.sha256(f"{corp_id} {name}".encode()).hexdigest()[:32]
    return Template(number, name, [TemplateField(each) for each in _BUILT_IN[name]])


def _report(row: Row) -> Report:
    values: list[Any] = list(row)
    values[7] = bool(values[7])
    values[8] = _CONTENTS.decode(values[8])
    values[9] = _DETAILS.decode(values[9])
    return Report(*values)


def _refusal(zh: str, en: str, field: str = "") -> Refusal:
    return Refusal(40035, zh, en, facts={"field": field} if field else None)
