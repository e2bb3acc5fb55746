"""Pushes: what went out, what came back, and once more."""

from __future__ import annotations

import msgspec

from ..domain import outbox
from ..domain.core import Core
from ..domain.model import Push
from . import cursors, forms, views

_SCAN = 2000  # most pushes one page of a filtered listing looks at; ``next`` goes on from there
_PIECE = 500


async def list_(core: Core, form: forms.PushList) -> views.Page[views.PushView]:
    """List pushes, newest first. What the index cannot tell apart is filtered here, in pieces."""
    before, seen = cursors.number(form.cursor), 0
    items: list[views.PushView] = []
    filtered = bool(form.state) or bool(form.corp_id and not form.suite_key)
    piece = _PIECE if filtered else form.limit
    while True:
        found = await outbox.list_pushes(
            core, suite_key=form.suite_key, corp_id=form.corp_id, limit=piece, before=before
        )
        for push in found:
            before = push.push_id
            if form.state in ("", push.state) and form.corp_id in ("", push.corp_id):
                items.append(_view(push))
                if len(items) == form.limit:
                    return views.Page(items, str(before))
        seen += len(found)
        if len(found) < piece:
            return views.Page(items)
        if seen >= _SCAN:
            return views.Page(items, str(before))


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
