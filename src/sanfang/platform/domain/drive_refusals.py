"""How the drive says no: the number of 2016 and, in ``facts``, the string of the newer storage API."""

from __future__ import annotations

from .refusals import Refusal


def _refusal(code: int, name: str, http: int, zh: str, en: str) -> Refusal:
    return Refusal(code, zh, en, errmsg=zh, facts={"v1": name, "http": http})


def unfit(what: str, zh: str, en: str) -> Refusal:
    """A parameter; ``what`` names it as the storage API does: paramError.name."""
    return _refusal(40035, f"paramError.{what}" if what else "paramError", 400, zh, en)


def no_space(space_id: object) -> Refusal:
    shown = str(space_id)[:40]
    return _refusal(
        72001,
        *("spaceNotExist", 404),
        *(f"本企业没有空间 {shown!r}。", f"The corp has no space {shown!r}."),
    )


def not_allowed(space_id: object) -> Refusal:
    return _refusal(
        72002,
        *("permissionDenied", 403),
        f"空间 {space_id} 属于另一个应用。",
        f"The space {space_id} belongs to another app.",
    )


def no_right(space_id: object, role: str) -> Refusal:
    """Somebody acts who was not given the role that this needs."""
    return _refusal(
        72002,
        *("permissionDenied", 403),
        f"操作者在空间 {space_id} 的此处没有 {role} 或更高的权限；请由有 MANAGER 权限的人先授权。",
        f"Who acts is no {role} (or more) here in space {space_id}; a MANAGER has to give the role.",
    )


def no_dentry(dentry_id: object) -> Refusal:
    shown = str(dentry_id)[:40]
    return _refusal(
        72003,
        *("dentryNotExist", 404),
        f"该空间没有文件或文件夹 {shown!r}（或已在回收站）。",
        f"The space has no file or folder {shown!r}; it may be in the recycle bin.",
    )


def taken(name: str) -> Refusal:
    return _refusal(
        72003,
        *("dentryAlreadyExist", 400),
        f"已有同名的文件或文件夹 {name[:80]!r}；可改用 AUTO_RENAME。",
        f"There is a file or folder {name[:80]!r} already; AUTO_RENAME gives another name.",
    )


def illegal_name(name: str) -> Refusal:
    return _refusal(
        72003,
        *("dentryNameIllegal", 400),
        f'名称 {name[:80]!r} 不合法：1 到 255 个字符，不含 / \\ : * ? " < > | 与控制字符，不能是 . 或 ..。',
        f'The name {name[:80]!r} is not valid: 1 to 255 characters, none of / \\ : * ? " < > | and'
        " no control characters, neither . nor ...",
    )


def full(space_id: object, left: int) -> Refusal:
    return _refusal(
        72003,
        *("spaceQuotaInsufficient", 400),
        f"空间 {space_id} 只剩 {max(left, 0)} 字节。",
        f"The space {space_id} has only {max(left, 0)} bytes left.",
    )


def unsupported(zh: str, en: str) -> Refusal:
    return _refusal(72003, "operationNotSupported", 403, zh, en)


def no_item(item_id: object) -> Refusal:
    shown = str(item_id)[:40]
    return _refusal(
        72003,
        *("recycleItemNotExist", 404),
        *(f"回收站里没有 {shown!r}。", f"The recycle bin has no {shown!r}."),
    )


def no_bin(bin_id: str) -> Refusal:
    shown = bin_id[:80]
    return _refusal(
        72003,
        *("recycleBinNotExist", 404),
        *(f"没有回收站 {shown!r}。", f"There is no recycle bin {shown!r}."),
    )


def no_task(task_id: object) -> Refusal:
    shown = str(task_id)[:40]
    return _refusal(
        72003,
        *("taskNotExist", 404),
        f"没有异步任务 {shown!r}：本平台的移动、复制、删除当场完成，不产生任务。",
        f"There is no task {shown!r}: moves, copies and removals are done at once here.",
    )


def other_corp() -> Refusal:
    return _refusal(
        72002,
        *("permissionDenied", 403),
        "只能查询令牌所属的企业。",
        "Only the corp of the token can be asked about.",
    )
