import { limitDefaults } from "../limit-defaults.ts";

/** What memory is held for. */
export const memoryKinds = [
  /** Large requests: what has arrived, until they have their answers. */
  "requests",
  /** Small ones that may be refused, as those over gRPC and those in parts. */
  "smallRequests",
  /** Small ones of sessions, which are not read any further instead. */
  "pending",
  /** Large values that are being read for calls. */
  "reads",
  /** Answers that the connection has not taken yet. */
  "answers",
  /** Batches of streams that are read, or not sent yet. */
  "streams",
] as const;

/** One of {@link memoryKinds}. */
export type MemoryKind = (typeof memoryKinds)[number];

/** What a value is read for: the answer of a call, or a batch of a stream. */
export type ReadKind = "reads" | "streams";

/** Requests up to this size pass from a room of their own. */
export const smallRequestMaxBytes = limitDefaults.smallRequestMaxBytes;

/** Whether something does not count against the room for everything else. */
export function hasOwnRoom(kind: MemoryKind): boolean {
  return kind === "smallRequests" || kind === "pending";
}
