"""The open API: the gate, its handlers and its answers."""

from __future__ import annotations

from .app import OpenApi
from .handling import Call, Handler, handler
from .multipart import Upload

__all__ = ["Call", "Handler", "OpenApi", "Upload", "handler"]
