/**
 * Engines of this process, one per place, however many clients use it.
 *
 * A directory can be open only once, and two clients of `memory:` expect to see each other's entries, so all of
 * them get the same engine; it closes when the last one lets go. Opening a place again while it is closing waits
 * for the close, as the directory stays locked until then.
 */

import type { Engine } from "@everdict/engine";
import type { ServiceConnection } from "./platform.ts";

/** The part of an engine that sharing needs. */
export type SharedEngine = Pick<Engine, "serviceFor" | "close">;

/** How an engine is opened when nobody holds it. */
export type OpenEngine = () => Promise<SharedEngine>;

interface Holding {
  readonly opening: Promise<SharedEngine>;
  holders: number;
}

/** A table of shared engines. */
export class SharedEngines {
  readonly #holdings = new Map<string, Holding>();
  readonly #closing = new Map<string, Promise<void>>();

  /** Takes hold of the engine of a place, opening it first if nobody holds it. */
  async connect(place: string, userName: string, open: OpenEngine): Promise<ServiceConnection> {
    const holding = this.#holdings.get(place) ?? this.#start(place, open);
    holding.holders += 1;
    try {
      const engine = await holding.opening;
      let released: Promise<void> | undefined;
      // The caller an engine in this process sees is whoever runs the process, with full rights.
      const service = engine.serviceFor({ id: "local", name: userName });
      return {
        service,
        close: () => {
          released ??= this.#release(place, holding);
          return released;
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
    const holding: Holding = { opening: closing ? closing.then(open, open) : open(), holders: 0 };
    this.#holdings.set(place, holding);
    return holding;
  }

  async #release(place: string, holding: Holding): Promise<void> {
    holding.holders -= 1;
    if (holding.holders > 0) return;
    this.#holdings.delete(place);
    const closing = holding.opening.then((engine) => engine.close());
    this.#closing.set(place, closing);
    try {
      await closing;
    } finally {
      if (this.#closing.get(place) === closing) this.#closing.delete(place);
    }
  }
}

/** The engines that this process shares between its clients. */
export const sharedEngines = new SharedEngines();
