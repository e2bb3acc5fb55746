"""The hot operations that Redis runs as scripts, each atomic.

A value is stored as ``<expires_at> <value>``, a lease as ``<expires_at> <fence> <owner>``, times in
epoch milliseconds of the caller's clock. Redis' own expiry (PX) only collects garbage.
"""

from __future__ import annotations

from .windows import SECONDS

# KEYS: value. ARGV: value, now, expires_at, px.
KEEP = """
local raw, value = redis.call('GET', KEYS[1]), ARGV[1]
if raw then
  local cut = string.find(raw, ' ', 1, true)
  if tonumber(string.sub(raw, 1, cut - 1)) > tonumber(ARGV[2]) then
    value = string.sub(raw, cut + 1)
  end
end
redis.call('SET', KEYS[1], ARGV[3] .. ' ' .. value, 'PX', ARGV[4])
return value
"""

# KEYS: value. ARGV: now, expires_at, px.
EXTEND = """
local raw = redis.call('GET', KEYS[1])
if not raw then return 0 end
local cut = string.find(raw, ' ', 1, true)
if tonumber(string.sub(raw, 1, cut - 1)) <= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2] .. string.sub(raw, cut), 'PX', ARGV[3])
return 1
"""

# KEYS: lease, counter of fencing numbers. ARGV: owner, now, expires_at, px.
LEASE = """
local raw, fence = redis.call('GET', KEYS[1]), nil
if raw then
  local at, number, owner = string.match(raw, '^(%d+) (%d+) (.*)$')
  if tonumber(at) > tonumber(ARGV[2]) then
    if owner ~= ARGV[1] then return false end
    fence = number
  end
end
fence = fence or redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[3] .. ' ' .. fence .. ' ' .. ARGV[1], 'PX', ARGV[4])
return tonumber(fence)
"""

# KEYS: lease. ARGV: owner.
RELEASE = """
local raw = redis.call('GET', KEYS[1])
if raw and string.match(raw, '^%d+ %d+ (.*)$') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
"""

# What windows.py does, each key a ring in a hash: t total, s last second, 0..60 calls of a second.
# KEYS: one hash per window. ARGV: second, then one limit per window.
ADMIT = f"""
local slots = {{}}
for i, key in ipairs(KEYS) do
  local ring = redis.call('HMGET', key, 't', 's')
  local total, last = tonumber(ring[1] or 0), tonumber(ring[2] or -1)
  local second = math.max(tonumber(ARGV[1]), last)
  if second - last >= {SECONDS} then
    total = 0
    redis.call('DEL', key)
  elseif second > last then
    local gone = {{}}
    for past = last + 1, second do gone[#gone + 1] = past % {SECONDS} end
    for _, count in ipairs(redis.call('HMGET', key, unpack(gone))) do
      total = total - tonumber(count or 0)
    end
    redis.call('HDEL', key, unpack(gone))
  end
  if second > last then
    redis.call('HSET', key, 't', total, 's', second)
    redis.call('PEXPIRE', key, {2 * SECONDS * 1000})
  end
  if total >= tonumber(ARGV[i + 1]) then return i - 1 end
  slots[i] = second % {SECONDS}
end
for i, key in ipairs(KEYS) do
  redis.call('HINCRBY', key, 't', 1)
  redis.call('HINCRBY', key, slots[i], 1)
end
return -1
"""
