"""How the methods of ``client.api`` are named, and the list of those names.

An API of the old host is called by its path: ``/user/get`` is ``user.get``. One of the new host by
its version, the first part of its path, and the name that the official SDK gives the operation:
``GET /v1.0/contact/users/{unionId}`` (GetUser) is ``v1.contact.get_user``. A word that Python keeps
for itself gets an underscore behind it, what is no letter becomes one. A name depends on nothing
but the API itself, so that no other one, added later, can change it.

Arguments are named as the documents name them; the same two rules apply: ``x_client_token``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from keyword import iskeyword
from pathlib import Path

from sanfang.catalog import Endpoint

FILE = Path(__file__).with_name("names.txt")
"""A line per method, ``name id``, sorted; written by ``tools/build_client.py``."""

Tree = dict[str, "str | Tree"]
SELF = ""
"""The key of a path that is an API and the beginning of others: ``topapi.report.statistics``."""

_WORDS = {"PaaS": "Paas"}  # would be cut in the middle
_CUTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def method_name(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the parts of an API's name: ``("v1", "contact", "get_user")``."""
    parts = endpoint.path.strip("/").split("/")
    if endpoint.host == "api":
        version, area = parts[0].partition(".")[0], parts[1]
        parts = [version, snake(area), snake(endpoint.operation or "_".join(parts[2:]))]
    return tuple(identifier(part) for part in parts)


def snake(name: str) -> str:
    """Write CamelCase in small letters: ``get_user``."""
    for word, plain in _WORDS.items():
        name = name.replace(word, plain)
    return _CUTS.sub("_", name).lower()


def identifier(name: str) -> str:
    """Return a name that Python accepts: ``async_``, ``x_client_token``."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"{plain}_" if iskeyword(plain) else plain


@cache
def tree() -> Tree:
    """Return all names as a tree, with the endpoint's id at the end of each branch."""
    lines = FILE.read_text("utf-8").splitlines()
    return grow(line.split(" ", 1) for line in lines)


def grow(methods: Iterable[Sequence[str]]) -> Tree:
    """Make the tree of pairs of a name and an id, which are sorted by name."""
    root: Tree = {}
    for name, id_ in methods:
        *above, last = name.split(".")
        node = root
        for part in above:
            below = node.setdefault(part, {})
            if isinstance(below, str):  # the shorter name came first
                below = node[part] = {SELF: below}
            node = below
        node[last] = id_
    return root
