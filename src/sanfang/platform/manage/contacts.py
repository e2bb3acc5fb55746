"""Departments and members, as the administrator of the corp keeps them."""

from __future__ import annotations

from ..domain import admins, authorisations, contacts, scopes
from ..domain.core import Core
from ..domain.model import Department, Member, Scope
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


async def show_member(core: Core, form: forms.MemberOfCorp) -> Member:
    return await contacts.get_member(core, form.corp_id, form.userid)


async def delete_member(core: Core, form: forms.MemberOfCorp) -> None:
    await contacts.delete_member(core, form.corp_id, form.userid, reason="delete")


async def set_admin(core: Core, form: forms.MemberAdmin) -> Member:
    level = {"none": 0, "main": 1, "sub": 2}[form.level]
    return await admins.set_admin(
        core, form.corp_id, form.userid, level, departments=form.departments
    )


async def set_active(core: Core, form: forms.MemberActive) -> Member:
    return await admins.set_active(core, form.corp_id, form.userid, form.active)


async def show_scope(core: Core, form: forms.SuiteAndCorp) -> Scope:
    await authorisations.check_permanent_code(core, form.suite_key, form.corp_id, None)
    return await scopes.get_scope(core, form.suite_key, form.corp_id)


async def set_scope(core: Core, form: forms.AuthorisationScope) -> Scope:
    return await scopes.set_scope(
        core, form.suite_key, form.corp_id, depts=form.departments, users=form.userids
    )
