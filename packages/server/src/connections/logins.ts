import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "@everdict/engine";
import type { Authenticator } from "../authenticator.ts";
import { singleHeader } from "../grpc/single-header.ts";
import type { Connection } from "./connection.ts";
import type { FailedLogins } from "./failed-logins.ts";

/** Nobody has this token, or not any more. */
export class RefusedLogin {
  /** How long the refusal must wait before it is sent, in milliseconds. Meanwhile it should hold next to nothing. */
  readonly delayMs: number;

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }
}

/** What {@link Logins} takes. */
export interface LoginsOptions {
  readonly authenticator: Pick<Authenticator, "authenticate">;
  readonly failedLogins: FailedLogins;
}

/**
 * Where every token is shown, whatever carries it: gRPC calls, upgrades to sessions, the first frames of sessions, and
 * whichever page wants one. A good token lifts what holds for strangers on its connection; a bad one is counted.
 */
export class Logins {
  readonly #authenticator: LoginsOptions["authenticator"];
  readonly #failedLogins: FailedLogins;

  constructor({ authenticator, failedLogins }: LoginsOptions) {
    this.#authenticator = authenticator;
    this.#failedLogins = failedLogins;
  }

  /** Whether the headers of a request show a good token. Nothing is counted. */
  isGood(headers: IncomingHttpHeaders): boolean {
    const { id, secret } = tokenIn(headers);
    return Boolean(id && secret) && this.#authenticator.authenticate(id!, secret!) !== undefined;
  }

  /** Whom a token belongs to. Quick for a good token; `connection` is undefined for one that is gone already. */
  login(
    connection: Connection | undefined,
    tokenId: string | undefined,
    tokenSecret: string | undefined,
  ): Caller | RefusedLogin {
    if (tokenId && tokenSecret) {
      const caller = this.#authenticator.authenticate(tokenId, tokenSecret);
      if (caller !== undefined) {
        connection?.showedToken();
        return caller;
      }
    }
    const address = connection?.address ?? "unknown";
    return new RefusedLogin(this.#failedLogins.add({ address, tokenId }));
  }
}

/** The token in the headers of a request, as far as it is there. */
export function tokenIn(headers: IncomingHttpHeaders): {
  readonly id: string | undefined;
  readonly secret: string | undefined;
} {
  return {
    id: singleHeader(headers["x-modal-token-id"]),
    secret: singleHeader(headers["x-modal-token-secret"]),
  };
}
