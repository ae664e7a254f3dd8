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

/** What all runs under idempotency keys need. */
export interface RecordingOptions {
  readonly keys: Keyspace;
  readonly answers: RecordedAnswers;
  readonly dictId: string;
}

/** A shard that a call runs on. */
export interface PlaceToRun {
  readonly shard: ShardPlace;
  readonly nodeKeys: NodeKeys;
}

/** Where a call runs. */
export interface OnceOptions extends RecordingOptions, PlaceToRun {}

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
  if (call === undefined) return runUnderNodeKey(keys, dictId, { shard, nodeKeys }, run);
  answers.checkArguments(call);
  const key = keys.callerAnswer(shard, dictId, call.method, call.idempotencyKey);
  const mayRecord = answers.admit(call, [{ slot: shard.slot, key }]);
  const answer = await runUnderCallersKey(answers, call, { key, mayRecord }, run);
  answers.recorded(call, answer.length);
  return answer;
}

/** A part of a call that takes more than one script. A repeat of the call has the same parts. */
export interface PartToRun extends PlaceToRun {
  /** Tells it from the other parts on its shard. */
  readonly name: string;
  readonly run: RunUnderKey;
}

/** As {@link runOnce}, for a call of several parts, each of which takes effect once. */
export async function runPartsOnce(
  { keys, answers, dictId }: RecordingOptions,
  call: KeyedCall | undefined,
  parts: readonly PartToRun[],
): Promise<Buffer[]> {
  if (call === undefined)
    return Promise.all(parts.map((part) => runUnderNodeKey(keys, dictId, part, part.run)));
  answers.checkArguments(call);
  const places = parts.map(({ shard, name }) => ({
    slot: shard.slot,
    key: keys.callerAnswer(shard, dictId, call.method, `${call.idempotencyKey}.${name}`),
  }));
  const mayRecord = answers.admit(call, places);
  const replies = await Promise.all(
    parts.map(({ run }, at) => {
      const { key } = places[at]!;
      return runUnderCallersKey(answers, call, { key, mayRecord }, run);
    }),
  );
  answers.recorded(
    call,
    replies.reduce((sum, reply) => sum + reply.length, 0),
  );
  return replies;
}

async function runUnderNodeKey(
  keys: Keyspace,
  dictId: string,
  { shard, nodeKeys }: PlaceToRun,
  run: RunUnderKey,
): Promise<Buffer> {
  const made = nodeKeys.take();
  const key = keys.nodeAnswer(shard, dictId, made.series);
  const reply = bufferOf(await run({ key, args: [made.sequence, nodeAnswersKeptMs, "1"] }));
  // Only now: a call that failed may still be under way somewhere.
  nodeKeys.giveBack(made);
  return reply;
}

async function runUnderCallersKey(
  answers: RecordedAnswers,
  call: KeyedCall,
  { key, mayRecord }: { readonly key: string; readonly mayRecord: boolean },
  run: RunUnderKey,
): Promise<Buffer> {
  const args = [callersFirst + call.digest, idempotencyRetentionMs, mayRecord ? "1" : "0"];
  const reply = await run({ key, args });
  if (reply === shardAnswer.noRoom) throw answers.refusal(call);
  if (reply === shardAnswer.otherArguments) throw otherArguments();
  return bufferOf(reply);
}

function bufferOf(reply: Reply): Buffer {
  if (reply instanceof Buffer) return reply;
  throw createError("internal", `a script answered ${textOf(reply) ?? JSON.stringify(reply)}`);
}
