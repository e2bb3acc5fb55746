"""What came back from an ISV, before anybody judges it."""

from __future__ import annotations

from typing import NamedTuple

from sanfang.protocol.crypto import Sealed

from .trouble import Trouble


class Answer(NamedTuple):
    """One HTTP answer to one push, or the trouble that came instead of it."""

    sent: Sealed | None = None  # the push that was sent; None when it could not be sealed
    started_at: int = 0  # epoch milliseconds
    latency_ms: int = 0
    status: int = 0  # 0 when no complete answer came
    content_type: str = ""
    location: str = ""  # where a redirect points
    body: bytes = b""
    trouble: Trouble | None = None

    @property
    def timed_out(self) -> bool:
        """Whether the ISV used up its time, so that asking it costs a slot for that long."""
        return self.trouble is not None and self.trouble.step == "timeout"
