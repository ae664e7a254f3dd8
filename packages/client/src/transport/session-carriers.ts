import { EverdictError, errorFrom } from "@everdict/protocol";
import type { Carrier, ConnectAttempt } from "@everdict/session";
import { connectionTrouble } from "./connection-trouble.ts";
import { firstInTurn, headStartMs } from "./first-in-turn.ts";

/**
 * Connects sessions to one of several equivalent servers.
 *
 * Each attempt begins with the server that was used last. If that server takes connections that lead to no session,
 * each further attempt begins with the next in the list, so that it cannot hide the others for ever.
 */
export class SessionCarriers {
  readonly #urls: readonly string[];
  readonly #open: (url: string, signal: AbortSignal) => Promise<Carrier>;
  readonly #source: string | undefined;
  /** Where attempts begin, and whose connection was the last. */
  #first = 0;
  #last = 0;

  /** @param source what named the servers, for messages. */
  constructor(
    urls: readonly string[],
    open: (url: string, signal: AbortSignal) => Promise<Carrier>,
    source?: string | undefined,
  ) {
    this.#urls = urls;
    this.#open = open;
    this.#source = source;
  }

  /** How long it takes until each server has had its turn, in milliseconds. */
  get turnsMs(): number {
    return headStartMs * (this.#urls.length - 1);
  }

  /** Connects. @throws what a server refuses with; `unavailable` if none is there */
  async connect({ signal, failures }: ConnectAttempt): Promise<Carrier> {
    if (failures === 0) this.#first = this.#last;
    const turns = this.#urls.map((_, turn) => (this.#first + failures + turn) % this.#urls.length);
    const attempts = turns.map((index) => async (attempt: AbortSignal) => ({
      index,
      carrier: await this.#opened(this.#urls[index]!, attempt),
    }));
    const { index, carrier } = await firstInTurn(attempts, {
      letGo: (late) => late.carrier.destroy(),
      failure: mostTelling,
      signal,
    });
    this.#last = index;
    return carrier;
  }

  async #opened(url: string, signal: AbortSignal): Promise<Carrier> {
    try {
      return await this.#open(url, signal);
    } catch (error) {
      throw connectionTrouble(errorFrom(error), { url, source: this.#source });
    }
  }
}

/** What somebody answered says more than that nobody was there. */
function mostTelling(failures: readonly unknown[]): unknown {
  const isAnswer = (error: unknown) => !(error instanceof EverdictError) || error.code !== "unavailable";
  return failures.find(isAnswer) ?? failures[0];
}
