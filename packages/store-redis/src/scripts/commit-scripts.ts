/** The script that checks conditions and makes changes, all or none. */

import { answerPrelude } from "./answer-prelude.ts";
import { numberFunctions } from "./number-prelude.ts";
import { Script } from "./script.ts";
import { shardAnswer } from "./script-answers.ts";
import { entryHeader, setUpHead, shardFunctions } from "./shard-prelude.ts";

/**
 * Checks conditions and makes changes. KEYS: shard, answer [, index, chunks]. ARGV: time, number of the call, how long to
 * remember its answer, whether there is room to, number of conditions, number of guards, an answer to give if all of
 * them hold or '', and then in turn:
 *
 * - each condition: field, and what is expected: `a` absent, `p` present, `v` and a version;
 * - each guard, likewise: what the node has found when it added itself. If one does not hold, it must do so again;
 * - each change: `p`, field, entry; `r`, field; `t`, field, new expiry and, if it has one, own time to live; `a`, field,
 *   header of a new entry, and the numbers to add, begin with, and not to pass (absent: ''); `s`, field, header of a
 *   new entry, sum.
 *
 * Answers `C` and, for each change, `0`, or `1` and a version, or `2`, a version, the length of a sum and the sum; then
 * pointers of large values that were written over. Or `R`, the first letter of the reason, an index and, if something was
 * found, its version.
 */
export const commitScript = new Script(`${setUpHead}
if #KEYS == 2 and large > 0 then return ${shardAnswer.needsIndex} end
${answerPrelude}
local is_foreign = false
local function version_of(entry, kind)
  if kind >= 16 then return string.sub(entry, 9, 16) end
  local digits = string.sub(redis.sha1hex(string.sub(entry, 9)), 1, 16)
  return (string.gsub(digits, '..', function(pair) return string.char(tonumber(pair, 16)) end))
end
-- The entry of a field, live or not, and if it is live its version.
local function look(field)
  local entry = redis.call('HGET', d, field)
  if not entry then return nil end
  ${entryHeader("entry")}
  if not header then
    is_foreign = true
    return nil
  end
  local expiry = struct.unpack('>I6', entry, 2)
  local version = (expiry == 0 or expiry > now) and version_of(entry, kind) or nil
  return { bytes = entry, kind = kind, header = header, version = version }, version
end
local function refused(reason, index, version)
  if is_foreign then return redis.error_reply('FOREIGN an entry') end
  return recorded('R' .. reason .. struct.pack('>I4', index) .. (version or ''))
end
local function holds(field, expected)
  local _, version = look(field)
  local kind = string.sub(expected, 1, 1)
  if kind == 'a' then return version == nil, version end
  if kind == 'p' then return version ~= nil, version end
  return version == string.sub(expected, 2), version
end
local at = 8
for index = 0, tonumber(ARGV[5]) - 1 do
  local is_so, version = holds(ARGV[at], ARGV[at + 1])
  if not is_so then return refused('c', index, version) end
  at = at + 2
end
for _ = 1, tonumber(ARGV[6]) do
  if not holds(ARGV[at], ARGV[at + 1]) then return ${shardAnswer.addYourself} end
  at = at + 2
end
if ARGV[7] ~= '' then return is_foreign and redis.error_reply('FOREIGN an entry') or recorded(ARGV[7]) end
${numberFunctions}
-- The sum, whether it is within bounds; nil: the node must decide.
local function add(present, by, initial, least, most)
  local value, is_float = 0, false
  if present then
    if present.kind % 2 == 1 then return nil end
    value, is_float = number_in(present.bytes, present.header + 1)
  elseif initial ~= '' then
    value, is_float = number_in(initial, 1)
  end
  local more, more_float = number_in(by, 1)
  if not value or not more then return nil end
  local sum = value + more
  is_float = is_float or more_float
  if sum ~= sum or (not is_float and (sum <= -exact or sum >= exact)) then return nil end
  if least ~= '' then
    least = number_in(least, 1)
    if not least then return nil end
    if sum < least then return sum, is_float, false end
  end
  if most ~= '' then
    most = number_in(most, 1)
    if not most then return nil end
    if sum > most then return sum, is_float, false end
  end
  return sum, is_float, true
end
local arity = { p = 3, r = 2, t = 3, a = 7, s = 4 }
local changes = {}
while at <= #ARGV do
  local op, field = ARGV[at], ARGV[at + 1]
  local before, version = look(field)
  local change = { op = op, field = field, before = before, version = version, with = ARGV[at + 2] }
  if op == 's' then
    change.sum = ARGV[at + 3]
  elseif op == 'a' then
    local live = version and before or nil
    local sum, is_float, is_within = add(live, ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6])
    if not sum then return is_foreign and redis.error_reply('FOREIGN an entry') or ${shardAnswer.addYourself} end
    if not is_within then return refused('o', #changes, version) end
    change.sum = pickle_of(sum, is_float)
  end
  changes[#changes + 1] = change
  at = at + arity[op]
end
if is_foreign then return redis.error_reply('FOREIGN an entry') end
local answer, retired = { 'C' }, {}
local drop, add_pointer, finish = function() end, function() end, function() end
if #KEYS > 2 then
  ${shardFunctions}
  if not keep_chunks(4) then return ${shardAnswer.chunkMissing} end
  drop = function(before)
    if not before or not is_pointer(before.bytes) then return end
    retire(KEYS[3], before.bytes, now)
    large = large - 1
    retired[#retired + 1] = string.sub(before.bytes, -26)
  end
  add_pointer = function(entry)
    if not is_pointer(entry) then return end
    link(KEYS[3], entry)
    large = large + 1
  end
  finish = function() set_large(large) end
end
local function answered(version, sum)
  if not version then
    answer[#answer + 1] = '0'
  elseif not sum then
    answer[#answer + 1] = '1' .. version
  else
    answer[#answer + 1] = '2' .. version .. struct.pack('>I2', #sum) .. sum
  end
end
local make = {
  p = function(change)
    drop(change.before)
    redis.call('HSET', d, change.field, change.with)
    add_pointer(change.with)
    answered(string.sub(change.with, 9, 16))
  end,
  r = function(change)
    -- An expired one stays for the sweep, which counts it.
    if change.version then
      drop(change.before)
      redis.call('HDEL', d, change.field)
    end
    answered(change.version)
  end,
  t = function(change)
    local version, before = change.version, change.before
    if version then
      local entry, pointer, own = before.bytes, before.kind % 2, string.sub(change.with, 7)
      local kind = own ~= '' and 48 + pointer or before.kind < 16 and pointer or 16 + pointer
      local moved = string.char(kind) .. string.sub(change.with, 1, 6) .. '\\0' .. (kind < 16 and '' or version) .. own
      redis.call('HSET', d, change.field, moved .. string.sub(entry, before.header + 1))
    end
    answered(version)
  end,
  a = function(change)
    local header, before = change.with, change.before
    local version = string.sub(header, 9, 16)
    if change.version then
      -- Its end and its own time to live stay.
      local kind = before.kind < 16 and 16 or before.kind
      local own = before.header == 22 and string.sub(before.bytes, 17, 22) or ''
      header = string.char(kind) .. string.sub(before.bytes, 2, 8) .. version .. own
    else
      drop(before)
    end
    redis.call('HSET', d, change.field, header .. change.sum)
    answered(version, change.sum)
  end,
}
make.s = make.a
for _, change in ipairs(changes) do make[change.op](change) end
finish()
return recorded(table.concat(answer) .. table.concat(retired))
`);
