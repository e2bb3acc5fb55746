"""Importing the toolkit stays light."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("uvicorn", "starlette", "aiohttp", "urllib3", "sanfang.platform", "click", "rich")


def test_importing_the_toolkit_loads_no_server_and_no_http_library() -> None:
    code = f"import sys, sanfang.isv; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_those_listed() -> None:
    import sanfang.isv as isv

    assert [name for name in isv.__all__ if not hasattr(isv, name)] == []
    assert sorted(isv.__all__) == isv.__all__
