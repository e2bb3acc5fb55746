"""Sanfang 三方: both ends of the DingTalk wire."""

__version__ = "0.1.0"
