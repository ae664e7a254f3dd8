import type { EverdictError } from "@everdict/protocol";
import type { Logger } from "pino";
import { rpcName, unknownRpc } from "./refusals.ts";

/** More names than clients of Modal have: a client that sends others makes them up. */
const namesMax = 500;

/**
 * What clients ask for that this server does not have: how often, by name. Each name is logged once, so that an operator
 * sees what somebody expected here, and all of them when the server stops.
 */
export class UnservedRpcs {
  readonly #counts = new Map<string, number>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Counts a call to a path that is no RPC of this server, and makes its error. */
  refuse(path: string): EverdictError {
    this.count(path);
    return unknownRpc(path);
  }

  /** Counts a call that is refused in another way. */
  count(path: string): void {
    const name = rpcName(path);
    const before = this.#counts.get(name) ?? 0;
    if (before > 0 || this.#counts.size < namesMax) this.#counts.set(name, before + 1);
    if (before === 0 && this.#counts.has(name))
      this.#logger.info({ rpc: name }, "a client asks for what this server does not have; said once");
  }

  /** Says how often each was asked for, if any was. */
  logCounts(): void {
    if (this.#counts.size === 0) return;
    this.#logger.info(
      { calls: Object.fromEntries(this.#counts) },
      "calls for what this server does not have",
    );
  }
}
