import { shardAnswer } from "./script-answers.ts";

/**
 * The beginning of every script on a shard: it reads the shard's meta field, and checks whether the dictionary is live.
 *
 * KEYS[1] is the shard, ARGV[1] the time in milliseconds. The layout of the meta field is in `shard-meta.ts`, that of
 * an entry in `entry-header.ts`. Answers below zero are those of `script-answers.ts`; an error `FOREIGN` says that what
 * stands there was not written by this version of Everdict.
 */
export const shardHead = `
local d = KEYS[1]
local now = tonumber(ARGV[1]) or tonumber(string.match(ARGV[1], '^%d+'))
local m = redis.call('HGET', d, 'm')
if not m then return ${shardAnswer.noDict} end
if #m ~= 24 or string.byte(m) ~= 1 then return redis.error_reply('FOREIGN a shard') end
local format, policy, shards, ttl, ends, epoch, large = struct.unpack('>BBI2I6I6I4I4', m)
if ends ~= 0 and ends <= now then return ${shardAnswer.noDict} end
`;

/**
 * Refuses a caller that does not know how the shard is set up. Behind the time it says what it knows, if it knows of a change.
 * For scripts whose caller depends on that: on the expiry, or on whether writes wait for replicas. From 8 on, `policy` counts
 * changes too (`shard-meta.ts`).
 */
const setUpCheck = `
if policy > 7 and string.match(ARGV[1], ' .*') ~= string.format(' %d %.0f', policy, ttl) then
  return ${shardAnswer.outdated}
end
`;

/** The beginning of such scripts. */
export const setUpHead = `${shardHead}${setUpCheck}`;

/** Declares `header`, how many bytes of an entry precede its value or pointer; nil if it is no entry. */
export function entryHeader(entry: string): string {
  return `local kind = string.byte(${entry}) or 255
  local header = kind < 2 and 8 or (kind == 16 or kind == 17) and 16 or (kind == 48 or kind == 49) and 22 or nil
  if header and #${entry} < header then header = nil end`;
}

/** Makes sure that what was found in a field is an entry; declares `header` as {@link entryHeader} does. */
export function entryCheck(entry: string): string {
  return `${entryHeader(entry)}
  if not header then return redis.error_reply('FOREIGN an entry') end`;
}

/**
 * More functions for scripts on shards with large values. They are apart from the head, because they cost about as much
 * as a whole script without them.
 */
export const shardFunctions = `
local function set_large(count)
  redis.call('HSET', d, 'm', struct.pack('>BBI2I6I6I4I4', format, policy, shards, ttl, ends, epoch, count))
end
local function is_pointer(entry)
  return string.byte(entry) % 2 == 1 and #entry >= 34
end
-- The large value of a pointer is used no more from a time on; its chunks are removed later.
local function retire(x, pointer, at)
  redis.call('HSET', x, string.sub(pointer, -26, -11), struct.pack('>I6', at) .. string.sub(pointer, -10, -7))
end
-- Checks that all chunks of new large values are there and makes them last as long as the shard.
local function keep_chunks(first)
  for index = first, #KEYS do
    if redis.call('EXISTS', KEYS[index]) == 0 then return false end
  end
  local left = redis.call('PTTL', d)
  for index = first, #KEYS do
    if left < 0 then redis.call('PERSIST', KEYS[index]) else redis.call('PEXPIRE', KEYS[index], left) end
  end
  return true
end
local function link(x, pointer)
  redis.call('HSET', x, string.sub(pointer, -26, -11), struct.pack('>I6', 0) .. string.sub(pointer, -10, -7))
  local left = redis.call('PTTL', d)
  if left > 0 then redis.call('PEXPIRE', x, left) end
end
`;
