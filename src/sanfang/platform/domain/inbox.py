"""A member's conversations and messages, for the workbench.

Besides real conversations (``cid``) a member has threads that only receive: ``app:<agentid>``, the
work notifications of a micro-app, and ``app:<key>``, what an app's robot wrote to the member alone.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .core import Core

Kind = Literal["single", "group", "app"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of conversations."""

    cid: str
    kind: Kind
    title: str
    icon: str = ""
    last_text: str = ""
    last_at: int = 0  # epoch milliseconds, 0: nothing was said
    last_id: int = 0
    unread: int = 0
    members: int = 0
    closed: bool = False  # a group that was disbanded: nothing more can be said


class Author(msgspec.Struct, frozen=True):
    """Who speaks: a member (userid), an app or a robot."""

    kind: Literal["member", "app", "robot"]
    id: str
    name: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A message as data: ``data`` holds what its ``type`` needs and nothing a page could misuse."""

    id: int
    cid: str
    author: Author
    mine: bool
    type: (
        str  # text, image, voice, video, file, link, oa, markdown, action_card, feed_card, unknown
    )
    data: dict[str, Any]
    text: str  # in one line
    at: int
    recalled: bool = False
    read: bool = False  # by this member; of one's own message: by everybody
    read_count: int = 0
    receiver_count: int = 0


class Changes(msgspec.Struct, frozen=True):
    """What came since; ask next with ``last``."""

    items: list[Item]
    last: int


async def conversations(core: Core, corp_id: str, userid: str) -> list[Entry]:
    """List a member's conversations, the newest first."""
    raise NotImplementedError


async def messages(
    core: Core, corp_id: str, userid: str, cid: str, *, before: int = 0, limit: int = 30
) -> list[Item]:
    """Return the last messages of a conversation, oldest first; ``before`` pages back by id.

    Refuses 40016 when the member is not in such a conversation.
    """
    raise NotImplementedError


async def say(core: Core, corp_id: str, userid: str, cid: str, text: str) -> Item:
    """Say something; refuses as `conversations.say`, and 40016 for threads that only receive."""
    raise NotImplementedError


async def read(core: Core, corp_id: str, userid: str, cid: str, *, up_to: int = 0) -> int:
    """Mark a conversation as read up to a message, 0: all of it; return how many were new."""
    raise NotImplementedError


async def changes(core: Core, corp_id: str, userid: str, since: int) -> Changes:
    """Return what a member got after message ``since``, at most 100, oldest first; 0: only ``last``."""
    raise NotImplementedError
