import { createError, type DictService, type EverdictError, type Role } from "@everdict/protocol";
import { platform } from "#platform";
import { checkArgument, checkOptions, notMadeWithNew } from "./arguments/check-options.ts";
import { clientKind, oneOf, serviceKind } from "./arguments/option-kinds.ts";
import type { CodecOptions } from "./codec-options.ts";
import { certificatesIn } from "./connection/certificates.ts";
import { openConnection } from "./connection/open-connection.ts";
import { isOfNothingSaid, resolveTarget } from "./connection/resolve-target.ts";
import { Environments } from "./environments.ts";
import { type Feature, features, refusalOf } from "./features.ts";
import type { ServiceConnection, Transport } from "./platform/platform.ts";
import { type RequestOptions, waitForShared } from "./request-options.ts";

/** Where and how to connect. All options may be left out: then the environment variables and Modal's profile decide. */
export interface ConnectOptions {
  /**
   * `http://host:port` or `https://host:port` (with `tokenId:tokenSecret@` before the host if it carries the
   * credentials), the same with `ws` and `wss` to force WebSocket, `unix:PATH`, `file:DIRECTORY`, `memory:` or
   * `memory:NAME`. Default: `EVERDICT_URL`, else Modal's own settings.
   */
  readonly url?: string | undefined;
  /** Default: from the URL, `EVERDICT_TOKEN_ID`, `MODAL_TOKEN_ID`, or Modal's profile file. */
  readonly tokenId?: string | undefined;
  /** The secret of the token. It comes from the same place as `tokenId`. */
  readonly tokenSecret?: string | undefined;
  /** What an empty environment name means. Default: `EVERDICT_ENVIRONMENT`, `MODAL_ENVIRONMENT`, the server's. */
  readonly environment?: string | undefined;
  /** A profile of Modal's profile file. Default: `MODAL_PROFILE`, else the active one. */
  readonly profile?: string | undefined;
  /** How long a call may take unless it says otherwise, in milliseconds. Default: 120,000 over a network. */
  readonly timeoutMs?: number | undefined;
  /**
   * How to talk to a server. `session` sends many calls in a batch over one connection. `grpc` is what Modal's own
   * clients speak. Default: a session, or gRPC if the server has no sessions, as Modal's cloud.
   */
  readonly transport?: Transport | undefined;
  /**
   * Whether to wait actively for answers, for up to 0.25 ms and only with few calls under way: less latency for calls
   * made one after the other, at the cost of CPU time. Sessions in Node, Bun and Deno only. Default: false.
   */
  readonly lowLatency?: boolean | undefined;
  /**
   * How long to wait for a server that was never reached, in milliseconds, because it may just be starting. 0: do not
   * wait; a few attempts decide. A call whose own time is over sooner gives up sooner. An error that cannot pass by
   * itself (a refused token, a certificate that is not trusted) ends the wait at once. After a server was reached once,
   * each call waits for it until its own time is over. Default: `timeoutMs`, else 30,000.
   */
  readonly waitForServerMs?: number | undefined;
  /**
   * Certificates of authorities to trust instead of the platform's, as PEM text: for `https:`, `wss:` and `rediss:`, in
   * Node, Bun and Deno. Default: those of the platform and of `NODE_EXTRA_CA_CERTS`. See docs/tls.md.
   */
  readonly ca?: string | undefined;
  /** How keys are written and values read: floats, classes that are not known, limits. Default: see each. */
  readonly codec?: CodecOptions | undefined;
}

/** What {@link Client.close} takes. */
export interface CloseOptions {
  /**
   * How long to wait for calls under way, in milliseconds. Default: 10,000 for a server, 3,000 for an engine on a
   * cluster. For an engine on a directory there is no limit: the wait ends when it has written everything.
   */
  readonly timeoutMs?: number | undefined;
}

/** What {@link Client.fromService} takes. */
export interface ServiceOptions {
  /** What an empty environment name means. Default: the service's own default. */
  readonly environment?: string | undefined;
  /** How long a call may take unless it says otherwise, in milliseconds. Default: unbounded. */
  readonly timeoutMs?: number | undefined;
  /** How keys are written and values read: floats, classes that are not known, limits. Default: see each. */
  readonly codec?: CodecOptions | undefined;
}

/**
 * What a client is once it knows where to go.
 *
 * @internal
 */
export interface Session {
  readonly service: DictService;
  /** What an empty environment name means; empty: the server's own default. */
  readonly environment: string;
  /** Why the service cannot do something beyond Modal's calls; undefined: it can. */
  readonly refusalOf: (feature: Feature) => EverdictError | undefined;
  /** What the token may do; undefined: not known. */
  readonly role: () => Role | undefined;
}

interface Opened extends Session {
  readonly connection: ServiceConnection | undefined;
}

type OpenService = (
  signal: AbortSignal,
  onTrouble: (trouble: EverdictError | undefined) => void,
) => Promise<Opened>;

const featureKind = oneOf(features);

let processDefault: Client | undefined;

/**
 * A connection to dictionaries: to a server, to Modal's cloud, or to an engine in this process.
 *
 * Making a client does nothing yet. The first call decides where to go and connects, so `not_configured` and other
 * errors of configuration show there. All calls share one connection. If it is lost, the client opens it again and
 * repeats calls under way, so that a restart of the server shows only as a delay. An idle client keeps no process
 * alive.
 *
 * `file:` and `memory:` clients of one process share one engine per directory or name. The engine closes with the last
 * of them, and the entries of `memory:` go with it.
 *
 * @example
 * await using client = Client.connect({ url: "memory:" });
 * const jobs = Dict.fromName("jobs", { createIfMissing: true, client });
 */
export class Client implements AsyncDisposable {
  readonly #open: OpenService;
  readonly #abort = new AbortController();
  #opened: Promise<Opened> | undefined;
  #trouble: EverdictError | undefined;
  #isUnconfigured = false;
  #closing: Promise<void> | undefined;
  /** How long a call may take unless it says otherwise, in milliseconds; undefined: the transport's default. */
  readonly timeoutMs: number | undefined;
  /** The environments of the workspace. */
  readonly environments: Environments;

  /** How the dictionaries of this client write keys and read values. */
  readonly codec: CodecOptions;

  private constructor(open: OpenService, options: ServiceOptions) {
    if (typeof open !== "function") throw notMadeWithNew("A Client", "Client.connect({ url })");
    this.#open = open;
    this.timeoutMs = options.timeoutMs;
    this.codec = options.codec ?? {};
    this.environments = new Environments(this);
  }

  /**
   * Makes a client for the given place, or for the place that the environment names. It opens nothing yet; its calls
   * may fail.
   *
   * @throws {InvalidError} `invalid_argument` for an option that is not known or of the wrong kind
   */
  static connect(options: ConnectOptions = {}): Client {
    checkOptions("Client.connect", options);
    const { timeoutMs, transport, lowLatency, waitForServerMs } = options;
    const ca = options.ca === undefined ? undefined : certificatesIn(options.ca);
    return new Client(async (signal, onTrouble) => {
      const { target, environment } = await resolveTarget(options, platform);
      const network = { timeoutMs, transport, lowLatency, waitForServerMs, ca, signal, onTrouble };
      const connection = await openConnection(target, network);
      const { service } = connection;
      return {
        service,
        environment,
        connection,
        refusalOf: (one) => refusalOf(connection.isLesser?.(), one),
        role: connection.role ?? (() => "admin"),
      };
    }, options);
  }

  /**
   * Makes a client of a service that the program made, for example an engine's. Closing the client leaves the service
   * open.
   */
  static fromService(service: DictService, options: ServiceOptions = {}): Client {
    checkArgument("Client.fromService", "service", serviceKind, service);
    checkOptions("Client.fromService", options);
    const opened: Opened = {
      service,
      environment: options.environment ?? "",
      connection: undefined,
      refusalOf: () => undefined,
      role: () => "admin",
    };
    return new Client(async () => opened, options);
  }

  /**
   * The client that is used where none is given. There is one for the whole process, for the place that the environment
   * names.
   */
  static default(): Client {
    if (processDefault === undefined || processDefault.#closing) processDefault = Client.connect();
    return processDefault;
  }

  /**
   * Makes a client the process-wide default, or, with `undefined`, lets the next use make a fresh one. The
   * client that was the default stays open. Meant for tests and for programs that configure in one place.
   */
  static setDefault(client: Client | undefined): void {
    if (client !== undefined) checkArgument("Client.setDefault", "client", clientKind, client);
    processDefault = client;
  }

  /**
   * The service behind this client, connected if need be. It speaks bytes; {@link Dict} is what programs want.
   *
   * @param bounds how long to wait for it.
   * @throws `not_configured`, `store_locked`, `unauthenticated`, `unavailable` if the server is not there or the
   *   client was closed
   */
  async service(bounds?: RequestOptions): Promise<DictService> {
    if (bounds !== undefined) checkOptions("client.service", bounds);
    return (await this.session(bounds)).service;
  }

  /**
   * Whether the place that this client is connected to can do something beyond Modal's own calls. Connects if need be,
   * and asks nothing. Modal's cloud can do what the client makes of Modal's calls, an older server of ours nothing; one
   * that is reached over gRPC says so only at the call itself (`unimplemented`). Other places can do everything.
   *
   * @throws {InvalidError} `invalid_argument` for a feature that there is not
   * @throws what connecting throws
   * @example if (await client.supports("increment")) await hits.increment("page");
   */
  async supports(feature: Feature, bounds?: RequestOptions): Promise<boolean> {
    if (bounds !== undefined) checkOptions("client.supports", bounds);
    checkArgument("client.supports", "feature", featureKind, feature);
    return (await this.session(bounds)).refusalOf(feature) === undefined;
  }

  /**
   * What the token of this client may do, so that a program need not offer what would be refused. Connects if need be.
   * It says nothing about environments: those that a token may not see are not listed for it. Over a session the server
   * says it when it is connected to; undefined over gRPC, and of an older server, where only a call shows it. A place in
   * this process has no tokens, so there it is `admin`.
   *
   * @throws what connecting throws
   * @example if ((await client.role()) !== "read-only") await jobs.put("a", 1);
   */
  async role(bounds?: RequestOptions): Promise<Role | undefined> {
    if (bounds !== undefined) checkOptions("client.role", bounds);
    return (await this.session(bounds)).role();
  }

  /** @internal */
  session(bounds?: RequestOptions): Promise<Session> {
    if (this.#closing) return Promise.reject(createError("unavailable", "the client is closed"));
    const onTrouble = (trouble: EverdictError | undefined) => {
      this.#trouble = trouble;
    };
    this.#opened ??= this.#open(this.#abort.signal, onTrouble).catch((error: unknown) => {
      // What was wrong may be put right: the next use tries again.
      this.#opened = undefined;
      this.#isUnconfigured = isOfNothingSaid(error);
      throw error;
    });
    return waitForShared(this.#opened, bounds, () => this.#trouble);
  }

  /** Why there is no connection; undefined if there is one, or nothing went wrong. @internal */
  get trouble(): EverdictError | undefined {
    return this.#trouble;
  }

  /** Whether the last try to connect failed because no setting says where. @internal */
  get isUnconfigured(): boolean {
    return this.#isUnconfigured;
  }

  /**
   * Closes the connection, and the engine if this was its last client in the process. Calls under way finish first, and
   * streams end. Later calls fail with `unavailable`. Safe to repeat; the first limit counts. What was acknowledged is
   * kept, however the wait ends.
   *
   * @param options how long to wait. Calls that a server has not answered in this time fail with `unavailable`.
   * @throws `store_closed` if this was the last client of a `file:` and the disk has failed: everything is closed, but
   *   the latest entries of dictionaries that are not `sync` may be lost; `deadline_exceeded` if an engine in this
   *   process takes longer than `timeoutMs`: it goes on closing
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions("client.close", options);
    this.#closing ??= this.#close(options.timeoutMs);
    await this.#closing;
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#abort.abort();
    const connection = await opened?.then(
      (one) => one.connection,
      () => undefined,
    );
    await connection?.close(timeoutMs);
  }

  /** Closes the client. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
