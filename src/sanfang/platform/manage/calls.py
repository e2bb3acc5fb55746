"""Calls of the open API as the gate saw them."""

from __future__ import annotations

from ..domain.calls import CallRecord
from ..domain.core import Core
from . import cursors, gate_forms
from .views import Page


async def list_(core: Core, form: gate_forms.CallList) -> Page[CallRecord]:
    found = await core.calls.listed(
        before=cursors.number(form.cursor),
        corp_id=form.corp_id,
        caller=form.key,
        endpoint=form.endpoint,
        refused=form.refused,
        limit=form.limit,
    )
    return Page(found, str(found[-1].call_id) if len(found) == form.limit else "")
