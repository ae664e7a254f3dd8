import { inLaterTurn } from "../in-later-turn.ts";
import type { ReadKind } from "./memory-kinds.ts";
import type { ServerMemory } from "./server-memory.ts";

/** A token whose large values wait. */
interface ReadingToken {
  readonly outgoingBytes: number;
  fits(bytes: number): boolean;
}

/** A connection that values are read for. */
interface ReadingConnection {
  readonly token: ReadingToken;
  fitsRead(kind: ReadKind, bytes: number): boolean;
  change(kind: ReadKind, bytes: number): void;
}

interface Waiter {
  readonly connection: ReadingConnection;
  readonly owner: object;
  readonly kind: ReadKind;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Line {
  readonly waiters: Waiter[];
  /** What the token was granted; who has least is next. */
  grantedBytes: number;
}

/**
 * Large values that wait for room before they are read.
 *
 * The token that was granted the fewest bytes is next, so a token that asks for much does not make others wait behind
 * all of it. Within a token values go in order, but a value whose connection is full lets later ones of other
 * connections pass.
 *
 * A value counts for its reader until it is read, and from then on for the transport, which gets it some promises
 * later. So room that is given back is granted again only in a later turn of the event loop.
 */
export class ReadQueue {
  readonly #server: ServerMemory;
  readonly #lines = new Map<ReadingToken, Line>();
  #size = 0;
  #lastGrantedBytes = 0;
  /** Whether somebody whose turn it is waits for the server's room: nobody may overtake. */
  #isShort = false;
  #isScheduled = false;

  constructor(server: ServerMemory) {
    this.#server = server;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Whether somebody waits for room that this token holds. */
  wants(token: ReadingToken): boolean {
    if (this.#isShort) return true;
    const waiters = this.#lines.get(token)?.waiters ?? [];
    return waiters.some(({ connection, kind, bytes }) => connection.fitsRead(kind, bytes));
  }

  /** Room for a value: undefined if it is there at once. Rejects with what `forget` says. */
  reserve(
    connection: ReadingConnection,
    kind: ReadKind,
    bytes: number,
    owner: object,
  ): Promise<void> | undefined {
    const { token } = connection;
    const mustQueue = this.#isShort || this.#lines.has(token);
    if (!mustQueue && connection.fitsRead(kind, bytes) && this.#fits(token, bytes)) {
      connection.change(kind, bytes);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#lineOf(token).waiters.push({ connection, owner, kind, bytes, resolve, reject });
      this.#size++;
      this.onRoom();
    });
  }

  /** All reads that wait for that owner give up. */
  forget(token: ReadingToken, owner: object, error: unknown): void {
    const line = this.#lines.get(token);
    if (line === undefined) return;
    for (const waiter of line.waiters.filter((each) => each.owner === owner || each.connection === owner)) {
      this.#remove(token, line, waiter);
      waiter.reject(error);
    }
    this.onRoom();
  }

  /** Something was given back. */
  onRoom(): void {
    if (this.#size === 0 || this.#isScheduled) return;
    this.#isScheduled = true;
    inLaterTurn(this.#grant);
  }

  readonly #grant = (): void => {
    this.#isScheduled = false;
    this.#isShort = false;
    for (;;) {
      const next = this.#next();
      if (next === undefined) return;
      const { token, line, waiter } = next;
      if (!this.#fitsServer(waiter.bytes)) {
        this.#isShort = true;
        return;
      }
      this.#remove(token, line, waiter);
      line.grantedBytes += waiter.bytes;
      this.#lastGrantedBytes = line.grantedBytes;
      waiter.connection.change(waiter.kind, waiter.bytes);
      waiter.resolve();
    }
  };

  /** The first that fits its connection and its token, of the token whose turn it is. */
  #next(): { token: ReadingToken; line: Line; waiter: Waiter } | undefined {
    const inTurn = [...this.#lines].sort(([, one], [, other]) => one.grantedBytes - other.grantedBytes);
    for (const [token, line] of inTurn) {
      const waiter = line.waiters.find(
        (each) => each.connection.fitsRead(each.kind, each.bytes) && fitsToken(token, each.bytes),
      );
      if (waiter !== undefined) return { token, line, waiter };
    }
    return undefined;
  }

  #fits(token: ReadingToken, bytes: number): boolean {
    return fitsToken(token, bytes) && this.#fitsServer(bytes);
  }

  /** What alone is larger than all the room there is must pass, too, when nothing else is under way. */
  #fitsServer(bytes: number): boolean {
    return bytes <= this.#server.freeBytes || this.#server.outgoingBytes === 0;
  }

  #lineOf(token: ReadingToken): Line {
    let line = this.#lines.get(token);
    if (line === undefined) {
      // A token that did not wait before has saved up nothing.
      line = { waiters: [], grantedBytes: this.#lastGrantedBytes };
      this.#lines.set(token, line);
    }
    return line;
  }

  #remove(token: ReadingToken, line: Line, waiter: Waiter): void {
    line.waiters.splice(line.waiters.indexOf(waiter), 1);
    this.#size--;
    if (line.waiters.length === 0) this.#lines.delete(token);
  }
}

function fitsToken(token: ReadingToken, bytes: number): boolean {
  return token.fits(bytes) || token.outgoingBytes === 0;
}
