import type { AtEndOfTurn } from "../time/turns.ts";
import { atEndOfTurn as platformTurns } from "../time/turns.ts";
import type { Carrier, CarrierHandlers } from "./carrier.ts";

/** What {@link carrierPair} can be told. */
export interface CarrierPairOptions {
  /** When what was sent arrives. Default: the platform's end of a turn. */
  readonly atEndOfTurn?: AtEndOfTurn | undefined;
  /** How many bytes are under way at most; what is over waits with the sender. Default: 64 KiB. */
  readonly capacityBytes?: number | undefined;
  /** Changes what arrives: other pieces, other bytes, nothing. Default: as it was sent. */
  readonly transform?: ((bytes: Uint8Array) => Iterable<Uint8Array>) | undefined;
}

/**
 * Two ends of a connection in memory, with the back-pressure of a real one: for sessions inside a process, and for
 * tests.
 *
 * @example
 * const [clientEnd, serverEnd] = carrierPair();
 * host.accept(serverEnd);
 * const connection = new SessionClientConnection(clientEnd, { tokenId, tokenSecret });
 */
export function carrierPair(options: CarrierPairOptions = {}): [Carrier, Carrier] {
  const one = new PairEnd(options);
  const other = new PairEnd(options);
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class PairEnd implements Carrier {
  peer!: PairEnd;
  readonly #atEndOfTurn: AtEndOfTurn;
  readonly #capacityBytes: number;
  readonly #transform: ((bytes: Uint8Array) => Iterable<Uint8Array>) | undefined;
  #handlers: CarrierHandlers | undefined;
  /** Sent here, not yet taken by the other end. */
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #paused = false;
  #scheduled = false;
  #ending = false;
  #isOver = false;

  constructor(options: CarrierPairOptions) {
    this.#atEndOfTurn = options.atEndOfTurn ?? platformTurns;
    this.#capacityBytes = options.capacityBytes ?? 65_536;
    this.#transform = options.transform;
  }

  start(handlers: CarrierHandlers): void {
    this.#handlers = handlers;
    this.peer.#schedule();
  }

  send(bytes: Uint8Array): void {
    if (this.#isOver || this.#ending) return;
    this.#outgoing.push(bytes);
    this.#outgoingBytes += bytes.length;
    this.#schedule();
  }

  get bufferedBytes(): number {
    return Math.max(0, this.#outgoingBytes - this.#capacityBytes);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.peer.#schedule();
  }

  close(): void {
    this.#ending = true;
    this.#schedule();
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#atEndOfTurn(() => {
      this.#over();
      this.peer.#over();
    });
  }

  holdProcess(): void {}

  #schedule(): void {
    if (this.#scheduled || this.#isOver) return;
    this.#scheduled = true;
    this.#atEndOfTurn(() => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    const { peer } = this;
    while (this.#outgoing.length > 0 && peer.#canTake()) {
      const bytes = this.#outgoing.shift()!;
      this.#outgoingBytes -= bytes.length;
      // A copy, as the sender may use the memory again.
      const copy = bytes.slice();
      for (const piece of this.#transform?.(copy) ?? [copy]) {
        if (peer.#canTake() || peer.#paused) peer.#handlers!.onData(piece);
      }
      if (this.#isOver) return;
      this.#handlers?.onSent();
    }
    if (this.#ending && this.#outgoing.length === 0) {
      this.#over();
      peer.#over();
    }
  }

  #canTake(): boolean {
    return this.#handlers !== undefined && !this.#paused && !this.#isOver;
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outgoing = [];
    this.#handlers?.onClose(undefined);
  }
}
