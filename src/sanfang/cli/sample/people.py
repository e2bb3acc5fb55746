"""Departments and who is in them, asked of the platform and remembered for a minute."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

KEEP = 60.0  # seconds
ROOT = 1
_MOST = 40  # departments that the chart shows


class Department(msgspec.Struct, frozen=True):
    """A department and the members directly in it, by userid."""

    name: str
    members: dict[str, str]


class Directory:
    """Ask once a minute and corp, however many pages are open."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, asyncio.Task[list[Department]]]] = {}

    async def departments(self, corp: Any) -> list[Department]:
        """Return the corp's departments in the order of the platform."""
        since, task = self._known.get(corp.corp_id, (0.0, None))
        failed = task is not None and task.done() and (task.cancelled() or task.exception())
        if task is None or failed or time.monotonic() - since > KEEP:
            task = asyncio.ensure_future(_ask(corp))
            self._known[corp.corp_id] = (time.monotonic(), task)
        return await asyncio.shield(task)

    def forget(self, corp_id: str) -> None:
        """Ask anew next time."""
        self._known.pop(corp_id, None)


def department_of(departments: list[Department], userid: str) -> str:
    """Return the name of a member's department, the innermost that is listed."""
    found = [one.name for one in departments if userid in one.members]
    return found[-1] if found else "其他"


async def _ask(corp: Any) -> list[Department]:
    """Ask for what the app may see: all, or the departments that the corp authorised."""
    scopes = (await corp.call("auth/scopes")).get("auth_org_scopes") or {}
    tops = (scopes.get("authed_dept") or [])[:_MOST]
    known: dict[int, str] = {}
    for top in tops:
        known[top] = await _name(corp, top)
        listed = await corp.call("department/list", id=top, fetch_child=True)
        known.update((one["id"], one["name"]) for one in listed["department"])
    chosen = list(known.items())[:_MOST]
    found = await asyncio.gather(*(_members(corp, number) for number, _ in chosen))
    return [Department(name, members) for (_, name), members in zip(chosen, found, strict=True)]


async def _name(corp: Any, number: int) -> str:
    if number == ROOT and corp.corp_name:
        return str(corp.corp_name)
    return str((await corp.call("department/get", id=number))["name"])


async def _members(corp: Any, number: int) -> dict[str, str]:
    found = await corp.call("user/simplelist", department_id=number)
    return {user["userid"]: user["name"] for user in found["userlist"]}
