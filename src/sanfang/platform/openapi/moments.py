"""Times as the documents write them: ISO 8601 in the newer API, ``yyyy-MM-dd HH:mm:ss`` in the older.

Inside they are epoch milliseconds. A time without a zone is Beijing's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from ..domain.refusals import Refusal

BEIJING = timezone(timedelta(hours=8))
BEIJING_NAME = "Asia/Shanghai"
LATEST = 253_402_214_400_000  # the last day that every reader of dates can hold
DAY = 24 * 3_600_000


def parse_iso(text: object, name: str, zone: str = "") -> int:
    """Read ``2024-01-01T10:00:00+08:00`` (any ISO 8601 date-time); refuse 40035 naming the field."""
    return _parse(text, name, zone, "2024-01-01T10:00:00+08:00")


def parse_local(text: object, name: str) -> int:
    """Read ``2024-01-01 10:00:00`` or ``2024-01-01``, Beijing time; refuse 40035 naming the field."""
    return _parse(text, name, "", "2024-01-01 10:00:00")


def checked(moment: int, name: str) -> int:
    """Return epoch milliseconds that are a time people use; refuse 40035 naming the field."""
    if not 0 <= moment < LATEST:
        raise Refusal(
            40035,
            f"{name} 须为 Unix 毫秒时间戳。",
            f"{name} is a Unix timestamp in milliseconds.",
        )
    return moment


def iso(moment: int, zone: str = "") -> str:
    """Write ``2024-01-01T10:00:00+08:00``."""
    return _at(moment).astimezone(_zone(zone, "timeZone")).isoformat(timespec="seconds")


def zulu(moment: int) -> str:
    """Write ``2024-01-01T02:00Z``, as approvals do."""
    return _at(moment).strftime("%Y-%m-%dT%H:%MZ")


def local(moment: int) -> str:
    """Write ``2024-01-01 10:00:00``, Beijing time."""
    return _at(moment).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def day(moment: int) -> str:
    """Write ``2024-01-01``, Beijing time."""
    return local(moment)[:10]


def midnight(moment: int) -> int:
    """Return the beginning of the day in Beijing."""
    return moment - (moment + 8 * 3_600_000) % DAY


def _at(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, UTC)


def _parse(text: object, name: str, zone: str, example: str) -> int:
    try:
        if not isinstance(text, str) or len(text) > 40:
            raise ValueError
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Refusal(
            40035, f"{name} 须写作 {example}。", f"{name} is written like {example}."
        ) from error
    if found.tzinfo is None:
        found = found.replace(tzinfo=_zone(zone, name))
    return checked(int(found.timestamp() * 1000), name)


def _zone(zone: str, name: str) -> tzinfo:
    if zone in ("", BEIJING_NAME):
        return BEIJING
    try:
        return ZoneInfo(zone)
    except (OSError, ValueError, KeyError) as error:  # what ZoneInfo raises for nonsense
        raise Refusal(
            40035,
            f"{name} 的时区 {zone[:40]!r} 不存在；请写如 {BEIJING_NAME}。",
            f"{name}: there is no time zone {zone[:40]!r}; write one like {BEIJING_NAME}.",
        ) from error
