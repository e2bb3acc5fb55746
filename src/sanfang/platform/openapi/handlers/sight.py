"""What the caller may see of a corp's contacts, and how much of it at once.

An authorisation may name some departments and members only (``/auth/scopes``): what lies outside is
refused with 50002 or 50004, and left out of lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ...domain import contacts, permissions, scopes
from ...domain.corps import ROOT_DEPARTMENT
from ...domain.model import Member
from ...domain.refusals import Refusal
from ..handling import Answer, Call, Run


async def member(call: Call, userid: str) -> Member:
    """Return a member as the caller may see it; refuse 60111, 50002."""
    found = await within(call, await hidden_member(call, userid))
    return (await shown(call, [found]))[0]


async def hidden_member(call: Call, userid: str) -> Member:
    """Return a member with everything; refuse 60111."""
    return await contacts.get_member(call.core, call.identity.corp_id, userid)


async def within(call: Call, found: Member) -> Member:
    """Return a member that lies in the caller's scope; refuse 50002."""
    scope = call.caller.scope
    if scope is not None:
        await scopes.check_member(call.core.durable, call.identity.corp_id, scope, found)
    return found


async def members(call: Call, userids: Iterable[str]) -> None:
    """Refuse 60111 or 50002 unless the caller may see every one of these members."""
    if call.caller.scope is None:
        return
    for userid in userids:
        await within(call, await hidden_member(call, userid))


async def departments(call: Call, dept_ids: Iterable[int]) -> None:
    """Refuse 50004 for a department outside the caller's scope."""
    scope = call.caller.scope
    if scope is None:
        return
    for dept_id in dept_ids:
        await scopes.check_department(call.core.durable, call.identity.corp_id, scope, dept_id)


async def department(call: Call, dept_id: int | None, code: int = 40009) -> int:
    """Return a department, the root when none is given; refuse 50004, and with ``code`` no id."""
    wanted = ROOT_DEPARTMENT if dept_id is None else dept_id
    if wanted < 1:
        raise Refusal(code, "部门 id 为正整数。", "A department id is a positive number.")
    await departments(call, [wanted])
    return wanted


async def userids(call: Call, found: Iterable[str]) -> list[str]:
    """Keep the members the caller may see."""
    corp_id = call.identity.corp_id
    return await scopes.userids_within(call.core.durable, corp_id, call.caller.scope, found)


async def dept_ids(call: Call, found: Iterable[int]) -> list[int]:
    """Keep the departments the caller may see."""
    corp_id = call.identity.corp_id
    return await scopes.departments_within(call.core.durable, corp_id, call.caller.scope, found)


async def shown(call: Call, found: Iterable[Member]) -> list[Member]:
    """Return members without what is not the caller's to see (F51, permission points of fields)."""
    identity, fields = call.identity, call.caller.user_fields
    withheld = await permissions.withheld(call.core, identity)
    return [contacts.visible(each, identity, fields, withheld) for each in found]


def offset_and_size(
    call: Call, *, start: str = "offset", largest: int = 100, usual: int | None = None
) -> tuple[int, int]:
    """Return where a page begins and how long it is; refuse 40068, 40069."""
    offset, size = call.args.get(start) or 0, call.args.get("size")
    size = (largest if usual is None else usual) if size is None else size
    if offset < 0:
        raise Refusal(40068, f"{start} 不能为负。", f"{start} is not negative.")
    if not 1 <= size <= largest:
        raise Refusal(40069, f"size 应为 1 到 {largest}。", f"size is from 1 to {largest}.")
    return offset, size


async def page_of_department(
    call: Call, dept: str, *, start: str, order: str
) -> tuple[list[Member], int | None]:
    """Return a page of a department's members, and where the next begins.

    ``dept``, ``start`` and ``order`` are the names of the call's fields.
    """
    offset, size = offset_and_size(call, start=start)
    wanted = call.args.get(order) or "custom"
    if wanted not in _ORDERS:
        raise Refusal(
            40070, f"{order} 应为 {'、'.join(_ORDERS)}。", f"{order} is {', '.join(_ORDERS)}."
        )
    dept_id = await department(call, call.args[dept])
    found, more = await contacts.list_members(
        *(call.core, call.identity.corp_id, dept_id), offset=offset, size=size, order=wanted
    )
    return await shown(call, found), offset + len(found) if more else None


_ORDERS = ("entry_asc", "entry_desc", "modify_asc", "modify_desc", "custom")


def numbered(codes: Mapping[int, int]) -> Callable[[Run], Run]:
    """Say some refusals with other numbers: the ones documented for this name of the API."""

    def wrap(run: Run) -> Run:
        async def renumbered(call: Call) -> Answer:
            try:
                return await run(call)
            except Refusal as refusal:
                code = codes.get(refusal.code)
                if code is None:
                    raise
                raise Refusal(
                    code, refusal.zh, refusal.en, faq=refusal.faq, facts=refusal.facts
                ) from refusal

        return renumbered

    return wrap


def few(name: str, values: Sequence[object], most: int, code: int = 40035) -> None:
    """Refuse with ``code`` an empty list or one of more than ``most``."""
    if not 1 <= len(values) <= most:
        raise Refusal(code, f"{name} 应有 1 到 {most} 个。", f"{name} has 1 to {most} entries.")
