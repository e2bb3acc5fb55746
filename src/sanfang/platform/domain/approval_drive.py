"""The space for attachments of approvals: put there by the storage API, named in a form, read by
whoever was let.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from . import approvals, contacts, dentries, drive_permissions, spaces
from .approvals import Instance
from .core import Core
from .dentries import Dentry
from .drive_permissions import Holder, Role
from .model import Identity
from .refusals import Refusal
from .spaces import Space

_NAME = "审批钉盘"
_DEEPEST = 8


async def space_of(core: Core, identity: Identity) -> Space:
    """Return the corp's space for attachments, made at the first question."""
    return await spaces.create(
        core, identity, spaces.APPROVAL, name=_NAME, creator=_NAME, scene=spaces.APPROVAL
    )


async def admit(core: Core, identity: Identity, userid: str) -> Space:
    """Let a member put attachments into the space; refuse 60111."""
    member = await contacts.get_member(core, identity.corp_id, userid)
    space = await space_of(core, identity)
    holder = Holder("USER", member.unionid)
    await drive_permissions.give(
        *(core, identity, space, dentries.ROOT, "EDITOR", [holder]), operator=member.unionid
    )
    return space


async def let(
    core: Core, identity: Identity, userid: str, file_ids: Sequence[str], role: Role
) -> Space:
    """Give a member a role on attachments; refuse 60111 and what is not in the space."""
    member = await contacts.get_member(core, identity.corp_id, userid)
    space, found = await _files(core, identity, list(dict.fromkeys(file_ids)))
    for each in found:
        await drive_permissions.give(
            *(core, identity, space, each.number, role, [Holder("USER", member.unionid)]),
            operator=member.unionid,
        )
    return space


async def attached(
    core: Core, identity: Identity, instance_id: str, file_ids: Sequence[str]
) -> list[Dentry]:
    """Return attachments of an approval; refuse 830001 and files that its form does not name."""
    instance = await approvals.get(core, identity.corp_id, instance_id)
    named = set(_named(instance))
    for each in file_ids:
        if each not in named:
            raise _unknown(each)
    return (await _files(core, identity, file_ids))[1]


async def _files(
    core: Core, identity: Identity, file_ids: Sequence[str]
) -> tuple[Space, list[Dentry]]:
    """Return the space and files in it; a question that is refused does not make the space."""
    space = await spaces.of_corp(core, identity.corp_id, spaces.APPROVAL)
    if space is None:
        if file_ids:
            raise _unknown(file_ids[0])
        space = await space_of(core, identity)
    return space, [await _file(core, space, each) for each in file_ids]


async def _file(core: Core, space: Space, file_id: str) -> Dentry:
    try:
        found = await dentries.find(core.durable, space, file_id)
    except Refusal as refusal:
        raise _unknown(file_id) from refusal
    if found.is_folder:
        raise _unknown(file_id)
    return found


def _named(instance: Instance) -> Iterator[str]:
    """Yield the fileIds in an approval's form: attachments are JSON text in a value."""
    for each in instance.form_values:
        for text in (each.get("value"), each.get("ext_value")):
            yield from _ids_in(text, 0)


def _ids_in(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return
    if isinstance(value, list):
        for each in value:
            yield from _ids_in(each, depth + 1)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "fileId" and isinstance(each, (str, int)):
                yield str(each)
            else:
                yield from _ids_in(each, depth + 1)


def _unknown(file_id: str) -> Refusal:
    return Refusal(
        40035,
        f"审批附件中没有文件 {file_id[:40]!r}：先经 storage 接口上传到审批空间，再写进表单的附件控件。",
        f"There is no attachment {file_id[:40]!r}: it is put into the approval space by the storage"
        " API first, then named in an attachment of the form.",
        facts={"v1": "invalidFileId"},
    )
