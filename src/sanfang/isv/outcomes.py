"""How the handling of an event can end, other than well. Raised inside, acted on by `lanes`."""

from __future__ import annotations


class GiveUp(Exception):  # noqa: N818 - an instruction, not a failure of ours
    """Make the event a dead letter at once: trying again cannot help.

    A handler may raise it, with a text for the person who will look at the dead letters.
    """


class Superseded(Exception):  # noqa: N818
    """Something later made the event void; it ends quietly."""


class Moved(Exception):  # noqa: N818
    """The event's corp has become known: it goes on in that corp's lane."""

    def __init__(self, lane: str) -> None:
        super().__init__(lane)
        self.lane = lane


class WaitForTicket(Exception):  # noqa: N818
    """Nothing can be done before the next suite_ticket; this is not a failed attempt."""
