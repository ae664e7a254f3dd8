import { shardAnswer } from "./script-answers.ts";

/**
 * What tells calls under one key of an answer apart is a number. Of a key that a node made (`node-keys.ts`) it is the
 * sequence number, which is below this. Of a caller's key it is the digest of the call (`callDigest`) and this: such a key is
 * for one call, so it has one number.
 */
export const callersFirst = 2 ** 32;

/** Reads and notes the answer recorded under an idempotency key; shared by the scripts that take one. */
export const answerPrelude = `
local answer_key = KEYS[2]
local number, keep_ms, may_record = tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local record = redis.call('GET', answer_key)
if record then
  if #record < 7 then return redis.error_reply('FOREIGN a recorded answer') end
  local recorded_number = struct.unpack('>I6', record)
  -- 0: a caller's, of an older version.
  if recorded_number == number or recorded_number == 0 then
    -- A write, so that a WAIT behind this answer holds for the effect that it repeats.
    redis.call('PEXPIRE', answer_key, keep_ms)
    return string.sub(record, 7)
  end
  if number >= ${callersFirst} then return ${shardAnswer.otherArguments} end
  -- A straggler of an earlier call, whose caller has its answer: it must do nothing.
  if recorded_number > number then return ${shardAnswer.straggler} end
end
if not may_record then return ${shardAnswer.noRoom} end
local function recorded(answer)
  redis.call('SET', answer_key, struct.pack('>I6', number) .. answer, 'PX', keep_ms)
  return answer
end
`;
