"""Developers: accounts bound to a corp, with their test corps."""

from __future__ import annotations

from ..domain import developers
from ..domain.core import Core
from ..domain.model import Corp, Developer
from . import forms, views


async def create(core: Core, form: forms.DeveloperCreate) -> Developer:
    return await developers.create_developer(core, form.corp_id, form.name)


async def list_(core: Core, form: forms.Listing) -> views.Page[Developer]:
    found = await developers.list_developers(core, limit=form.limit, after=form.cursor)
    return views.Page(found, found[-1].developer_id if len(found) == form.limit else "")


async def show(core: Core, form: forms.OfDeveloper) -> Developer:
    return await developers.get_developer(core, form.developer_id)


async def unbind(core: Core, form: forms.OfDeveloper) -> None:
    await developers.unbind(core, form.developer_id)


async def add_test_corp(core: Core, form: forms.TestCorpCreate) -> Corp:
    return await developers.add_test_corp(core, form.developer_id, form.name)
