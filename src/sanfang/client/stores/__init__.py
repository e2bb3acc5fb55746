"""Stores of tokens, tickets and permanent codes that outlive a process and serve many.

Each is a `TokenStore` and a `SuiteStore` in one::

    from sanfang.client.stores import SQLiteStore

    store = SQLiteStore("tokens.db")
    client = Client(Suite(key, secret), tokens=store, suite_store=store)

`FileStore` and `SQLiteStore` are for the processes of one machine and need nothing else,
`PostgresStore` (psycopg) and `RedisStore` (redis) for those of many. All raise `StoreFailed` when
they cannot do their work. What they keep is secret: files have mode 0600, nothing is shown in
reprs or errors, and `SealedStore` encrypts what any of them keeps. To write another, see
`TokenStore`, `SuiteStore`, and the tests in ``conformance``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .file import FileStore
    from .postgres import PostgresStore
    from .redis import RedisStore
    from .sealed import SealedStore
    from .sqlite import SQLiteStore

__all__ = ["FileStore", "PostgresStore", "RedisStore", "SQLiteStore", "SealedStore"]

_MODULES = {name: name.removesuffix("Store").lower() for name in __all__}


def __getattr__(name: str) -> Any:
    if name in _MODULES:  # each loads its driver, which the others need not have
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
