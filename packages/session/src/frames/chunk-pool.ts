/** A block of memory that frames are written into. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** How many sends still need it. */
  pendingSends: number;
}

/** Room for any frame that is not sent in parts, and for several batches of small ones. */
export const chunkBytes = 65_536;

const keptMax = 32;

/** Memory for outgoing frames, shared by all sessions of the process. An idle session has none. */
export class ChunkPool {
  readonly #free: Chunk[] = [];

  /** A chunk that nobody else has. */
  take(): Chunk {
    return this.#free.pop() ?? { bytes: new Uint8Array(chunkBytes), pendingSends: 0 };
  }

  /** Takes back a chunk that no send needs. */
  give(chunk: Chunk): void {
    if (this.#free.length < keptMax) this.#free.push(chunk);
  }
}

/** The pool of this process. */
export const chunkPool = new ChunkPool();
