"""Whom the gate lets through: the authorisation behind a token, and the IP whitelist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from ..store.queries import authorisations as auth_rows
from ..store.queries import corps as corp_rows
from ..store.queries import suites as suite_rows
from . import rows, signin_standing
from .core import Core
from .model import Identity, Scope
from .refusals import Refusal

_PART = re.compile(r"\d{1,3}|\*")


class Pattern(msgspec.Struct, frozen=True):
    """One entry of a whitelist: the parts that must be equal, two to four of them."""

    parts: tuple[str, ...]

    def admits(self, ip: str) -> bool:
        return tuple(ip.split(".")[: len(self.parts)]) == self.parts


class Caller(msgspec.Struct, frozen=True):
    """Who calls, and under which conditions of the authorisation."""

    identity: Identity
    whitelist: tuple[Pattern, ...] = ()
    user_fields: tuple[str, ...] = ()
    scope: Scope | None = None  # what of the corp's contacts it may see; None: everything


def parse_patterns(texts: Iterable[str]) -> tuple[Pattern, ...]:
    """Read whitelist entries: exact, ``a.b.c.*``, ``a.b.*.*`` (tokens-and-limits.md 6).

    ``*`` stands in the third and fourth part only; with ``*`` in the third the fourth is ignored.
    Refuses 40035 naming the entry.
    """
    return tuple(_pattern(text.strip()) for text in texts)


def _pattern(text: str) -> Pattern:
    parts = text.split(".")
    sound = (
        len(parts) == 4
        and all(_PART.fullmatch(part) for part in parts)
        and "*" not in parts[:2]
        and all(part == "*" or int(part) <= 255 for part in parts)
    )
    if not sound:
        raise Refusal(
            40035,
            f"IP 白名单条目 {text!r} 不合法：写 IPv4 地址，* 只能用于后两段。",
            f"Whitelist entry {text!r} is not valid: an IPv4 address, * only in the last two parts.",
            faq="F48",
            facts={"entry": text},
        )
    fixed = 2 if parts[2] == "*" else 3 if parts[3] == "*" else 4
    return Pattern(tuple(str(int(part)) for part in parts[:fixed]))


async def load_caller(core: Core, identity: Identity) -> Caller:
    """Return the conditions a token's bearer works under.

    Refuses 40014 when the authorisation the token came from is gone: tokens of a relieved corp are
    dead whatever the hot store remembers.
    """
    durable = core.durable
    if identity.kind == "isv_corp":
        row = await durable.one(auth_rows.GRANT, identity.suite_key, identity.corp_id)
        if row is None or row[0] == "relieved" or row[1] != identity.generation:
            raise Refusal(
                40014,
                "该企业已解除授权，此 access_token 随之失效；企业重新授权后用新的永久授权码换取。",
                "The corp has relieved the suite, which killed this access_token; after a new"
                " authorisation fetch one with the new permanent code.",
                faq="F45",
            )
        if row[2] == "[]" and row[3] == "[]" and row[4] == "[]" and not row[5]:
            return Caller(identity)
        return Caller(identity, *_conditions(row[2], row[3], row[4], row[5]))
    if identity.kind == "suite":
        row = await durable.one(suite_rows.BY_KEY, identity.suite_key)
        if row is None:
            raise Refusal(40082, "套件不存在。", "The suite does not exist.")
        suite = rows.suite(row)
        return Caller(identity, parse_patterns(suite.ip_whitelist), tuple(suite.user_fields))
    if identity.kind != "internal":
        await signin_standing.check(core, identity)
        return Caller(identity)
    row = await durable.one(corp_rows.APP_BY_KEY, identity.app_key)
    if row is None:
        raise Refusal(40014, "该应用不存在。", "The app does not exist.")
    return Caller(identity, () if row[5] == "[]" else _conditions(row[5], "[]", "[]", "")[0])


@lru_cache(4096)
def _conditions(
    of_corp: str, of_suite: str, user_fields: str, scope: str
) -> tuple[tuple[Pattern, ...], tuple[str, ...], Scope | None]:
    """Read whitelists, fields and scope as the store has them; the same texts come all day."""
    allowed = rows.strings(of_corp) + rows.strings(of_suite)
    return parse_patterns(allowed), tuple(rows.strings(user_fields)), rows.scope(scope)


def check_ip(caller: Caller, ip: str) -> None:
    """Refuse with 60020 when the caller's address is not on the list; an empty list admits all."""
    if not caller.whitelist:
        return
    plain = ip.removeprefix("::ffff:")
    if any(pattern.admits(plain) for pattern in caller.whitelist):
        return
    who = caller.identity.suite_key or caller.identity.app_key
    raise Refusal(
        60020,
        f"平台看到的来源 IP 是 {plain}，不在 {who} 的白名单中；请在开发者后台添加该 IP。",
        f"The platform saw address {plain}, which is not on the whitelist of {who}; add it there.",
        errmsg=f"访问ip不在白名单之中,request ip={plain} appKey({who})",
        faq="F48",
        facts={"ip": plain, "list_of": who},
    )
