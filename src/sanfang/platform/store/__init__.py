"""Durable and hot state of the platform; only this package knows SQL or Redis."""
