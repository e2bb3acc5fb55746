"""The official clients, unmodified, bundled the way an app developer bundles them.

``npm ci`` runs once per lock file, into a cache outside the work tree; esbuild's bundles are
cached beside it. No code of others is kept in this repository.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
MANIFESTS = HERE.parent / "npm"

#: Alias in package.json -> the version it stands for.
VERSIONS = {
    "dd2056": "2.0.56",
    "dd2103": "2.10.3",
    "dd2156": "2.15.6",
    "dd3046": "3.0.46",
    "dd329": "3.2.9",
}

#: The 2017 library is on no registry; the path of somebody's own copy may be given.
DINGTALK_JS = os.environ.get("SANFANG_DINGTALK_JS", "")

_NAMESPACE = "import * as dd from 'dingtalk-jsapi'; window.dd = dd;\n"
_DEFAULT = "import dd from 'dingtalk-jsapi'; window.dd = dd;\n"
_SINGLE = """\
import 'dingtalk-jsapi/entry/union';
import alert from 'dingtalk-jsapi/api/device/notification/alert';
import requestAuthCode from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
import * as core from 'dingtalk-jsapi/core';
window.dd = {
  config: core.config, ready: core.ready, error: core.error, env: core.env,
  device: { notification: { alert } },
  runtime: { permission: { requestAuthCode } },
};
"""


class BundlingError(Exception):
    """npm or the registry is not to be had here; what it said is the message."""


def bundles() -> dict[str, bytes]:
    """Every bundle by name: the aliases of :data:`VERSIONS`, ``single``, and ``dingtalk.js``.

    Raises:
        BundlingError: node, npm or the registry is missing.
    """
    sources = {name: (name, _NAMESPACE if i % 2 else _DEFAULT) for i, name in enumerate(VERSIONS)}
    sources["single"] = ("dd329", _SINGLE)
    stamp = hashlib.sha256((MANIFESTS / "package-lock.json").read_bytes())
    stamp.update(repr(sources).encode())
    with _alone(stamp.hexdigest()[:16]) as folder:
        made = {name: folder / f"{name}.bundle.js" for name in sources}
        if not all(path.exists() for path in made.values()):
            _install(folder)
            for name, (alias, source) in sources.items():
                _bundle(folder, alias, source, made[name])
        result = {name: path.read_bytes() for name, path in made.items()}
    if DINGTALK_JS:
        result["dingtalk.js"] = Path(DINGTALK_JS).read_bytes()
    return result


@contextlib.contextmanager
def _alone(key: str) -> Iterator[Path]:
    """The cache folder, held by one process at a time: sessions may run side by side."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sanfang-tests"
    folder = root / f"npm-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    with (root / f"npm-{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _install(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(MANIFESTS / name, folder / name)
    # esbuild's binary is a package of its own; nobody's install script has to run.
    _run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def _bundle(folder: Path, alias: str, source: str, target: Path) -> None:
    entry = folder / f"{target.stem}.entry.js"
    entry.write_text(source, encoding="utf-8")
    half = target.with_suffix(".part")
    _run(
        folder,
        "node",
        "node_modules/esbuild/bin/esbuild",
        str(entry),
        "--bundle",
        "--minify",
        "--format=iife",
        "--log-level=error",
        f"--alias:dingtalk-jsapi={alias}",
        f"--outfile={half}",
    )
    half.rename(target)


def _run(folder: Path, *command: str) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise BundlingError(f"{command[0]}: {problem}") from problem
    if done.returncode:
        raise BundlingError(f"{' '.join(command[:3])}: {done.stderr[-2000:]}")
