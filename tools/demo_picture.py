"""Draw what `sanfang demo --check` prints as docs/images/demo.svg, the picture of the README."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "demo.svg"
COLUMNS = 104


def styled(line: str) -> Text:
    """Colour a line the way the demo does on a terminal."""
    if line.startswith("✓"):
        head, _, time = line.rpartition("  ")
        return Text.assemble((head, "bold green"), ("  " + time, "cyan"))
    return Text(line, "" if line.startswith(" " * 6 + line.strip()[:1]) else "bright_black")


def main() -> None:
    command = [sys.executable, "-m", "sanfang.cli", "demo", "--check"]
    told = subprocess.run(command, check=True, capture_output=True, env=dict(os.environ))
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo", "bold"))
    for line in told.stdout.decode().splitlines():
        text = styled(line)
        text.truncate(COLUMNS, overflow="ellipsis")
        console.print(text, soft_wrap=True)
    svg = console.export_svg(title="sanfang 三方", unique_id="demo")
    svg = re.sub(r"@font-face\s*{.*?}", "", svg, flags=re.DOTALL)  # no fonts from elsewhere
    svg = "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
