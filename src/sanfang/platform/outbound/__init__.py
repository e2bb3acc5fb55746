"""May we connect there? What pushes to ISVs and the proxy of micro-apps ask before they do.

A URL is read with `read_url`; a name is looked up with a `Resolver`, and the connection is opened to
the addresses it returns, never to the name.
"""

from __future__ import annotations

from .guard import Forbidden, Origin, check_address, is_address, read_url
from .resolver import Resolver

__all__ = ["Forbidden", "Origin", "Resolver", "check_address", "is_address", "read_url"]
