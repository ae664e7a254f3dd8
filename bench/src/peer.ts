/**
 * One candidate: a way to keep entries that a user might choose. Every peer is measured through the client
 * that its users use, encoding and decoding of a small object included, with its server in another process.
 */
export interface Peer {
  /** As it appears in the table. */
  readonly name: string;
  /** What an acknowledged write survives; compare only like with like. */
  readonly durability: "fsync" | "everysec" | "memory";
  /** Starts the server, connects, and is ready to be measured; undefined with a printed reason if it cannot. */
  open(): Promise<OpenPeer | undefined>;
}

/** A peer that is running. */
export interface OpenPeer {
  get(key: string): Promise<unknown>;
  put(key: string, value: SmallObject): Promise<unknown>;
  pop(key: string): Promise<unknown>;
  close(): Promise<void>;
}

/** The value of every case: about 100 bytes as JSON. */
export interface SmallObject {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  readonly score: number;
}

/** A value that varies with every call: constant values flatter engines that skip equal writes. */
export function valueFor(sequence: number): SmallObject {
  return { id: sequence, name: `some value ${sequence}`, tags: ["a", "b"], score: sequence / 7 };
}
