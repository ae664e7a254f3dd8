/**
 * The scripts on entries. Each runs on one shard as one step, and each may run twice for one call: see `router.ts`.
 *
 * A shard with large values has a second key, their index, which scripts need. Most dictionaries have no large values
 * and do without it: a script that was not given the index, but needs it, changes nothing and answers `needsIndex`.
 */

import { renewVersion } from "../formats/entry-header.ts";
import { answerPrelude } from "./answer-prelude.ts";
import { Script } from "./script.ts";
import { shardAnswer } from "./script-answers.ts";
import { entryCheck, entryHeader, setUpHead, shardFunctions, shardHead } from "./shard-prelude.ts";

/**
 * Writes pairs. KEYS: shard [, index, chunks of large values]. ARGV: time, then field and entry in turn. Answers 0,
 * or the pointers of large values that were written over.
 */
export const writeScript = new Script(
  `${setUpHead}
if #KEYS == 1 then
  if large > 0 then return ${shardAnswer.needsIndex} end
  redis.call('HSET', d, unpack(ARGV, 2))
  return 0
end
${shardFunctions}
local x = KEYS[2]
if not keep_chunks(3) then return ${shardAnswer.chunkMissing} end
local retired = {}
for index = 2, #ARGV, 2 do
  local field, entry = ARGV[index], ARGV[index + 1]
  local before = redis.call('HGET', d, field)
  redis.call('HSET', d, field, entry)
  local repeated = before and is_pointer(before) and string.sub(before, -26) == string.sub(entry, -26)
  if before and is_pointer(before) and not repeated then
    retire(x, before, now)
    large = large - 1
    retired[#retired + 1] = before
  end
  if is_pointer(entry) and not repeated then
    link(x, entry)
    large = large + 1
  end
end
set_large(large)
return retired
`,
  // Another writer may have seen the version of an attempt, and have written over it.
  ([keys = 0, ...rest]) => {
    for (let at = Number(keys) + 2; at < rest.length; at += 2) renewVersion(rest[at] as Buffer);
  },
);

/**
 * Writes an entry unless a live one is there. KEYS: shard, answer [, index, chunks]. ARGV: time, number of the
 * call, how long to remember its answer, whether there is room to, field, entry. Answers `1` or `0`.
 */
export const putIfAbsentScript = new Script(`${setUpHead}
if #KEYS == 2 and large > 0 then return ${shardAnswer.needsIndex} end
${answerPrelude}
local field, entry = ARGV[5], ARGV[6]
local before = redis.call('HGET', d, field)
if before then
  ${entryCheck("before")}
  local expiry = struct.unpack('>I6', before, 2)
  if expiry == 0 or expiry > now then return recorded('0') end
end
if #KEYS > 2 then
  ${shardFunctions}
  if not keep_chunks(4) then return ${shardAnswer.chunkMissing} end
  if before and is_pointer(before) then
    retire(KEYS[3], before, now)
    large = large - 1
  end
  if is_pointer(entry) then
    link(KEYS[3], entry)
    large = large + 1
  end
  set_large(large)
end
redis.call('HSET', d, field, entry)
return recorded('1')
`);

/**
 * Removes an entry and answers it, if it is live. KEYS: shard, answer [, index]. ARGV: time, number of the
 * call, how long to remember its answer, whether there is room to, field. Answers `0`, or `1` and the entry.
 */
export const popScript = removalScript({
  answer: "'1' .. entry",
  // The answer may be asked for again as long as it is remembered.
  chunksUntil: "now + tonumber(keep_ms)",
});

/** Removes an entry, if it is live. KEYS and ARGV as of {@link popScript}. Answers `0`, or `1` and a large value's pointer. */
export const removeScript = removalScript({
  answer: "kind % 2 == 1 and '1' .. entry or '1'",
  chunksUntil: "now",
});

/** @param is what to answer for a live entry, and until when the chunks of a large value are kept, in Lua */
function removalScript(is: { readonly answer: string; readonly chunksUntil: string }): Script {
  return new Script(`${setUpHead}
if #KEYS == 2 and large > 0 then return ${shardAnswer.needsIndex} end
${answerPrelude}
local entry = redis.call('HGET', d, ARGV[5])
if not entry then return recorded('0') end
${entryCheck("entry")}
-- An expired one stays for the sweep, which counts it.
local expiry = struct.unpack('>I6', entry, 2)
if expiry ~= 0 and expiry <= now then return recorded('0') end
redis.call('HDEL', d, ARGV[5])
if kind % 2 == 1 then
  ${shardFunctions}
  retire(KEYS[3], entry, ${is.chunksUntil})
  set_large(large - 1)
end
return recorded(${is.answer})
`);
}

/** Whether a live entry is there. KEYS: shard. ARGV: time, field. Answers 0 or 1. */
export const containsScript = new Script(`${shardHead}
local entry = redis.call('HGET', d, ARGV[2])
if not entry then return 0 end
${entryCheck("entry")}
local expiry = struct.unpack('>I6', entry, 2)
return (expiry == 0 or expiry > now) and 1 or 0
`);

/**
 * Moves the expiry of an entry that nobody has written since it was read. KEYS: shard. ARGV: time, field, expiry as
 * it was read, new expiry. Answers 0 or 1.
 */
export const touchScript = new Script(`${setUpHead}
local entry = redis.call('HGET', d, ARGV[2])
if not entry then return 0 end
${entryCheck("entry")}
local expiry = struct.unpack('>I6', entry, 2)
if expiry ~= tonumber(ARGV[3]) then return 0 end
local moved = string.sub(entry, 1, 1) .. struct.pack('>I6', tonumber(ARGV[4])) .. string.sub(entry, 8)
redis.call('HSET', d, ARGV[2], moved)
return 1
`);

/** Removes all entries. KEYS: shard [, index]. ARGV: time. Answers 0, or the index of what was there. */
export const clearScript = new Script(`${setUpHead}
if #KEYS == 1 and large > 0 then return ${shardAnswer.needsIndex} end
${shardFunctions}
local left = redis.call('PTTL', d)
redis.call('UNLINK', d)
epoch = epoch + 1
set_large(0)
if left > 0 then redis.call('PEXPIRE', d, left) end
if #KEYS == 1 then return 0 end
local index = redis.call('HGETALL', KEYS[2])
for at = 1, #index, 2 do
  if struct.unpack('>I6', index[at + 1]) == 0 then
    redis.call('HSET', KEYS[2], index[at], struct.pack('>I6', now) .. string.sub(index[at + 1], 7))
  end
end
return 0
`);

/**
 * Removes expired entries among the next few. KEYS: shard, index. ARGV: time, cursor, how many to look at, how many
 * to remove at most. Answers next cursor, whether that was the end, how many were looked at, how many removed, the
 * earliest expiry of the others (0: none expires) by the policy and by their own times to live, whether there is an index
 * of large values.
 */
export const sweepScript = new Script(`${shardHead}${shardFunctions}
local cursor, count, remove_max = ARGV[2], ARGV[3], tonumber(ARGV[4])
local step = redis.call('HSCAN', d, cursor, 'COUNT', count)
local entries = step[2]
local removed, earliest, earliest_own, cut, large_before = 0, 0, 0, false, large
for at = 1, #entries, 2 do
  local entry = entries[at + 1]
  ${entryHeader("entry")}
  -- What is no entry is not ours to remove.
  if entries[at] ~= 'm' and header then
    local expiry = struct.unpack('>I6', entry, 2)
    if expiry ~= 0 and expiry <= now and removed < remove_max then
      redis.call('HDEL', d, entries[at])
      removed = removed + 1
      if is_pointer(entry) then
        retire(KEYS[2], entry, now)
        large = large - 1
      end
    elseif expiry ~= 0 and expiry <= now then
      cut = true
    elseif expiry ~= 0 and kind >= 48 then
      if earliest_own == 0 or expiry < earliest_own then earliest_own = expiry end
    elseif expiry ~= 0 and (earliest == 0 or expiry < earliest) then
      earliest = expiry
    end
  end
end
if large ~= large_before then set_large(large) end
-- What was cut short is looked at again from the same place.
local next_cursor = cut and cursor or step[1]
return {next_cursor, (not cut and next_cursor == '0') and 1 or 0, #entries / 2, removed, string.format('%.0f', earliest), string.format('%.0f', earliest_own), redis.call('EXISTS', KEYS[2])}
`);

/**
 * Removes the chunks of a large value that is used no more. KEYS: index, chunks. ARGV: id of the value, time, `1` if
 * it need not be remembered any longer. Does nothing if it is in use (again). Answers 0 or 1.
 */
export const reapScript = new Script(`
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record then return 0 end
local at = struct.unpack('>I6', record)
if at == 0 or (at > tonumber(ARGV[2]) and ARGV[3] ~= '1') then return 0 end
redis.call('UNLINK', unpack(KEYS, 2))
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
`);
