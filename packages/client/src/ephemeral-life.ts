import { type DictService, EverdictError, heartbeatIntervalMs } from "@everdict/protocol";

const beatTimeoutMs = 90_000;
const endTimeoutMs = 10_000;

/**
 * Keeps an ephemeral dictionary alive (protocol section 2.6): a heartbeat at once and then every 300 seconds, until
 * `end()` deletes it. The server removes it when heartbeats stop.
 *
 * The timer keeps no process alive. A failed heartbeat is not reported: another one follows, and if the dictionary is
 * gone, the next operation on it says so.
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

  /** Starts the heartbeats. */
  start(): void {
    this.#timer = setInterval(() => this.#beat(), heartbeatIntervalMs);
    // In browsers a timer is a number and keeps nothing alive.
    (this.#timer as { unref?(): void }).unref?.();
    this.#beat();
  }

  /** Stops the heartbeats and deletes the dictionary. It is no error if that is gone or cannot be reached. */
  async end(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#stop();
    try {
      await this.#service.deleteDict(this.#dictId, { timeoutMs: endTimeoutMs });
    } catch (error) {
      // Without heartbeats the server removes it soon. An error here would hide what the block itself threw.
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
