"""What storage says when it cannot serve: one tree, each in Chinese and English.

StoreError
 +- StoreClosed        used after ``close``
 +- StoreInUse         another process works on the same data folder
 +- StoreLost          the server or the disk failed; nothing is known to be stored
 +- Conflict           a statement broke a constraint of the schema
 +- MigrationRefused   the database does not fit this version of the program
 +- ExtraMissing       an optional driver is not installed
"""

from __future__ import annotations


class StoreError(Exception):
    """Storage failed; ``zh`` and ``en`` tell a person what happened and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class StoreClosed(StoreError):  # noqa: N818 - the tree's root says Error
    def __init__(self) -> None:
        super().__init__("存储已关闭。", "The store has been closed.")


class StoreInUse(StoreError):  # noqa: N818
    pass


class StoreLost(StoreError):  # noqa: N818
    pass


class Conflict(StoreError):  # noqa: N818
    """A statement broke a constraint. Its transaction is void: a body may not go on after it."""


class MigrationRefused(StoreError):  # noqa: N818
    pass


class ExtraMissing(StoreError):  # noqa: N818
    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f'缺少可选依赖 {package}，请执行：pip install "sanfang[{extra}]"',
            f'The optional driver {package} is missing; run: pip install "sanfang[{extra}]"',
        )
