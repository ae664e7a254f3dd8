import type { Command } from "../cluster/call.ts";
import type { Router } from "../cluster/router.ts";
import type { Argument } from "../resp/command-writer.ts";
import type { Reply } from "../resp/reply.ts";
import type { Script } from "../scripts/script.ts";

/** How the router treats a command. */
type Treatment = Required<Pick<Command, "writes" | "durable" | "optional">>;

/** Writes; its answer waits for replicas as the profile says. */
export const durably: Treatment = { writes: true, durable: true, optional: false };
/** Writes what may be lost. */
export const loosely: Treatment = { writes: true, durable: false, optional: false };
/** Only reads. */
export const reading: Treatment = { writes: false, durable: false, optional: false };
/** As `reading`, and fails where others are held and tried again. */
export const readingOnce: Treatment = { writes: false, durable: false, optional: true };

/** A script with its keys and arguments. */
export interface ScriptCall {
  readonly slot: number;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
}

/** Runs a script. Like every command, it must be safe to repeat. */
export function runScript(
  router: Router,
  script: Script,
  { slot, keys, args }: ScriptCall,
  { writes, durable, optional }: Treatment = durably,
): Promise<Reply> {
  return router.call({ slot, script, command: [keys.length, ...keys, ...args], writes, durable, optional });
}

/** Sends a plain command. */
export function send(
  router: Router,
  slot: number,
  command: readonly Argument[],
  { writes, durable, optional }: Treatment,
): Promise<Reply> {
  return router.call({ slot, script: undefined, command, writes, durable, optional });
}

/** Sends a plain command that only reads. */
export function read(router: Router, slot: number, command: readonly Argument[]): Promise<Reply> {
  return router.call({ slot, script: undefined, command, writes: false, durable: false, optional: false });
}

/** Sends a plain command that writes; its answer waits for replicas. */
export function write(router: Router, slot: number, command: readonly Argument[]): Promise<Reply> {
  return router.call({ slot, script: undefined, command, writes: true, durable: true, optional: false });
}
