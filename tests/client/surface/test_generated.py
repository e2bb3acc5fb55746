"""What is generated is what the catalogue and the platform say now."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sanfang.catalog import load

from .values import methods

ROOT = Path(__file__).parents[3]
STUBS = ROOT / "src" / "sanfang" / "client" / "api"
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def tool() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield runpy.run_path(str(ROOT / "tools" / "build_client.py"))


def test_names_stubs_and_reference_are_current(tool: dict[str, Any]) -> None:
    """When this fails: python tools/build_client.py"""
    files: dict[Path, str] = tool["render"](load())
    assert {path.relative_to(ROOT) for path in tool["present"]()} == {
        path.relative_to(ROOT) for path in files
    }
    stale = [str(p.relative_to(ROOT)) for p, text in files.items() if p.read_text("utf-8") != text]
    assert stale == []


def test_a_name_that_would_change_is_told(tool: dict[str, Any]) -> None:
    assert tool["_renamed"](tool["names"].FILE.read_text("utf-8")) == []
    lines = tool["names"].FILE.read_text("utf-8").replace("\nuser.get ", "\nuser.fetch ")
    assert tool["_renamed"](lines) == ["user.get -> user.fetch"]


def test_every_method_has_a_stub_in_both_flavours() -> None:
    """Arguments too, with the required ones required."""
    wanted = {name: _expected(endpoint) for name, endpoint in methods().items()}
    classes = {name: node for path in STUBS.rglob("*.pyi") for name, node in _classes(path)}
    for flavour in ("Api", "AsyncApi"):
        found = dict(_walk(classes, ("", flavour), ""))
        assert found == wanted


def _expected(endpoint: Any) -> tuple[list[str], list[str]]:
    from sanfang.client.surface.names import identifier

    required = [identifier(p.name) for p in endpoint.params if p.required]
    return required, [identifier(p.name) for p in endpoint.params if not p.required]


Key = tuple[str, str]


def _classes(path: Path) -> Iterator[tuple[Key, ast.ClassDef]]:
    module = ".".join(path.relative_to(STUBS).with_suffix("").parts).removesuffix("__init__")
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield (module.rstrip("."), node.name), node


def _walk(
    classes: dict[Key, ast.ClassDef], at: Key, name: str
) -> Iterator[tuple[str, tuple[list[str], list[str]]]]:
    for node in classes[at].body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        own = name if node.name == "__call__" else f"{name}.{node.name}".lstrip(".")
        if any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list):
            assert isinstance(node.returns, ast.Name)
            below = (at[0], node.returns.id)
            if below not in classes:
                below = (f"{at[0]}.{node.name}".lstrip("."), node.returns.id)
            yield from _walk(classes, below, own)
            continue
        pairs = list(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
        given = [a.arg for a, default in pairs if default is None]
        yield own, (given, [a.arg for a, default in pairs if default is not None])


def test_stubs_are_read_by_editors_one_area_at_a_time() -> None:
    sizes = sorted(path.stat().st_size for path in STUBS.rglob("*.pyi"))
    assert sum(sizes) < 4_000_000
    assert sizes[len(sizes) // 2] < 30_000


def test_every_method_is_in_the_reference() -> None:
    text = "\n".join(path.read_text("utf-8") for path in REFERENCE.glob("*.md"))
    for name, endpoint in methods().items():
        assert f"\n## {name}\n" in text
        assert f"{endpoint.path}`" in text
    assert len(text.encode()) < 5_000_000


def test_everything_that_only_sdks_know_is_in_the_reference() -> None:
    text = "\n".join(path.read_text("utf-8") for path in REFERENCE.glob("*.md"))
    lines = set(text.splitlines())
    for entry in load().entries:
        if not entry.documented:
            shown = entry.top_api if entry.host == "top" else entry.path
            method = "TOP" if entry.host == "top" else entry.method
            assert f"- `{method} {shown}`" in lines


def test_the_links_of_the_reference_lead_somewhere() -> None:
    for page in REFERENCE.glob("*.md"):
        text = page.read_text("utf-8")
        for target in re.findall(r"\]\(([^)]+)\)", text):
            file, _, mark = target.partition("#")
            other = (page.parent / file) if file else page
            assert other.exists(), (page.name, target)
            if mark:
                headings = re.findall(r"(?m)^## (.+)$", other.read_text("utf-8"))
                anchors = {re.sub(r"[^\w\- ]", "", h).replace(" ", "-").lower() for h in headings}
                assert mark in anchors, (page.name, target)


def test_types_alone_cannot_be_imported_by_mistake() -> None:
    code = "from sanfang.client.api.user import GetAnswer"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "TYPE_CHECKING" in done.stderr


def test_nothing_of_this_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys\n"
        "from sanfang.client import AppKey, Client\n"
        "client = Client(AppKey('a', 'b'))\n"
        "assert not {'sanfang.client.surface', 'sanfang.catalog'} & set(sys.modules)\n"
        "client.api.user.get\n"
        "assert 'sanfang.client.surface' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_lists_say_how_to_go_through_their_pages() -> None:
    page = (REFERENCE / "contacts.md").read_text("utf-8")
    section = page.partition("## topapi.v2.user.list\n")[2].partition("\n## ")[0]
    assert '`client.each("topapi/v2/user/list", …)`' in section
    assert "all pages" not in page.partition("## user.get\n")[2].partition("\n## ")[0]
