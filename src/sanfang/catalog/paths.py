"""Finding endpoints by path: a table of paths written out, a tree of those with ``{...}``.

The tree has a level per part of the path. On each level a part written out is tried first, then one
that is only partly variable (``{processId}definitions``), then one that is wholly variable, so the
nearest description wins, and the search steps back where it leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from .records import Entry


class _Node:
    __slots__ = ("entries", "fixed", "mixed", "open")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.fixed: dict[str, _Node] = {}
        self.mixed: list[tuple[str, str, _Node]] = []  # text before and after the variable
        self.open: _Node | None = None

    def below(self, part: str) -> _Node:
        before, opening, rest = part.partition("{")
        if not opening:
            return self.fixed.setdefault(part, _Node())
        after = rest.partition("}")[2]
        if before or after:
            for known_before, known_after, node in self.mixed:
                if (known_before, known_after) == (before, after):
                    return node
            self.mixed.append((before, after, _Node()))
            return self.mixed[-1][2]
        if self.open is None:
            self.open = _Node()
        return self.open


class Paths:
    """Entries by host, method and path."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.exact: dict[str, list[Entry]] = {}  # paths as printed, templates too
        self._tree = _Node()
        for entry in entries:
            self.exact.setdefault(entry.path, []).append(entry)
            if "{" in entry.path:
                node = self._tree
                for part in entry.path.split("/"):
                    node = node.below(part)
                # The methods of an address may name its variable parts differently.
                node.entries.append(entry)

    def find(self, host: str | None, method: str, path: str) -> Entry | None:
        """Return the entry of a request; ``host`` None stands for any.

        A path written out wins over one with variable parts; a variable part takes exactly one
        part that is not empty.
        """
        found = _pick(self.exact.get(path, ()), host, method)
        return found or _walk(self._tree, path.split("/"), 0, host, method)


def _pick(entries: Iterable[Entry], host: str | None, method: str) -> Entry | None:
    for entry in entries:
        if entry.method == method and (host is None or entry.host == host):
            return entry
    return None


def _walk(node: _Node, parts: list[str], at: int, host: str | None, method: str) -> Entry | None:
    if at == len(parts):
        return _pick(node.entries, host, method)
    for below in _ways(node, parts[at]):
        found = _walk(below, parts, at + 1, host, method)
        if found is not None:
            return found
    return None


def _ways(node: _Node, part: str) -> list[_Node]:
    fixed = node.fixed.get(part)
    ways = [] if fixed is None else [fixed]
    for before, after, mixed in node.mixed:
        longer = len(part) > len(before) + len(after)
        if longer and part.startswith(before) and part.endswith(after):
            ways.append(mixed)
    if node.open is not None and part:
        ways.append(node.open)
    return ways


def values(template: str, path: str) -> dict[str, str]:
    """Return what the variable parts of a template are in a path that fits it."""
    if "{" not in template:
        return {}
    found: dict[str, str] = {}
    for want, part in zip(template.split("/"), path.split("/"), strict=True):
        before, opening, rest = want.partition("{")
        if opening:
            name, _, after = rest.partition("}")
            found[name] = part[len(before) : len(part) - len(after)]
    return found
