"""Registrations for events of a corp, and the events that could not be delivered."""

from __future__ import annotations

from ..domain import callbacks, corps
from ..domain.callback_model import Lost, Registered
from ..domain.core import Core
from . import cursors, forms, gate_forms
from .views import Page


async def list_(core: Core, form: forms.OfCorp) -> Page[Registered]:
    await corps.get_corp(core, form.corp_id)
    return Page(await callbacks.list_registered(core, form.corp_id))


async def failures(core: Core, form: gate_forms.FailureList) -> Page[Lost]:
    await corps.get_corp(core, form.corp_id)
    found = await callbacks.list_lost(
        core,
        form.corp_id,
        owner_key=form.key,
        after=cursors.number(form.cursor),
        limit=form.limit,
    )
    return Page(found, str(found[-1].failure_id) if len(found) == form.limit else "")
