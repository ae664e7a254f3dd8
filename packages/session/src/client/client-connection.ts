import type { EverdictError } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { ClientLink } from "./client-link.ts";
import { type ConnectionOptions, linkOptions, resolveConnectionOptions } from "./connection-options.ts";
import { closedError, Dispatcher } from "./dispatcher.ts";
import { SessionCalls } from "./session-calls.ts";

/**
 * A session over one given connection, as a `DictService`.
 *
 * Calls made in one turn of the event loop travel together. Beyond the window calls wait in order, and their signal and
 * timeout hold while they wait. Nothing is repeated: when the connection is lost, calls under way end with
 * `unavailable`, and may have been applied. The bytes of a call must not change until it settles. The bytes of an
 * answer may share memory with others that arrived together, so copy what you keep for long.
 *
 * @example
 * const connection = new SessionClientConnection(carrier, { tokenId, tokenSecret });
 * const value = await connection.get(dictId, key);
 */
export class SessionClientConnection extends SessionCalls {
  /** Resolves once the server has accepted; rejects with its refusal, or `unavailable`. */
  readonly ready: Promise<void>;
  /** Resolves once the connection is over, with the reason. */
  readonly closed: Promise<EverdictError>;
  protected override readonly dispatcher: Dispatcher;
  readonly #link: ClientLink;

  /** The carrier must not have been started. */
  constructor(carrier: Carrier, options: ConnectionOptions = {}) {
    super();
    const resolved = resolveConnectionOptions(options);
    this.dispatcher = new Dispatcher({
      timers: resolved.timers,
      defaultTimeoutMs: resolved.timeoutMs,
      numbersKeys: false,
      onLinkNeeded: () => {},
      unreachable: () => undefined,
    });
    const { dispatcher } = this;
    let accept!: () => void;
    let refuse!: (error: EverdictError) => void;
    let end!: (error: EverdictError) => void;
    this.ready = new Promise((resolve, reject) => {
      accept = resolve;
      refuse = reject;
    });
    // If nobody awaits it, the calls report the error.
    this.ready.catch(() => {});
    this.closed = new Promise((resolve) => {
      end = resolve;
    });
    this.#link = new ClientLink(
      linkOptions(resolved, carrier, {
        onReady: (link) => {
          dispatcher.use(link);
          accept();
        },
        onRoom: (link) => dispatcher.pump(link),
        onDraining: (link) => {
          dispatcher.retire(link);
          const error = closedError();
          void dispatcher.close(error);
          dispatcher.failWaiting(error);
        },
        onFailure: (operation, error) => operation.fail(error),
        onLost: (link, error, unanswered) => {
          dispatcher.remove(link);
          void dispatcher.close(error);
          for (const operation of unanswered) operation.fail(error);
          dispatcher.failWaiting(error);
          refuse(error);
          end(error);
        },
      }),
    );
  }

  /** Refuses new calls, waits for those under way, and ends the connection. Safe to repeat. */
  async close(): Promise<void> {
    await this.dispatcher.close(closedError());
    this.#link.drain();
    await this.closed;
  }
}
