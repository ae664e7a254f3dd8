import type { ExpiryPolicy } from "@everdict/protocol";
import { usageError } from "../cli-error.ts";
import { parseDurationMs } from "./parse-duration.ts";

/**
 * Reads an expiry policy: `never`, or a duration and the event it counts from, as in `30d-after-write` or
 * `7d-after-use`.
 */
export function parseExpiry(text: string): ExpiryPolicy {
  if (text === "never") return { policy: "never" };
  const match = /^(.+)-after-(write|use)$/.exec(text);
  if (match === null) {
    throw usageError(
      `'${text}' is not an expiry policy; use never, DURATION-after-write or DURATION-after-use, for instance 30d-after-write`,
    );
  }
  const [, duration = "", event] = match;
  return { policy: event === "use" ? "afterUse" : "afterWrite", ttlMs: parseDurationMs(duration) };
}
