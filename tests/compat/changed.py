"""The tests that judge the platform with `dingtalk-sdk`, with nothing changed but their imports.

They were written for the unmodified package, long before our layer; here they judge the layer.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

TESTS = Path(__file__).parents[1]
OURS = "sanfang.compat.dingtalk_sdk"
_ENDING = "_with_changed_imports"
_NEEDED = ("journeys", "callbacks")  # by others
_REPLACED = {
    "from dingtalk ": f"from {OURS} ",
    "from dingtalk.": f"from {OURS}.",
    "params=STORES": 'params=["sqlite"]',  # where the platform keeps its state is not the point
    **{f"from ..{one}.test_stranger": f"from ..{one}.test_stranger{_ENDING}" for one in _NEEDED},
}


def changed(folder: str) -> dict[str, Any]:
    """Return what ``tests/<folder>/test_stranger.py`` defines when its imports are changed."""
    for needed in _NEEDED[: _NEEDED.index(folder)] if folder in _NEEDED else _NEEDED:
        _load(needed)
    module = _load(folder)
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}


def _load(folder: str) -> ModuleType:
    name = f"tests.{folder}.test_stranger{_ENDING}"
    if name in sys.modules:
        return sys.modules[name]
    path = TESTS / folder / "test_stranger.py"
    text = path.read_text(encoding="utf-8")
    for was, now in _REPLACED.items():
        text = text.replace(was, now)
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__package__ = f"tests.{folder}"
    sys.modules[name] = module
    exec(compile(text, str(path), "exec"), vars(module))
    assert not any(
        getattr(value, "__module__", "").partition(".")[0] == "dingtalk"
        for value in vars(module).values()
    )
    return module
