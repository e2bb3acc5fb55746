"""Write ``gateway.txt``, the table of the TOP methods of PyPI `dingtalk-sdk`, group ``tbdingding``.

Run with the package installed: ``python tools/build_sdk_table.py [--check]``. It reads names and
signatures: which API a method calls, under which name each parameter travels, which field it
returns. `src/sanfang/compat/dingtalk_sdk/table.py` explains the form.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from dingtalk.client.api import taobao

GROUP = "tbdingding"
TARGET = Path(__file__).parents[1] / "src/sanfang/compat/dingtalk_sdk/gateway.txt"
HEAD = (
    "# Made by tools/build_sdk_table.py from the signatures of dingtalk-sdk 1.3.8."
    " The form is that of methods.txt.\n"
)


def rows() -> Iterator[str]:
    """Yield a row per method."""
    [group] = ast.parse(inspect.getsource(taobao.TbDingDing)).body
    assert isinstance(group, ast.ClassDef)
    found = {f.name: f for f in group.body if isinstance(f, ast.FunctionDef)}  # the last one counts
    for name, function in found.items():
        returned = function.body[-1]
        assert isinstance(returned, ast.Return)
        assert isinstance(returned.value, ast.Call)
        call = returned.value
        api = ast.literal_eval(call.args[0])
        parameters = " ".join(_parameters(function, call))
        yield f"{GROUP}.{name} | TOP {api} | {parameters} | {_taken(call)}".rstrip()


def _parameters(function: ast.FunctionDef, call: ast.Call) -> Iterator[str]:
    fields = dict(_fields(call.args[1], "")) if len(call.args) > 1 else {}
    names = [argument.arg for argument in function.args.args[1:]]
    without = len(names) - len(function.args.defaults)
    for number, name in enumerate(names):
        default = ""
        if number >= without:
            default = f"={ast.literal_eval(function.args.defaults[number - without])!r}"
        field = fields.get(name, "")
        yield name + default + ("" if field == name else f">{field}")


def _fields(sent: ast.expr, above: str) -> Iterator[tuple[str, str]]:
    """Yield each parameter and the dotted path under which it travels."""
    assert isinstance(sent, ast.Dict)
    for key, value in zip(sent.keys, sent.values, strict=True):
        assert isinstance(key, ast.Constant)
        path = above + str(key.value)
        if isinstance(value, ast.Name):
            yield value.id, path
        else:
            yield from _fields(value, f"{path}.")


def _taken(call: ast.Call) -> str:
    for keyword in call.keywords:
        if keyword.arg == "result_processor":
            assert isinstance(keyword.value, ast.Lambda)
            assert isinstance(keyword.value.body, ast.Subscript)
            return str(ast.literal_eval(keyword.value.body.slice))
    return ""


def main() -> int:
    text = HEAD + "\n".join(rows()) + "\n"
    if "--check" in sys.argv:
        return int(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
