"""The handlers, a file per subject."""

from __future__ import annotations

from types import ModuleType

from ..handling import Handler
from . import (
    approval_forms,
    approvals,
    calendars,
    callbacks,
    chats,
    contacts_top,
    contacts_v1,
    departments,
    departments_v2,
    dings,
    external_contacts,
    groups,
    media,
    messages,
    micro_apps,
    notifications,
    oauth,
    old_approvals,
    old_calendars,
    robots,
    roles,
    rooms,
    suites,
    tickets,
    todos,
    users,
    users_v2,
)

_FILES: tuple[ModuleType, ...] = (
    approval_forms,
    approvals,
    calendars,
    callbacks,
    chats,
    contacts_top,
    contacts_v1,
    departments,
    departments_v2,
    dings,
    external_contacts,
    groups,
    media,
    messages,
    micro_apps,
    notifications,
    oauth,
    old_approvals,
    old_calendars,
    robots,
    roles,
    rooms,
    suites,
    tickets,
    todos,
    users,
    users_v2,
)

ALL: tuple[Handler, ...] = tuple(
    each for file in _FILES for each in vars(file).values() if isinstance(each, Handler)
)
