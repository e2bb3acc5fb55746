"""Write the table of causes at the end of docs/jsapi-check.md; what stands above it is kept.

PYTHONPATH=src python tools/build_jsapi_page.py
"""

from __future__ import annotations

from pathlib import Path

from sanfang.platform.domain.page_causes import CAUSES

PAGE = Path(__file__).parents[1] / "docs" / "jsapi-check.md"
START = (
    "| cause | 字段 field | 原因与改法 | what happened, what to do | FAQ |\n|---|---|---|---|---|\n"
)


def table() -> str:
    """The rows, one per cause."""
    rows = []
    for name, cause in CAUSES.items():
        zh, en = (text.replace("{!r}", "…").replace("{}", "…") for text in (cause.zh, cause.en))
        rows.append(f"| `{name}` | {cause.field} | {zh} | {en} | {cause.faq} |\n")
    return "".join(rows)


if __name__ == "__main__":
    kept = PAGE.read_text("utf-8").partition(START)[0]
    PAGE.write_text(kept + START + table(), encoding="utf-8")
