import type { ExpiryPolicy } from "@everdict/protocol";
import { usageError } from "../cli-error.ts";
import { parseDurationMs } from "./parse-duration.ts";

/**
 * Reads an expiry policy: `never`, or a duration and the event it counts from, as in `30d-after-write` or `7d-after-use`. A
 * duration alone counts from the last write.
 */
export function parseExpiry(text: string): ExpiryPolicy {
  if (text === "never") return { policy: "never" };
  const [, duration = "", event = "write"] = /^(\w+)(?:-after-(write|use))?$/.exec(text) ?? [];
  if (!/^\d/.test(duration)) {
    throw usageError(
      `'${text}' is not an expiry policy; use never, or a duration: 1h, 30d-after-write, 7d-after-use`,
    );
  }
  return { policy: event === "use" ? "afterUse" : "afterWrite", ttlMs: parseDurationMs(duration) };
}
