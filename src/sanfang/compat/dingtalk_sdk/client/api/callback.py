"""``Callback``, whose list of events programs read."""

from ...groups import Callback

__all__ = ["Callback"]
