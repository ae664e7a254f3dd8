/** The scripts on shards as a whole: their beginning and, for ephemeral dictionaries, their end. */

import { Script } from "./script.ts";
import { shardFunctions, shardHead } from "./shard-prelude.ts";

/** Makes an empty shard. KEYS: shard. ARGV: meta field, how long the key lives in milliseconds (0: for good). */
export const createShardScript = new Script(`
redis.call('HSETNX', KEYS[1], 'm', ARGV[1])
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`);

/**
 * Changes how a live shard is set up, unless a later change was there first. KEYS: shard. ARGV: time, byte of the set-up, time to
 * live. Answers 0.
 */
export const setUpShardScript = new Script(`${shardHead}${shardFunctions}
local wanted = tonumber(ARGV[2])
local present_changes, wanted_changes = math.floor(policy / 8), math.floor(wanted / 8)
-- The counts go round: what is less than half a round ahead is later.
if present_changes == 0 or (wanted_changes - present_changes) % 31 <= 15 then
  policy, ttl = wanted, tonumber(ARGV[3])
  set_large(large)
end
return 0
`);

/**
 * Moves the end of a live ephemeral dictionary. KEYS: shard, index. ARGV: time, new end, how long the keys live.
 * Answers how many large values there are, whose chunks must be made to live as long.
 */
export const extendShardScript = new Script(`${shardHead}${shardFunctions}
ends = tonumber(ARGV[2])
set_large(large)
redis.call('PEXPIRE', d, ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return large
`);
