"""Departments and members, as the administrator of the corp keeps them."""

from __future__ import annotations

from ..domain import contacts
from ..domain.core import Core
from ..domain.model import Department, Member
from . import cursors, forms, views


async def create_department(core: Core, form: forms.DepartmentCreate) -> Department:
    return await contacts.create_department(
        core, form.corp_id, form.name, parent_id=form.parent_id, order=form.order
    )


async def list_departments(core: Core, form: forms.DepartmentList) -> views.Page[Department]:
    return views.Page(
        await contacts.list_departments(
            core, form.corp_id, form.parent_id, fetch_child=form.recursive
        )
    )


async def create_member(core: Core, form: forms.MemberCreate) -> Member:
    return await contacts.create_member(
        core,
        form.corp_id,
        name=form.name,
        userid=form.userid,
        mobile=form.mobile,
        email=form.email,
        position=form.position,
        jobnumber=form.jobnumber,
        departments=tuple(form.departments),
        is_admin=form.is_admin,
        by_api=False,  # this is the admin console, where 40019 does not hold (F46)
    )


async def list_members(core: Core, form: forms.MemberList) -> views.Page[Member]:
    offset = cursors.number(form.cursor)
    members, more = await contacts.list_members(
        core, form.corp_id, form.department_id, offset=offset, size=form.limit
    )
    return views.Page(members, str(offset + len(members)) if more else "")
