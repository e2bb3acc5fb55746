"""The classes of the groups, for programs that name them: ``Callback.ALL_CALL_BACK_TAGS``."""

from __future__ import annotations

from ...groups import group_class, group_names

_CLASSES = {name: group_class(name) for name in group_names() if name != "tbdingding"}
_SPELT = {
    "blackboard": "BlackBoard",
    "extcontact": "ExtContact",
    "microapp": "MicroApp",
    "workrecord": "WorkRecord",
}
globals().update({_SPELT.get(name, name.capitalize()): kind for name, kind in _CLASSES.items()})
