"""The drive: files and folders of the app's own space and of the corp's team folders.

A member sees a space as its permissions say; the app's space of 2016 (``agent <id>``) is every
member's who sees the app. Files come in as media (uploaded by the workbench, or fetched).
"""

from __future__ import annotations

from typing import Any

from ....domain import drive, drive_permissions, media, spaces
from ....domain.contacts import get_member
from ....domain.dentries import Dentry
from ....domain.drive_permissions import Role
from ....domain.model import Identity
from ....domain.refusals import Refusal
from ....domain.spaces import Space
from ....store.files import Stored
from . import SYSTEM, Ask, Fail, Invocation
from .admitting import completes, serves, unfit
from .fetching import fetched

MOST_LISTED = 200
MOST_ATTACHED = 9
_KINDS = ("photo", "camera", "file", "space")
_ROOT = "0"


def identity_of(call: Invocation) -> Identity:
    """Return the app behind the page, as its uploads belong to it."""
    frame = call.frame
    return Identity("user", frame.corp_id, app_key=frame.owner_key, userid=frame.userid)


async def unionid_of(call: Invocation) -> str:
    """Return the unionid of the member: what the drive knows people by."""
    member = await get_member(call.core, call.frame.corp_id, call.frame.userid)
    return member.unionid


async def app_space(call: Invocation) -> Space:
    """Return the app's own space, made at the first use."""
    return await spaces.custom(
        call.core, identity_of(call), domain="", agent_id=str(call.frame.agent_id)
    )


async def space_of(call: Invocation, space_id: object, wanted: Role, *, dentry: int = 0) -> Space:
    """Return a space where the member has at least a role; fail with "3"."""
    try:
        found = await spaces.get(call.core, identity_of(call), space_id)
        await drive_permissions.check(call.core, found, dentry, await unionid_of(call), wanted)
    except Refusal as refusal:
        raise Fail(SYSTEM, f"{refusal.errmsg} {refusal.zh}") from refusal
    return found


async def dentry_of(call: Invocation, space_id: object, dentry_id: object, wanted: Role) -> Dentry:
    """Return a file or folder where the member has at least a role; fail with "3"."""
    try:
        found = await drive.get(call.core, identity_of(call), space_id, dentry_id)
    except Refusal as refusal:
        raise Fail(SYSTEM, f"{refusal.errmsg} {refusal.zh}") from refusal
    await space_of(call, space_id, wanted, dentry=found.number)
    return found


def described(found: Dentry) -> dict[str, Any]:
    """Return a file as every ability of the drive does."""
    return {
        "spaceId": str(found.space_no),
        "fileId": str(found.number),
        "fileName": found.name,
        "fileSize": found.size,
        "fileType": found.extension,
    }


async def put(call: Invocation, media_id: str, name: str, space: Space, parent: object) -> Dentry:
    """Make a file of a media the app has; fail with "3"."""
    try:
        return await drive.add_file(
            call.core,
            identity_of(call),
            space.number,
            parent or _ROOT,
            name,
            media_id,
            operator=await unionid_of(call),
        )
    except Refusal as refusal:
        raise Fail(SYSTEM, f"{refusal.errmsg} {refusal.zh}") from refusal


async def listing(call: Invocation, asked: Any) -> dict[str, Any]:
    """Return what a chooser shows: the spaces, or what is in a folder of one.

    ``asked`` is ``{}``, or ``{"spaceId", "dirId"}``.
    """
    space_id = str(asked.get("spaceId", "")) if isinstance(asked, dict) else ""
    if not space_id:
        return {"entries": [_space(each) for each in await _spaces(call)], "path": []}
    dir_id = str(asked.get("dirId") or _ROOT)
    space = await space_of(call, space_id, "READER")
    path: list[dict[str, Any]] = [_space(space)]
    if dir_id != _ROOT:
        folder = await dentry_of(call, space_id, dir_id, "READER")
        path.append({"spaceId": space_id, "dirId": dir_id, "name": folder.name, "folder": True})
    found, _ = await drive.children(
        call.core, identity_of(call), space_id, dir_id, order="NAME", size=MOST_LISTED
    )
    return {"path": path, "entries": [_entry(each) for each in found]}


async def _spaces(call: Invocation) -> list[Space]:
    found = [await app_space(call)]
    unionid = await unionid_of(call)
    for each in await spaces.list_org(call.core, call.frame.corp_id, 0, MOST_LISTED):
        try:
            await drive_permissions.check(call.core, each, 0, unionid, "READER")
        except Refusal:
            continue
        found.append(each)
    return found


def _space(found: Space) -> dict[str, Any]:
    own = found.kind == spaces.CUSTOM
    name = "应用空间 App space" if own else found.name
    return {"spaceId": str(found.number), "dirId": _ROOT, "name": name, "folder": True}


def _entry(found: Dentry) -> dict[str, Any]:
    shown = {"spaceId": str(found.space_no), "name": found.name, "folder": found.is_folder}
    if found.is_folder:
        return shown | {"dirId": str(found.number)}
    return shown | {"fileId": str(found.number), "size": found.size}


def _asks_listing(answer: Any) -> bool:
    return isinstance(answer, dict) and "list" in answer


@serves("biz.cspace.saveFile", "biz.cspace.chooseSpaceDir")
async def choose(call: Invocation) -> Ask:
    """Offer the folders; the browser asks for more of them through ``finish({list})``."""
    return Ask({**call.params, "first": await listing(call, {})})


@completes("biz.cspace.chooseSpaceDir")
async def chose_directory(call: Invocation, answer: Any) -> dict[str, Any]:
    """Return the folder that was chosen, in both generations' fields."""
    if _asks_listing(answer):
        return await listing(call, answer["list"])
    space_id, dir_id = _place(answer)
    shown = await listing(call, {"spaceId": space_id, "dirId": dir_id})
    path = "/" + "/".join(each["name"] for each in shown["path"])
    chosen = {"spaceId": space_id, "path": path, "dirId": dir_id}
    return {**chosen, "data": [chosen]}


@completes("biz.cspace.saveFile")
async def save_file(call: Invocation, answer: Any) -> dict[str, Any]:
    """Fetch what lies at ``url`` and keep it under ``name`` in the folder that was chosen."""
    if _asks_listing(answer):
        return await listing(call, answer["list"])
    space_id, dir_id = _place(answer)
    space = await space_of(call, space_id, "EDITOR")
    async with fetched(call, call.params["url"]) as found:
        kept = await media.keep(
            *(call.core, identity_of(call), "drive"),
            *(call.params["name"][:200], found.content_type, found.file),
        )
    saved = await put(call, kept.media_id, call.params["name"], space, dir_id)
    return {"data": [described(saved) | {"fileSize": str(saved.size)}]}


@serves("biz.cspace.preview")
async def preview(call: Invocation) -> Ask:
    """Show a file of the drive to a member who may read it."""
    found = await dentry_of(call, call.params["spaceId"], call.params["fileId"], "READER")
    return Ask({"files": [await _shown(call, found)], "index": 0})


@serves("biz.cspace.previewDentryImages")
async def preview_images(call: Invocation) -> Ask:
    """Show pictures of the drive."""
    found = []
    for each in call.params["images"][:50]:
        dentry = await dentry_of(call, each.get("spaceId", ""), each.get("dentryId", ""), "READER")
        found.append(await _shown(call, dentry))
    index = call.params.get("index", 0)
    return Ask({"files": found, "index": index if 0 <= index < len(found) else 0})


@serves("biz.util.uploadAttachment")
async def choose_attachment(call: Invocation) -> Ask:
    """Offer the ways the page allows: pictures, files, the drive."""
    ways = [each for each in call.params["types"] if each in _KINDS]
    if not ways:
        raise unfit("types", f"应为 {', '.join(_KINDS)} 中的若干", f"some of {', '.join(_KINDS)}")
    image, space = call.params.get("image") or {}, call.params.get("space") or {}
    file = call.params.get("file") or {}
    if space.get("corpId") not in (None, "", call.frame.corp_id):
        raise Fail(SYSTEM, "1002,corpId不合法")
    return Ask(
        {
            "types": ways,
            "multiple": image.get("multiple", True) is not False,
            "max": {
                "photo": _max(image),
                "camera": 1,
                "file": _max(file),
                "space": _max(space),
            },
            "first": await listing(call, {}) if "space" in ways else None,
        }
    )


@completes("biz.util.uploadAttachment")
async def attached(call: Invocation, answer: Any) -> dict[str, Any]:
    """Put the uploads into the space the page names; return them as files of the drive."""
    if _asks_listing(answer):
        return await listing(call, answer["list"])
    kind = answer.get("type") if isinstance(answer, dict) else None
    if kind not in call.params["types"]:
        raise Fail(SYSTEM, "the person's answer has another type")
    if kind == "space":
        found = [
            await dentry_of(call, *_file(each), "READER")
            for each in _items(answer, "files", MOST_ATTACHED)
        ]
        return {"type": "space", "data": [described(each) for each in found]}
    wanted: dict[str, Any] = call.params.get("file" if kind == "file" else "image") or {}
    space_id = str(wanted.get("spaceId") or "")
    space = await space_of(call, space_id, "EDITOR") if space_id else await app_space(call)
    folder = wanted.get("folderId") or _ROOT
    data = []
    for each in _items(answer, "media", MOST_ATTACHED):
        name = str(each.get("name") or "upload")[:200]
        data.append(described(await put(call, str(each.get("media_id", "")), name, space, folder)))
    return {"type": "file" if kind == "file" else "image", "data": data}


async def _shown(call: Invocation, found: Dentry) -> dict[str, Any]:
    if found.is_folder:
        raise Fail(SYSTEM, f"{found.name} 是文件夹 / is a folder")
    import mimetypes

    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    kept = await media.add(
        *(call.core, identity_of(call), "drive", found.name, kind),
        Stored(found.sha256, found.size),
    )
    return {**described(found), "media_id": kept.media_id, "content_type": kind}


def _place(answer: Any) -> tuple[str, str]:
    if not isinstance(answer, dict) or not answer.get("spaceId"):
        raise Fail(SYSTEM, "no folder was chosen")
    return str(answer["spaceId"]), str(answer.get("dirId") or _ROOT)


def _file(entry: dict[str, Any]) -> tuple[str, str]:
    return str(entry.get("spaceId", "")), str(entry.get("fileId", ""))


def _items(answer: Any, name: str, most: int) -> list[dict[str, Any]]:
    found = answer.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= most:
        raise Fail(SYSTEM, f"1 to {most} {name}")
    if not all(isinstance(each, dict) for each in found):
        raise Fail(SYSTEM, f"{name} are objects")
    return found


def _max(of: dict[str, Any]) -> int:
    most = of.get("max")
    return most if isinstance(most, int) and 0 < most < MOST_ATTACHED else MOST_ATTACHED
