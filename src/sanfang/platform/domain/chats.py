"""Group chats: members, owner, admins, title, bound micro-apps (2016: 会话管理; later im).

Limits as documented: 40 members a call, 1000 a chat, a name of 1 to 20 characters, five micro-apps,
one binding per suite. Changes announce ``chat_*`` events in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..store.ports import Tx
from ..store.queries import contacts as contact_rows
from ..store.queries import conversations as rows_of
from . import conversations, rows
from .conversations import (
    DISBANDED,
    GROUP,
    ChatMember,
    Conversation,
    from_row,
    members_of,
    not_inside,
)
from .core import Core
from .corp_events import announce
from .refusals import Refusal

NAME, PER_CALL, MEMBERS, APPS = 20, 40, 1000, 5
ADMINS = 12
OPTIONS = (
    *("mention_all_authority", "show_history_type", "validation_type", "searchable"),
    *("chat_banned_type", "management_type"),
)


async def create_chat(
    core: Core,
    corp_id: str,
    *,
    name: str,
    owner: str,
    userids: Sequence[str],
    options: Mapping[str, int],
    icon: str = "",
    template_id: str = "",
    admins: Sequence[str] = (),
    longest: int = NAME,
    most: int = PER_CALL,
    with_owner: bool = False,
) -> Conversation:
    """Make a group chat.

    ``with_owner`` adds the owner to the members; else one that is not among them is refused with
    49006. Other refusals: 49015 (name), 49013, 49018 (owner), 49010, 49011, 40031 (members).
    """
    title = _name(name, longest)
    if not owner:
        raise Refusal(49013, "群主 owner 不能为空。", "The chat needs an owner.")
    people = list(dict.fromkeys([*userids, *admins, *([owner] if with_owner else [])]))
    if not people:
        raise Refusal(49010, "群成员 useridlist 不能为空。", "The chat needs members.")
    _at_most(people, most + 1 if with_owner else most)

    async def body(tx: Tx) -> Conversation:
        if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, owner) is None:
            raise Refusal(
                49018, f"群主 {owner[:64]!r} 不是企业成员。", f"Owner {owner[:64]!r} is no member."
            )
        await _all_known(tx, corp_id, people)
        if owner not in people:
            raise _owner_left_out(owner)
        made = await conversations.create(
            tx,
            core,
            corp_id,
            people,
            kind=GROUP,
            owner=owner,
            title=title,
            icon=icon,
            template_id=template_id,
            options=dict(options),
        )
        await tx.many(rows_of.SET_ADMIN, [(made.cid, userid, 1) for userid in admins])
        return made

    return await core.durable.transact(body)


async def update_chat(
    core: Core,
    chat: Conversation,
    *,
    name: str | None = None,
    owner: str | None = None,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    options: Mapping[str, int] | None = None,
    icon: str | None = None,
    longest: int = NAME,
    most: int = PER_CALL,
) -> None:
    """Change a chat; ``None`` leaves a field as it is.

    Refuses 49004 (somebody both added and removed), 49005 (full), 49006 (the owner removed, or a
    new owner who is not in it), 49011 (too many in one call), 49015, 40031.
    """
    title = None if name is None else _name(name, longest)
    both = set(add) & set(remove)
    if both:
        raise Refusal(
            49004,
            f"不能同时添加和删除 {sorted(both)[:5]}。",
            f"{sorted(both)[:5]} cannot be added and removed at once.",
        )
    _at_most(add, most)
    _at_most(remove, most)

    async def body(tx: Tx) -> None:
        old = await _locked(tx, chat)
        before = {each.userid for each in await members_of(tx, old.cid)}
        new_owner = owner or old.owner
        await _all_known(tx, old.corp_id, [user for user in add if user not in before])
        after = (before | set(add)) - set(remove)
        if new_owner not in after:
            raise _owner_left_out(new_owner)
        if len(after) > MEMBERS:
            raise Refusal(49005, f"群最多 {MEMBERS} 人。", f"A chat holds {MEMBERS} members.")
        await tx.run(
            rows_of.UPDATE,
            *(old.cid, old.title if title is None else title, new_owner),
            *(
                old.icon if icon is None else icon,
                rows.json_text({**old.options, **(options or {})}),
            ),
        )
        joined, left = sorted(after - before), sorted(before - after)
        await tx.many(rows_of.ADD_MEMBER, [(old.cid, old.corp_id, userid) for userid in joined])
        await tx.many(rows_of.REMOVE_MEMBER, [(old.cid, userid) for userid in left])
        if joined:
            await _announce(tx, core, old, "chat_add_member", {"UserId": joined})
        if left:
            await _announce(tx, core, old, "chat_remove_member", {"UserId": left})
        if new_owner != old.owner:
            await _announce(tx, core, old, "chat_update_owner", {"Owner": new_owner})
        if title is not None and title != old.title:
            await _announce(tx, core, old, "chat_update_title", {"Title": title})

    await core.durable.transact(body)


async def disband(core: Core, chat: Conversation) -> None:
    """End a chat; those who were in it still see what was said."""

    async def body(tx: Tx) -> None:
        await _disband(tx, core, await _locked(tx, chat))

    await core.durable.transact(body)


async def leave_all(tx: Tx, core: Core, corp_id: str, userid: str) -> None:
    """Take somebody who leaves the corp out of every conversation, in the transaction of leaving.

    An owner hands over to an admin of the chat, else to the first by userid; a chat that nobody is
    left in is disbanded.
    """
    for (cid,) in await tx.all(rows_of.ALL_OF_MEMBER, corp_id, userid):
        await tx.one(rows_of.LOCK, cid)
        row = await tx.one(rows_of.BY_CID, corp_id, cid)
        assert row is not None
        old = from_row(row)
        await tx.run(rows_of.REMOVE_MEMBER, cid, userid)
        if old.kind != GROUP:
            await tx.run(rows_of.UNPAIR, cid)
        elif old.status != DISBANDED:
            await _leave(tx, core, old, userid)


async def _leave(tx: Tx, core: Core, old: Conversation, userid: str) -> None:
    left = await members_of(tx, old.cid)
    if not left:
        await _disband(tx, core, old)
        return
    await _announce(tx, core, old, "chat_remove_member", {"UserId": [userid]})
    if old.owner == userid:
        owner = next((each.userid for each in left if each.is_admin), left[0].userid)
        await tx.run(rows_of.SET_OWNER, old.cid, owner)
        await _announce(tx, core, old, "chat_update_owner", {"Owner": owner})


async def _disband(tx: Tx, core: Core, old: Conversation) -> None:
    await tx.run(rows_of.DISBAND, old.cid)
    for agent_id, _ in await tx.all(rows_of.APPS, old.cid):
        await _announce(tx, core, old, "chat_disband_microapp", {"agentId": str(agent_id)})
    await _announce(tx, core, old, "chat_disband", {})


async def quit_chat(core: Core, chat: Conversation, userid: str) -> None:
    """Let a member leave; refuse 60124 (not in it) and 49006 (the owner)."""

    async def body(tx: Tx) -> None:
        old = await _locked(tx, chat)
        if userid == old.owner:
            raise _owner_left_out(userid)
        if not await tx.run(rows_of.REMOVE_MEMBER, old.cid, userid):
            raise not_inside(userid)
        fields = {"UserId": [userid], "Operator": userid}
        await _announce(tx, core, old, "chat_quit", fields)

    await core.durable.transact(body)


async def set_admins(
    core: Core, chat: Conversation, userids: Sequence[str], *, admin: bool
) -> None:
    """Make members of a chat admins, or plain members again; refuse 49011 (over 12), 40031."""
    _at_most(userids, ADMINS)

    async def body(tx: Tx) -> None:
        old = await _locked(tx, chat)
        inside = {each.userid for each in await members_of(tx, old.cid)}
        outside = [each for each in userids if each not in inside]
        if outside or not userids:
            raise Refusal(40031, f"{outside} 不在群中。", f"{outside} are not in the chat.")
        await tx.many(rows_of.SET_ADMIN, [(old.cid, each, int(admin)) for each in userids])

    await core.durable.transact(body)


async def set_nicks(core: Core, chat: Conversation, nicks: Mapping[str, str]) -> None:
    """Set what members are called in a chat; refuse 60124 (not in it)."""

    async def body(tx: Tx) -> None:
        for userid, nick in nicks.items():
            if not await tx.run(rows_of.SET_NICK, chat.cid, userid, nick):
                raise not_inside(userid)

    await core.durable.transact(body)


async def mute(core: Core, chat: Conversation, userids: Iterable[str], duration_ms: int) -> None:
    """Silence members for a while, 0 lets them speak again; refuse 60124 (not in it)."""
    now = core.clock.now()

    async def body(tx: Tx) -> None:
        for userid in userids:
            until = now + duration_ms if duration_ms else 0
            if not await tx.run(rows_of.MUTE, chat.cid, userid, now if until else 0, until):
                raise not_inside(userid)

    await core.durable.transact(body)


async def bind(core: Core, chat: Conversation, agent_id: int, suite_key: str) -> None:
    """Bind a micro-app to a chat; refuse 49001 (over five), 49002 (the suite has one already)."""

    async def body(tx: Tx) -> None:
        old = await _locked(tx, chat)
        bound = await tx.all(rows_of.APPS, old.cid)
        if any(row[0] == agent_id for row in bound):
            return
        if suite_key and any(row[1] == suite_key for row in bound):
            raise Refusal(
                49002,
                "此套件已绑定该群，一个套件只能绑定一次。",
                "The suite is bound to this chat already; it may be once.",
            )
        if len(bound) >= APPS:
            raise Refusal(
                49001, f"一个群最多绑定 {APPS} 个微应用。", f"A chat holds {APPS} micro-apps."
            )
        await tx.run(rows_of.BIND, old.cid, agent_id, suite_key)

    await core.durable.transact(body)


async def unbind(core: Core, chat: Conversation, agent_id: int) -> None:
    """Undo a binding; refuse 40056 when there is none."""

    async def body(tx: Tx) -> None:
        if not await tx.run(rows_of.UNBIND, chat.cid, agent_id):
            raise Refusal(
                40056,
                f"微应用 {agent_id} 没有绑定此群。",
                f"Micro-app {agent_id} is not bound to this chat.",
            )

    await core.durable.transact(body)


async def bound_agents(core: Core, chat: Conversation) -> list[int]:
    """Return the agentids bound to a chat."""
    return [int(row[0]) for row in await core.durable.all(rows_of.APPS, chat.cid)]


async def members(core: Core, chat: Conversation) -> list[ChatMember]:
    """Return the members of a chat by userid."""
    return await members_of(core.durable, chat.cid)


async def _locked(tx: Tx, chat: Conversation) -> Conversation:
    await tx.one(rows_of.LOCK, chat.cid)
    row = await tx.one(rows_of.BY_CID, chat.corp_id, chat.cid)
    if row is None or row[9] == DISBANDED:
        raise conversations.unknown_conversation(chat.cid)
    return from_row(row)


async def _announce(
    tx: Tx, core: Core, chat: Conversation, tag: str, fields: Mapping[str, object]
) -> None:
    """Announce what happened; an app's change is its owner's, as no member made it."""
    told: dict[str, object] = {
        "ChatId": chat.chatid,
        "OpenConversationId": chat.cid,
        "Operator": chat.owner,
    }
    await announce(tx, core, chat.corp_id, tag, {**told, **fields})


async def _all_known(tx: Tx, corp_id: str, userids: Iterable[str]) -> None:
    unknown = [
        userid
        for userid in userids
        if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None
    ]
    if unknown:
        raise Refusal(
            40031,
            f"不是该企业成员：{unknown[:5]}。",
            f"Not members of the corp: {unknown[:5]}.",
            facts={"unknown": unknown[:100]},
        )


def _name(name: str, longest: int) -> str:
    if not 1 <= len(name) <= longest:
        raise Refusal(
            49015,
            f"群名称应为 1 到 {longest} 个字符。",
            f"A chat's name has 1 to {longest} characters.",
        )
    return name


def _at_most(userids: Sequence[str], most: int) -> None:
    if len(userids) > most:
        raise Refusal(49011, f"一次最多 {most} 人。", f"At most {most} members in one call.")


def _owner_left_out(owner: str) -> Refusal:
    return Refusal(
        49006,
        f"群成员必须包含群主 {owner[:64]!r}；先转让群主再移除。",
        f"The members must include the owner {owner[:64]!r}; hand the chat over before removing.",
    )
