/**
 * The token in the header `x-modal-auth-token` (protocol section 1.4).
 *
 * `AuthTokenGet` answers a JWT. Its signature is the server's business; only `exp` is read. It is renewed at a
 * random point between 50 and 60 % of the lifetime it has left when it arrives, in the background and by the
 * call that comes after that point: there is no timer, so an idle client does nothing and keeps no process
 * alive. Callers share one request. While a renewal fails, the token at hand is used on and the next renewal
 * waits 0.5 s, doubling to 60 s. With no usable token at hand, the request is repeated up to three times, and at
 * once given up if the credentials are refused.
 */

import { Status } from "@everdict/protocol";
import { GrpcFailure } from "./grpc-failure.ts";
import type { RetryClock } from "./retry.ts";

/** What {@link AuthTokens} needs. */
export interface AuthTokensOptions {
  /** Asks the server for a token; rejects with {@link GrpcFailure}. */
  readonly fetch: () => Promise<string>;
  readonly clock: RetryClock;
  /** Milliseconds since the Unix epoch, which `exp` counts from. */
  readonly wallClock: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

const assumedLifetimeMs = 20 * 60 * 1000;
const maxRetries = 3;
const firstRetryDelayMs = 100;
const firstPauseMs = 500;
const longestPauseMs = 60_000;

interface HeldToken {
  readonly token: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/** Keeps one connection's token fresh. */
export class AuthTokens {
  readonly #options: AuthTokensOptions;
  #held: HeldToken | undefined;
  #fetching: Promise<HeldToken> | undefined;
  #pauseMs = firstPauseMs;
  #notBeforeMs = 0;

  constructor(options: AuthTokensOptions) {
    this.#options = options;
  }

  /** The token to send. Waits for the server only if there is none that is still valid. */
  async token(): Promise<string> {
    const nowMs = this.#options.wallClock();
    const held = this.#held;
    if (held === undefined || nowMs >= held.expiresAtMs) return (await this.#fetchOnce(maxRetries)).token;
    if (nowMs >= held.renewAtMs && nowMs >= this.#notBeforeMs) this.#renewInBackground();
    return held.token;
  }

  #renewInBackground(): void {
    this.#fetchOnce(0).then(
      () => {
        this.#pauseMs = firstPauseMs;
      },
      () => {
        this.#notBeforeMs = this.#options.wallClock() + this.#pauseMs;
        this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
      },
    );
  }

  #fetchOnce(retries: number): Promise<HeldToken> {
    this.#fetching ??= this.#fetch(retries).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetch(retries: number): Promise<HeldToken> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const token = await this.#options.fetch();
        if (token === "")
          throw new GrpcFailure(Status.UNAUTHENTICATED, "the server gave an empty auth token");
        this.#held = this.#hold(token);
        return this.#held;
      } catch (failure) {
        if (attempt >= retries || !isWorthRepeating(failure)) throw failure;
        await this.#options.clock.sleep(firstRetryDelayMs * 2 ** attempt, undefined);
      }
    }
  }

  #hold(token: string): HeldToken {
    const nowMs = this.#options.wallClock();
    const expiresAtMs = expiryOf(token) ?? nowMs + assumedLifetimeMs;
    const fraction = 0.5 + 0.1 * this.#options.random();
    return { token, expiresAtMs, renewAtMs: nowMs + (expiresAtMs - nowMs) * fraction };
  }
}

function isWorthRepeating(failure: unknown): boolean {
  if (!(failure instanceof GrpcFailure)) return false;
  return (
    failure.status !== Status.UNAUTHENTICATED &&
    failure.status !== Status.PERMISSION_DENIED &&
    failure.status !== Status.UNIMPLEMENTED
  );
}

/** The `exp` of a JWT, in milliseconds since the epoch; undefined if it cannot be read. */
function expiryOf(token: string): number | undefined {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
    return typeof exp === "number" && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
