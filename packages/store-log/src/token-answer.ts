import { createError } from "@everdict/protocol";
import type { CreatedDict } from "@everdict/store";

/**
 * What a call with a token was answered, as the log keeps it: one byte for the kind, then its content.
 *
 * A popped value is not written again: `place` names the record of the put, and compaction turns it into a
 * `value` before that record goes.
 */
export type TokenAnswer =
  | { readonly kind: "nothing" }
  | { readonly kind: "yes" }
  | { readonly kind: "no" }
  | { readonly kind: "place"; readonly segment: number; readonly offset: number; readonly length: number }
  | { readonly kind: "value"; readonly value: Uint8Array }
  | { readonly kind: "created"; readonly created: CreatedDict };

const kinds = ["nothing", "yes", "no", "place", "value", "created"] as const;
const placeBytes = 13;
/** Each kind without a content: most answers are these, and share them. */
const bare = kinds.map((_, index) => Buffer.from([index]));

export function encodeAnswer(answer: TokenAnswer): Buffer {
  const kind = bare[kinds.indexOf(answer.kind)]!;
  switch (answer.kind) {
    case "place": {
      const bytes = Buffer.alloc(placeBytes, kind);
      bytes.writeUInt32LE(answer.segment, 1);
      bytes.writeUInt32LE(answer.offset, 5);
      bytes.writeUInt32LE(answer.length, 9);
      return bytes;
    }
    case "value":
      return Buffer.concat([kind, answer.value]);
    case "created":
      return Buffer.concat([kind, Buffer.from(JSON.stringify(answer.created))]);
    default:
      return kind;
  }
}

export function decodeAnswer(bytes: Buffer): TokenAnswer {
  const kind = kinds[bytes[0] ?? kinds.length];
  switch (kind) {
    case "place":
      return {
        kind,
        segment: bytes.readUInt32LE(1),
        offset: bytes.readUInt32LE(5),
        length: bytes.readUInt32LE(9),
      };
    case "value":
      return { kind, value: bytes.subarray(1) };
    case "created":
      return { kind, created: JSON.parse(bytes.subarray(1).toString()) as CreatedDict };
    case undefined:
      throw createError("data_loss", "the answer kept for a token is of an unknown kind");
    default:
      return { kind };
  }
}
