"""What every API and every event looks like, as data.

The data are written by ``tools/build_catalog.py``. `load` reads an index at first use; the details
of an endpoint are read when it is asked for, events and other tables when they are.
"""

from __future__ import annotations

from .codes import ErrorCode, error_codes, permission_names
from .endpoints import Catalog, load
from .event_list import Events, StreamTopic, event_tags, events
from .examples import example
from .files import Area
from .records import Endpoint, Entry, Event, Field, Pagination, Param, Variant
from .shapes import check, check_answer

__all__ = [
    "Area",
    "Catalog",
    "Endpoint",
    "Entry",
    "ErrorCode",
    "Event",
    "Events",
    "Field",
    "Pagination",
    "Param",
    "StreamTopic",
    "Variant",
    "check",
    "check_answer",
    "error_codes",
    "event_tags",
    "events",
    "example",
    "load",
    "permission_names",
]
