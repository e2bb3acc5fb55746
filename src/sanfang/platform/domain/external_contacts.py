"""External contacts: people outside the corp whom its members look after."""

from __future__ import annotations

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import contacts as contact_rows
from ..store.queries import corps as corp_rows
from ..store.queries import external_contacts as rows_of
from . import member_rules, mentions, rows, secrets
from .core import Core
from .corps import unknown_corp
from .mentions import Mentions
from .refusals import Refusal

MOST = 20  # labels, departments or members one contact is shared with


class External(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """An external contact; kept as JSON under its ``userid``."""

    name: str
    mobile: str
    follower_user_id: str
    state_code: str = "86"
    title: str = ""
    company_name: str = ""
    address: str = ""
    remark: str = ""
    email: str = ""
    label_ids: list[int] = []
    share_dept_ids: list[int] = []
    share_user_ids: list[str] = []


class LabelGroup(msgspec.Struct, frozen=True):
    name: str
    color: int
    labels: list[tuple[int, str]]


# What every corp begins with; no API adds to it.
LABELS = (
    LabelGroup("客户类型", -15220075, [(1001, "客户"), (1002, "渠道商"), (1003, "供应商")]),
    LabelGroup("客户级别", -11687445, [(2001, "一般"), (2002, "重要"), (2003, "核心")]),
)

_CONTACT = msgspec.json.Decoder(External)


async def create_external(core: Core, corp_id: str, contact: External) -> str:
    """Add a contact and return its userid; refuse 60112, 60103, 60104, 40003, 40035."""
    userid = secrets.letters(18)
    _check(contact)
    member_rules.mobile(
        contact.mobile if contact.state_code == "86" else f"+{contact.state_code}-{contact.mobile}"
    )

    async def body(tx: Tx) -> None:
        if await tx.one(corp_rows.LOCK, corp_id) is None:
            raise unknown_corp(corp_id)
        await _follower_exists(tx, corp_id, contact)
        if await tx.one(rows_of.BY_MOBILE, corp_id, contact.mobile) is not None:
            raise Refusal(
                60104,
                "这个手机号已是外部联系人。",
                "There is an external contact with that mobile number already.",
            )
        text = rows.json_text(contact)
        await tx.run(rows_of.INSERT, corp_id, userid, contact.mobile, text)
        await _note(tx, corp_id, userid, mentions.NONE, of_external(contact))

    await core.durable.transact(body)
    return userid


async def update_external(
    core: Core, corp_id: str, userid: str, changes: dict[str, object]
) -> None:
    """Change a contact, not its number; refuse 60121 (no such contact), 60112, 40003, 40035."""

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        old = await _contact(tx, corp_id, userid, 60121)
        new: External = msgspec.structs.replace(
            old, **{**changes, "mobile": old.mobile, "state_code": old.state_code}
        )
        _check(new)
        await _follower_exists(tx, corp_id, new)
        await tx.run(rows_of.UPDATE, corp_id, userid, rows.json_text(new))
        await _note(tx, corp_id, userid, of_external(old), of_external(new))

    await core.durable.transact(body)


async def delete_external(core: Core, corp_id: str, userid: str) -> None:
    """Remove a contact; refuse with 33012 when there is none."""

    async def body(tx: Tx) -> None:
        old = await _contact(tx, corp_id, userid, 33012)
        await tx.run(rows_of.DELETE, corp_id, userid)
        await _note(tx, corp_id, userid, of_external(old), mentions.NONE)

    await core.durable.transact(body)


async def get_external(core: Core, corp_id: str, userid: str) -> External:
    """Return a contact; refuse with 33012 when there is none."""
    return await _contact(core.durable, corp_id, userid, 33012)


async def list_externals(
    core: Core, corp_id: str, *, offset: int, size: int
) -> list[tuple[str, External]]:
    """Return a page of contacts with their userids, in the order of these."""
    found = await core.durable.all(rows_of.PAGE, corp_id, size, min(offset, 2**31))
    return [(row[0], _CONTACT.decode(row[1])) for row in found]


def of_external(contact: External) -> Mentions:
    """Return whom a contact names: the follower, and those it is shared with."""
    return mentions.of(
        users=(contact.follower_user_id, *contact.share_user_ids), depts=contact.share_dept_ids
    )


async def _note(tx: Tx, corp_id: str, userid: str, before: Mentions, after: Mentions) -> None:
    await mentions.rewrite(tx, corp_id, mentions.EXTERNAL, userid, before, after)


async def _contact(reader: Reader, corp_id: str, userid: str, code: int) -> External:
    row: Row | None = await reader.one(rows_of.BY_ID, corp_id, userid)
    if row is None:
        raise _unknown(userid, code)
    return _CONTACT.decode(row[1])


async def _follower_exists(tx: Tx, corp_id: str, contact: External) -> None:
    if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, contact.follower_user_id) is None:
        raise Refusal(
            40003,
            f"负责人 {contact.follower_user_id!r} 不是企业成员。",
            f"The follower {contact.follower_user_id!r} is no member of the corp.",
        )


def _check(contact: External) -> None:
    member_rules.name(contact.name)
    for field in ("label_ids", "share_dept_ids", "share_user_ids"):
        if len(getattr(contact, field)) > MOST:
            raise Refusal(
                40035, f"{field} 最多 {MOST} 个。", f"{field} has at most {MOST} entries."
            )


def _unknown(userid: str, code: int) -> Refusal:
    return Refusal(
        code, f"没有外部联系人 {userid!r}。", f"There is no external contact {userid!r}."
    )
