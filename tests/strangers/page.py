"""Write docs/strangers.md: ``python -m tests.strangers.page``."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from ..journeys.harness import platform
from .sdk_calls import MISREAD, OK, REFUSED, SYNTHETIC, UNSENT, Outcome, call_all

PAGE = Path(__file__).absolute().parents[2] / "docs" / "strangers.md"
KINDS = (OK, SYNTHETIC, REFUSED, MISREAD, UNSENT)
INTRO = """\
# Strangers: clients that were not written for this platform

Unmodified clients judge the platform; they are only pointed at another address.
This page is written by `python -m tests.strangers.page`.

- PyPI `dingtalk-sdk` 1.3.8: every public method of every API class, listed below
  (`tests/strangers/test_dingtalk_sdk.py`); as an ISV in `tests/journeys/test_stranger.py`.
- PyPI `alibabacloud-dingtalk`, the official SDK of the newer API: tokens of an own app and of an
  authorised corp, contacts, robots, calendar, to-dos (`tests/strangers/test_alibabacloud.py`).
- `curl` as the official tutorials of both generations use it: the calls of
  `tests/strangers/samples.py`, sent as they stand (`tests/strangers/test_tutorials.py`).
- The official documents themselves judge our client: 313 printed requests of both generations with
  their answers, and 108 documented refusals (`tests/client/test_documented_requests.py`).
- What was written for `dingtalk-sdk` judges our layer of the same interface: every method beside
  the unmodified package (`tests/compat/test_methods.py`), and the tests that use it here, with
  nothing changed but their imports (`tests/compat/strangers/`).
- npm `dingtalk-jsapi`, the official library of micro-apps' pages, 2.0.56, 2.10.3, 2.15.6, 3.0.46 and
  3.2.9, in Chromium as Android, iOS and PC (`tests/workbench/browser/`); `dingtalk.js` 1.5.8 too,
  where `SANFANG_DINGTALK_JS` names somebody's own copy.
- What three clients send for the same calls: [clients-compared.md](clients-compared.md).

## dingtalk-sdk

What came of each method, called once with the arguments its signature requires (of the
generated group `tbdingding`: with all of them):

- **ok**: answered by behaviour that remembers;
- **synthetic**: answered from the shape in the catalogue, and marked so;
- **refused**: refused with a documented code, which stands beside it (a number, or the gateway's
  `isv.…`); most want an object that the call before did not make, a suite's token, or a file;
- **misread**: answered as documented, but the SDK looks for a field that neither the documents
  nor the official SDKs have;
- **sends nothing**: a local helper, or a fault of the SDK (it calls a method its class lacks).

None ended in a transport error, an HTTP status other than 200, or an answer that could not be read.
The same package carries 3,800 TOP APIs of shops and parcels; they are refused by name.

"""


def sdk_section(outcomes: list[Outcome]) -> str:
    """Return the part about `dingtalk-sdk`: a table of its groups, then every method."""
    groups: dict[str, list[Outcome]] = {}
    for each in sorted(outcomes, key=lambda one: one.method.title):
        groups.setdefault(each.method.group, []).append(each)
    lines = [
        "| group | methods | ok | synthetic | refused | misread | sends nothing |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *(_row(f"`{name}`", found) for name, found in groups.items()),
        _row("all", outcomes),
    ]
    for name, found in groups.items():
        lines += ["", f"### {name}", "", "| method | API | outcome |", "|---|---|---|"]
        lines += [
            f"| `{each.method.name}` | `{each.method.api or '-'}` | {_told(each)} |"
            for each in found
        ]
    return "\n".join(lines) + "\n"


def _row(title: str, outcomes: list[Outcome]) -> str:
    count = Counter(each.kind for each in outcomes)
    numbers = " | ".join(str(count[kind]) for kind in KINDS)
    return f"| {title} | {len(outcomes)} | {numbers} |"


def _told(outcome: Outcome) -> str:
    return f"{outcome.kind} {outcome.code}" if outcome.kind == REFUSED else outcome.kind


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, platform("sqlite", Path(folder)) as running:
        outcomes = call_all(running)
    for each in outcomes:
        if each.fault:
            print(each)  # the page is written nevertheless; the tests will not pass
    print(_row("all", outcomes))
    PAGE.write_text(INTRO + sdk_section(outcomes), encoding="utf-8")


if __name__ == "__main__":
    main()
