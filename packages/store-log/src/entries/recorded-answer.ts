import { type CommitOutcome, createError } from "@everdict/protocol";
import type { CreatedDict } from "@everdict/store";
import { decodeOutcome, encodeOutcome } from "./outcome-bytes.ts";

/**
 * The answer to a call with an idempotency key, as the log keeps it: one byte for the kind, then the caller and the
 * digest of the arguments (four bytes each; records of older versions have neither, and no `hasCall` in the first
 * byte), then the content.
 *
 * A popped value is not written again: `place` names the record of the put, and compaction turns it into a
 * `value` before that record goes.
 */
export type RecordedAnswer =
  | { readonly kind: "nothing" }
  | { readonly kind: "yes" }
  | { readonly kind: "no" }
  | { readonly kind: "place"; readonly segment: number; readonly offset: number; readonly length: number }
  | { readonly kind: "value"; readonly value: Uint8Array }
  | { readonly kind: "created"; readonly created: CreatedDict }
  | { readonly kind: "outcome"; readonly outcome: CommitOutcome };

/** The call that an answer was given to. */
export interface AnsweredCall {
  /** Stands for the caller: see `AnswerShare`. */
  readonly callerTag: number;
  /** Of its arguments: see `callDigest`. */
  readonly digest: number;
}

const kinds = ["nothing", "yes", "no", "place", "value", "created", "outcome"] as const;
const hasCall = 0x40;
const callBytes = 8;
const placeBytes = 12;

/** @param call - undefined: one of which an older version wrote nothing down */
export function encodeAnswer(answer: RecordedAnswer, call: AnsweredCall | undefined): Buffer {
  const start = call === undefined ? 1 : 1 + callBytes;
  const content = contentOf(answer);
  const bytes = Buffer.allocUnsafe(start + (content?.length ?? placeLength(answer)));
  bytes[0] = kinds.indexOf(answer.kind) | (call === undefined ? 0 : hasCall);
  if (call !== undefined) {
    bytes.writeUInt32LE(call.callerTag, 1);
    bytes.writeUInt32LE(call.digest, 5);
  }
  if (answer.kind === "place") {
    bytes.writeUInt32LE(answer.segment, start);
    bytes.writeUInt32LE(answer.offset, start + 4);
    bytes.writeUInt32LE(answer.length, start + 8);
  }
  if (content !== undefined) bytes.set(content, start);
  return bytes;
}

export function decodeAnswer(bytes: Buffer): RecordedAnswer {
  const start = contentStart(bytes);
  const kind = kinds[(bytes[0] ?? kinds.length) & ~hasCall];
  switch (kind) {
    case "place":
      return {
        kind,
        segment: bytes.readUInt32LE(start),
        offset: bytes.readUInt32LE(start + 4),
        length: bytes.readUInt32LE(start + 8),
      };
    case "value":
      return { kind, value: bytes.subarray(start) };
    case "created":
      return { kind, created: JSON.parse(bytes.subarray(start).toString()) as CreatedDict };
    case "outcome":
      return { kind, outcome: decodeOutcome(bytes.subarray(start)) };
    case undefined:
      throw createError("data_loss", "the answer kept for an idempotency key is of an unknown kind");
    default:
      return { kind };
  }
}

/** The call that an answer was given to; undefined if an older version wrote it. */
export function answeredCall(bytes: Buffer): AnsweredCall | undefined {
  if (contentStart(bytes) === 1) return undefined;
  return { callerTag: bytes.readUInt32LE(1), digest: bytes.readUInt32LE(5) };
}

function contentStart(bytes: Buffer): number {
  return ((bytes[0] ?? 0) & hasCall) === 0 ? 1 : 1 + callBytes;
}

function contentOf(answer: RecordedAnswer): Uint8Array | undefined {
  if (answer.kind === "value") return answer.value;
  if (answer.kind === "outcome") return encodeOutcome(answer.outcome);
  return answer.kind === "created" ? Buffer.from(JSON.stringify(answer.created)) : undefined;
}

function placeLength(answer: RecordedAnswer): number {
  return answer.kind === "place" ? placeBytes : 0;
}
