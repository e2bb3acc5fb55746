"""Conversations of members, and the webhook robots of groups."""

from __future__ import annotations

from ..domain import contacts, conversations, corps, messages, robots
from ..domain.conversations import Conversation
from ..domain.core import Core
from . import forms, views


async def open_(core: Core, form: forms.ConversationOpen) -> views.ConversationView:
    cid = await conversations.open_conversation(core, form.corp_id, form.userids)
    return await _view(core, await conversations.get(core, form.corp_id, cid))


async def list_(core: Core, form: forms.ConversationList) -> views.Page[views.ConversationView]:
    """List conversations by cid; an unknown corp or member is refused."""
    await corps.get_corp(core, form.corp_id)
    counts: dict[str, int] = {}
    if form.userid:
        await contacts.get_member(core, form.corp_id, form.userid)
        counts = await messages.unread(core, form.corp_id, form.userid)
    found = await conversations.list_conversations(
        core, form.corp_id, userid=form.userid, limit=form.limit, after=form.cursor
    )
    items = [await _view(core, each, counts.get(each.cid, 0)) for each in found]
    return views.Page(items, items[-1].cid if len(items) == form.limit else "")


async def create_robot(core: Core, form: forms.RobotCreate) -> views.RobotMade:
    made = await robots.create_webhook(
        core,
        form.corp_id,
        form.cid,
        form.name,
        keywords=form.keywords,
        ip_whitelist=form.ip_whitelist,
        signed=form.signed,
    )
    webhook = f"/robot/send?access_token={made.access_token}"
    return views.RobotMade(made.robot_id, webhook, made.access_token, made.secret)


async def list_robots(core: Core, form: forms.RobotList) -> views.Page[views.RobotView]:
    await conversations.get(core, form.corp_id, form.cid)
    return views.Page(
        [
            views.RobotView(
                robot_id=each.robot_id,
                cid=each.cid,
                name=each.name,
                keywords=each.keywords,
                ip_whitelist=each.ip_whitelist,
                signed=bool(each.secret),
                stopped=each.stopped,
            )
            for each in await robots.webhooks_of(core, form.cid)
        ]
    )


async def _view(core: Core, found: Conversation, unread: int = 0) -> views.ConversationView:
    people = await conversations.members_of(core.durable, found.cid)
    return views.ConversationView(
        cid=found.cid,
        chatid=found.chatid,
        corp_id=found.corp_id,
        kind=found.kind,
        title=found.title,
        owner=found.owner,
        members=[each.userid for each in people],
        status=found.status,
        created_at=found.created_at,
        unread=unread,
    )
