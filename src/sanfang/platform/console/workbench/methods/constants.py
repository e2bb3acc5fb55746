"""Abilities whose answer hardly depends on anything."""

from __future__ import annotations

from typing import Any

from . import Invocation
from .admitting import serves

_TIMES = {"RuntimeLaunchTime": 180, "PageLoadTime": 420, "RuntimeStartLoadTime": 60}  # milliseconds


@serves("runtime.info")
async def runtime_info(_: Invocation) -> dict[str, str]:
    """Return which abilities of 2016 the container has: all."""
    return {"ability": "0.0.11"}


@serves(
    "ui.progressBar.setColors",
    "ui.webViewBounce.enable",
    "ui.webViewBounce.disable",
    "biz.util.setScreenKeepOn",
)
async def nothing(_: Invocation) -> dict[str, Any]:
    """Do what a desktop need not do."""
    return {}


@serves("runtime.monitor.getLoadTime")
async def load_time(call: Invocation) -> dict[str, Any]:
    """Return a plausible time of the client's own start."""
    kind = call.params["type"]
    return {"type": kind, "time": _TIMES[kind]}


@serves("biz.tabwindow.isTab")
async def is_tab(call: Invocation) -> dict[str, Any]:
    """Tell whether the page asked for the workbench's tab (``ddtab=true``)."""
    inside = "ddtab=true" in call.page_url
    return {"result": inside, "data": {"result": inside}}


@serves("biz.realm.getUserExclusiveInfo")
async def exclusive(_: Invocation) -> dict[str, int]:
    """Tell that this is no client made for one corp."""
    return {"isExclusiveApp": 0}
