"""The open platform: everything between the enterprise and the ISV.

Rooms: ``openapi``, ``push`` and ``manage`` are entrances; they call ``domain``, which holds the
rules and knows no HTTP; ``domain`` calls ``store``, the only room that knows SQL or Redis.
``server`` puts one process together out of them.
"""
