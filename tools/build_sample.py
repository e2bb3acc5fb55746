"""Bundle the sample micro-app's pages: examples/checkin-board/web -> src/sanfang/cli/sample/static.

The official npm package `dingtalk-jsapi` is taken from the lock file and bundled by esbuild, as an
app's developer would. Node is needed here only; what is built is committed, so that ``sanfang demo``
runs from a plain ``pip install``. ``--check`` builds and compares instead.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "examples" / "checkin-board" / "web"
STATIC = ROOT / "src" / "sanfang" / "cli" / "sample" / "static"
BUNDLE, LICENSES = "board.js", "LICENSES.txt"
BUNDLED = ("dingtalk-jsapi", "promise-polyfill")

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
"""


def build() -> dict[str, str]:
    """Return the files that are built, by name."""
    with tempfile.TemporaryDirectory(prefix="sanfang-sample-") as name:
        folder = Path(name)
        for source in WEB.iterdir():
            if source.is_file():
                shutil.copy(source, folder)
        npm = shutil.which("npm") or "npm"
        for command in (
            [npm, "ci", "--no-audit", "--no-fund"],
            [npm, "run", "build", "--", f"--outfile={folder / 'built.js'}", "--log-level=warning"],
        ):
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return {
            BUNDLE: (folder / "built.js").read_text("utf-8"),
            LICENSES: licenses(folder / "node_modules"),
        }


def licenses(modules: Path) -> str:
    """Say what is in the bundle beside our own code, and under which licence."""
    parts = [f"{BUNDLE} is built by tools/build_sample.py and contains parts of these packages:\n"]
    for name in BUNDLED:
        package = json.loads((modules / name / "package.json").read_text("utf-8"))
        if package["license"] != "MIT":
            raise SystemExit(f"{name} {package['version']} is no longer MIT: {package['license']}")
        own = next((modules / name).glob("LICEN*"), None)
        author = package.get("author", "its authors")
        author = author["name"] if isinstance(author, dict) else author
        stated = (
            f"Copyright (c) {author}\n(MIT by its package.json; the package has no licence file)"
        )
        text = own.read_text("utf-8").strip() + "\n" if own else f"{stated}\n\n{MIT}"
        parts.append(f"{name} {package['version']}, https://www.npmjs.com/package/{name}\n\n{text}")
    return ("\n" + "-" * 76 + "\n\n").join(parts)


def main() -> None:
    """Write what is built, or compare it with what is there."""
    built = build()
    if "--check" in sys.argv[1:]:
        old = [name for name, text in built.items() if (STATIC / name).read_text("utf-8") != text]
        if old:
            sys.exit(f"not up to date: {', '.join(old)}; run python tools/build_sample.py")
        return
    for name, text in built.items():
        (STATIC / name).write_text(text, encoding="utf-8")
    print(f"{BUNDLE}: {len(built[BUNDLE].encode()):,} bytes")


if __name__ == "__main__":
    main()
