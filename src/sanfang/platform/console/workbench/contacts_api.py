"""The corp's contacts as this member sees them, for pickers in the workbench."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ...domain import departments, sight
from ...domain.core import Core
from ...domain.corps import ROOT_DEPARTMENT
from ...domain.model import Department, Member
from .asking import answer, bad, caller, number, query

_PAGE = 100  # members at a time


async def department(core: Core, request: Request) -> Response:
    """``GET /api/contacts/departments/{id}?offset=``: what lies in a department, and its path."""
    desk = (await caller(core, request)).desk
    dept_id = request.path_params["dept_id"]
    if not (dept_id.isascii() and dept_id.isdigit() and len(dept_id) < 16):
        raise bad("dept_id", "应为部门编号", "it is the number of a department")
    offset = number(dict(request.query_params), "offset", 0)
    seen = await sight.sight_of(core, desk.corp_id, desk.userid)
    below, found, more = await sight.branch(core, seen, int(dept_id), offset=offset, size=_PAGE)
    path = await departments.path_to_root(core, desk.corp_id, int(dept_id))
    above = [
        await departments.get_department(core, desk.corp_id, each)
        for each in path
        if each == ROOT_DEPARTMENT or await sight.sees_department(core, seen, each)
    ]
    return answer(
        {
            "path": [_department(each) for each in reversed(above)],
            "departments": [
                _department(each)
                | {"number": await departments.department_size(core, desk.corp_id, each.dept_id)}
                for each in below
            ],
            "members": [_member(each) for each in found],
            "more": more,
        }
    )


async def search(core: Core, request: Request) -> Response:
    """``GET /api/contacts/search?q=``: departments and members whose name holds a word."""
    desk = (await caller(core, request)).desk
    word = query(request, "q", most=64).strip()
    if not word:
        return answer({"departments": [], "members": [], "more": False})
    seen = await sight.sight_of(core, desk.corp_id, desk.userid)
    found, people = await sight.search(core, seen, word)
    return answer(
        {
            "departments": [_department(each) for each in found],
            "members": [_member(each) for each in people],
            "more": len(people) >= sight.MOST_FOUND,
        }
    )


def _department(found: Department) -> dict[str, object]:
    return {"id": found.dept_id, "name": found.name, "parent_id": found.parent_id}


def _member(found: Member) -> dict[str, object]:
    return {
        "userid": found.userid,
        "name": found.name,
        "title": found.position,
        "avatar": "",  # the corp keeps none; the front-end draws the name
    }
