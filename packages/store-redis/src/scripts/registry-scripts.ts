/**
 * The scripts on an environment's registry: which dictionaries it has, in which order they were created, and what is
 * due when. All its keys are in one slot, so each script is one step for the whole environment.
 *
 * - registry (hash): `m` the newest creation time ever given out, in microseconds; `r<id>` a dictionary's record as
 *   creation time, a space and JSON; `n<name>` its id; `g<id>` a deletion under way, with a text that says whose.
 * - creations (sorted set): ids of named dictionaries by creation time.
 * - schedule (sorted set): what is to be looked at, by when. `p<id>` a creation that did not end, `g<id>` a deletion
 *   that did not end, `e<id>` an ephemeral dictionary's end, `x<id>` the next look for expired entries.
 */

import { Script } from "./script.ts";
import { creationAnswer, registryAnswer } from "./script-answers.ts";

const withEnvironment = `
if redis.call('HEXISTS', KEYS[1], 'm') == 0 then return {'${creationAnswer.noEnvironment}'} end
`;

/** Answers a repeat under the same idempotency key from the record, and makes `answered`, which records. */
const withAnswer = `
local keep_ms, may_record, digest = ARGV[1], ARGV[2] == '1', ARGV[3]
local has_key = keep_ms ~= ''
if has_key then
  local record = redis.call('GET', KEYS[4])
  if record then
    redis.call('PEXPIRE', KEYS[4], keep_ms)
    -- Older versions record no digest.
    local recorded = string.match(record, ',"call":(%d+)}$')
    if recorded and recorded ~= digest then return {'${creationAnswer.otherArguments}'} end
    return {'${creationAnswer.answer}', record}
  end
  if not may_record then return {'${creationAnswer.noRoom}'} end
end
local function answered(answer)
  if has_key then
    redis.call('SET', KEYS[4], string.sub(answer, 1, -2) .. ',"call":' .. digest .. '}', 'PX', keep_ms)
  end
  return {'${creationAnswer.answer}', answer}
end
`;

/**
 * Notes that a dictionary is about to be created, unless there is an answer already. KEYS: registry, creations,
 * schedule, answer. ARGV: how long to remember the answer ('': there is no idempotency key), whether there is room to, the
 * digest of the call, id, name, when to give up. Answers one of `creationAnswer`.
 */
export const beginCreationScript = new Script(`${withEnvironment}${withAnswer}
local id, name = ARGV[4], ARGV[5]
if name ~= '' then
  local holder = redis.call('HGET', KEYS[1], 'n' .. name)
  if holder then return answered('0' .. redis.call('HGET', KEYS[1], 'r' .. holder)) end
end
redis.call('ZADD', KEYS[3], ARGV[6], 'p' .. id)
return {'${creationAnswer.go}'}
`);

/**
 * Makes a dictionary whose shards are ready known. KEYS as above. ARGV: how long to remember, whether there is room
 * to, the digest, id, name, record without creation time, time in microseconds, next look for expired entries or '', end or ''.
 * Answers one of `creationAnswer`.
 */
export const endCreationScript = new Script(`${withEnvironment}${withAnswer}
local registry, creations, schedule = KEYS[1], KEYS[2], KEYS[3]
local id, name = ARGV[4], ARGV[5]
local present = redis.call('HGET', registry, 'r' .. id)
if present then return answered('1' .. present) end
if name ~= '' then
  local holder = redis.call('HGET', registry, 'n' .. name)
  if holder then return answered('0' .. redis.call('HGET', registry, 'r' .. holder)) end
end
if not redis.call('ZSCORE', schedule, 'p' .. id) then return {'${creationAnswer.givenUp}'} end
local newest = tonumber(redis.call('HGET', registry, 'm'))
local micros = string.format('%.0f', math.max(tonumber(ARGV[7]), newest + 1))
local record = micros .. ' ' .. ARGV[6]
redis.call('HSET', registry, 'm', micros, 'r' .. id, record)
redis.call('ZREM', schedule, 'p' .. id)
if name ~= '' then
  redis.call('HSET', registry, 'n' .. name, id)
  redis.call('ZADD', creations, micros, id)
end
if ARGV[8] ~= '' then redis.call('ZADD', schedule, 'LT', ARGV[8], 'x' .. id) end
if ARGV[9] ~= '' then redis.call('ZADD', schedule, ARGV[9], 'e' .. id) end
return answered('1' .. record)
`);

/**
 * Makes a dictionary unknown; its shards are removed next. KEYS: registry, creations, schedule. ARGV: id, name, whose
 * deletion this is, when another node should finish it. Answers 1, or 0 if it is not there; 1 also to a repeat.
 */
export const beginDeletionScript = new Script(`
local registry, creations, schedule = KEYS[1], KEYS[2], KEYS[3]
local id, name = ARGV[1], ARGV[2]
if redis.call('HEXISTS', registry, 'r' .. id) == 0 then
  return redis.call('HGET', registry, 'g' .. id) == ARGV[3] and 1 or 0
end
redis.call('HDEL', registry, 'r' .. id)
if name ~= '' and redis.call('HGET', registry, 'n' .. name) == id then redis.call('HDEL', registry, 'n' .. name) end
redis.call('ZREM', creations, id)
redis.call('ZREM', schedule, 'e' .. id, 'x' .. id, 'p' .. id)
redis.call('HSET', registry, 'g' .. id, ARGV[3])
redis.call('ZADD', schedule, ARGV[4], 'g' .. id)
return 1
`);

/**
 * Replaces a dictionary's record that is still as it was read. KEYS: registry. ARGV: id, record as read, new record.
 * Answers 1, also to a repeat, or 0.
 */
export const changeDictScript = new Script(`
local present = redis.call('HGET', KEYS[1], 'r' .. ARGV[1])
if present == ARGV[3] then return 1 end
if present ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'r' .. ARGV[1], ARGV[3])
return 1
`);

/** Notes that nothing of a dictionary is left. KEYS: registry, schedule. ARGV: id. */
export const endDeletionScript = new Script(`
redis.call('HDEL', KEYS[1], 'g' .. ARGV[1])
redis.call('ZREM', KEYS[2], 'g' .. ARGV[1], 'p' .. ARGV[1])
return 0
`);

/** The record of a name. KEYS: registry. ARGV: name. Answers the record, 0 if there is none, or `registryAnswer`. */
export const findDictScript = new Script(`
if redis.call('HEXISTS', KEYS[1], 'm') == 0 then return ${registryAnswer.noEnvironment} end
local id = redis.call('HGET', KEYS[1], 'n' .. ARGV[1])
return id and redis.call('HGET', KEYS[1], 'r' .. id) or 0
`);

/**
 * Records by creation time, newest first. KEYS: registry, creations. ARGV: latest creation time (or '+inf'), how
 * many at most. Answers the records, or `registryAnswer`.
 */
export const listDictsScript = new Script(`
if redis.call('HEXISTS', KEYS[1], 'm') == 0 then return ${registryAnswer.noEnvironment} end
local ids = redis.call('ZREVRANGEBYSCORE', KEYS[2], ARGV[1], '-inf', 'LIMIT', 0, ARGV[2])
local records = {}
for at, id in ipairs(ids) do records[at] = redis.call('HGET', KEYS[1], 'r' .. id) end
return records
`);

/** Moves an item of the schedule, if it is still due then. KEYS: schedule. ARGV: item, time, new time. Answers 1 or 0. */
export const claimScript = new Script(`
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
`);

/**
 * Has an item of the schedule looked at by a time. The half of a millisecond in its score tells a look that was under way then,
 * and the next one, that somebody relies on a look to come. KEYS: schedule. ARGV: item, time. Answers 0.
 */
export const noteScript = new Script(`
local at, score = tonumber(ARGV[2]), tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]))
if score and score < at then at = score end
redis.call('ZADD', KEYS[1], string.format('%.1f', math.ceil(at) - 0.5), ARGV[1])
return 0
`);

/**
 * Moves an item, or takes it off, when the look at it has ended. If it was noted or claimed meanwhile, the earlier time holds.
 * KEYS: schedule. ARGV: item, time as claimed, new time or ''. Answers 0.
 */
export const settleScript = new Script(`
local score, at = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])), tonumber(ARGV[3])
if score == tonumber(ARGV[2]) then
  if at then redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) else redis.call('ZREM', KEYS[1], ARGV[1]) end
elseif score and at and at < score then
  redis.call('ZADD', KEYS[1], string.format('%.1f', at - 0.5), ARGV[1])
end
return 0
`);
