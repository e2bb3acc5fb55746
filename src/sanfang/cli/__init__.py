"""The roof: ``sanfang ...``.

``root`` names the commands and imports each only when it is called. The commands that talk to a
running platform are made from the management API's table of operations (``nouns``, ``commands``) and
go through ``remote``; ``serve`` and ``demo`` are programs of their own.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 no platform reached.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from .root import run

    run()
