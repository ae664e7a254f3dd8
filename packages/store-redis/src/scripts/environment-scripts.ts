/**
 * The scripts on the list of environments, one hash: `e<id>` an environment's record, `n<name>` its id, `d<id>` a
 * deletion that is not finished, with a text that says whose; `m`, which keeps an empty list from being taken for a
 * lost one, and tells this list from one that was made anew.
 */

import { Script } from "./script.ts";
import { environmentAnswer } from "./script-answers.ts";

/** Adds one. KEYS: list. ARGV: id, name, record, what a new list is called. Answers the record that has the name, the id, or was added. */
export const createEnvironmentScript = new Script(`
local holder = redis.call('HGET', KEYS[1], 'n' .. ARGV[2])
if holder then return redis.call('HGET', KEYS[1], 'e' .. holder) end
local present = redis.call('HGET', KEYS[1], 'e' .. ARGV[1])
if present then return present end
redis.call('HSETNX', KEYS[1], 'm', ARGV[4])
redis.call('HSET', KEYS[1], 'e' .. ARGV[1], ARGV[3], 'n' .. ARGV[2], ARGV[1])
return ARGV[3]
`);

/**
 * Replaces a record that is still as it was read. KEYS: list. ARGV: id, record as read, its name, new record, its
 * name. Answers one of `environmentAnswer`; a repeat is `done`.
 */
export const changeEnvironmentScript = new Script(`
local id, read, old_name, record, name = unpack(ARGV)
local present = redis.call('HGET', KEYS[1], 'e' .. id)
if present == record then return ${environmentAnswer.done} end
if present ~= read then return ${environmentAnswer.outdated} end
local holder = redis.call('HGET', KEYS[1], 'n' .. name)
if holder and holder ~= id then return ${environmentAnswer.nameTaken} end
redis.call('HDEL', KEYS[1], 'n' .. old_name)
redis.call('HSET', KEYS[1], 'e' .. id, record, 'n' .. name, id)
return ${environmentAnswer.done}
`);

/**
 * Removes a record that is still as it was read. KEYS: list. ARGV: id, record as read, its name, whose deletion this
 * is. Answers `done`, also to a repeat, or `outdated`.
 */
export const deleteEnvironmentScript = new Script(`
local id, read, name, who = unpack(ARGV)
local present = redis.call('HGET', KEYS[1], 'e' .. id)
if not present and redis.call('HGET', KEYS[1], 'd' .. id) == who then return ${environmentAnswer.done} end
if present ~= read then return ${environmentAnswer.outdated} end
redis.call('HDEL', KEYS[1], 'e' .. id, 'n' .. name)
redis.call('HSET', KEYS[1], 'd' .. id, who)
return ${environmentAnswer.done}
`);
