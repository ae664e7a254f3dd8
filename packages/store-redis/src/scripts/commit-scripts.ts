/** The script that checks conditions and makes changes, all or none. */

import { answerPrelude } from "./answer-prelude.ts";
import { numberFunctions } from "./number-prelude.ts";
import { Script } from "./script.ts";
import { shardAnswer } from "./script-answers.ts";
import { entryHeader, setUpHead, shardFunctions } from "./shard-prelude.ts";

const readEntry = `
local is_foreign = false
-- What a field holds, live or not, with its kind, the length of its header, and if it is live its version.
local function look(field)
  local entry = redis.call('HGET', d, field)
  if not entry then return nil end
  ${entryHeader("entry")}
  if not header then
    is_foreign = true
    return nil
  end
  local expiry = struct.unpack('>I6', entry, 2)
  if expiry ~= 0 and expiry <= now then return entry, kind, header end
  if kind >= 16 then return entry, kind, header, string.sub(entry, 9, 16) end
  local digits = string.sub(redis.sha1hex(string.sub(entry, 9)), 1, 16)
  local version = string.gsub(digits, '..', function(pair) return string.char(tonumber(pair, 16)) end)
  return entry, kind, header, version
end
`;

/** Checks the conditions, finds what is there, and adds. Nothing is changed before all of that went well. */
const decide = `
local function refused(reason, index, version)
  if is_foreign then return redis.error_reply('FOREIGN an entry') end
  return recorded('R' .. reason .. struct.pack('>I4', index) .. (version or ''))
end
local at = 7
for index = 0, tonumber(ARGV[5]) - 1 do
  local _, _, _, version = look(ARGV[at])
  local expected = ARGV[at + 1]
  if expected == 'a' and version or expected == 'p' and not version or #expected == 8 and version ~= expected then
    return refused('c', index, version)
  end
  at = at + 2
end
local add
if ARGV[6] == '1' then
  ${numberFunctions}
end
local changes = {}
while at <= #ARGV do
  local op, field, with = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local entry, kind, header, version = look(field)
  local sum, why
  if op == 'a' then
    -- A large value is no number.
    if version and kind % 2 == 1 then
      why = 'n'
    else
      sum, why = add(version and entry, header and header + 1, ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6])
    end
    if why then return refused(why, #changes, version) end
  end
  changes[#changes + 1] = { op, field, with, entry, kind, header, version, sum }
  at = at + (op == 'a' and 7 or op == 'r' and 2 or 3)
end
if is_foreign then return redis.error_reply('FOREIGN an entry') end
`;

/**
 * Checks conditions and makes changes. KEYS: shard, answer [, index, chunks]. ARGV: time, number of the call, how long to
 * remember its answer, whether there is room to, number of conditions, `1` if something is added, and then in turn:
 *
 * - each condition: field, and what is expected: `a` absent, `p` present, or a version;
 * - each change: `p`, field, entry; `r`, field; `t`, field, new expiry and, if it has one, own time to live; `a`, field,
 *   header of a new entry, and the numbers to add, to begin with, and not to fall below or exceed ('': none).
 *
 * Answers `C` and, for each change, `0`, or `1` and a version, or `2`, a version, the length of a sum and the sum; then
 * pointers of large values that were written over. Or `R`, the first letter of the reason, an index and, if something was
 * found, its version.
 */
export const commitScript = new Script(`${setUpHead}
if #KEYS == 2 and large > 0 then return ${shardAnswer.needsIndex} end
${answerPrelude}${readEntry}${decide}
local retired = ''
local drop, add_pointer
if #KEYS > 2 then
  ${shardFunctions}
  if not keep_chunks(4) then return ${shardAnswer.chunkMissing} end
  drop = function(entry)
    retire(KEYS[3], entry, now)
    set_large(large - 1)
    large = large - 1
    retired = retired .. string.sub(entry, -26)
  end
  add_pointer = function(entry)
    link(KEYS[3], entry)
    set_large(large + 1)
    large = large + 1
  end
end
local answer = { 'C' }
for index, change in ipairs(changes) do
  local op, field, with, entry, kind, header, version, sum = unpack(change, 1, 8)
  -- An expired one that is to be removed stays for the sweep, which counts it.
  if entry and kind % 2 == 1 and (op == 'p' or op == 'a' or op == 'r' and version) then drop(entry) end
  if op == 'p' then
    redis.call('HSET', d, field, with)
    if string.byte(with) % 2 == 1 then add_pointer(with) end
    version = string.sub(with, 9, 16)
  elseif op == 'a' then
    if version then
      -- Its end and its own time to live stay.
      local rest = header == 22 and string.sub(entry, 17, 22) or ''
      with = string.char(kind < 16 and 16 or kind) .. string.sub(entry, 2, 8) .. string.sub(with, 9, 16) .. rest
    end
    redis.call('HSET', d, field, with .. sum)
    version = string.sub(with, 9, 16)
  elseif op == 'r' and version then
    redis.call('HDEL', d, field)
  elseif op == 't' and version then
    local own, pointer = string.sub(with, 7), kind % 2
    local moved = own ~= '' and 48 + pointer or kind < 16 and kind or 16 + pointer
    with = string.char(moved) .. string.sub(with, 1, 6) .. '\\0' .. (moved < 16 and '' or version) .. own
    redis.call('HSET', d, field, with .. string.sub(entry, header + 1))
  end
  if not version then
    answer[index + 1] = '0'
  elseif not sum then
    answer[index + 1] = '1' .. version
  else
    answer[index + 1] = '2' .. version .. struct.pack('>I2', #sum) .. sum
  end
end
return recorded(table.concat(answer) .. retired)
`);
