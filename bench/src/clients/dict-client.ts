import type { Value, ValueSize } from "../workload.ts";

/** What is measured: a program's way to a dictionary, values encoded and decoded as its users would. */
export interface DictClient {
  get(key: string): Promise<unknown>;
  put(key: string, value: Value): Promise<unknown>;
  /** Writes only if the key is not there. */
  putIfAbsent(key: string, value: Value): Promise<unknown>;
  /** Removes and returns. */
  pop(key: string): Promise<unknown>;
  /** Removes, and resolves to something else than undefined if there was an entry. */
  remove(key: string): Promise<unknown>;
  /** Adds one to a number. */
  increment(key: string): Promise<unknown>;
  /** Takes one from a number and adds it to another, both or neither. */
  transfer(from: string, to: string): Promise<unknown>;
  /** Reads many at once. */
  getMany(keys: readonly string[]): Promise<unknown>;
  /** Reads a value and writes another unless it was changed meanwhile, else again; undefined if the client has no such way. */
  readonly modify?: (key: string, value: Value) => Promise<unknown>;
  /** Writes many at once, by each of the ways the client has; the first is the one it is best at. */
  readonly updates: Readonly<Record<string, (entries: readonly [string, Value][]) => Promise<unknown>>>;
  /** What is gone over as a whole, with values of that size; undefined if the client cannot. */
  readonly iteration: ((size: ValueSize) => Iteration) | undefined;
  /** Ours only. */
  readonly len?: () => Promise<number>;
  readonly clear?: () => Promise<void>;
  close(): Promise<void>;
}

/** A dictionary of its own, to be gone over as a whole. */
export interface Iteration {
  add(entries: readonly [string, Value][]): Promise<unknown>;
  /** Reads and decodes every entry; resolves to their number. */
  decoded(): Promise<number>;
  /** Reads every entry and leaves it as bytes; undefined if the client has no such way. */
  readonly raw: (() => Promise<number>) | undefined;
}

/** How a client is opened; plain data, since it goes to another process. */
export type ClientSpec =
  | {
      readonly kind: "everdict";
      readonly transport: "session" | "websocket" | "grpc";
      readonly lowLatency: boolean;
      readonly server: Address & { readonly tokenId: string; readonly tokenSecret: string };
    }
  | { readonly kind: "in-process"; readonly store: StoreKind; readonly directory: string }
  | {
      readonly kind: "ioredis";
      readonly autoPipelining: boolean;
      readonly server: Address;
      readonly db: number;
    }
  | { readonly kind: "node-redis"; readonly server: Address; readonly db: number };

/** What a store promises of an acknowledged write. */
export type StoreKind = "sync" | "everysec" | "memory";

/** Where a server listens, on the loopback interface. */
export interface Address {
  readonly port: number;
}
