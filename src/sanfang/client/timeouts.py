"""How long a call may take, in four parts."""

from __future__ import annotations

import math
from typing import NamedTuple

from .errors import BadCall


class Timeout(NamedTuple):
    """Seconds. A plain number instead of this is ``exchange``.

    ``exchange``: one request and its whole answer, the connection included, however slowly the
    bytes drip. ``connect``: the connection alone, proxy and TLS included. ``read``: a silence
    within an exchange; None: only ``exchange`` counts. ``call``: everything that a call does,
    with its retries, its pauses and its waits for the limiter; None: no bound but theirs.
    """

    exchange: float = 10.0
    connect: float | None = 5.0
    read: float | None = None
    call: float | None = 60.0

    @classmethod
    def of(cls, timeout: float | Timeout) -> Timeout:
        """Make one of a number of seconds; raise `BadCall` for what are no seconds."""
        whole = timeout if isinstance(timeout, Timeout) else cls(exchange=timeout)
        for name, seconds in zip(cls._fields, whole, strict=True):
            if seconds is None and name != "exchange":
                continue
            try:
                fine = seconds is not None and 0 < float(seconds) < math.inf
            except (TypeError, ValueError):
                fine = False
            if not fine:
                raise BadCall(
                    f"timeout 的 {name} 应为大于 0 的秒数 / timeout: {name} must be seconds above 0: "
                    f"{seconds!r:.40}"
                )
        return whole
