import { hasOwnRoom, type MemoryKind, memoryKinds } from "./memory-kinds.ts";
import type { ResolvedMemoryLimits } from "./memory-limits.ts";

/** What is held for all clients of a server together, and how often something was refused or given up. */
export class ServerMemory {
  readonly limits: ResolvedMemoryLimits;
  readonly #heldByKind = Object.fromEntries(memoryKinds.map((kind) => [kind, 0])) as Record<
    MemoryKind,
    number
  >;
  #heldBytes = 0;
  #requestBytes = 0;
  #refused = 0;
  #stalled = 0;

  constructor(limits: ResolvedMemoryLimits) {
    this.limits = limits;
  }

  /** The part that is no request: it goes as the clients take it. Small requests are not counted. */
  get outgoingBytes(): number {
    return this.#heldBytes - this.#requestBytes;
  }

  /** What nobody holds. */
  get freeBytes(): number {
    return this.limits.clientMemoryMaxBytes - this.#heldBytes;
  }

  /** The held memory has changed by this many bytes. Only for the accounts of tokens. */
  changed(kind: MemoryKind, bytes: number): void {
    this.#heldByKind[kind] += bytes;
    if (hasOwnRoom(kind)) return;
    this.#heldBytes += bytes;
    if (kind === "requests") this.#requestBytes += bytes;
  }

  /** Something was refused for want of room. */
  noteRefused(): void {
    this.#refused++;
  }

  /** Something was ended because its client did not get on with it. */
  noteStalled(): void {
    this.#stalled++;
  }

  /** What was counted. */
  stats() {
    return { heldBytes: { ...this.#heldByKind }, refused: this.#refused, stalled: this.#stalled };
  }
}
