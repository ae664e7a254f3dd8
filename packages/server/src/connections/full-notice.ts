import type { Logger } from "pino";
import type { Health } from "../health.ts";
import type { ConnectionCounts } from "./connection-counts.ts";

/** Where a limit that is reached is told of. */
export interface FullNoticeOptions {
  readonly logger: Logger;
  /** Told as well if `part` names what is full. */
  readonly health?: Health;
  readonly part?: string;
}

/** After this many quiet ticks a limit counts as no longer reached. */
const quietTicksMax = 5;

/** Reports that a limit of connections is reached, and that it no longer is: once for each change. */
export class FullNotice {
  readonly #what: string;
  readonly #options: FullNoticeOptions;
  #quietTicks: number | undefined;
  #displaced = 0;
  #refused = 0;

  constructor(what: string, options: FullNoticeOptions) {
    this.#what = what;
    this.#options = options;
  }

  /** A stranger's connection was ended in favour of another. */
  displaced(counts: ConnectionCounts): void {
    this.#displaced++;
    this.#happened(counts);
  }

  /** A newcomer was refused. */
  refused(counts: ConnectionCounts): void {
    this.#refused++;
    this.#happened(counts);
  }

  /** A tick without any of these is quiet. */
  onTick(): void {
    if (this.#quietTicks === undefined || ++this.#quietTicks < quietTicksMax) return;
    const { logger, health, part } = this.#options;
    logger.info({ displaced: this.#displaced, refused: this.#refused }, `${this.#what} is kept again`);
    if (part !== undefined) health?.report(part, undefined);
    this.#quietTicks = undefined;
    this.#displaced = 0;
    this.#refused = 0;
  }

  #happened(counts: ConnectionCounts): void {
    if (this.#quietTicks === undefined) {
      const { logger, health, part } = this.#options;
      const consequence = "idle connections without a token are ended, new ones may be refused";
      logger.warn({ ...counts }, `${this.#what} is reached: ${consequence}`);
      const reason = `${this.#what} is reached`;
      if (part !== undefined) health?.report(part, { state: "degraded", reason });
    }
    this.#quietTicks = 0;
  }
}
