/**
 * The router: sends each command to the owner of its slot and does not give up before the command's deadline.
 *
 * Every command must be safe to repeat; the store ensures that with idempotency keys. So there is one rule for every
 * outcome: a command that was not done, or may not have been done, is done again. The servers' answers only decide
 * where and when (see `reply-signal.ts`). Through a failover the router holds calls, since clients give up far sooner.
 *
 * **Order.** Writes on one slot take effect in the order in which they were made: they share a lane, and once one of
 * them must be sent again, later ones queue behind it until none is under way. One exception: of several writes that
 * were under way together, one that a server put off (TRYAGAIN, in the middle of a reshard) can come after another.
 *
 * **Bounds.** Calls pending for one server are bounded in bytes; beyond, new ones are refused before anything is
 * done. A single call always fits.
 */

import { createError, type EverdictError, InFlight } from "@everdict/protocol";
import { slotCount } from "../keys/key-slot.ts";
import type { Reply, ReplyError } from "../resp/reply.ts";
import { type Address, addressParts } from "./address.ts";
import { type Answer, Call, type Command, placeOf } from "./call.ts";
import { HeldSlots, pauseMs } from "./held-slots.ts";
import type { LaneEvents } from "./lane.ts";
import { replySignal } from "./reply-signal.ts";
import { Counts, type RouterStats } from "./router-stats.ts";
import { ServerLink } from "./server-link.ts";
import { SlotOwners } from "./slot-owners.ts";
import type { Transport } from "./transport.ts";

/** What a router is told. */
export interface RouterOptions {
  readonly transport: Transport;
  /** Where to begin; the servers name the others. */
  readonly seeds: readonly Address[];
  /** Connections a server for writes, and as many for reads. */
  readonly lanes: number;
  /** How many replicas must have a durable write before it is answered. */
  readonly waitReplicas: number;
  /** A server that owes replies and is silent for so long is given up. Below the cluster's node timeout. */
  readonly commandTimeoutMs: number;
  /** How long a call may take in all. Above the time that a failover takes. */
  readonly deadlineMs: number;
  /** How many bytes of calls may be pending for one server. */
  readonly pendingMaxBytes: number;
  /** Told of a record that this version of Everdict did not write; makes the error for the call that met it. */
  readonly onForeign: (what: string) => EverdictError;
}

const longestTickMs = 100;
/** A call may be given up so much of its time too early. */
const deadlineSlack = 1 / 8;
const waitSliceMs = 500;
/** This many redirects are followed at once; after that the cluster is given time. */
const redirectsAtOnceMax = 4;
/** When to come back after a refusal. */
const retryAfterMs = 1_000;

/** Sends commands to the owners of their slots. */
export class Router {
  readonly #options: RouterOptions;
  readonly #owners: SlotOwners;
  readonly #links = new Map<Address, ServerLink>();
  /** How many calls are under way, by slot and kind. */
  readonly #underWay = new Int32Array(2 * slotCount);
  readonly #held = new HeldSlots({
    isUnderWay: (place) => this.#underWay[place]! > 0,
    send: (call) => this.#send(call),
  });
  readonly #retries = new Counts();
  readonly #retriesByServer = new Counts();
  #waitShortfalls = 0;
  #notReplicated = 0;
  #deadlinesExceeded = 0;
  #refusedOverloaded = 0;
  #callsMade = 0;
  readonly #inFlight = new InFlight();
  #ticker: NodeJS.Timeout | undefined;
  #closed = false;
  /** From then on no call is held any longer, whatever its deadline. */
  #giveUpAtMs = Number.POSITIVE_INFINITY;
  /** Why some servers are given no writes that must last. */
  #refusals: ReadonlyMap<Address, EverdictError> = new Map();

  constructor(options: RouterOptions) {
    this.#options = options;
    const { transport, seeds } = options;
    this.#owners = new SlotOwners(transport, seeds, (owners) => this.#dropUnused(owners));
  }

  /** Whether the servers are in Cluster mode. Known once opened. */
  get isCluster(): boolean {
    return this.#owners.isCluster;
  }

  /** Masters and replicas. Known once opened. */
  servers(): readonly Address[] {
    return this.#owners.servers;
  }

  /** Has writes that must last refused on these servers, before anything is done, and on no others. */
  refuse(errors: ReadonlyMap<Address, EverdictError>): void {
    this.#refusals = errors;
  }

  get #tickMs(): number {
    return Math.min(longestTickMs, this.#options.deadlineMs * deadlineSlack);
  }

  /** Counters since it was opened. */
  stats(): RouterStats {
    return {
      retries: this.#retries.snapshot(),
      retriesByServer: this.#retriesByServer.snapshot(),
      waitShortfalls: this.#waitShortfalls,
      notReplicated: this.#notReplicated,
      deadlinesExceeded: this.#deadlinesExceeded,
      refusedOverloaded: this.#refusedOverloaded,
      ...this.#owners.stats,
    };
  }

  /** Learns who owns what. @throws `unavailable`, `permission_denied` */
  async open(): Promise<void> {
    await this.#owners.refresh();
    this.#ticker = setInterval(this.#tick, this.#tickMs).unref();
  }

  /**
   * Sends a command to the owner of its slot, as often as it takes.
   *
   * @throws `overloaded` before anything is done; `unavailable` after the deadline, with an unknown outcome;
   *   `store_full`, `permission_denied`, `internal` as a server answered.
   */
  call(command: Command): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#begin(command, ({ reply }) => resolve(reply), reject);
    });
  }

  /** As `call`, and says which connection answered. */
  ask(command: Command): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#begin(command, ({ reply, connectionId }) => resolve({ reply, connectionId }), reject);
    });
  }

  /** Whether every call so far is settled. */
  get isIdle(): boolean {
    return this.#inFlight.isIdle;
  }

  /** Resolves when every call so far is settled. */
  idle(): Promise<void> {
    return this.#inFlight.idle();
  }

  /** Gives up what has no answer by then, since the caller of a close waits for it. */
  giveUpIn(ms: number): void {
    this.#giveUpAtMs = performance.now() + ms;
  }

  /** Ends all connections. Calls still under way fail with `store_closed`; have none. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#owners.close();
    for (const link of this.#links.values()) link.close();
    for (const call of this.#held.takeAll()) {
      this.#reject(call, createError("store_closed", "the store is closed"));
    }
  }

  #begin(command: Command, onAnswered: (call: Call) => void, reject: (error: EverdictError) => void): void {
    const order = { number: this.#callsMade++, deadlineAtMs: performance.now() + this.#options.deadlineMs };
    const call = new Call(command, order, onAnswered, reject);
    this.#inFlight.begin();
    if (!this.#admit(call) || this.#held.queue(placeOf(call), call)) return;
    this.#send(call);
  }

  #send(call: Call): void {
    const owner = call.askAt ?? this.#owners.of(call.slot);
    if (owner === undefined) {
      this.#retry(call, "unowned", "its slot has no owner");
      this.#owners.requestRefresh();
      return;
    }
    this.#underWay[placeOf(call)]!++;
    this.#link(owner).lane(call.slot, call.writes).add(call);
  }

  /** Counts a new call towards the bound of its server; refuses it if there is too much already. */
  #admit(call: Call): boolean {
    const { pendingMaxBytes } = this.#options;
    const owner = this.#owners.of(call.slot);
    if (owner === undefined) return true;
    const refusal = call.durable && this.#refusals.size > 0 ? this.#refusals.get(owner) : undefined;
    if (refusal !== undefined) {
      this.#reject(call, refusal);
      return false;
    }
    const link = this.#link(owner);
    if (link.pendingBytes > 0 && link.pendingBytes + call.bytes > pendingMaxBytes) {
      this.#refusedOverloaded++;
      const message = `${link.pendingBytes} bytes are pending for one server, the limit is ${pendingMaxBytes}`;
      this.#reject(call, createError("overloaded", message, { retryAfterMs }));
      return false;
    }
    link.pendingBytes += call.bytes;
    call.countedBy = link;
    return true;
  }

  readonly #events: LaneEvents = {
    onAnswered: (call) => {
      this.#left(call);
      this.#settle(call);
      call.onAnswered(call);
    },
    onErrorReply: (call, error, from) => {
      this.#left(call);
      this.#onErrorReply(call, error, from);
    },
    onLost: (call, sent, reason, by) => {
      this.#left(call);
      if (this.#closed) return this.#reject(call, createError("store_closed", "the store is closed"));
      this.#retriesByServer.add(by);
      this.#retry(call, sent ? "lost" : "refused", reason.message);
      this.#owners.requestRefresh();
    },
    onOverdue: (call, done) => {
      this.#left(call);
      if (!done) return this.#giveUp(call, "its server does not answer");
      this.#notReplicated++;
      const { waitReplicas, deadlineMs } = this.#options;
      const message = `fewer than ${waitReplicas} replicas had the write within ${deadlineMs} ms; it may stay`;
      this.#reject(call, createError("unavailable", message));
    },
    onWaitShortfall: () => {
      this.#waitShortfalls++;
    },
  };

  #onErrorReply(call: Call, error: ReplyError, from: Address): void {
    const signal = replySignal(error, addressParts(from).host);
    switch (signal.kind) {
      case "moved":
        this.#owners.patch(signal.slot, signal.address);
        this.#owners.requestRefresh();
        this.#redirect(call, "moved", from);
        return;
      case "ask":
        call.askAt = signal.address;
        this.#redirect(call, "ask", from);
        return;
      case "noscript":
        call.sendText = true;
        this.#redirect(call, "noscript", from);
        return;
      case "again":
      case "unknown":
        this.#retriesByServer.add(from);
        if (signal.code !== "TRYAGAIN") this.#owners.requestRefresh();
        this.#retry(call, signal.code.toLowerCase(), error.message);
        return;
      case "foreign":
        this.#reject(call, this.#options.onForeign(`${signal.what} in slot ${call.slot}`));
        return;
      case "fail":
        this.#reject(call, signal.error);
        return;
    }
  }

  #redirect(call: Call, reason: string, from: Address): void {
    this.#retriesByServer.add(from);
    const atOnce = call.attempts < redirectsAtOnceMax;
    call.attempts++;
    this.#hold(call, reason, atOnce ? 0 : pauseMs(call.attempts), false);
  }

  #retry(call: Call, reason: string, detail: string): void {
    call.attempts++;
    if (call.optional || performance.now() >= call.deadlineAtMs) {
      this.#giveUp(call, detail);
      return;
    }
    call.script?.renew?.(call.command);
    this.#hold(call, reason, pauseMs(call.attempts), true);
  }

  #hold(call: Call, reason: string, forMs: number, careful: boolean): void {
    this.#retries.add(reason);
    this.#held.hold(placeOf(call), call, forMs, careful);
  }

  /** A call is no longer on a lane. */
  #left(call: Call): void {
    const place = placeOf(call);
    this.#underWay[place]!--;
    if (!this.#held.isEmpty) this.#held.left(place);
  }

  readonly #tick = (): void => {
    const nowMs = performance.now();
    // Rather a tick too early than one too late.
    const overdueAtMs = nowMs < this.#giveUpAtMs ? nowMs + this.#tickMs : Number.POSITIVE_INFINITY;
    for (const link of this.#links.values()) {
      link.checkSilence(nowMs);
      link.checkDeadlines(overdueAtMs);
    }
    if (!this.#held.isEmpty) {
      for (const call of this.#held.takeOverdue(overdueAtMs)) this.#giveUp(call, "its servers do not answer");
    }
    this.#owners.refreshIfOld(nowMs);
  };

  #giveUp(call: Call, reason: string): void {
    if (!call.optional) this.#deadlinesExceeded++;
    const isClosing = performance.now() >= this.#giveUpAtMs;
    const when = isClosing ? "before the store was closed" : `within ${this.#options.deadlineMs} ms`;
    const message = `no server of the cluster could do it ${when} (${reason}); it may have been done`;
    this.#reject(call, createError("unavailable", message));
  }

  #reject(call: Call, error: EverdictError): void {
    this.#settle(call);
    call.reject(error);
  }

  #settle(call: Call): void {
    if (!this.#held.isEmpty) this.#held.settled(placeOf(call), call);
    this.#inFlight.end();
    if (call.countedBy === undefined) return;
    call.countedBy.pendingBytes -= call.bytes;
    call.countedBy = undefined;
  }

  #link(address: Address): ServerLink {
    let link = this.#links.get(address);
    if (link === undefined) {
      const { transport, lanes, waitReplicas, commandTimeoutMs } = this.#options;
      const timing = {
        waitSliceMs: Math.min(waitSliceMs, commandTimeoutMs / 2),
        silenceMaxMs: commandTimeoutMs,
      };
      link = new ServerLink({ address, transport, events: this.#events, lanes, waitReplicas, ...timing });
      this.#links.set(address, link);
    }
    return link;
  }

  /** Ends connections to servers that own nothing any more. */
  #dropUnused(owners: ReadonlySet<Address>): void {
    for (const [address, link] of this.#links) {
      if (owners.has(address) || !link.isIdle || link.pendingBytes > 0) continue;
      link.close();
      this.#links.delete(address);
    }
  }
}
