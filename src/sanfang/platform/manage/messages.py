"""What members received."""

from __future__ import annotations

from ..domain import contacts, corps, messages
from ..domain.core import Core
from . import cursors, forms, views


async def list_(core: Core, form: forms.MessageList) -> views.Page[views.MessageView]:
    """List messages, oldest first; an unknown corp or member is refused, not an empty inbox."""
    if form.userid:
        await contacts.get_member(core, form.corp_id, form.userid)
    else:
        await corps.get_corp(core, form.corp_id)
    found = await messages.list_messages(
        core,
        form.corp_id,
        userid=form.userid,
        limit=form.limit,
        after=cursors.number(form.cursor),
    )
    items = [
        views.MessageView(
            message_id=message.message_id,
            corp_id=message.corp_id,
            agent_id=message.agent_id,
            msgtype=message.msgtype,
            body=message.body,
            created_at=message.created_at,
            receivers=message.receivers,
        )
        for message in found
    ]
    return views.Page(items, str(items[-1].message_id) if len(items) == form.limit else "")
