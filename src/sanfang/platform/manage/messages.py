"""What members received, and what they have read."""

from __future__ import annotations

from ..domain import contacts, conversations, corps, messages
from ..domain.core import Core
from . import cursors, forms, views


async def list_(core: Core, form: forms.MessageList) -> views.Page[views.MessageView]:
    """List messages, oldest first; an unknown corp, member or cid is refused, not an empty inbox."""
    await corps.get_corp(core, form.corp_id)
    if form.userid:
        await contacts.get_member(core, form.corp_id, form.userid)
    if form.cid and await conversations.find(core, form.corp_id, form.cid) is None:
        raise conversations.unknown_conversation(form.cid)
    found = await messages.list_messages(
        core,
        form.corp_id,
        userid=form.userid,
        cid=form.cid,
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
            channel=message.channel,
            sender=message.sender,
            cid=message.cid,
            key=message.key,
            read_by=message.read_by,
            recalled_at=message.recalled_at,
        )
        for message in found
    ]
    return views.Page(items, str(items[-1].message_id) if len(items) == form.limit else "")


async def unread(core: Core, form: forms.MemberOfCorp) -> views.Unread:
    await contacts.get_member(core, form.corp_id, form.userid)
    counts = await messages.unread(core, form.corp_id, form.userid)
    total = sum(counts.values())
    return views.Unread(total, counts.pop("", 0), counts)


async def read(core: Core, form: forms.MessageRead) -> views.MessagesRead:
    await contacts.get_member(core, form.corp_id, form.userid)
    marked = await messages.mark_read(
        core, form.corp_id, form.userid, cid=form.cid, up_to=form.up_to or 0
    )
    return views.MessagesRead(marked)
