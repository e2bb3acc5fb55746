"""How the app is doing, for a person and for a monitor."""

from __future__ import annotations

import msgspec

from .inbox import COUNT_LIMIT, Counts
from .suite_file import Ticket

TICKET_ALARM = 6 * 3600.0
"""Seconds after which a ticket is called old: pushed every 20 minutes in 2016, about 5 hours in 2026."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a suite app. ``problems`` says what to do about what is wrong.

    ``ticket_age`` is in seconds, None without a ticket. ``waiting`` and ``dead`` count events (no
    further than 10,000), ``waiting_for_ticket`` the corps held up by a missing ticket. ``handling``:
    whether this process is the one that runs handlers. ``refused`` counts refused requests by code.
    """

    ok: bool
    suite_key: str | None
    ticket_age: float | None
    waiting: int
    dead: int
    waiting_for_ticket: int
    handling: bool
    refused: dict[str, int]
    problems: list[str]

    def public(self) -> bytes:
        """Write what anybody may see: the callback address is open to the internet."""
        return msgspec.json.encode(
            {
                "ok": self.ok,
                "ticket_age": self.ticket_age and round(self.ticket_age),
                "waiting": self.waiting,
                "dead": self.dead,
                "problems": self.problems,
            }
        )


def diagnose(
    *,
    suite_key: str | None,
    ticket: Ticket | None,
    counts: Counts,
    parked: int,
    handling: bool,
    refused: dict[str, int],
    now: float,
) -> Health:
    """Judge the state; ``now`` in epoch seconds."""
    age = None if ticket is None else max(now - ticket.received / 1000, 0.0)
    problems = []
    if suite_key is None:
        problems.append(
            "还没有 suite_key：套件创建后调用 app.configure() / no suite_key yet: call app.configure()"
        )
    elif age is None:
        problems.append(
            "还没有 suite_ticket：在开发者后台点击重新推送，套件至少要有一个微应用（FAQ F41）"
            " / no suite_ticket yet: press re-push; the suite needs a micro-app (FAQ F41)"
        )
    elif age > TICKET_ALARM:
        problems.append(
            f"suite_ticket 已 {age / 3600:.1f} 小时没有更新：连续 100 次推送失败后平台会停止，"
            "请点击重新推送（FAQ F41）"
            f" / the suite_ticket is {age / 3600:.1f} h old: the platform stops after 100 failed "
            "pushes; press re-push (FAQ F41)"
        )
    if counts.dead:
        problems.append(
            f"{counts.dead} 个事件处理失败，见 app.dead_letters()"
            f" / {counts.dead} events were given up, see app.dead_letters()"
        )
    if counts.waiting >= COUNT_LIMIT:
        problems.append("积压超过一万 / over ten thousand events wait")
    return Health(
        ok=not problems,
        suite_key=suite_key,
        ticket_age=age,
        waiting=counts.waiting,
        dead=counts.dead,
        waiting_for_ticket=parked,
        handling=handling,
        refused=refused,
        problems=problems,
    )
