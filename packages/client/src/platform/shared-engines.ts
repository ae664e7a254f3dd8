/**
 * The engines of this process: one per place, for any number of clients.
 *
 * A directory can be open only once, and two clients of `memory:` expect to see each other's entries. So all of them
 * get the same engine, which closes with the last one. Opening a place again while it is closing waits for the close,
 * because the directory stays locked until then. If an engine's store has closed itself because its disk failed, the
 * next client gets a new engine, even while others hold the old one.
 */

import type { Engine } from "@everdict/engine";
import { createError, EverdictError } from "@everdict/protocol";
import { waitForShared } from "../request-options.ts";
import type { ServiceConnection } from "./platform.ts";

/** The part of an engine that sharing needs. */
export type SharedEngine = Pick<Engine, "serviceFor" | "close" | "health">;

/** How an engine is opened when nobody holds it. */
export type OpenEngine = () => Promise<SharedEngine>;

interface Holding {
  readonly opening: Promise<SharedEngine>;
  /** Set once it is open. */
  engine: SharedEngine | undefined;
  holders: number;
  /** Set once it is closing. */
  ending?: Promise<void> | undefined;
}

/** A table of shared engines. */
export class SharedEngines {
  readonly #holdings = new Map<string, Holding>();
  readonly #closing = new Map<string, Promise<void>>();

  /** Takes hold of the engine of a place, opening it first if nobody holds it. */
  async connect(place: string, userName: string, open: OpenEngine): Promise<ServiceConnection> {
    const present = this.#holdings.get(place);
    if (present?.engine?.health().hasClosedItself) this.#end(place, present);
    const holding = this.#holdings.get(place) ?? this.#start(place, open);
    holding.holders += 1;
    try {
      const engine = await holding.opening;
      holding.engine = engine;
      let released: Promise<void> | undefined;
      // To an engine in this process, the caller is the user who runs the process, with full rights.
      const service = engine.serviceFor({ id: "local", name: userName });
      return {
        service,
        close: (timeoutMs) => {
          released ??= this.#release(place, holding);
          return closedWithin(released, timeoutMs);
        },
      };
    } catch (error) {
      // A failed opening must not be what the next caller gets.
      if (this.#holdings.get(place) === holding) this.#holdings.delete(place);
      throw error;
    }
  }

  #start(place: string, open: OpenEngine): Holding {
    const closing = this.#closing.get(place);
    const holding: Holding = {
      opening: closing ? closing.then(open, open) : open(),
      engine: undefined,
      holders: 0,
    };
    this.#holdings.set(place, holding);
    return holding;
  }

  #release(place: string, holding: Holding): Promise<void> {
    holding.holders -= 1;
    if (holding.holders > 0) return Promise.resolve();
    return holding.ending ?? this.#end(place, holding);
  }

  #end(place: string, holding: Holding): Promise<void> {
    if (this.#holdings.get(place) === holding) this.#holdings.delete(place);
    const closing = holding.opening.then((engine) => engine.close());
    holding.ending = closing;
    const isOver = () => {
      if (this.#closing.get(place) === closing) this.#closing.delete(place);
    };
    closing.then(isOver, isOver);
    this.#closing.set(place, closing);
    return closing;
  }
}

/** Waits this long for an engine to close; it goes on closing. */
function closedWithin(closing: Promise<void>, timeoutMs: number | undefined): Promise<void> {
  return waitForShared(closing, { timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof EverdictError) || error.code !== "deadline_exceeded") throw error;
    throw createError(
      "deadline_exceeded",
      `the store was not closed within ${timeoutMs} ms; it goes on closing`,
    );
  });
}

/** The engines that this process shares between its clients. */
export const sharedEngines = new SharedEngines();
