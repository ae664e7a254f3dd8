import { Setting } from "../frames/wire.ts";
import type { Settings } from "../messages/settings.ts";
import type { Operation } from "./operation.ts";

/** How much a client has outstanding on one connection. */
export interface WindowLimits {
  /** Calls, streams and large messages not counted. */
  readonly operations: number;
  /** The bytes of their requests. */
  readonly bytes: number;
  /** The bytes of large requests. */
  readonly largeBytes: number;
}

interface WindowUse {
  operationsMax: number;
  bytesMax: number;
  operations: number;
  bytes: number;
}

/**
 * The requests that were sent on one connection and not answered, by id, within the limits of both sides.
 *
 * Ids are places in a table. An id is used again as soon as its final answer came, and not before, even if nobody waits
 * for that answer any more.
 */
export class SentOperations {
  #table: (Operation | undefined)[] = [];
  #freeIds: number[] = [];
  #count = 0;
  readonly #windows: readonly WindowUse[];

  constructor({ operations, bytes, largeBytes }: WindowLimits) {
    const use = { operations: 0, bytes: 0 };
    this.#windows = [
      { operationsMax: operations, bytesMax: bytes, ...use },
      { operationsMax: operations, bytesMax: largeBytes, ...use },
      { operationsMax: Number.POSITIVE_INFINITY, bytesMax: Number.POSITIVE_INFINITY, ...use },
    ];
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Takes over what the server allows where that is less. What it does not mention stays as it is. */
  limit(settings: Settings): void {
    const [small, large, streams] = this.#windows;
    const requestsMax = settings.get(Setting.requestsMax);
    // Small and large ones are the same to the server; a few places are kept for the large ones.
    if (requestsMax !== undefined) {
      large!.operationsMax = Math.max(1, Math.min(large!.operationsMax, requestsMax >>> 3));
      small!.operationsMax = Math.max(1, Math.min(small!.operationsMax, requestsMax - large!.operationsMax));
    }
    large!.bytesMax = Math.min(large!.bytesMax, settings.get(Setting.partsMaxBytes) ?? large!.bytesMax);
    streams!.operationsMax = settings.get(Setting.streamsMax) ?? streams!.operationsMax;
  }

  /** Whether one more fits. A single one always does, whatever its size. */
  hasRoom({ window, bytes }: Operation): boolean {
    const use = this.#windows[window]!;
    return use.operations < use.operationsMax && (use.operations === 0 || use.bytes + bytes <= use.bytesMax);
  }

  /** Adds one and answers its id. */
  add(operation: Operation): number {
    const use = this.#windows[operation.window]!;
    use.operations++;
    use.bytes += operation.bytes;
    this.#count++;
    const id = this.#freeIds.pop() ?? this.#table.push(undefined);
    this.#table[id - 1] = operation;
    return id;
  }

  get(id: number): Operation | undefined {
    return this.#table[id - 1];
  }

  /** Takes one out; its id is free. */
  remove(operation: Operation): void {
    const use = this.#windows[operation.window]!;
    use.operations--;
    use.bytes -= operation.bytes;
    this.#count--;
    this.#table[operation.id - 1] = undefined;
    this.#freeIds.push(operation.id);
  }

  *all(): Generator<Operation, void, undefined> {
    for (const operation of this.#table) if (operation !== undefined) yield operation;
  }
}
