"""What a handler is: one short async function registered under its catalogue id.

A handler never parses, never checks a token and never builds an envelope: the gate did or will do
that. It takes a ``Call``, asks the domain, and returns the fields of the answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

import msgspec

from ..domain.core import Core
from ..domain.gatekeeping import Caller
from ..domain.model import Identity
from . import reasons
from .body import UPLOAD_LIMIT
from .codes import missing_code


class Binary(NamedTuple):
    """A file as the answer; ``chunks`` are ``size`` bytes together."""

    content_type: str
    filename: str
    size: int
    chunks: AsyncIterator[bytes]


class Raw(NamedTuple):
    """An answer without an envelope: an empty body, a redirect, JSON that is no object."""

    body: bytes
    content_type: str = ""
    status: int = 200
    headers: Sequence[tuple[bytes, bytes]] = ()


Fields = Mapping[str, Any] | msgspec.Struct
Answer = Fields | Binary | Raw
Run = Callable[["Call"], Awaitable[Answer]]


class Call(msgspec.Struct):
    """One checked request.

    ``identity`` and ``caller`` are ``NOBODY`` for endpoints that need no token. ``args`` holds every
    field the client sent, wherever it sent it; those the catalogue knows have their documented type.
    """

    core: Core
    identity: Identity
    caller: Caller
    args: dict[str, Any]
    client_ip: str
    signed: bool = False  # the suite proved itself by a signed query, not by a token
    scope: MutableMapping[str, Any] = {}  # the ASGI scope

    def need(self, name: str) -> Any:
        """Return a field that this call needs though the catalogue does not say so; else refuse."""
        value = self.args.get(name)
        if value in (None, ""):
            raise reasons.missing(missing_code(name), name)
        return value

    @property
    def now(self) -> int:
        """Return the platform's time in epoch milliseconds."""
        return self.core.clock.now()


class Handler(NamedTuple):
    """A function with what it knows better than the catalogue."""

    endpoint: str
    run: Run
    optional: frozenset[str]
    types: Mapping[str, str]
    v1: Mapping[int, str]
    kinds: frozenset[str] | None = None  # None: as the catalogue says; empty: no token at all
    largest: int = UPLOAD_LIMIT
    judges: frozenset[str] = frozenset()


def handler(
    endpoint: str,
    *,
    optional: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
    v1: Mapping[int, str] | None = None,
    kinds: Sequence[str] | None = None,
    largest: int = UPLOAD_LIMIT,
    judges: Sequence[str] = (),
) -> Callable[[Run], Handler]:
    """Register an async function as the handler of a catalogue id.

    ``optional`` names required parameters that real clients leave out; ``types`` corrects types
    (``integer``, ``array of integer``, ...); ``v1`` says which string code of the newer API stands for one of our
    numbers here. ``kinds`` corrects whose tokens are accepted; none: the gate looks at no token,
    the handler does (a robot's webhook). ``largest`` is how many bytes the body of an upload may
    have; its files arrive in ``args`` as ``multipart.Upload`` and are closed after the answer.
    ``judges`` names parameters whose allowed values and sizes the handler checks itself, because it
    has a number of its own for them, or takes more than the catalogue lists.
    """
    accepted = None if kinds is None else frozenset(kinds)

    def wrap(run: Run) -> Handler:
        return Handler(
            *(endpoint, run, frozenset(optional), types or {}, v1 or {}, accepted, largest),
            frozenset(judges),
        )

    return wrap
