import { hasOwnRoom, type MemoryKind } from "./memory-kinds.ts";
import type { ReadQueue } from "./read-queue.ts";
import type { ServerMemory } from "./server-memory.ts";

/** The memory that is held for one token, over all its connections. */
export class TokenMemory {
  /** Of the whole server. */
  readonly account: ServerMemory;
  /** The large values that wait for room, of all tokens. */
  readonly reads: ReadQueue;
  #heldBytes = 0;
  #smallBytes = 0;
  #pendingBytes = 0;
  #requestBytes = 0;
  #streams = 0;

  /** Made by `MemoryAccount.token`. */
  constructor(account: ServerMemory, reads: ReadQueue) {
    this.account = account;
    this.reads = reads;
  }

  /** What is held, small requests not counted. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What of it is no request: it goes as the clients take it. */
  get outgoingBytes(): number {
    return this.#heldBytes - this.#requestBytes;
  }

  /** Whether the share is used up. */
  get isFull(): boolean {
    return !this.fits(1);
  }

  /** Whether its sessions hold so many small requests that they should not be read. */
  get isPendingFull(): boolean {
    return this.#pendingBytes > this.account.limits.tokenPendingMaxBytes;
  }

  /** Whether it has room for this many more bytes: within its share, and not more than it leaves for others. */
  fits(bytes: number): boolean {
    const { limits, freeBytes } = this.account;
    return this.#heldBytes + bytes <= Math.min(limits.tokenMemoryMaxBytes, freeBytes - bytes);
  }

  /** Takes room for a part of a request that arrived; false, and nothing taken, if there is none. */
  take(kind: "requests" | "smallRequests", bytes: number): boolean {
    const fits = kind === "requests" ? this.fits(bytes) : this.#fitsSmall(bytes);
    if (fits) this.change(kind, bytes);
    else this.account.noteRefused();
    return fits;
  }

  /** Memory that is held in any case has grown by this many bytes, or shrunk. */
  change(kind: MemoryKind, bytes: number): void {
    if (kind === "smallRequests") this.#smallBytes += bytes;
    else if (kind === "pending") this.#pendingBytes += bytes;
    if (!hasOwnRoom(kind)) this.#heldBytes += bytes;
    if (kind === "requests") this.#requestBytes += bytes;
    this.account.changed(kind, bytes);
    if (bytes < 0 && !hasOwnRoom(kind)) this.reads.onRoom();
  }

  /** Begins a stream; false if there are as many as may be. */
  openStream(): boolean {
    if (this.#streams >= this.account.limits.tokenStreamsMax) {
      this.account.noteRefused();
      return false;
    }
    this.#streams++;
    return true;
  }

  /** One has ended. */
  closeStream(): void {
    this.#streams--;
  }

  #fitsSmall(bytes: number): boolean {
    return this.#smallBytes + bytes <= this.account.limits.tokenSmallRequestsMaxBytes;
  }
}
