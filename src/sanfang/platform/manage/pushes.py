"""Pushes: what went out, what came back, and once more."""

from __future__ import annotations

import msgspec

from ..domain import outbox
from ..domain.core import Core
from ..domain.model import Push
from . import cursors, forms, views


async def list_(core: Core, form: forms.PushList) -> views.Page[views.PushView]:
    found = await outbox.list_pushes(
        core,
        suite_key=form.suite_key,
        corp_id=form.corp_id,
        state=form.state,
        limit=form.limit,
        before=cursors.number(form.cursor),
    )
    more = str(found[-1].push_id) if len(found) == form.limit else ""
    return views.Page([_view(push) for push in found], more)


async def show(core: Core, form: forms.OfPush) -> views.PushDetail:
    push, attempts = await outbox.get_push(core, form.push_id)
    return views.PushDetail(
        push=_view(push),
        plain=msgspec.json.decode(push.plain),
        limit=core.settings.push_limit,
        tries=[views.NumberedAttempt(number, attempt) for number, attempt in attempts],
    )


async def resend(core: Core, form: forms.OfPush) -> views.PushView:
    push, _ = await outbox.get_push(core, await outbox.resend(core, form.push_id))
    return _view(push)


def _view(push: Push) -> views.PushView:
    return views.PushView(
        push_id=push.push_id,
        suite_key=push.suite_key,
        corp_id=push.corp_id,
        event_type=push.event_type,
        state=push.state,
        attempts=push.attempts,
        failures=push.failures,
        due_at=push.due_at,
        created_at=push.created_at,
        delivered_at=push.delivered_at,
    )
