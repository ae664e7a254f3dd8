import { Lane, type LaneOptions } from "./lane.ts";

/** What a server link is made of. */
export interface ServerLinkOptions extends LaneOptions {
  /** How many lanes there are for writes, and as many for reads. */
  readonly lanes: number;
}

/**
 * All lanes to one server. A slot has its own lane among them for writes, so that writes of one slot keep their
 * order, and another one for reads, so that no read waits behind a `WAIT`.
 */
export class ServerLink {
  /** Bytes of the calls that were given to this server first and are not settled. */
  pendingBytes = 0;
  readonly #writeLanes: readonly Lane[];
  readonly #readLanes: readonly Lane[];
  readonly #all: readonly Lane[];

  constructor({ lanes, waitReplicas, ...options }: ServerLinkOptions) {
    const make = (replicas: number): Lane[] =>
      Array.from({ length: lanes }, () => new Lane({ ...options, waitReplicas: replicas }));
    this.#writeLanes = make(waitReplicas);
    this.#readLanes = make(0);
    this.#all = [...this.#writeLanes, ...this.#readLanes];
  }

  /** The lane for calls on a slot. */
  lane(slot: number, writes: boolean): Lane {
    const lanes = writes ? this.#writeLanes : this.#readLanes;
    return lanes[slot % lanes.length]!;
  }

  /** Whether no call is on any lane. */
  get isIdle(): boolean {
    return this.#all.every((lane) => lane.isIdle);
  }

  /** Gives up connections that owe replies and are silent. */
  checkSilence(nowMs: number): void {
    for (const lane of this.#all) lane.checkSilence(nowMs);
  }

  /** Gives up calls whose time is over. */
  checkDeadlines(nowMs: number): void {
    for (const lane of this.#all) lane.checkDeadlines(nowMs);
  }

  /** Ends all connections. */
  close(): void {
    for (const lane of this.#all) lane.close();
  }
}
