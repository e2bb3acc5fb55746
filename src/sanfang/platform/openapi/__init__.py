"""The open API: the gate, its handlers and its answers."""

from __future__ import annotations

from .app import OpenApi
from .handling import Binary, Call, Handler, handler
from .multipart import Upload

__all__ = ["Binary", "Call", "Handler", "OpenApi", "Upload", "handler"]
