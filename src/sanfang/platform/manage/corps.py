"""Enterprises."""

from __future__ import annotations

from ..domain import corps
from ..domain.core import Core
from ..domain.model import Corp
from . import forms, views


async def create(core: Core, form: forms.CorpCreate) -> Corp:
    return await corps.create_corp(
        core, form.name, is_authenticated=form.is_authenticated, admin_name=form.admin_name
    )


async def list_(core: Core, form: forms.Listing) -> views.Page[Corp]:
    found = await corps.list_corps(core, limit=form.limit, after=form.cursor)
    return views.Page(found, found[-1].corp_id if len(found) == form.limit else "")


async def show(core: Core, form: forms.OfCorp) -> Corp:
    return await corps.get_corp(core, form.corp_id)


async def update(core: Core, form: forms.CorpUpdate) -> Corp:
    return await corps.update_corp(
        core, form.corp_id, name=form.name, is_authenticated=form.is_authenticated
    )


async def dissolve(core: Core, form: forms.OfCorp) -> Corp:
    await corps.dissolve_corp(core, form.corp_id)
    return await corps.get_corp(core, form.corp_id)
