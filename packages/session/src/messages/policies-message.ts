/** Expiry and durability of a dictionary, in requests and in answers. */

import { type Durability, durabilities, EverdictError, type ExpiryPolicy } from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { readChoice, writeChoice } from "./choices.ts";

const expiryPolicies = ["default", "afterWrite", "afterUse", "never"] as const;
const durabilityChoices = ["default", ...durabilities] as const;

/** The most bytes that an expiry takes. */
export const expiryRoom = 9;

/** What a dictionary has, as an answer tells it. */
export interface ToldPolicies {
  readonly expiry?: ExpiryPolicy | undefined;
  readonly durability?: Durability | undefined;
}

/** When entries expire; undefined: as the server has it by default, or as it does not tell. */
export function writeExpiry(sink: ByteSink, expiry: ExpiryPolicy | undefined): void {
  writeChoice(sink, expiryPolicies, expiry?.policy ?? "default");
  if (expiry !== undefined && expiry.policy !== "never") sink.f64(expiry.ttlMs);
}

/** What {@link writeExpiry} wrote. @throws `invalid_argument` for a policy that is not known */
export function readExpiry(source: ByteSource): ExpiryPolicy | undefined {
  const policy = readChoice(source, expiryPolicies);
  if (policy === "default") return undefined;
  return policy === "never" ? { policy } : { policy, ttlMs: source.f64() };
}

/** How durable writes are; undefined as above. */
export function writeDurability(sink: ByteSink, durability: Durability | undefined): void {
  writeChoice(sink, durabilityChoices, durability ?? "default");
}

/** What {@link writeDurability} wrote. @throws `invalid_argument` for one that is not known */
export function readDurability(source: ByteSource): Durability | undefined {
  const durability = readChoice(source, durabilityChoices);
  return durability === "default" ? undefined : durability;
}

/** The most bytes that the policies of one dictionary take. */
export const policiesRoom: number = expiryRoom + 1;

/**
 * The policies at the end of an answer. An older server writes nothing there. A later one may write a policy that is
 * not known here: that policy, and everything after it, counts as not told.
 */
export const policiesCodec = {
  room: (_policies: ToldPolicies): number => policiesRoom,
  write: (sink: ByteSink, { expiry, durability }: ToldPolicies): void => {
    writeExpiry(sink, expiry);
    writeDurability(sink, durability);
  },
  read: (source: ByteSource): ToldPolicies => {
    if (source.left === 0) return {};
    try {
      return { expiry: readExpiry(source), durability: readDurability(source) };
    } catch (error) {
      if (!(error instanceof EverdictError)) throw error;
      source.position = source.end;
      return {};
    }
  },
};
