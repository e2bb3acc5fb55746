"""The handlers, a file per subject."""

from __future__ import annotations

from types import ModuleType

from ..handling import Handler
from . import (
    callbacks,
    chats,
    departments,
    dings,
    groups,
    messages,
    micro_apps,
    notifications,
    oauth,
    robots,
    suites,
    tickets,
    todos,
    users,
)

_FILES: tuple[ModuleType, ...] = (
    callbacks,
    chats,
    departments,
    dings,
    groups,
    messages,
    micro_apps,
    notifications,
    oauth,
    robots,
    suites,
    tickets,
    todos,
    users,
)

ALL: tuple[Handler, ...] = tuple(
    each for file in _FILES for each in vars(file).values() if isinstance(each, Handler)
)
