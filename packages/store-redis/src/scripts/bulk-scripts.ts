/** The scripts on many entries of one shard. Each runs as one step, and each may run twice for one call. */

import { answerPrelude } from "./answer-prelude.ts";
import { Script } from "./script.ts";
import { shardAnswer } from "./script-answers.ts";
import { entryCheck, setUpHead, shardFunctions, shardHead } from "./shard-prelude.ts";

/**
 * Reads the first of some fields, until they are about so many bytes. KEYS: shard. ARGV: time, bytes, fields. Answers what
 * stands in these fields, live or not, in order: at least in one, and no value where nothing is.
 */
export const readManyScript = new Script(`${setUpHead}
local left = tonumber(ARGV[2])
local found = {}
for at = 3, #ARGV do
  local entry = redis.call('HGET', d, ARGV[at])
  found[#found + 1] = entry
  if entry then left = left - #entry end
  if left <= 0 then break end
end
return found
`);

/** Says which fields have live entries. KEYS: shard. ARGV: time, fields. Answers 1 or 0 for each. */
export const liveManyScript = new Script(`${shardHead}
local found = {}
for at = 2, #ARGV do
  local entry = redis.call('HGET', d, ARGV[at])
  local is_live = 0
  if entry then
    ${entryCheck("entry")}
    local expiry = struct.unpack('>I6', entry, 2)
    if expiry == 0 or expiry > now then is_live = 1 end
  end
  found[at - 1] = is_live
end
return found
`);

/**
 * Removes live entries. KEYS: shard, answer [, index]. ARGV: time, number of the call, how long to remember its answer,
 * whether there is room to, fields. Answers how many there were (4 bytes), and what their large values are called in the index,
 * with the number of their chunks (20 bytes each).
 */
export const removeManyScript = new Script(`${setUpHead}
if #KEYS == 2 and large > 0 then return ${shardAnswer.needsIndex} end
${answerPrelude}
${shardFunctions}
local removed, retired, large_before = 0, {}, large
for at = 5, #ARGV do
  local entry = redis.call('HGET', d, ARGV[at])
  if entry then
    ${entryCheck("entry")}
    -- An expired one stays for the sweep, which counts it.
    local expiry = struct.unpack('>I6', entry, 2)
    if expiry == 0 or expiry > now then
      redis.call('HDEL', d, ARGV[at])
      removed = removed + 1
      if kind % 2 == 1 then
        retire(KEYS[3], entry, now)
        large = large - 1
        retired[#retired + 1] = string.sub(entry, -26, -7)
      end
    end
  end
end
if large ~= large_before then set_large(large) end
return recorded(struct.pack('>I4', removed) .. table.concat(retired))
`);

/**
 * Lists some fields. KEYS: shard. ARGV: time, cursor, how many to look at, pattern of the fields. Answers the next cursor,
 * the fields, and how many bytes they and their entries are.
 */
export const fieldsScript = new Script(`${shardHead}
local step = redis.call('HSCAN', d, ARGV[2], 'COUNT', ARGV[3], 'MATCH', ARGV[4])
local pairs_found, fields, bytes = step[2], {}, 0
for at = 1, #pairs_found, 2 do
  fields[#fields + 1] = pairs_found[at]
  bytes = bytes + #pairs_found[at] + #pairs_found[at + 1]
end
return {step[1], fields, bytes}
`);
