import type { Socket } from "node:net";
import type { Logger } from "pino";
import type { Health } from "../health.ts";
import { type AccountOfConnections, Connection, OpenRequest } from "./connection.ts";
import type { ConnectionCounts } from "./connection-counts.ts";
import {
  answerPatienceSeconds,
  pipelinedRequestsMax,
  resetPatienceSeconds,
  strangerGraceMs,
  strangerPatienceSeconds,
  strangerStreamsMax,
  strangersMaxBytes,
  strangersOfAddressMaxBytes,
} from "./connection-limits.ts";
import { type DescriptorShares, descriptorShares } from "./descriptor-limit.ts";
import { FullNotice } from "./full-notice.ts";
import { peerAddress } from "./peer-address.ts";

/**
 * The one account of connections: how many there are beside the descriptors that the store needs, and what those may
 * use on which no token was seen.
 *
 * When there is no room for another connection, the oldest stranger of the address with most strangers makes room,
 * if it had its time to show a token; else the new one is refused. Connections of callers are never ended here. Only
 * requests without a good token are counted, so that nothing here ever stands in the way of a call with one.
 */

/** What {@link ConnectionAccount} takes. */
export interface ConnectionAccountOptions {
  /** How many connections there may be. Default, and never more: what the platform allows less what is kept back. */
  readonly connectionsMax?: number | undefined;
  /** Default: of this process. */
  readonly descriptors?: DescriptorShares;
  readonly health: Health;
  readonly logger: Logger;
}

/** The part of the platform that is not in its types. */
interface NativeHandle {
  readonly fd?: number;
}

interface AddressShare {
  /** The oldest first. */
  readonly strangers: Set<Connection>;
  bytes: number;
}

/** Patience is counted in ticks, so that a machine that was suspended ends nobody when it wakes. */
const tickMs = 1000;

/** Counts the connections of one server. */
export class ConnectionAccount implements AccountOfConnections {
  readonly #connectionsMax: number;
  readonly #descriptors: DescriptorShares;
  readonly #connections = new Set<Connection>();
  readonly #strangers = new Set<Connection>();
  readonly #addresses = new Map<string, AddressShare>();
  /** The oldest first. */
  readonly #requests = new Set<OpenRequest>();
  readonly #byCarrier = new WeakMap<object, Connection>();
  readonly #full: FullNotice;
  readonly #crowded: FullNotice;
  #strangersBytes = 0;
  #tick = 0;
  readonly #timer: NodeJS.Timeout;

  constructor({ health, logger, ...options }: ConnectionAccountOptions) {
    this.#connectionsMax = options.connectionsMax ?? Number.POSITIVE_INFINITY;
    this.#descriptors = options.descriptors ?? descriptorShares();
    this.#full = new FullNotice("the limit of connections", { logger, health, part: "connections" });
    this.#crowded = new FullNotice("the room for connections without a token", { logger });
    this.#timer = setInterval(() => this.#onTick(), tickMs).unref();
  }

  /** What there is now. */
  get counts(): ConnectionCounts {
    return {
      connections: this.#connections.size,
      connectionsMax: Math.min(this.#connectionsMax, this.#descriptors.connections),
      strangers: this.#strangers.size,
      strangersBytes: this.#strangersBytes,
    };
  }

  /** Lets a connection in, as a stranger's; undefined, and nothing counted, if it must be refused. */
  admit(socket: Socket, isTls: boolean): Connection | undefined {
    const address = peerAddress(socket.remoteAddress);
    if (this.#isFull(socket) && !this.#displace(this.#heaviest(), this.#full)) return undefined;
    const connection = new Connection({ account: this, socket, address, isTls, tick: this.#tick });
    this.#connections.add(connection);
    this.#strangers.add(connection);
    this.#shareOf(address).strangers.add(connection);
    if (this.changed(connection, connection.weightOf("arrived"))) return connection;
    connection.left();
    return undefined;
  }

  /** The connection that something travels on, if {@link carries} said so. */
  of(carrier: object | undefined): Connection | undefined {
    return carrier === undefined ? undefined : this.#byCarrier.get(carrier);
  }

  /** What travels on a connection under this object: its socket, the TLS or HTTP/2 session on it. */
  carries(connection: Connection, carrier: object): void {
    this.#byCarrier.set(carrier, connection);
  }

  changed(connection: Connection, bytes: number): boolean {
    return !connection.isStranger || this.#charge(connection, bytes);
  }

  known(connection: Connection): void {
    this.#strangers.delete(connection);
    this.#addresses.get(connection.address)?.strangers.delete(connection);
    this.#release(connection, connection.weightOf(connection.kind));
  }

  begin(connection: Connection, weightBytes: number, cancel: () => void): OpenRequest | undefined {
    if (connection.isOver) return undefined;
    const openMax = connection.kind === "http1" ? pipelinedRequestsMax : strangerStreamsMax;
    const fits = connection.openRequests < openMax;
    if (!fits || !this.#charge(connection, weightBytes)) {
      if (connection.isStranger) connection.destroy();
      return undefined;
    }
    connection.openRequests++;
    const request = new OpenRequest(this, { connection, weightBytes, sinceTick: this.#tick, cancel });
    this.#requests.add(request);
    return request;
  }

  finished(request: OpenRequest): void {
    if (!this.#requests.delete(request)) return;
    const { connection } = request;
    connection.openRequests--;
    connection.idleSinceTick = this.#tick;
    if (!connection.isOver) this.#release(connection, request.weightBytes);
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection);
    this.#strangers.delete(connection);
    this.#addresses.get(connection.address)?.strangers.delete(connection);
    this.#release(connection, connection.weightBytes);
  }

  /** The server has stopped: no patience is counted any more. */
  close(): void {
    clearInterval(this.#timer);
  }

  // ---- Room ----

  /** The system gives the lowest number that is free: all below are in use, by connections and by everything else. */
  #isFull(socket: Socket): boolean {
    const { fd = -1 } = (socket as unknown as { _handle?: NativeHandle })._handle ?? {};
    return this.#connections.size >= this.counts.connectionsMax || fd >= this.#descriptors.connections;
  }

  #charge(connection: Connection, bytes: number): boolean {
    const share = this.#shareOf(connection.address);
    while (share.bytes + bytes > strangersOfAddressMaxBytes) {
      if (!this.#displace(share, this.#crowded, connection)) return false;
    }
    while (this.#strangersBytes + bytes > strangersMaxBytes) {
      if (!this.#displace(this.#heaviest(), this.#crowded, connection)) return false;
    }
    share.bytes += bytes;
    connection.weightBytes += bytes;
    this.#strangersBytes += bytes;
    return true;
  }

  #release(connection: Connection, bytes: number): void {
    connection.weightBytes -= bytes;
    this.#strangersBytes -= bytes;
    const share = this.#addresses.get(connection.address);
    if (share === undefined) return;
    share.bytes -= bytes;
    if (share.bytes === 0 && share.strangers.size === 0) this.#addresses.delete(connection.address);
  }

  /** Ends the oldest stranger of an address if it had its time. False if there is none, and the newcomer must go. */
  #displace(share: AddressShare | undefined, notice: FullNotice, newcomer?: Connection): boolean {
    const latestMs = performance.now() - strangerGraceMs;
    for (const oldest of share?.strangers ?? []) {
      if (oldest === newcomer) continue;
      if (oldest.arrivedAtMs > latestMs) break;
      notice.displaced(this.counts);
      oldest.destroy();
      return true;
    }
    notice.refused(this.counts);
    return false;
  }

  #heaviest(): AddressShare | undefined {
    let heaviest: AddressShare | undefined;
    for (const share of this.#addresses.values()) {
      if (share.strangers.size === 0) continue;
      if (heaviest === undefined || share.bytes > heaviest.bytes) heaviest = share;
    }
    return heaviest;
  }

  #shareOf(address: string): AddressShare {
    let share = this.#addresses.get(address);
    if (share === undefined) {
      share = { strangers: new Set(), bytes: 0 };
      this.#addresses.set(address, share);
    }
    return share;
  }

  // ---- Patience ----

  #onTick(): void {
    this.#tick++;
    for (const connection of this.#strangers) {
      if (connection.openRequests > 0) continue;
      const idleTicks = this.#tick - connection.idleSinceTick;
      if (idleTicks > strangerPatienceSeconds[connection.kind]) connection.close();
    }
    for (const request of this.#requests) {
      const ticks = this.#tick - request.sinceTick;
      if (ticks <= answerPatienceSeconds) break;
      const isOverdue = ticks > answerPatienceSeconds + resetPatienceSeconds;
      if (isOverdue && request.connection.isStranger) request.connection.destroy();
      else request.cancel();
      if (isOverdue) request.finish();
    }
    this.#full.onTick();
    this.#crowded.onTick();
  }
}
