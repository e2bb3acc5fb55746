"""Write what is generated of the client: method names, stubs and the reference.

    python tools/build_client.py [--rename]

Run it when the catalogue or the platform's handlers changed; tests fail while a file is stale.
``src/sanfang/client/surface/names.txt`` lists the methods; a name once given is kept, so the tool
stops where an update would change one, unless ``--rename``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import client_reference
import client_stubs

from sanfang.catalog import Catalog, load
from sanfang.client.surface import names

ROOT = Path(__file__).resolve().parents[1]
CLIENT = ROOT / "src" / "sanfang" / "client"
STUBS = CLIENT / "api"
REFERENCE = ROOT / "docs" / "reference"


def method_names(catalog: Catalog) -> dict[str, str]:
    """Return the ids of all documented APIs by the names of their methods."""
    found: dict[str, str] = {}
    for entry in catalog.entries:
        if entry.documented:
            name = ".".join(names.method_name(catalog.endpoints[entry.id]))
            if name in found:
                raise SystemExit(f"{name} would be both {found[name]} and {entry.id}")
            found[name] = entry.id
    return dict(sorted(found.items()))


def render(catalog: Catalog) -> dict[Path, str]:
    """Return the text of every generated file by its path."""
    methods = method_names(catalog)
    tree = names.grow(methods.items())
    files = {names.FILE: "".join(f"{name} {id_}\n" for name, id_ in methods.items())}
    files |= {STUBS / name: text for name, text in client_stubs.render(catalog, tree).items()}
    pages = client_reference.render(catalog, methods)
    return files | {REFERENCE / name: text for name, text in pages.items()}


def present() -> set[Path]:
    """Return the generated files that there are."""
    return {names.FILE, *STUBS.rglob("*.pyi"), *REFERENCE.rglob("*.md")}


def _renamed(new: str) -> list[str]:
    if not names.FILE.exists():
        return []
    old = dict(line.split(" ")[::-1] for line in names.FILE.read_text("utf-8").splitlines())
    now = dict(line.split(" ")[::-1] for line in new.splitlines())
    return [f"{name} -> {now.get(id_)}" for id_, name in old.items() if now.get(id_) != name]


def main() -> None:
    """Write all of it."""
    files = render(load())
    changed = _renamed(files[names.FILE])
    if changed and "--rename" not in sys.argv:
        raise SystemExit(
            "these names would change or go (--rename does it):\n" + "\n".join(changed)
        )
    for old in present() - files.keys():
        old.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    size = sum(len(text.encode()) for text in files.values())
    sys.stdout.write(f"{len(files)} files, {size:,} bytes\n")


if __name__ == "__main__":
    main()
