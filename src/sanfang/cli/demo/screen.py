"""How the story is shown: lines for people, with progress on a terminal, or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from .. import output

LABELS = {
    "platform": "平台 platform",
    "management_api": "管理接口 management API",
    "admin_token_file": "它的令牌 its token",
    "isv": "ISV",
    "pushes": "看推送 look at the pushes",
    "workbench": "点这里 click here",
}


WHAT_TO_DO = (
    "打开「签到看板」：它知道你是谁；签到；分享到会话，消息马上出现。",
    "Open 签到看板: it knows you; check in; share it, and see the message arrive.",
)


@dataclass
class Outcome:
    """How a step went."""

    step: int
    zh: str
    en: str
    ms: float = 0.0
    ok: bool = True
    expected: str = ""
    came: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # lines for a person


class Screen(Protocol):
    def doing(self, outcome: Outcome) -> Any:
        """Return a context in which the step runs."""

    def done(self, outcome: Outcome) -> None:
        """Show a finished step."""

    def addresses(self, lines: dict[str, str]) -> None:
        """Show where to look, after the last step."""


class JsonLines:
    """One JSON object a line."""

    @contextmanager
    def doing(self, outcome: Outcome) -> Iterator[None]:
        yield

    def done(self, outcome: Outcome) -> None:
        line: dict[str, Any] = {
            "step": outcome.step,
            "title": f"{outcome.zh} / {outcome.en}",
            "ok": outcome.ok,
            "ms": round(outcome.ms, 1),
        }
        if not outcome.ok:
            line |= {"expected": outcome.expected, "came": outcome.came}
        print(json.dumps(line | {"facts": outcome.facts}, ensure_ascii=False), flush=True)

    def addresses(self, lines: dict[str, str]) -> None:
        print(json.dumps({"addresses": lines}, ensure_ascii=False), flush=True)


class Lines:
    """Lines for a person."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    @contextmanager
    def doing(self, outcome: Outcome) -> Iterator[None]:
        with self._console.status(f"{outcome.step}  {escape(outcome.zh)} / {escape(outcome.en)}"):
            yield

    def done(self, outcome: Outcome) -> None:
        mark, style = ("✓", "green") if outcome.ok else ("✗", "red")
        head = Text(f"{mark} {outcome.step:>2}  ", style)
        head.append(outcome.zh, "bold" if outcome.ok else "bold red")
        head.append(f"  {outcome.ms:.0f} ms", "cyan")
        self._console.print(head)
        self._console.print(Text(f"      {outcome.en}"))
        for note in outcome.notes:
            self._console.print(Text(f"        {note}", "bright_black"))

    def addresses(self, lines: dict[str, str]) -> None:
        self._console.print()
        wide = max(output.width(label) for label in LABELS.values())
        for name, value in lines.items():
            label = output.pad(LABELS[name], wide)
            self._console.print(Text.assemble((f"  {label}  ", "bold"), value))
        self._console.print()
        for line in WHAT_TO_DO:
            self._console.print(Text(f"  {line}"))
        self._console.print("\n  Ctrl-C 停止 / stops\n")


def failure(outcome: Outcome) -> str:
    """Say which step failed, what was expected and what came."""
    return f"step {outcome.step}: expected {outcome.expected}; came: {outcome.came or 'nothing'}"
