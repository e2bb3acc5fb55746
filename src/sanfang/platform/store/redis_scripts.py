"""The hot operations that Redis runs as scripts, each atomic.

A value is stored as ``<expires_at> <value>``, a lease as ``<expires_at> <fence> <owner>``, times in
epoch milliseconds of the caller's clock. Redis' own expiry (PX) only collects garbage.
"""

from __future__ import annotations

from .windows import SECONDS

KEPT_MS = 62 * 86_400_000  # a window that forgets nothing names a month, and may go with it

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

# KEYS: value. ARGV: the value before, 1 (or 0: there is none), new value, now, expires_at, px.
SWAP = """
local raw, live = redis.call('GET', KEYS[1]), nil
if raw then
  local cut = string.find(raw, ' ', 1, true)
  if tonumber(string.sub(raw, 1, cut - 1)) > tonumber(ARGV[4]) then
    live = string.sub(raw, cut + 1)
  end
end
if ARGV[2] == '1' then
  if live ~= ARGV[1] then return 0 end
elseif live then
  return 0
end
redis.call('SET', KEYS[1], ARGV[5] .. ' ' .. ARGV[3], 'PX', ARGV[6])
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

# What windows.py does, each key a ring in a hash: t total, s last slot, 0..60 calls of a slot.
# KEYS: one hash per window. ARGV: now, then limit and length of a slot (0: kept) per window.
ADMIT = f"""
local slots = {{}}
for i, key in ipairs(KEYS) do
  local limit, length = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local ring = redis.call('HMGET', key, 't', 's')
  local total, last = tonumber(ring[1] or 0), tonumber(ring[2] or -1)
  local slot = 0
  if length > 0 then slot = math.max(math.floor(tonumber(ARGV[1]) / length), last) end
  if slot - last >= {SECONDS} then
    total = 0
    redis.call('DEL', key)
  elseif slot > last and last >= 0 then
    local gone = {{}}
    for past = last + 1, slot do gone[#gone + 1] = past % {SECONDS} end
    for _, count in ipairs(redis.call('HMGET', key, unpack(gone))) do
      total = total - tonumber(count or 0)
    end
    redis.call('HDEL', key, unpack(gone))
  end
  if slot > last then
    redis.call('HSET', key, 't', total, 's', slot)
    redis.call('PEXPIRE', key, length > 0 and {2 * SECONDS} * math.max(length, 1000) or {KEPT_MS})
  end
  if total >= limit then return i - 1 end
  slots[i] = slot % {SECONDS}
end
for i, key in ipairs(KEYS) do
  redis.call('HINCRBY', key, 't', 1)
  redis.call('HINCRBY', key, slots[i], 1)
end
return -1
"""
