import {
  CallBounds,
  createError,
  type EverdictError,
  InFlight,
  outlivedKey,
  type Timers,
} from "@everdict/protocol";
import type { ClientLink } from "./client-link.ts";
import { effectOf, type Operation, type OperationOwner, OperationState, SendWindow } from "./operation.ts";
import { OperationQueue } from "./operation-queue.ts";
import { mayBeForgotten } from "./repeats.ts";

/**
 * Keeps the operations of one client: those that wait for room, those that pause before they are repeated, and, through
 * its links, those that are sent. Nothing waits without bound. A call without a timeout has the default one, which a
 * coarse clock of ticks enforces, because a timer for each call would cost as much as the call.
 */

/** What a dispatcher is told. */
export interface DispatcherOptions {
  readonly timers: Timers;
  /** How long a call without a timeout of its own may go without any progress, in milliseconds. */
  readonly defaultTimeoutMs: number;
  /** Whether calls that are not naturally repeatable get an idempotency key, so that they can be repeated. */
  readonly numbersKeys: boolean;
  /** Something waits and there is no link to send it on. */
  readonly onLinkNeeded: () => void;
  /** What to say of a call that was never sent because nobody could be reached; undefined if that is not so. */
  readonly unreachable: () => EverdictError | undefined;
}

const longestTickMs = 1000;
const shortestTickMs = 10;
/** How long after the last call a connection keeps the process alive: calls come in runs, and asking costs. */
const holdMs = 20;

/** The operations of one client. */
export class Dispatcher implements OperationOwner {
  readonly timers: Timers;
  readonly #options: DispatcherOptions;
  readonly #queues = [new OperationQueue(), new OperationQueue(), new OperationQueue()] as const;
  readonly #links = new Set<ClientLink>();
  readonly #pausing = new Map<Operation, unknown>();
  readonly #tickMs: number;
  readonly #ticksMax: number;
  #link: ClientLink | undefined;
  readonly #inFlight = new InFlight();
  #sequence = 0;
  #nextKey = 0;
  #refusal: EverdictError | undefined;
  #tickTimer: unknown;
  #holdTimer: unknown;
  #holds = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.timers = options.timers;
    const { defaultTimeoutMs } = options;
    this.#tickMs = Math.min(longestTickMs, Math.max(shortestTickMs, defaultTimeoutMs / 8));
    // One more, as the first tick may come at once.
    this.#ticksMax = Math.ceil(defaultTimeoutMs / this.#tickMs) + 1;
  }

  get trouble(): EverdictError | undefined {
    return this.#link === undefined ? this.#options.unreachable() : undefined;
  }

  /** Whether anything waits for room or for a link. */
  get hasWaiting(): boolean {
    return this.#queues.some((queue) => queue.first !== undefined);
  }

  /** Takes on an operation. It settles in any case. */
  submit(operation: Operation): void {
    operation.sequence = this.#sequence++;
    this.#inFlight.begin();
    if (this.#refusal !== undefined) {
      operation.fail(this.#refusal);
      return;
    }
    if (!this.#holds || this.#tickTimer === undefined) this.#wake();
    if (this.#options.numbersKeys && operation.idempotencyKey === undefined && operation.frame.takesKey) {
      operation.idempotencyKey = this.#nextKey;
      this.#nextKey = (this.#nextKey + 1) >>> 0;
    }
    const queue = this.#queues[operation.window];
    if (queue.first === undefined && this.#link?.hasRoom(operation)) {
      this.#link.send(operation);
      return;
    }
    operation.state = OperationState.waiting;
    queue.push(operation);
    if (this.#link === undefined) this.#options.onLinkNeeded();
  }

  operationOver(operation: Operation, before: OperationState): void {
    this.#inFlight.end();
    if (before === OperationState.waiting) this.#queues[operation.window].remove(operation);
    else if (before === OperationState.aside) this.#unpause(operation);
    operation.link?.abandon(operation);
    if (this.#inFlight.isIdle) this.#scheduleRelease();
  }

  /** New operations go to this link from now on, as far as it has room. */
  use(link: ClientLink): void {
    this.#link = link;
    this.#links.add(link);
    link.holdProcess(this.#holds);
    this.pump(link);
  }

  /** Nothing new goes to this link; what it has sent is still its own. */
  retire(link: ClientLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    if (this.hasWaiting) this.#options.onLinkNeeded();
  }

  /** The link is gone. */
  remove(link: ClientLink): void {
    this.#links.delete(link);
    if (this.#link === link) this.#link = undefined;
  }

  /** Sends what waits, as far as the link has room. */
  pump(link: ClientLink): void {
    if (link !== this.#link) return;
    for (const queue of this.#queues) {
      for (let first = queue.first; first !== undefined && link.hasRoom(first); first = queue.first) {
        queue.remove(first);
        first.state = OperationState.aside;
        link.send(first);
      }
    }
  }

  /** Makes an operation wait again, in its place among the others. */
  requeue(operation: Operation): void {
    if (operation.isOver) return;
    operation.state = OperationState.waiting;
    this.#queues[operation.window].insert(operation);
    if (this.#link === undefined) this.#options.onLinkNeeded();
    else this.pump(this.#link);
  }

  /** Makes an operation wait again after a pause. */
  requeueAfter(operation: Operation, delayMs: number): void {
    if (operation.isOver) return;
    const resume = () => {
      this.#pausing.delete(operation);
      this.requeue(operation);
    };
    this.#pausing.set(operation, this.timers.set(resume, delayMs, false));
  }

  /** Ends everything that waits or pauses. */
  failWaiting(error: EverdictError): void {
    for (const queue of this.#queues) for (const operation of queue) operation.fail(error);
    for (const operation of [...this.#pausing.keys()]) operation.fail(error);
  }

  /** Ends the streams: nobody knows when a consumer goes on. */
  endStreams(error: EverdictError): void {
    const streams = [...this.#all()].filter(({ stream }) => stream !== undefined);
    for (const each of streams) each.fail(error);
  }

  /**
   * From now on new operations are refused; those under way go on for so long, and are then ended. Default: without end.
   *
   * @returns whether they have all settled by themselves
   */
  async close(refusal: EverdictError, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#refusal ??= refusal;
    let isLate = false;
    if (!this.#inFlight.isIdle) {
      const endAll = () => {
        isLate = true;
        for (const operation of [...this.#all()]) operation.fail(closedTooSoon(operation));
      };
      const bounds = new CallBounds({ timeoutMs }, this.timers, { onTimeout: endAll, onCancelled: () => {} });
      await this.#inFlight.idle();
      bounds.end();
    }
    this.#release();
    return !isLate;
  }

  #unpause(operation: Operation): void {
    const timer = this.#pausing.get(operation);
    if (timer === undefined) return;
    this.#pausing.delete(operation);
    this.timers.clear(timer);
  }

  // ---- Time ----

  #wake(): void {
    if (!this.#holds) {
      this.#holds = true;
      for (const link of this.#links) link.holdProcess(true);
    }
    if (this.#tickTimer === undefined) this.#scheduleTick();
  }

  #scheduleTick(): void {
    if (!Number.isFinite(this.#options.defaultTimeoutMs)) return;
    this.#tickTimer = this.timers.set(() => this.#tick(), this.#tickMs, true);
  }

  #tick(): void {
    this.#tickTimer = undefined;
    for (const operation of this.#quiet()) {
      const unreachable = operation.attempts === 0 ? this.#options.unreachable() : undefined;
      if (unreachable === undefined) operation.onTimeout(this.#options.defaultTimeoutMs);
      else operation.fail(unreachable);
    }
    const hopeless = [...this.#all()].filter((operation) => this.#isHopeless(operation));
    for (const operation of hopeless) operation.fail(outlivedKey());
    if (!this.#inFlight.isIdle) this.#scheduleTick();
  }

  /** Counts the tick for everybody; answers those for whom nothing has happened for too long. */
  #quiet(): Operation[] {
    const found: Operation[] = [];
    for (const operation of this.#all()) {
      if (operation.isOver || operation.hasOwnTimeout) continue;
      // A stream whose consumer takes its time is not late.
      if (operation.state === OperationState.sent && operation.stream?.isWaiting === false) continue;
      operation.quietTicks++;
      if (operation.quietTicks > this.#ticksMax) found.push(operation);
    }
    return found;
  }

  /** Whether it will not be sent again anyway, or would take so long to get there that it must not arrive. */
  #isHopeless(operation: Operation): boolean {
    const isOnItsWay = operation.state === OperationState.sent && operation.window !== SendWindow.large;
    return !isOnItsWay && mayBeForgotten(operation, this.timers);
  }

  /** All that wait, pause or are sent. */
  *#all(): Generator<Operation, void, undefined> {
    for (const queue of this.#queues) yield* queue;
    yield* this.#pausing.keys();
    for (const link of this.#links) yield* link.operations();
  }

  #scheduleRelease(): void {
    if (this.#holdTimer !== undefined || !this.#holds) return;
    this.#holdTimer = this.timers.set(() => this.#onHoldOver(), holdMs, true);
  }

  #onHoldOver(): void {
    this.#holdTimer = undefined;
    if (this.#inFlight.isIdle) this.#release();
  }

  #release(): void {
    this.timers.clear(this.#tickTimer);
    this.timers.clear(this.#holdTimer);
    this.#tickTimer = undefined;
    this.#holdTimer = undefined;
    this.#holds = false;
    for (const link of this.#links) link.holdProcess(false);
  }
}

function closedTooSoon({ attempts }: Operation): EverdictError {
  return createError("unavailable", `the client was closed before an answer came; ${effectOf(attempts)}`);
}

/** The error of calls after a close. */
export function closedError(): EverdictError {
  return createError("unavailable", "the connection was closed");
}
