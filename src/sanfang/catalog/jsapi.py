"""What a page can call through JSAPI: 701 names with platforms, grants, parameters and results.

    >>> jsapi.method("alert").bridge
    'device.notification.alert'
    >>> jsapi.gated("biz.contact.choose"), jsapi.gated("device.notification.alert")
    (True, False)

The table is read at the first question; parameters and results, in a file of their own, at the first
question for those. ``tools/build_jsapi.py`` makes both files.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

DATA = Path(__file__).parent / "data_jsapi"

Support = bool | str | None  # yes, no, from this client version on; None: nobody says

# The documents leave these open, but not their families: setTitle, setLeft and setIcon need no
# grant, and a container that has to be asked for its grants can be asked for nothing before.
_FREE = frozenset(
    {
        *("config", "runtime.info", "runtime.permission.requestJsApis"),
        *("runtime.permission.requestAuthCodeV2", "runtime.permission.getAuthInfo"),
        *("biz.navigation.setRight", "biz.navigation.setMenu", "biz.navigation.hideBar"),
    }
)


class Details(msgspec.Struct, frozen=True, array_like=True):
    """What a name takes and gives, as the documents and the package describe it."""

    params: list[dict[str, Any]] = []
    returns: list[dict[str, Any]] = []
    returns_shape: str = ""
    errors: list[Any] = []
    client_defaults: dict[str, Any] = {}
    doc: list[str] = []


class Method(msgspec.Struct, frozen=True, array_like=True):
    """A name that pages may call.

    ``bridge`` is what goes over the bridge, '' for what the client answers by itself;
    ``needs_auth`` None: no document says. ``platforms`` is what the documents say of H5 pages;
    ``since`` the lowest client version of the npm package, which also knows where it works.
    """

    name: str
    bridge: str = ""
    aliases: tuple[str, ...] = ()
    needs_auth: bool | None = None
    platforms: dict[str, Support] = {}
    since: dict[str, str] = {}
    ability_2016: str = ""
    mini_program: bool = False

    @property
    def gated(self) -> bool:
        """Whether a page has to be granted it."""
        return gated(self.bridge or self.name)

    def on(self, platform: str) -> bool:
        """Whether some document or the package has it on a platform (android, ios, pc, harmony).

        A name that nobody places anywhere is taken to be everywhere.
        """
        if not self.platforms and not self.since:
            return True
        return platform in self.since or self.platforms.get(platform) not in (False, None)

    def lowest(self, platform: str) -> str:
        """Return the lowest client version that has it on a platform, '' if any does."""
        said = self.platforms.get(platform)
        return self.since.get(platform) or (said if isinstance(said, str) else "")

    @property
    def details(self) -> Details:
        """What it takes and gives."""
        return _details().get(self.name, Details())


def method(name: str) -> Method | None:
    """Return what is known of a name, with or without ``dd.`` in front; None: unknown."""
    return _table().get(name.removeprefix("dd."))


def canonical(name: str) -> str:
    """Return the name that goes over the bridge; a name nobody knows is its own."""
    found = method(name)
    return found.bridge if found is not None and found.bridge else name.removeprefix("dd.")


def gated(name: str) -> bool:
    """Whether a page has to be granted a method: it needs a check, or nobody says that it does not."""
    bridge = canonical(name)
    if bridge in _FREE:
        return False
    said = _needs().get(bridge)
    return said is None or said


def names() -> tuple[str, ...]:
    """List every name, in the order of the alphabet."""
    return tuple(_table())


def version(text: str) -> tuple[int, ...]:
    """Read a client version, ``8.3.20``, so that it can be compared; rubbish is version 0."""
    return tuple(int(part[:9]) for part in re.findall(r"\d+", text[:40])) or (0,)


@cache
def _table() -> dict[str, Method]:
    raw = (DATA / "methods.json").read_bytes()
    return {row.name: row for row in msgspec.json.decode(raw, type=list[Method])}


@cache
def _details() -> dict[str, Details]:
    raw = (DATA / "details.json").read_bytes()
    return dict(msgspec.json.decode(raw, type=list[tuple[str, Details]]))


@cache
def _needs() -> dict[str, bool | None]:
    """Whether a bridge method needs a grant: what is said of itself, else of its other names."""
    found: dict[str, bool | None] = {}
    for each in _table().values():
        if each.bridge and each.needs_auth is not None:
            own = each.name == each.bridge
            if own or each.bridge not in found:
                found[each.bridge] = each.needs_auth
    return found
