"""How many may be written to, and how often (tokens-and-limits.md 7.3).

``isv2016``: any volume; one call reaches at most 5000 (own app) or 1000 (ISV) members, and an ISV may
not write to everybody. ``modern`` adds: three messages a day to everybody, so many receivers a minute
per app and per corp. ``off``: none of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ..store.ports import Tx
from ..store.queries import corps as corp_rows
from ..store.queries import messages as rows_of
from .core import Core, Settings
from .model import Identity
from .refusals import Refusal

MINUTE = 60_000
_CHINA = timezone(timedelta(hours=8))


def check_to_all(settings: Settings, identity: Identity, to_all: bool) -> None:
    """Refuse 41028: an ISV writing to everybody."""
    if to_all and identity.kind != "internal" and settings.message_profile != "off":
        raise Refusal(
            41028, "ISV 应用不能给全员发消息。", "An ISV's app may not write to everybody."
        )


def check_receivers(settings: Settings, identity: Identity, count: int) -> None:
    """Refuse 41029: too many receivers in one call."""
    own = identity.kind == "internal"
    most = settings.message_receivers_own if own else settings.message_receivers_isv
    if settings.message_profile != "off" and count > most:
        raise Refusal(
            41029,
            f"接收者 {count} 人，超过上限 {most}。",
            f"{count} receivers; the limit is {most}.",
        )


async def check_volume(tx: Tx, core: Core, identity: Identity, count: int, to_all: bool) -> None:
    """Refuse 41045 and 41046 (to everybody), 41047 (this app, a minute), 41048 (all apps, a minute).

    Counts inside the transaction that writes, with the corp locked: exact also for calls that meet.
    """
    settings = core.settings
    if settings.message_profile != "modern":
        return
    corp_id, now = identity.corp_id, core.clock.now()
    app = identity.app_key if identity.kind == "internal" else identity.suite_key
    await tx.one(corp_rows.LOCK, corp_id)
    if to_all:
        today = await tx.one(rows_of.SENT_BY_APP, corp_id, app, _midnight(now) - 1)
        if today is not None and today[2] >= settings.message_all_staff_daily:
            raise _over(41045, "全员消息每天", "messages to everybody a day", today[2])
    minute = await tx.one(rows_of.SENT_BY_APP, corp_id, app, now - MINUTE)
    if to_all and minute is not None and minute[2] >= settings.message_all_staff_minute:
        raise _over(41046, "全员消息每分钟", "messages to everybody a minute", minute[2])
    own = identity.kind == "internal"
    most = settings.message_minute_own if own else settings.message_minute_isv
    if minute is not None and minute[1] + count > most:
        raise _over(41047, "此应用给该企业每分钟的人次", "receivers a minute of this app", most)
    total = await tx.one(rows_of.SENT_TO_CORP, corp_id, now - MINUTE)
    if total is not None and total[0] + count > settings.message_minute_corp:
        limit = settings.message_minute_corp
        raise _over(41048, "该企业每分钟的总人次", "receivers a minute in this corp", limit)


def _midnight(now: int) -> int:
    day = datetime.fromtimestamp(now / 1000, _CHINA)
    return int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _over(code: int, zh: str, en: str, limit: int) -> Refusal:
    return Refusal(
        code,
        f"{zh}上限为 {limit}，已用完；可在设置 message_* 中调整。",
        f"The limit of {limit} {en} is used up; settings message_* change it.",
        facts={"limit": limit},
    )
