/**
 * Checks regularly whether the servers still keep what the profile promises. Settings can be changed while servers run,
 * and a server can come back with others. Each problem is logged once when it begins and once when it ends. A master
 * whose settings break the promise gets no more writes until they keep it; such settings would also keep a process from
 * starting.
 */

import { createError, type EverdictError } from "@everdict/protocol";
import type { Address } from "../cluster/address.ts";
import type { ServerFindings } from "./check-servers.ts";

/** What a watch is told. */
export interface ServerWatchOptions {
  /** Asks the servers about their settings. */
  readonly check: () => Promise<ServerFindings>;
  /** Looks for what a server may have lost; says itself what it finds. */
  readonly checkMarks: () => Promise<void>;
  /** Has writes to these servers refused, and to no others. */
  readonly refuse: (errors: ReadonlyMap<Address, EverdictError>) => void;
  readonly warn: (message: string) => void;
  /** Whether writes go on whatever the settings are. */
  readonly allowUnsafe: boolean;
  readonly everyMs: number;
}

/** The watch over the servers of one store. Keeps no process alive. */
export class ServerWatch {
  readonly #options: ServerWatchOptions;
  #last: ServerFindings;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param found when the store was opened; said already. */
  constructor(options: ServerWatchOptions, found: ServerFindings) {
    this.#options = options;
    this.#last = found;
    this.#judge(found);
    this.#wait();
  }

  /** Why masters would not keep what they are given; undefined if all would, as far as is known. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks no more. One look may be under way; it changes nothing any more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.#look(), this.#options.everyMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    try {
      const found = await this.#options.check();
      if (!this.#isStopped) this.#compare(found);
      // What it throws it has said, or the servers are not able, which calls say.
      if (!this.#isStopped) await this.#options.checkMarks();
    } catch {
    } finally {
      if (!this.#isStopped) this.#wait();
    }
  }

  #compare(found: ServerFindings): void {
    const before = textsOf(this.#last);
    const now = textsOf(found);
    for (const text of now) if (!before.has(text)) this.#options.warn(text);
    for (const text of before) if (!now.has(text)) this.#options.warn(`no longer so: ${text}`);
    this.#last = { ...found, broken: this.#stillBroken(found) };
    this.#judge(this.#last);
  }

  /** A server that does not answer is as it was. */
  #stillBroken({ broken, silent }: ServerFindings): ReadonlyMap<Address, string> {
    const kept = [...this.#last.broken].filter(([address]) => silent.has(address));
    return new Map([...kept, ...broken]);
  }

  #judge({ broken }: ServerFindings): void {
    const { allowUnsafe, refuse } = this.#options;
    this.#problem = broken.size === 0 ? undefined : [...new Set(broken.values())].join("; ");
    if (!allowUnsafe)
      refuse(new Map([...broken].map(([address, why]) => [address, refusalOf(address, why)])));
  }
}

function refusalOf(address: Address, why: string): EverdictError {
  return createError(
    "conflict",
    `server ${address} is given no writes, since it would not keep them: ${why} (docs/cluster.md)`,
  );
}

function textsOf({ refusals, warnings }: ServerFindings): ReadonlySet<string> {
  return new Set([...refusals, ...warnings]);
}
