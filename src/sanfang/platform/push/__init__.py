"""Encrypted pushes to ISVs: guard, send, judge the reply, dispatch, rotate tickets.

``guard`` says where a push may go, ``sender`` takes it there, ``reply`` judges what came back and
``shape``, ``signing`` and ``autopsy`` say exactly what is wrong with it; ``probe`` asks a callback URL to
prove itself, ``dispatcher`` works through the outbox and ``tickets`` is the ticket timer.
"""
