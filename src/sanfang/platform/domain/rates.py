"""How many calls the gate lets through (tokens-and-limits.md 7).

``isv2016``: four rules a minute. ``modern``: so many a second per app and API, so many in 20 seconds
per address, which is banned when it sends more, and a quota a month for own apps. A call is counted
under every rule or, when one refuses it, under none.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from ..store.ports import Window
from .core import Core, Settings
from .model import Identity
from .refusals import Refusal

SECOND, IP_SPAN, FOR_EVER = 1_000, 20_000, 0  # spans of windows, ms
MOST_BANS = 10_000  # addresses remembered
_CHINA = timedelta(hours=8)  # the month of a quota is that of DingTalk's country


class Bans:
    """Addresses that sent too much, until when. Each process remembers those it banned itself."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def check(self, ip: str, now: int) -> None:
        """Refuse 1111 while an address is banned."""
        if not self._until:
            return
        until = self._until.get(ip)
        if until is None:
            return
        if until > now:
            raise _banned(ip, until - now)
        del self._until[ip]

    def add(self, ip: str, now: int, ban_ms: int) -> Refusal:
        if len(self._until) >= MOST_BANS:
            del self._until[next(iter(self._until))]
        if ban_ms:
            self._until[ip] = now + ban_ms
        return _banned(ip, ban_ms)


async def check_rate(core: Core, identity: Identity, api: str, now: int) -> None:
    """Count one call of ``api`` under the four rules of 2016, or refuse it under one (M5).

    Own apps: R1 (corp, API). ISVs: R4 (suite, corp, API), R3 (ISV, corp, API), R2 (ISV, API). A
    user's token counts as its app's.
    Does nothing in another profile.
    """
    settings = core.settings
    if settings.rate_profile != "isv2016":
        return
    corp, isv = identity.corp_id, identity.isv
    if not identity.suite_key:
        windows = [Window(f"r1:{corp or identity.app_key}:{api}", settings.rate_corp_api)]
    elif corp:
        windows = [
            Window(f"r4:{identity.suite_key}:{corp}:{api}", settings.rate_suite_corp_api),
            Window(f"r3:{isv}:{corp}:{api}", settings.rate_isv_corp_api),
            Window(f"r2:{isv}:{api}", settings.rate_isv_api),
        ]
    else:
        windows = [Window(f"r2:{isv}:{api}", settings.rate_isv_api)]
    full = await core.hot.admit(windows, now=now)
    if full >= 0:
        raise _over(windows[full], api)


async def check_modern(
    core: Core,
    bans: Bans,
    identity: Identity | None,
    api: str,
    now: int,
    *,
    ip: str,
    in_quota: bool,
) -> None:
    """Count one call under the rules of 2026, or refuse it: 90018, 90020, 1111.

    ``identity`` None: an API without a token, which only its address limits. ``in_quota``: the API
    counts into the month (calls for tokens, sign-in and contacts do not).
    """
    settings = core.settings
    windows = []
    if identity is not None:
        who = f"{identity.app_key or identity.suite_key}:{identity.corp_id}"
        windows.append(Window(f"qps:{who}:{api}", settings.rate_app_api_second, SECOND))
        if in_quota and settings.rate_corp_month and identity.kind == "internal":
            key = f"month:{identity.corp_id}:{_month(now)}"
            windows.append(Window(key, settings.rate_corp_month, FOR_EVER))
    windows.append(Window(f"ip:{ip}", settings.rate_ip_20s, IP_SPAN))
    full = await core.hot.admit(windows, now=now)
    if full < 0:
        return
    rule = windows[full].key.partition(":")[0]
    if rule == "ip":
        raise bans.add(ip, now, settings.rate_ip_ban_ms)
    raise _over_quota(settings) if rule == "month" else _over_second(windows[full], api, identity)


_RULES = {
    "r1": (90005, "企业", "corp"),
    "r2": (90010, "ISV", "ISV"),
    "r3": (90008, "ISV 与企业", "ISV and corp"),
    "r4": (90014, "套件与企业", "suite and corp"),
}


def _over(window: Window, api: str) -> Refusal:
    rule = window.key[:2]
    code, zh, en = _RULES[rule]
    return Refusal(
        code,
        f"规则 {rule.upper()}：同一{zh}对接口 {api} 每分钟最多 {window.limit} 次，已用完；请稍后再试。",
        f"Rule {rule.upper()}: {window.limit} calls a minute of {api} per {en}; wait and try again.",
        faq="M5",
        facts={"rule": rule.upper(), "limit": window.limit, "api": api},
    )


def _over_second(window: Window, api: str, identity: Identity | None) -> Refusal:
    facts: dict[str, object] = {"rule": "QPS", "limit": window.limit, "api": api}
    if identity is not None and identity.kind != "internal":
        facts["v1"] = "Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi"
    return Refusal(
        90018,
        f"同一应用对接口 {api} 每秒最多 {window.limit} 次；请退避 1、2、4 秒后重试。",
        f"{window.limit} calls a second of {api} per app; back off 1, 2, 4 seconds.",
        faq="M5",
        facts=facts,
    )


def _over_quota(settings: Settings) -> Refusal:
    quota = settings.rate_corp_month
    return Refusal(
        90020,
        f"本月调用量已达到 {quota} 次的额度；下个月恢复，或调大 rate_corp_month。",
        f"The quota of {quota} calls a month is used up; wait for the next, or raise rate_corp_month.",
        errmsg=f"您的企业本月api调用量已超过限制，调用量:{quota}次，额度:{quota}次，"
        "请登录开发者后台-资源管理-查看用量明细",
        faq="M5",
        facts={"rule": "month", "limit": quota},
    )


def _banned(ip: str, left_ms: int) -> Refusal:
    minutes = max(1, -(-left_ms // 60_000))
    return Refusal(
        1111,
        f"地址 {ip} 在 20 秒内调用过多，暂时封禁，约 {minutes} 分钟后再试。",
        f"The address {ip} called too often within 20 seconds; it is banned for some {minutes} min.",
        errmsg="访问地址被暂时封禁",
        faq="M5",
        facts={
            "rule": "IP",
            "body": {
                "status": 1111,
                "wait": minutes,
                "source": "x5",
                "punish": "deny",
                "uuid": uuid.uuid4().hex,
            },
        },
    )


def _month(now: int) -> str:
    return f"{datetime.fromtimestamp(now / 1000, UTC) + _CHINA:%Y%m}"
