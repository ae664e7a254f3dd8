import type { Clock } from "@everdict/store";
import type { Router } from "./cluster/router.ts";
import type { Keyspace } from "./keyspace.ts";
import type { Argument } from "./resp/command-writer.ts";
import type { Reply } from "./resp/reply.ts";
import type { Script } from "./scripts/script.ts";

/** What all parts of a store share. */
export interface StoreContext {
  readonly router: Router;
  readonly keys: Keyspace;
  readonly clock: Clock;
  readonly counters: StoreCounters;
  /** Tells the operator what is not as it should be. */
  readonly warn: (message: string) => void;
  /** When the operator was last told of a loss, by message. */
  readonly said: Map<string, number>;
}

/** What a store counts itself, besides its router. */
export interface StoreCounters {
  /** Times that something that must be there was not. */
  dataLoss: number;
  /** Times that a record was met which this version did not write. */
  foreignRecords: number;
  /** Entries and dictionaries removed by sweeping. */
  sweptEntries: number;
  /** Entries looked at by sweeping. */
  sweepScanned: number;
  /** Dictionaries whose look for expired entries came to its end. */
  sweepPasses: number;
  /** Shards that a stream began again because their connection changed. */
  scanRestarts: number;
  /** Times a large value was replaced while it was read. */
  largeValueRereads: number;
  /** Entries of the largest shard that was seen. */
  largestShardEntries: number;
  /** Times that a dictionary's shards were seen to have outgrown 50,000 entries. */
  dictsWithLargeShards: number;
  /** Times that a dictionary's shards were seen to have outgrown 100,000 entries. */
  dictsWithHugeShards: number;
}

/** A script with its keys and arguments. */
export interface ScriptCall {
  readonly slot: number;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
}

/** Runs a script that writes; its answer waits for replicas as the profile says. */
export function runScript(router: Router, script: Script, { slot, keys, args }: ScriptCall): Promise<Reply> {
  const command = [keys.length, ...keys, ...args];
  return router.call({ slot, script, command, writes: true, durable: true });
}

/** Runs a script that writes what may be lost. */
export function runLooseScript(
  router: Router,
  script: Script,
  { slot, keys, args }: ScriptCall,
): Promise<Reply> {
  const command = [keys.length, ...keys, ...args];
  return router.call({ slot, script, command, writes: true, durable: false });
}

/** Runs a script that only reads. */
export function readScript(router: Router, script: Script, { slot, keys, args }: ScriptCall): Promise<Reply> {
  const command = [keys.length, ...keys, ...args];
  return router.call({ slot, script, command, writes: false, durable: false });
}

/** A plain command that only reads. */
export function read(router: Router, slot: number, command: readonly Argument[]): Promise<Reply> {
  return router.call({ slot, script: undefined, command, writes: false, durable: false });
}

/** A plain command that writes and may be repeated; its answer waits for replicas. */
export function write(router: Router, slot: number, command: readonly Argument[]): Promise<Reply> {
  return router.call({ slot, script: undefined, command, writes: true, durable: true });
}

/** The text of a reply that is one. */
export function textOf(reply: Reply): string | undefined {
  if (reply instanceof Buffer) return reply.toString();
  return typeof reply === "string" ? reply : undefined;
}
