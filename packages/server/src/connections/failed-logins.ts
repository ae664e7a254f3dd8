import type { Logger } from "pino";
import { failedLoginLimits as limits } from "./failed-login-limits.ts";

/** What tells one kind of failed login from another. */
export interface FailedLogin {
  /** By which the peer is counted. */
  readonly address: string;
  /** What was sent as the token's id, if anything was. */
  readonly tokenId: string | undefined;
}

/** Failures that drain away with time. */
interface Level {
  failures: number;
  atMs: number;
  /** Those that no line of the log has told of. */
  untold: number;
  toldAtMs: number;
}

/**
 * Counts failed logins by address and by token id, says how long an answer to the next one waits, and logs them.
 *
 * Only refusals wait. A valid token is never looked up here, so it gets in at once, from any address. Unknown ids and
 * wrong secrets are counted alike, so that the wait does not tell which ids there are. Counters drain with time, and
 * the least recently used go when there are too many.
 */
export class FailedLogins {
  readonly #logger: Logger;
  readonly #byAddress = new Map<string, Level>();
  readonly #byTokenId = new Map<string, Level>();
  #linesInMinute = 0;
  #minute = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** How many addresses and ids are counted now. */
  get size(): number {
    return this.#byAddress.size + this.#byTokenId.size;
  }

  /** Counts a failure. Returns how long its answer waits, in milliseconds. */
  add({ address, tokenId }: FailedLogin): number {
    const nowMs = performance.now();
    const ofAddress = count(this.#byAddress, address, nowMs);
    const shaped = tokenId !== undefined && limits.tokenIdShape.test(tokenId);
    const ofTokenId = shaped ? count(this.#byTokenId, tokenId, nowMs) : undefined;
    this.#tell(ofAddress, nowMs, { address, tokenId: shaped ? tokenId : describeUnshaped(tokenId) });
    return delayMsAfter(Math.max(ofAddress.failures, ofTokenId?.failures ?? 0));
  }

  /**
   * Logs a line for the first failure of an address, then one from time to time, and never more than a limit each
   * minute.
   */
  #tell(level: Level, nowMs: number, { address, tokenId }: FailedLogin): void {
    level.untold++;
    if (nowMs - level.toldAtMs < limits.logIntervalMs) return;
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== this.#minute) this.#linesInMinute = 0;
    this.#minute = minute;
    if (this.#linesInMinute >= limits.logLinesPerMinute) return;
    this.#linesInMinute++;
    this.#logger.warn({ address, tokenId, failures: level.untold }, "a login failed");
    level.untold = 0;
    level.toldAtMs = nowMs;
  }
}

function count(levels: Map<string, Level>, key: string, nowMs: number): Level {
  let level = levels.get(key);
  // The one that failed last stands last, so that the first one has been quiet for longest.
  if (level !== undefined) levels.delete(key);
  else level = { failures: 0, atMs: nowMs, untold: 0, toldAtMs: Number.NEGATIVE_INFINITY };
  levels.set(key, level);
  const drained = ((nowMs - level.atMs) / 1000) * limits.drainPerSecond;
  level.failures = Math.min(limits.failuresMax, Math.max(0, level.failures - drained) + 1);
  level.atMs = nowMs;
  if (levels.size > limits.countersMax) {
    const [quietest] = levels.keys();
    if (quietest !== undefined) levels.delete(quietest);
  }
  return level;
}

function delayMsAfter(failures: number): number {
  const excess = failures - limits.freeFailures;
  return excess <= 0 ? 0 : Math.min(limits.delayMaxMs, limits.delayStepMs * excess);
}

/** A text that is no id of ours may be anything, even a secret in the wrong place. So it is not repeated. */
function describeUnshaped(tokenId: string | undefined): string {
  return tokenId === undefined || tokenId === "" ? "none" : "malformed";
}
