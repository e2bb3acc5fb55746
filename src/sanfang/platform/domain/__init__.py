"""The rules of the platform. Knows no HTTP, no HTML, no SQL.

Functions take a ``Core`` (stores, clock, settings, URL probe), return things of ``model`` and say no
by raising ``refusals.Refusal``.
"""
