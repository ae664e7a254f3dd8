/** Runs the scripts that must not take effect twice under an idempotency key: the caller's, or one that this node makes. */

import { createError, idempotencyRetentionMs } from "@everdict/protocol";
import { otherArguments } from "@everdict/store";
import { nodeAnswersKeptMs } from "../context/life-times.ts";
import type { Keyspace, ShardPlace } from "../keys/keyspace.ts";
import type { Argument } from "../resp/command-writer.ts";
import { type Reply, textOf } from "../resp/reply.ts";
import { callersFirst } from "../scripts/answer-prelude.ts";
import { shardAnswer } from "../scripts/script-answers.ts";
import type { NodeKeys } from "./node-keys.ts";
import type { KeyedCall, RecordedAnswers } from "./recorded-answers.ts";

/** What a script is given: the key of the recorded answer, and the arguments that say what to record. */
export type RunUnderKey = (record: {
  readonly key: string;
  readonly args: readonly Argument[];
}) => Promise<Reply>;

/** Where a call runs. */
export interface OnceOptions {
  readonly keys: Keyspace;
  readonly answers: RecordedAnswers;
  readonly dictId: string;
  readonly shard: ShardPlace;
  readonly nodeKeys: NodeKeys;
}

/**
 * Runs a script on a shard under an idempotency key.
 *
 * @param call - undefined: under a key that this node makes
 * @throws `overloaded`, `conflict`, and what the script's run throws
 */
export async function runOnce(
  { keys, answers, dictId, shard, nodeKeys }: OnceOptions,
  call: KeyedCall | undefined,
  run: RunUnderKey,
): Promise<Buffer> {
  if (call === undefined) {
    const made = nodeKeys.take();
    const key = keys.nodeAnswer(shard, dictId, made.series);
    const reply = bufferOf(await run({ key, args: [made.sequence, nodeAnswersKeptMs, "1"] }));
    // Only now: a call that failed may still be under way somewhere.
    nodeKeys.giveBack(made);
    return reply;
  }
  answers.checkArguments(call);
  const key = keys.callerAnswer(shard, dictId, call.method, call.idempotencyKey);
  const mayRecord = answers.admit(call, { slot: shard.slot, key });
  const args = [callersFirst + call.digest, idempotencyRetentionMs, mayRecord ? "1" : "0"];
  const reply = await run({ key, args });
  if (reply === shardAnswer.noRoom) throw answers.refusal(call);
  if (reply === shardAnswer.otherArguments) throw otherArguments();
  const answer = bufferOf(reply);
  answers.recorded(call, answer.length);
  return answer;
}

function bufferOf(reply: Reply): Buffer {
  if (reply instanceof Buffer) return reply;
  throw createError("internal", `a script answered ${textOf(reply) ?? JSON.stringify(reply)}`);
}
