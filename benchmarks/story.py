"""How long from an enterprise's click on 授权 to the suite being active: the rule is 5 s.

Real processes over real HTTP: `sanfang serve` (SQLite), an ISV running SuiteApp under uvicorn, and this
script as the enterprise. Measured from sending the authorise call to the platform knowing the suite is
active (its own clock: authorised_at to activated_at), one at a time and with 20 under way at once.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.journeys.harness import Platform, platform, until
from tests.journeys.test_kills import an_isv

ONE_BY_ONE = 200
AT_ONCE = 20
ROUNDS = 10


def took(running: Platform, key: str, corp_id: str) -> float:
    """Milliseconds from authorised to activated, by the platform's clock."""

    def active() -> dict[str, int] | None:
        found = running.admin.get(f"/authorisations/{key}/{corp_id}")["authorisation"]
        return found if found["state"] == "active" else None

    found = until(active, "active")
    assert found is not None
    return float(found["activated_at"] - found["authorised_at"])


def line(name: str, times: list[float]) -> str:
    times = sorted(times)
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    share = p99 / 5000
    return f"{name:34s}{median(times):10.0f}{p99:10.0f}{times[-1]:10.0f}{share:14.3f}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with platform("sqlite", home) as running, an_isv(running, home) as (_, key):
            corps = [
                running.admin.post("/corps", name=f"示例公司{n}")["corp_id"]
                for n in range(ONE_BY_ONE + AT_ONCE * ROUNDS)
            ]
            single = []
            for corp_id in corps[:ONE_BY_ONE]:
                running.admin.post(f"/suites/{key}/authorize", corp_id=corp_id)
                single.append(took(running, key, corp_id))
            crowd = []
            for start in range(ONE_BY_ONE, len(corps), AT_ONCE):
                group = corps[start : start + AT_ONCE]
                threads = [
                    threading.Thread(
                        target=running.admin.post,
                        args=(f"/suites/{key}/authorize",),
                        kwargs={"corp_id": corp_id},
                    )
                    for corp_id in group
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                crowd += [took(running, key, corp_id) for corp_id in group]
    print(
        f"{'authorised -> activated, ms':34s}{'median':>10s}{'p99':>10s}{'most':>10s}{'p99 / 5 s':>14s}"
    )
    print(line(f"one at a time ({ONE_BY_ONE})", single))
    print(line(f"{AT_ONCE} at once ({AT_ONCE * ROUNDS})", crowd))


if __name__ == "__main__":
    main()
