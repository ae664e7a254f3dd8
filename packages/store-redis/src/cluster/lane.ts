/**
 * A lane: one connection to one server, and the calls on it.
 *
 * **Batches.** What is issued in one turn of the event loop leaves in one write, in order.
 *
 * **Group commit.** A batch with durable calls ends with one `WAIT`, which holds for everything the connection wrote
 * before it. The calls of the batch are answered when enough replicas have them. A server does nothing for a connection
 * while a `WAIT` is under way on it. So calls that are issued meanwhile form the next batch. Its `WAIT` is for them,
 * and for calls of the last batch that got too few replicas.
 *
 * **Ends.** When the connection ends, or is silent for too long, every call on it goes back to the router: not sent, or
 * with an unknown outcome. So does a call whose time is over; a later reply to it is ignored. The lane itself never
 * sends a call twice.
 */

import type { Argument } from "../resp/command-writer.ts";
import { type Reply, ReplyError } from "../resp/reply.ts";
import type { Address } from "./address.ts";
import type { Call } from "./call.ts";
import type { Connection, Transport } from "./transport.ts";

/** What a lane tells its router. */
export interface LaneEvents {
  onAnswered(call: Call): void;
  onErrorReply(call: Call, error: ReplyError, from: Address): void;
  /** The connection could not be made or ended; `sent` says whether the call may have been executed. */
  onLost(call: Call, sent: boolean, reason: Error, by: Address): void;
  /** The call's time is over; `done` says whether only replicas were waited for. */
  onOverdue(call: Call, done: boolean): void;
  /** A `WAIT` was not enough and is repeated. */
  onWaitShortfall(): void;
}

/** What a lane is made of. */
export interface LaneOptions {
  readonly address: Address;
  readonly transport: Transport;
  readonly events: LaneEvents;
  /** How many replicas must have a durable write before it is answered. 0: none. */
  readonly waitReplicas: number;
  /** How long one `WAIT` waits. Shorter than `silenceMaxMs`, so that waiting is not taken for silence. */
  readonly waitSliceMs: number;
  /** A server that owes replies and is silent for so long is given up. */
  readonly silenceMaxMs: number;
}

/** What a reply is expected for. */
type Expected = Call | typeof nobody | Wait;
const nobody = Symbol("nobody");
const askingCommand = ["ASKING"];
class Wait {
  readonly calls: Call[];
  constructor(calls: Call[]) {
    this.calls = calls;
  }
}

let connectionsMade = 0;
/** How many replies that were heard are cut off the list of expected ones at a time. */
const cutAfter = 1024;

/** Carries calls to one server on one connection, which it makes when it is needed. */
export class Lane {
  readonly #options: LaneOptions;
  #connection: Connection | undefined;
  #connectionId = 0;
  #connecting = false;
  #flushScheduled = false;
  #waiting = false;
  #queue: Call[] = [];
  #expected: Expected[] = [];
  #heard = 0;
  #lastHeardMs = 0;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Whether no call is on it. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#heard === this.#expected.length;
  }

  /** Adds a call to the batch of this turn. */
  add(call: Call): void {
    this.#queue.push(call);
    this.#scheduleFlush();
  }

  /** Gives the connection up if the server owes replies and has been silent for too long. */
  checkSilence(nowMs: number): void {
    const { silenceMaxMs, address } = this.#options;
    if (this.#heard === this.#expected.length || nowMs - this.#lastHeardMs <= silenceMaxMs) return;
    this.#end(new Error(`${address} was silent for ${silenceMaxMs} ms`));
  }

  /** Hands back the calls whose time is over, wherever they are. */
  checkDeadlines(nowMs: number): void {
    const isOverdue = ({ deadlineAtMs }: Call): boolean => deadlineAtMs <= nowMs;
    const { onOverdue } = this.#options.events;
    const queued = this.#queue.filter(isOverdue);
    if (queued.length > 0) this.#queue = this.#queue.filter((call) => !isOverdue(call));
    const sent: Call[] = [];
    const done: Call[] = [];
    for (let index = this.#heard; index < this.#expected.length; index++) {
      const one = this.#expected[index]!;
      if (one === nobody) continue;
      if (one instanceof Wait) {
        done.push(...one.calls.filter((call) => call.batch === one && isOverdue(call)));
      } else if (isOverdue(one)) {
        this.#expected[index] = nobody;
        one.batch = undefined;
        sent.push(one);
      }
    }
    for (const call of done) call.batch = undefined;
    for (const call of [...queued, ...sent]) onOverdue(call, false);
    for (const call of done) onOverdue(call, true);
  }

  /** Ends the connection; calls still on it go back to the router. */
  close(): void {
    this.#closed = true;
    this.#end(new Error("the lane was closed"));
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushScheduled = false;
    if (this.#queue.length === 0) return;
    if (this.#closed) {
      this.#end(new Error("the lane was closed"));
      return;
    }
    if (this.#connection !== undefined) {
      if (!this.#waiting) this.#send(this.#connection, []);
    } else if (!this.#connecting) void this.#connect();
  };

  /** Sends what is queued; `durable` are calls that were sent before and that replicas do not have yet. */
  #send(connection: Connection, durable: Call[]): void {
    const { waitReplicas } = this.#options;
    if (this.#heard === this.#expected.length) this.#lastHeardMs = performance.now();
    const calls = this.#queue;
    this.#queue = [];
    for (const call of calls) {
      if (call.askAt !== undefined) {
        call.askAt = undefined;
        connection.add(askingCommand);
        this.#expected.push(nobody);
      }
      connection.add(call.command, prefixOf(call));
      this.#expected.push(call);
      if (waitReplicas > 0 && call.durable) durable.push(call);
    }
    if (durable.length > 0) {
      connection.add(["WAIT", waitReplicas, this.#options.waitSliceMs]);
      this.#waiting = true;
      const wait = new Wait(durable);
      for (const call of durable) call.batch = wait;
      this.#expected.push(wait);
    }
    connection.flush();
  }

  async #connect(): Promise<void> {
    const { transport, address } = this.#options;
    this.#connecting = true;
    let ended = false;
    try {
      const connection = await transport.connect(address, {
        onReply: (reply) => this.#onReply(reply),
        onEnd: (reason) => {
          ended = true;
          this.#end(reason);
        },
      });
      this.#connecting = false;
      if (this.#closed || ended) connection.destroy();
      else {
        this.#connection = connection;
        this.#connectionId = ++connectionsMade;
      }
      // Also if it has ended again: calls may have come in between.
      this.#flush();
    } catch (error) {
      this.#connecting = false;
      this.#end(error as Error);
    }
  }

  #onReply(reply: Reply): void {
    const expected = this.#expected[this.#heard++];
    if (this.#heard >= cutAfter) {
      this.#expected = this.#expected.slice(this.#heard);
      this.#heard = 0;
    }
    this.#lastHeardMs = performance.now();
    if (expected === undefined) this.#end(new Error(`${this.#options.address} sent a reply to nothing`));
    else if (expected === nobody) return;
    else if (expected instanceof Wait) this.#onWaited(expected, reply);
    else this.#onCallReply(expected, reply);
  }

  #onCallReply(call: Call, reply: Reply): void {
    const { events, waitReplicas, address } = this.#options;
    if (reply instanceof ReplyError) {
      call.batch = undefined;
      events.onErrorReply(call, reply, address);
      return;
    }
    call.reply = reply;
    call.connectionId = this.#connectionId;
    // Otherwise the answer is given when the WAIT behind it is over.
    if (!call.durable || waitReplicas === 0) events.onAnswered(call);
  }

  #onWaited(wait: Wait, reply: Reply): void {
    const { events, waitReplicas, address } = this.#options;
    this.#waiting = false;
    if (this.#queue.length > 0) this.#scheduleFlush();
    // Those that failed were handed over at their own replies, and may be on their way again elsewhere.
    const waited = wait.calls.filter((call) => call.batch === wait);
    for (const call of waited) call.batch = undefined;
    if (reply instanceof ReplyError) {
      for (const call of waited) events.onErrorReply(call, reply, address);
    } else if ((reply as number) >= waitReplicas) {
      for (const call of waited) events.onAnswered(call);
    } else {
      events.onWaitShortfall();
      if (waited.length > 0) this.#send(this.#connection!, waited);
    }
  }

  #end(reason: Error): void {
    const connection = this.#connection;
    this.#connection = undefined;
    const expected = this.#expected.slice(this.#heard);
    const queued = this.#queue;
    this.#expected = [];
    this.#heard = 0;
    this.#queue = [];
    this.#waiting = false;
    connection?.destroy();
    // A call waits at most twice: for its own reply and for replicas. It goes back once.
    const sent = new Set<Call>();
    for (const one of expected) {
      if (one === nobody) continue;
      if (!(one instanceof Wait)) sent.add(one);
      else for (const call of one.calls) if (call.batch === one) sent.add(call);
    }
    const { events, address } = this.#options;
    for (const call of sent) {
      call.batch = undefined;
      events.onLost(call, true, reason, address);
    }
    for (const call of queued) events.onLost(call, false, reason, address);
  }
}

/** What goes before the command itself: how a script is called. */
function prefixOf({ script, sendText }: Call): readonly Argument[] | undefined {
  if (script === undefined) return undefined;
  return sendText ? ["EVAL", script.text] : script.call;
}
