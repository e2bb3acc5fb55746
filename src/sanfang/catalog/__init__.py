"""What every API and every event looks like, as data.

The data are written by ``tools/build_catalog.py``. `load` reads an index at first use; the details
of an endpoint are read when it is asked for.
"""

from __future__ import annotations

from .endpoints import Catalog, load
from .files import Area
from .records import Endpoint, Entry, Event, Field, Pagination, Param, Variant

__all__ = [
    "Area",
    "Catalog",
    "Endpoint",
    "Entry",
    "Event",
    "Field",
    "Pagination",
    "Param",
    "Variant",
    "load",
]
