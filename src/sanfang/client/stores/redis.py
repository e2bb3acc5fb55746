"""A store in Redis, for the processes of many machines.

Every method is one script on one key, so that it is atomic and works on a cluster; leases run on
the server's clock. What Redis loses it loses for us too: tokens are fetched again, but a permanent
code is gone, so turn on its append-only file, or keep codes elsewhere. A replica promoted before
it had heard of a lease may let two processes renew; the fence settles that.
"""

from __future__ import annotations

from typing import Any, cast

from ..errors import BadCall, StoreFailed
from ..tokens import Token, TokenKey
from .common import PATIENCE, DurableStore, checked, key_text, text_of

try:
    import redis
except ImportError:
    raise BadCall(
        "RedisStore 需要 redis：pip install 'sanfang[redis]' / RedisStore needs the package redis"
    ) from None

_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "
_LAST = "local last = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0') "
# A fence is also the time of its lease: should Redis forget the last one, the next is above it
# all the same.
_NEXT = "local fence = math.max(last + 1, now) redis.call('HSET', KEYS[1], 'fence', fence) "

_LEASE = f"""{_NOW} {_LAST}
local held = redis.call('HMGET', KEYS[1], 'since', 'until')
if held[2] and now >= tonumber(held[1]) - 1000 and now < tonumber(held[2]) then return false end
{_NEXT}
redis.call('HSET', KEYS[1], 'since', now, 'until', now + tonumber(ARGV[1]))
return fence"""
_EXTEND = f"""{_NOW} {_LAST}
if last ~= tonumber(ARGV[1]) or redis.call('HEXISTS', KEYS[1], 'until') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'since', now, 'until', now + tonumber(ARGV[2]))
return 1"""
_RELEASE = f"""{_LAST}
if last == tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], 'since', 'until') end
return 0"""
_PUT = f"""{_NOW} {_LAST}
if ARGV[4] ~= '' and last ~= tonumber(ARGV[4]) then return 0 end
if ARGV[4] == '' then {_NEXT} end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'fetched_at', ARGV[2], 'expires_at', ARGV[3])
redis.call('HDEL', KEYS[1], 'since', 'until')
return 1"""
_DELETE = """
if redis.call('HGET', KEYS[1], 'value') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'value', 'fetched_at', 'expires_at')"""


class RedisStore(DurableStore):
    """Keep tokens, tickets and permanent codes in Redis, version 5 or later.

    ``redis`` is a URL, or a client of redis-py (also of a cluster or a sentinel), which is yours
    to close. ``prefix`` begins every key. ``base_url`` and ``api_url``: see `DurableStore`.
    Methods raise `StoreFailed`.
    """

    def __init__(
        self,
        url: str | redis.Redis,
        *,
        prefix: str = "sanfang:",
        base_url: str | None = None,
        api_url: str | None = None,
    ) -> None:
        super().__init__(base_url, api_url)
        self._own = isinstance(url, str)
        self._prefix = prefix
        self._redis: Any = url
        if isinstance(url, str):
            try:
                self._redis = redis.Redis.from_url(
                    url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE / 2
                )
            except ValueError as problem:
                raise BadCall(f"Redis 地址不对 / not an address of Redis: {problem}") from None
        script = self._redis.register_script
        self._lease, self._extend, self._release = script(_LEASE), script(_EXTEND), script(_RELEASE)
        self._put, self._delete = script(_PUT), script(_DELETE)

    # -- tokens -----------------------------------------------------------------------------

    def get(self, key: TokenKey, /) -> Token | None:
        fields = ("value", "fetched_at", "expires_at")
        value, fetched_at, expires_at = self._ask(self._redis.hmget, self._at(key), fields)
        if value is None:
            return None
        return Token(_text(value), float(fetched_at), float(expires_at))

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        return cast("int | None", self._run(self._lease, key, max(1, round(seconds * 1000))))

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        return bool(self._run(self._extend, key, fence, max(1, round(seconds * 1000))))

    def release(self, key: TokenKey, fence: int, /) -> None:
        self._run(self._release, key, fence)

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        times = repr(float(token.fetched_at)), repr(float(token.expires_at))
        return bool(self._run(self._put, key, token.value, *times, "" if fence is None else fence))

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        return bool(self._run(self._delete, key, value))

    # -- tickets and permanent codes --------------------------------------------------------

    def ticket(self, suite_key: str, /) -> str | None:
        return self._field(suite_key, "ticket")

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        self._ask(self._redis.hset, self._suite(suite_key), "ticket", checked("ticket", ticket))

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        return self._field(suite_key, f"code:{corp_id}")

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        field = f"code:{corp_id}"
        self._ask(self._redis.hset, self._suite(suite_key), field, checked("code", code))

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        self._ask(self._redis.hdel, self._suite(suite_key), f"code:{corp_id}")

    # -- the connection ---------------------------------------------------------------------

    def close(self) -> None:
        if self._own:
            self._redis.close()

    def _at(self, key: TokenKey) -> str:
        return f"{self._prefix}token:{key_text(key)}"

    def _suite(self, suite_key: str) -> str:
        return f"{self._prefix}suite:{text_of(self.platform, suite_key)}"

    def _field(self, suite_key: str, name: str) -> str | None:
        value = self._ask(self._redis.hget, self._suite(suite_key), name)
        return None if value is None else _text(value)

    def _run(self, script: Any, key: TokenKey, *arguments: str | int) -> Any:
        return self._ask(script, keys=[self._at(key)], args=arguments)

    def _ask(self, command: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return command(*arguments, **named)
        except (redis.RedisError, OSError, UnicodeError) as problem:
            text = "" if isinstance(problem, UnicodeError) else f": {str(problem)[:200]}"
            reason = f"{type(problem).__name__}{text}"
            raise StoreFailed(
                "RedisStore", f"Redis 不可用：{reason}", f"Redis cannot be used: {reason}"
            ) from None

    def __repr__(self) -> str:
        return f"<RedisStore {self._prefix!r}>"  # the address may hold a password


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
