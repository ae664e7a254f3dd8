import { type DictService, EverdictError, heartbeatIntervalMs } from "@everdict/protocol";

const beatTimeoutMs = 90_000;
const endTimeoutMs = 10_000;

/**
 * Keeps an ephemeral dictionary alive (protocol section 2.6): a heartbeat at once and then every 300 seconds,
 * until `end()` deletes it. The server removes it by itself when beats stay away.
 *
 * The timer keeps no process alive. A beat that fails is not reported: the next one comes, and if the dictionary
 * is gone the next operation on it says so.
 */
export class EphemeralLife {
  readonly #service: DictService;
  readonly #dictId: string;
  readonly #ended = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(service: DictService, dictId: string) {
    this.#service = service;
    this.#dictId = dictId;
  }

  /** Begins to beat. */
  start(): void {
    this.#timer = setInterval(() => this.#beat(), heartbeatIntervalMs);
    // In browsers a timer is a number and keeps nothing alive.
    (this.#timer as { unref?(): void }).unref?.();
    this.#beat();
  }

  /** Stops beating and deletes the dictionary. That it is gone already, or cannot be reached, is no error. */
  async end(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#stop();
    try {
      await this.#service.deleteDict(this.#dictId, { timeoutMs: endTimeoutMs });
    } catch (error) {
      // Without beats the server removes it soon; an error here would hide what the block itself threw.
      if (!(error instanceof EverdictError)) throw error;
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#ended.abort();
  }

  async #beat(): Promise<void> {
    try {
      await this.#service.heartbeat(this.#dictId, { signal: this.#ended.signal, timeoutMs: beatTimeoutMs });
    } catch (error) {
      if (error instanceof EverdictError && error.code === "dict_not_found") this.#stop();
    }
  }
}
