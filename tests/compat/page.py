"""Renew the tables of docs/migrating-from-dingtalk-sdk.md: ``python -m tests.compat.page``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sanfang.catalog import Endpoint, load
from sanfang.client.surface.names import FILE
from sanfang.compat.dingtalk_sdk.table import Method, every_method
from sanfang.platform.openapi.top import twins

from .differences import IN_GENERAL, OF_METHODS, OF_RETURNS, Difference

PAGE = Path(__file__).absolute().parents[2] / "docs" / "migrating-from-dingtalk-sdk.md"

DIFFERENCES = "differences"
METHODS = "methods"
# The same thing under a later name; fields may differ. First the exceptions, then the rule.
_SUCCEEDED = {
    "dingtalk.smartwork.bpms.processinstance.list": "dingtalk.oapi.processinstance.listids",
    "dingtalk.corp.ext.add": "dingtalk.oapi.extcontact.create",
}
_RENAMED = {
    "dingtalk.smartwork.attends.": "dingtalk.oapi.attendance.",
    "dingtalk.smartwork.bpms.": "dingtalk.oapi.",
    "dingtalk.corp.ext.": "dingtalk.oapi.extcontact.",
    "dingtalk.corp.chatbot.": "dingtalk.oapi.chatbot.",
}
HEAD = "| dingtalk-sdk | 调用 / calls | `client.call` | `client.api` |\n|---|---|---|---|"
NONE = "—"


def page(text: str) -> str:
    """Return the page with its two generated parts renewed."""
    methods = every_method()
    assert f"{len(methods)} " in text, "the number of methods is told in the text"
    text = _renewed(text, DIFFERENCES, "".join(_differences()))
    return _renewed(text, METHODS, "".join(_tables(methods)))


def _renewed(text: str, name: str, part: str) -> str:
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, rest = text.split(start)
    return before + start + part + end + rest.split(end)[1]


def _tables(methods: list[Method]) -> Iterator[str]:
    groups: dict[str, list[Method]] = {}
    for method in methods:
        groups.setdefault(method.group, []).append(method)
    for name in sorted(groups):
        rows = [_row(method) for method in sorted(groups[name], key=lambda one: one.name)]
        yield "\n".join([f"\n#### {name}\n", HEAD, *rows, ""])


def _differences() -> Iterator[str]:
    yield "".join(f"- {each.zh}。\n  {each.en}.\n" for each in IN_GENERAL)
    yield "\n| 方法 / method | |\n|---|---|\n"
    told: dict[str, Difference] = {**OF_METHODS, **OF_RETURNS}
    for title in sorted(told):
        yield f"| `{title}` | {told[title].zh}。{told[title].en}. |\n"


def _row(method: Method) -> str:
    if method.verb == "LOCAL":
        return f"| `{method.title}` | {NONE} | {NONE} | {NONE} |"
    verb = "TOP" if method.verb == "TOP" else method.verb.rstrip("?")
    called = f"`{verb} {method.target}`"
    endpoint, mark = endpoint_of(method), ""
    if endpoint is None or endpoint.host == "top":
        endpoint, mark = _successor(method.target), " ≈"
    if endpoint is None:
        return f"| `{method.title}` | {called} | `{method.target}` | {NONE} |"
    mark += " †" if _inferred(endpoint) else ""
    typed = typed_names().get(endpoint.id)
    name = f"`{typed}`" if typed else NONE
    return f"| `{method.title}` | {called} | `{endpoint.path.lstrip('/')}`{mark} | {name} |"


def endpoint_of(method: Method) -> Endpoint | None:
    """Return what a method calls, or on oapi the same thing by its later name."""
    catalog = load()
    if method.verb != "TOP":
        return catalog.find("oapi", method.verb.rstrip("?"), method.target)
    found = [e for name in twins(method.target) if (e := catalog.find_top(name))]
    return next((e for e in found if e.host == "oapi"), found[0] if found else None)


def _successor(name: str) -> Endpoint | None:
    names = [_SUCCEEDED[name]] if name in _SUCCEEDED else []
    names += [new + name.removeprefix(old) for old, new in _RENAMED.items() if name.startswith(old)]
    found = (load().find_top(each) for each in names)
    return next((each for each in found if each is not None and each.host == "oapi"), None)


def _inferred(endpoint: Endpoint) -> bool:
    return next(e for e in load().entries if e.id == endpoint.id).inferred


_NAMES: dict[str, str] = {}


def typed_names() -> dict[str, str]:
    """Return the name in ``client.api`` of each documented endpoint, by its id."""
    if not _NAMES:
        lines = FILE.read_text(encoding="utf-8").splitlines()
        _NAMES.update((id_, name) for name, id_ in (line.split(" ", 1) for line in lines))
    return _NAMES


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page(text), encoding="utf-8")


if __name__ == "__main__":
    main()
