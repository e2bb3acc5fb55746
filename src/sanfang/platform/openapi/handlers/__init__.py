"""The handlers, a file per subject."""

from __future__ import annotations

from types import ModuleType

from ..handling import Handler
from . import callbacks, departments, messages, oauth, suites, tickets, todos, users

_FILES: tuple[ModuleType, ...] = (
    *(callbacks, departments, messages, oauth, suites, tickets, todos, users),
)

ALL: tuple[Handler, ...] = tuple(
    each for file in _FILES for each in vars(file).values() if isinstance(each, Handler)
)
