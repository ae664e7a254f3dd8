/** What our own RPCs take and answer, from and to what `DictService` has. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type Change,
  type Changed,
  type CommitOutcome,
  type CommitRequest,
  type Condition,
  createError,
  type DictInfo,
  type Durability,
  durabilities,
  type ExpiryPolicy,
  type FoundEntry,
  type KeyPattern,
  type TimeToLiveMs,
  versionBytes,
  versionFromBytes,
} from "@everdict/protocol";
import type {
  Changed as ChangedMessage,
  ChangeSchema,
  CommitRequestSchema,
  CommitResponse,
  ConditionSchema,
  DictDescription,
  Expiry,
  FoundEntry as FoundEntryMessage,
  KeyPatternSchema,
  TimeToLiveSchema,
} from "@everdict/protocol/dicts-api";
import { refusalReasons, wordOf } from "@everdict/protocol/grpc-words";

// The generated types ask for bytes over an ArrayBuffer, which is all there is here: nobody sends shared memory.
export function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

/** A number for a field of 32 bits. What is none goes as 0 or as the largest, and the server refuses it. */
export function uint32(value: number, otherwise: 0 | 0xffff_ffff): number {
  return value >>> 0 === value ? value : otherwise;
}

// ---- Requests ----

/** A request to commit. @throws `invalid_argument` for a version or a change that is none */
export function commitMessage(
  dictId: string,
  { conditions, changes }: CommitRequest,
): MessageInitShape<typeof CommitRequestSchema> {
  return { dictId, conditions: conditions.map(conditionMessage), changes: changes.map(changeMessage) };
}

function conditionMessage({ key, expected }: Condition): MessageInitShape<typeof ConditionSchema> {
  const isWord = expected === "absent" || expected === "present";
  return {
    key: plain(key),
    expected: isWord
      ? { case: expected, value: true }
      : { case: "version", value: plain(versionBytes(expected)) },
  };
}

function changeMessage(change: Change): MessageInitShape<typeof ChangeSchema> {
  const key = plain(change.key);
  switch (change.kind) {
    case "put":
      return {
        key,
        change: { case: "put", value: { value: plain(change.value), ...ttlField("ttl", change.ttlMs) } },
      };
    case "remove":
      return { key, change: { case: "remove", value: {} } };
    case "touch":
      return { key, change: { case: "touch", value: ttlField("ttl", change.ttlMs) } };
    case "add": {
      const { by, initial, min, max, ttlOnCreateMs } = change;
      const value = {
        by: plain(by),
        ...(initial && { initial: plain(initial) }),
        ...(min && { min: plain(min) }),
        ...(max && { max: plain(max) }),
        ...ttlField("ttlOnCreate", ttlOnCreateMs),
      };
      return { key, change: { case: "add", value } };
    }
    default:
      throw createError("invalid_argument", "a change is not put, remove, add or touch");
  }
}

/** The field of a time to live, if there is one. */
export function ttlField<Name extends string>(
  name: Name,
  ttlMs: TimeToLiveMs | undefined,
): { [N in Name]?: MessageInitShape<typeof TimeToLiveSchema> } {
  if (ttlMs === undefined) return {};
  const end = ttlMs === null ? { case: "never", value: true } : { case: "ttlMs", value: ttlMs };
  return { [name]: { end } } as { [N in Name]: MessageInitShape<typeof TimeToLiveSchema> };
}

/** Matches no key: on the wire, no patterns are all keys. */
const matchesNothing: KeyPattern = [
  { offset: 0, bytes: Uint8Array.of(0) },
  { offset: 0, bytes: Uint8Array.of(1) },
];

/** Patterns of keys. */
export function patternMessages(
  match: readonly KeyPattern[] | undefined,
): MessageInitShape<typeof KeyPatternSchema>[] {
  const patterns = match?.length === 0 ? [matchesNothing] : (match ?? []);
  return patterns.map((parts) => ({
    parts: parts.map(({ offset, bytes }) => ({ offset: uint32(offset, 0xffff_ffff), bytes: plain(bytes) })),
  }));
}

/** An expiry as our own RPCs have it. */
export function expiryField(expiry: ExpiryPolicy): { policy: string; ttlMs: number } {
  return { policy: expiry.policy, ttlMs: expiry.policy === "never" ? 0 : expiry.ttlMs };
}

// ---- Answers ----

/** What a commit did. @throws `internal` for an answer that says neither */
export function outcomeFrom({ outcome }: CommitResponse): CommitOutcome {
  if (outcome.case === "committed") {
    return { committed: true, results: outcome.value.results.map(changedFrom) };
  }
  const reason = outcome.case === "refused" ? wordOf(refusalReasons, outcome.value.reason) : undefined;
  if (outcome.case !== "refused" || reason === undefined) {
    throw createError(
      "internal",
      "the server does not say what became of a commit; it may have been applied",
    );
  }
  const { index, foundVersion } = outcome.value;
  return { committed: false, reason, index, found: foundVersion && versionFromBytes(foundVersion) };
}

function changedFrom({ version, value }: ChangedMessage): Changed {
  return { version: version && versionFromBytes(version), ...(value && { value }) };
}

/** An entry with all that is known of it. */
export function foundEntryFrom({ value, version, expiresAtMs }: FoundEntryMessage): FoundEntry {
  return { value, version: versionFromBytes(version), expiresAtMs };
}

/** How a dictionary is set up. What is not known counts as not told. */
export function dictInfoFromDescription(description: DictDescription): DictInfo {
  const { dictId, name, createdAtSeconds, createdBy, expiry, durability } = description;
  return {
    dictId,
    name,
    createdAtSeconds,
    createdBy,
    expiry: expiry && expiryFrom(expiry),
    durability: durabilities.find((each): each is Durability => each === durability),
  };
}

function expiryFrom({ policy, ttlMs }: Expiry): ExpiryPolicy | undefined {
  if (policy === "never") return { policy };
  return policy === "afterWrite" || policy === "afterUse" ? { policy, ttlMs } : undefined;
}
