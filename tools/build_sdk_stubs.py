"""Write ``_groups.pyi``: what editors and type checkers see of `sanfang.compat.dingtalk_sdk`.

``python tools/build_sdk_stubs.py [--check]``. The methods are made from two tables when they are
asked for, so their names and parameters are written down here from the same tables.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from sanfang.compat.dingtalk_sdk.table import Method, every_method

TARGET = Path(__file__).parents[1] / "src/sanfang/compat/dingtalk_sdk/client/_groups.pyi"
HEAD = """\
# Made by tools/build_sdk_stubs.py from methods.txt and gateway.txt.
# ruff: noqa
# fmt: off
from typing import Any

from ..groups import Attendance as _Attendance
from ..groups import Callback as _Callback
from ..groups import Group

"""
_BASES = {"attendance": "_Attendance", "callback": "_Callback"}


def text() -> str:
    """Return the stub file."""
    groups: dict[str, list[Method]] = {}
    for method in every_method():
        groups.setdefault(method.group, []).append(method)
    classes = [*map(_class, groups, groups.values()), "\n".join(_attributes(list(groups)))]
    return HEAD + "\n\n".join(classes) + "\n"


def _class(name: str, methods: list[Method]) -> str:
    base = _BASES.get(name, "Group")
    return "\n".join([f"class {name.capitalize()}({base}):", *map(_method, methods)])


def _method(method: Method) -> str:
    parameters = list(map(_parameter, method.signature.parameters.values()))
    if method.verb == "LOCAL":
        return f"    @staticmethod\n    def {method.name}({', '.join(parameters)}) -> str: ..."
    return f"    def {method.name}({', '.join(['self', *parameters])}) -> Any: ..."


def _parameter(parameter: inspect.Parameter) -> str:
    default = "" if parameter.default is parameter.empty else " = ..."
    return f"{parameter.name}: Any{default}"


def _attributes(groups: list[str]) -> Iterator[str]:
    yield "class Groups:"
    for name in groups:
        yield f"    @property\n    def {name}(self) -> {name.capitalize()}: ..."


def main() -> int:
    if "--check" in sys.argv:
        return int(TARGET.read_text(encoding="utf-8") != text())
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
