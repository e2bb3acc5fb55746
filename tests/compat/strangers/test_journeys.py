"""tests/journeys/test_stranger.py with its imports changed, see `tests/compat/changed.py`."""

from ..changed import changed

globals().update(changed("journeys"))
