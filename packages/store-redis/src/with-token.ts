/** Runs the scripts that must not take effect twice under a token: the caller's, or one of this session. */

import { createError, idempotencyRetentionMs, type RecordedMethod } from "@everdict/protocol";
import { callDigest, type IdempotencyOption, otherArguments } from "@everdict/store";
import { type CallerCall, type CallerTokens, tokenName } from "./caller-tokens.ts";
import { sessionKeepMs } from "./life-times.ts";
import type { OpenDict } from "./open-dict.ts";
import type { Argument } from "./resp/command-writer.ts";
import type { Reply } from "./resp/reply.ts";
import { callersFirst } from "./scripts/entry-scripts.ts";
import type { SessionToken } from "./session-tokens.ts";
import { shardAnswer } from "./shard-answer.ts";
import { type StoreContext, textOf } from "./store-context.ts";

/** What a script is given of a token: the key of its record, and the arguments that say what to record. */
export type RunUnderToken = (token: {
  readonly key: string;
  readonly args: readonly Argument[];
}) => Promise<Reply>;

/** A call as the caller's token knows it; undefined if it came without one. */
export function callerCall(
  operation: RecordedMethod,
  { idempotencyKey, caller }: IdempotencyOption,
  key: Uint8Array,
  value?: Uint8Array,
): CallerCall | undefined {
  if (idempotencyKey === undefined) return undefined;
  const answer = operation === "pop" ? "value" : "flag";
  return { operation, token: idempotencyKey, caller, answer, digest: callDigest(key, value) };
}

/**
 * Runs a script on a shard under a token.
 *
 * @param call - undefined: under a token of this session
 * @throws `overloaded`, `conflict`, and what the script's run throws
 */
export async function runWithToken(
  { context, tokens }: { readonly context: StoreContext; readonly tokens: CallerTokens },
  { dict, shard }: { readonly dict: OpenDict; readonly shard: number },
  call: CallerCall | undefined,
  run: RunUnderToken,
): Promise<Buffer> {
  if (call === undefined) return await runWithSessionToken(context, dict, shard, run);
  const { operation, token, digest } = call;
  const place = dict.shards[shard]!;
  const key = context.keys.callerToken(place, dict.id, `${operation}:${token}`);
  const name = tokenName(operation, dict.id, token);
  const mayRecord = tokens.admit(name, { ...call, place: { slot: place.slot, key } });
  const args = [callersFirst + digest, idempotencyRetentionMs, mayRecord ? "1" : "0"];
  const reply = await run({ key, args });
  if (reply === shardAnswer.noRoom) throw tokens.refusal(call);
  if (reply === shardAnswer.otherArguments) throw otherArguments();
  const answer = bufferOf(reply);
  tokens.recorded(name, answer.length, call);
  return answer;
}

async function runWithSessionToken(
  { keys }: StoreContext,
  dict: OpenDict,
  shard: number,
  run: RunUnderToken,
): Promise<Buffer> {
  const tokens = dict.sessionTokens(shard);
  const token: SessionToken = tokens.take();
  const name = `${dict.session}.${token.place}`;
  const key = keys.sessionToken(dict.shards[shard]!, dict.id, name);
  const reply = bufferOf(await run({ key, args: [token.sequence, sessionKeepMs, "1"] }));
  // Only now: a token whose call failed may still be under way somewhere.
  tokens.giveBack(token);
  return reply;
}

function bufferOf(reply: Reply): Buffer {
  if (reply instanceof Buffer) return reply;
  throw createError("internal", `a script answered ${textOf(reply) ?? JSON.stringify(reply)}`);
}
