/** A commit in the messages of `everdict.v1`: from its request, and into its answer. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type Change,
  type Changed,
  type CommitOutcome,
  type CommitRequest,
  type Condition,
  createError,
  type Refused,
  type TimeToLiveMs,
  versionBytes,
  versionFromBytes,
} from "@everdict/protocol";
import type {
  Change as ChangeMessage,
  CommitRequest as CommitMessage,
  CommitResponseSchema,
  Condition as ConditionMessage,
  TimeToLive as TimeToLiveMessage,
} from "@everdict/protocol/dicts-api";
import { refusalReasons } from "@everdict/protocol/grpc-words";

/** What a request asks for. @throws `invalid_argument` for what says nothing, or not what it must */
export function commitRequest({ conditions, changes }: CommitMessage): CommitRequest {
  return { conditions: conditions.map(condition), changes: changes.map(change) };
}

/** A time to live. @throws `invalid_argument` for a `never` that is false */
export function timeToLive(ttl: TimeToLiveMessage | undefined): TimeToLiveMs | undefined {
  const end = ttl?.end;
  if (end?.case === "ttlMs") return end.value;
  if (end?.case !== "never") return undefined;
  assertTrue("never", end.value);
  return null;
}

function condition({ key, expected }: ConditionMessage, index: number): Condition {
  switch (expected.case) {
    case "version":
      return { key, expected: versionFromBytes(expected.value) };
    case "absent":
    case "present":
      assertTrue(expected.case, expected.value);
      return { key, expected: expected.case };
    default:
      throw createError("invalid_argument", `conditions[${index}] expects nothing that is known`);
  }
}

function change({ key, change: asked }: ChangeMessage, index: number): Change {
  switch (asked.case) {
    case "put":
      return { kind: "put", key, value: asked.value.value, ttlMs: timeToLive(asked.value.ttl) };
    case "remove":
      return { kind: "remove", key };
    case "touch":
      return { kind: "touch", key, ttlMs: timeToLive(asked.value.ttl) };
    case "add": {
      const { by, initial, min, max, ttlOnCreate } = asked.value;
      return { kind: "add", key, by, initial, min, max, ttlOnCreateMs: timeToLive(ttlOnCreate) };
    }
    default:
      throw createError("invalid_argument", `changes[${index}] changes nothing that is known`);
  }
}

function assertTrue(field: string, value: boolean): void {
  if (!value) throw createError("invalid_argument", `${field} is false; leave it out instead`);
}

/** What an answer says. */
export function commitResponse(outcome: CommitOutcome): MessageInitShape<typeof CommitResponseSchema> {
  return outcome.committed
    ? { outcome: { case: "committed", value: { results: outcome.results.map(changed) } } }
    : { outcome: { case: "refused", value: refused(outcome) } };
}

// A field that is undefined is not one that is absent.
function changed({ version, value }: Changed) {
  return {
    ...(version !== undefined && { version: plain(versionBytes(version)) }),
    ...(value !== undefined && { value: plain(value) }),
  };
}

function refused({ reason, index, found }: Refused) {
  return {
    reason: refusalReasons[reason],
    index,
    ...(found !== undefined && { foundVersion: plain(versionBytes(found)) }),
  };
}

/** The generated types ask for bytes over an ArrayBuffer, which is all there is here. */
export function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
