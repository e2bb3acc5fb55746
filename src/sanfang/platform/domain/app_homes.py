"""Where a micro-app lives: what is found out from its agentid alone, which is unique here."""

from __future__ import annotations

import msgspec

from ..store.queries import micro_apps as rows_of
from .core import Core
from .frames import Flavour, origin_of
from .model import Close


class AppHomes(msgspec.Struct, frozen=True):
    """A micro-app's home pages as they were registered; either may be empty."""

    corp_id: str
    close: int
    name: str
    home_url: str
    pc_home_url: str

    @property
    def enabled(self) -> bool:
        """Whether it is open to members."""
        return self.close == Close.NORMAL

    def origin(self, flavour: Flavour) -> str:
        """Return the origin that this client's pages come from; empty when none is registered."""
        ways = (self.home_url, self.pc_home_url)
        first, second = ways[::-1] if flavour == "pc" else ways
        return origin_of(first) or origin_of(second)


async def homes_of(core: Core, agent_id: int) -> AppHomes | None:
    """Return where the app of an agentid lives; None when no corp has such an agent."""
    row = await core.durable.one(rows_of.HOMES_BY_AGENT, agent_id)
    return None if row is None else AppHomes(*row)
