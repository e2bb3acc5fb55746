"""The handlers, a file per subject."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from ..handling import Handler
from . import (
    announcements,
    approval_drive,
    approval_forms,
    approvals,
    attendance,
    calendars,
    callbacks,
    chats,
    check_ins,
    contacts_top,
    contacts_v1,
    cspace,
    departments,
    departments_v2,
    dings,
    drives,
    external_contacts,
    groups,
    media,
    messages,
    messages_by_code,
    micro_apps,
    notifications,
    oauth,
    old_approvals,
    old_calendars,
    reports,
    robots,
    roles,
    rooms,
    signin,
    signin_pages,
    signin_v1,
    storage,
    storage_bins,
    storage_permissions,
    storage_search,
    suites,
    tickets,
    todos,
    users,
    users_v2,
)
from .file_rights import judged
from .profiles import later

_FILES: tuple[ModuleType, ...] = (
    announcements,
    approval_drive,
    approval_forms,
    approvals,
    attendance,
    calendars,
    callbacks,
    chats,
    check_ins,
    contacts_top,
    contacts_v1,
    cspace,
    departments,
    departments_v2,
    dings,
    drives,
    external_contacts,
    groups,
    media,
    messages,
    messages_by_code,
    micro_apps,
    notifications,
    oauth,
    old_approvals,
    old_calendars,
    reports,
    robots,
    roles,
    rooms,
    signin,
    signin_pages,
    signin_v1,
    storage,
    storage_bins,
    storage_permissions,
    storage_search,
    suites,
    tickets,
    todos,
    users,
    users_v2,
)

# What the documents of 2016 do not have: its row of the FAQ, and whether own apps keep it.
_LATER: dict[ModuleType, tuple[str, bool]] = {
    announcements: ("F63", False),
    approval_drive: ("F64", True),
    approval_forms: ("F64", True),
    approvals: ("F64", True),
    attendance: ("F64", True),
    check_ins: ("F64", True),
    old_approvals: ("F64", True),
}


def _of(file: ModuleType) -> Iterable[Handler]:
    found = [each for each in vars(file).values() if isinstance(each, Handler)]
    if file not in _LATER:
        return found
    faq, own_apps_keep_it = _LATER[file]
    return later(found, faq, for_isvs_only=own_apps_keep_it)


ALL: tuple[Handler, ...] = judged(each for file in _FILES for each in _of(file))
