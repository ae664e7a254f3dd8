import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Caller } from "@everdict/engine";
import type { MemoryAccount, PromptDictService } from "@everdict/protocol";
import {
  type SessionAuthorize,
  type SessionCaller,
  SessionHost,
  type SessionLimits,
  SessionRefusal,
} from "@everdict/session";
import { SessionUpgrades } from "@everdict/session/node";
import type { Logger } from "pino";
import type { Authenticator } from "../authenticator.ts";
import type { Connection } from "../connections/connection.ts";
import { type Logins, RefusedLogin } from "../connections/logins.ts";

/** What sessions of a server are made of. */
export interface SessionEndpointOptions {
  readonly serviceFor: (caller: Caller) => PromptDictService;
  readonly authenticator: Pick<Authenticator, "isCurrent">;
  /** Where tokens are shown. */
  readonly logins: Logins;
  /** The connection that a socket is, if it is still there. */
  readonly connectionOf: (socket: object | undefined) => Connection | undefined;
  /** What the clients of the server hold, shared with gRPC. */
  readonly memory: MemoryAccount;
  readonly limits: SessionLimits;
  /** Whether clients may ask that the server waits actively for their next call. */
  readonly lowLatency: boolean;
  /** What the server calls itself. */
  readonly agent: string;
  readonly logger: Logger;
}

/** The sessions of one server. It takes upgrades, and ends with the server. */
export class SessionEndpoint {
  readonly #options: SessionEndpointOptions;
  readonly #host: SessionHost;
  readonly #upgrades: SessionUpgrades;

  constructor(options: SessionEndpointOptions) {
    const { limits, lowLatency, agent, logger } = options;
    this.#options = options;
    const authorize: SessionAuthorize = (...shown) => this.#authorize(...shown);
    this.#host = new SessionHost({
      authorize,
      limits,
      agent,
      lowLatency,
      onSessionError: ({ code, message }) => logger.debug({ code, reason: message }, "a session was ended"),
      onDefect: (caught) => logger.error({ err: caught }, "unexpected exception in a session"),
    });
    this.#upgrades = new SessionUpgrades({ host: this.#host, authorize });
  }

  /** How many sessions there are. */
  get sessionCount(): number {
    return this.#host.sessionCount;
  }

  /** Takes an upgrade over if it is for sessions; false, and nothing done, if not. */
  handle(request: IncomingMessage, socket: Duplex, head: Uint8Array): boolean {
    return this.#upgrades.handle(request, socket, head);
  }

  /**
   * A call over another protocol waits for the engine. Until it has its answer, no session keeps this process awake.
   */
  workBegan(): void {
    this.#host.workBegan();
  }

  /** That call has its answer. */
  workEnded(): void {
    this.#host.workEnded();
  }

  /** Tells the clients to go, lets them finish what they sent, and after `graceMs` ends the rest. */
  close(graceMs: number): Promise<void> {
    return this.#host.close(graceMs);
  }

  /** Ends the sessions whose tokens are not valid any more. */
  checkCallers(): void {
    this.#host.checkCallers();
  }

  #authorize(
    tokenId: string,
    tokenSecret: string,
    socket: object | undefined,
  ): SessionCaller | SessionRefusal {
    const { authenticator, logins, connectionOf, serviceFor, memory } = this.#options;
    const caller = logins.login(connectionOf(socket), tokenId, tokenSecret);
    if (caller instanceof RefusedLogin) return new SessionRefusal(caller.delayMs);
    return {
      service: serviceFor(caller),
      role: caller.access?.role ?? "admin",
      isValid: () => authenticator.isCurrent(caller),
      memory: memory.token(caller.id),
    };
  }
}
