import { createError, type EverdictError } from "@everdict/protocol";
import type { ReplyError } from "../resp/reply.ts";
import type { Address } from "./address.ts";

/**
 * What an error reply means for the call that it answers.
 *
 * - `moved`: the slot has another owner; nothing was done. Remember it, ask there.
 * - `ask`: the slot is on its way, this key has arrived there; nothing was done. Ask there, once.
 * - `noscript`: the server does not know the script; nothing was done. Send its text.
 * - `again`: cannot be done here now; nothing was done. Wait, look who owns the slot, try again.
 * - `unknown`: cut off while it waited for replicas; may or may not have been done.
 * - `foreign`: what stands there was not written by this version of Everdict.
 * - `fail`: no use in trying again.
 */
export type ReplySignal =
  | { readonly kind: "moved" | "ask"; readonly slot: number; readonly address: Address }
  | { readonly kind: "noscript" }
  | { readonly kind: "again"; readonly code: string }
  | { readonly kind: "unknown"; readonly code: string }
  | { readonly kind: "foreign"; readonly what: string }
  | { readonly kind: "fail"; readonly error: EverdictError };

/** Codes of servers that cannot do it now. Nothing ran, so trying again is safe for every call. */
const passing = new Set([
  "TRYAGAIN",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "NOREPLICAS",
  "READONLY",
  "BUSY",
  "MISCONF",
]);

/** Reads an error reply; `from` is who sent it, whose host is meant where the reply names none. */
export function replySignal(error: ReplyError, fromHost: string): ReplySignal {
  const { code, message } = error;
  if (code === "MOVED" || code === "ASK") {
    const [, slot, target = ""] = message.split(" ");
    const address = target.startsWith(":") ? `${fromHost}${target}` : target;
    return { kind: code === "MOVED" ? "moved" : "ask", slot: Number(slot), address };
  }
  if (passing.has(code)) return { kind: "again", code };
  // A script that met one of these while it ran reports it inside a message of its own.
  if (code === "NOSCRIPT") return { kind: "noscript" };
  if (code === "UNBLOCKED") return { kind: "unknown", code };
  if (code === "WRONGTYPE") return { kind: "foreign", what: "a key" };
  // By scripts; the servers add where in the script it was.
  if (code === "FOREIGN")
    return { kind: "foreign", what: /^FOREIGN ([a-z ]+)/.exec(message)?.[1]?.trim() ?? "a key" };
  return { kind: "fail", error: failure(code, message) };
}

function failure(code: string, message: string): EverdictError {
  switch (code) {
    case "OOM":
      // Of an update of several parts the others may be done.
      return createError(
        "store_full",
        "a server of the cluster is out of memory and refused what it had of the write",
      );
    case "NOAUTH":
    case "NOPERM":
    case "WRONGPASS":
      return createError("permission_denied", `the cluster refuses its user: ${firstWords(message)}`);
    default:
      return createError("internal", `the cluster answered with an error: ${firstWords(message)}`);
  }
}

/** Enough to find the cause, short enough not to carry a caller's key. */
function firstWords(message: string): string {
  return message.split(" ").slice(0, 8).join(" ").slice(0, 120);
}
