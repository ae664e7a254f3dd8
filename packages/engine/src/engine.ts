import {
  createError,
  type DictService,
  type Durability,
  type EverdictError,
  type ExpiryPolicy,
  InFlight,
  type Limits,
  type PromptDictService,
  ephemeralGraceMs as specifiedGraceMs,
  systemTimers,
  type Timers,
  timerMaxMs,
} from "@everdict/protocol";
import type { Clock, Store, StoreHealth } from "@everdict/store";
import { type Caller, EngineDictService, PromptEngineService, type ServiceContext } from "./dict-service.ts";
import { Dictionaries } from "./dictionaries.ts";
import { attainableDurability } from "./durability.ts";
import { Environments } from "./environments.ts";
import { checkedExpiry, specifiedExpiry } from "./expiry-policy.ts";
import { guarded } from "./guarded-service.ts";
import { type RandomBytes, systemRandomBytes } from "./ids.ts";
import { resolveLimits } from "./limits-check.ts";
import { Sweeper, type SweepStats } from "./sweeper.ts";
import { VisibleDicts } from "./visible-dicts.ts";

/** What {@link openEngine} takes. */
export interface EngineOptions {
  /**
   * Where everything is kept. The engine owns the store from now on: `close()` closes it, and so does a failed open.
   */
  readonly store: Store;
  /** Milliseconds since the Unix epoch. Default: the system's. Give the store the same one. */
  readonly clock?: Clock | undefined;
  /** Where ids come from. Default: the platform's cryptographic source. */
  readonly randomBytes?: RandomBytes | undefined;
  /** Limits that differ from the defaults. `requestMaxBytes` follows the others unless it is given. */
  readonly limits?: Partial<Limits> | undefined;
  /** For dictionaries that are created without a policy of their own. Default: 30 days after the last write. */
  readonly defaultExpiry?: ExpiryPolicy | undefined;
  /** For dictionaries that are created without a durability of their own. Default: the most the store can do. */
  readonly defaultDurability?: Durability | undefined;
  /** How long an ephemeral dictionary outlives its last heartbeat, in milliseconds. Default: 15 minutes. */
  readonly ephemeralGraceMs?: number | undefined;
  /** Pause between two passes of the background sweep, in milliseconds. 0: none. Default: one minute. */
  readonly sweepIntervalMs?: number | undefined;
  /** The name of the default environment when a store is first opened; later it keeps its name. Default: `main`. */
  readonly defaultEnvironment?: string | undefined;
  /** How the engine waits. Default: the platform's timers. */
  readonly timers?: Timers | undefined;
  /**
   * Called when background work failed; the work goes on by itself. Default: failures are only counted, see `stats`.
   */
  readonly onBackgroundError?: ((error: EverdictError) => void) | undefined;
}

/** Counters of an engine since it was opened. */
export interface EngineStats {
  /** What was swept, by the background sweep and on request together. */
  readonly sweep: SweepStats;
}

/** The rules of a dictionary on top of a store. */
export interface Engine {
  /** The limits in force. */
  readonly limits: Limits;
  /** The service for one caller. Cheap, and the same engine may have any number of them. */
  serviceFor(caller: Caller): DictService;
  /** The same, but reads answer at once where the store does. */
  promptServiceFor(caller: Caller): PromptDictService;
  /**
   * Removes everything that is due: expired entries, ephemeral dictionaries whose heartbeats stopped. Works in
   * small slices, so that others are served meanwhile. Safe to repeat.
   *
   * @returns how many entries and dictionaries were removed.
   * @throws `store_closed`
   */
  sweep(): Promise<{ removed: number }>;
  /** Cheap counters. */
  stats(): EngineStats;
  /** What is wrong with the store's disk at present. Costs nothing. Always undefined for a store without a disk. */
  health(): StoreHealth;
  /**
   * Refuses new calls with `store_closed`, finishes what was accepted and closes the store. Safe to repeat.
   *
   * @throws `store_closed` if the disk has failed, see `Store.close`
   */
  close(): Promise<void>;
}

const minuteMs = 60_000;
const healthy: StoreHealth = { isFull: false, isOutOfDescriptors: false, readErrors: 0 };

/**
 * Opens an engine on a store and creates the default environment if the store has none.
 *
 * @throws `invalid_argument` or `invalid_name` for an option out of range; and what the store throws.
 * @example
 * const engine = await openEngine({ store: createMemoryStore() });
 * const service = engine.serviceFor({ id: "local", name: "local" });
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  try {
    const engine = new StoreEngine(options);
    await engine.start();
    return engine;
  } catch (caught) {
    await options.store.close();
    throw caught;
  }
}

class StoreEngine implements Engine {
  readonly limits: Limits;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #context: ServiceContext;
  readonly #sweeper: Sweeper;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { store, clock = Date.now, randomBytes = systemRandomBytes, timers = systemTimers } = options;
    const { defaultEnvironment: defaultName = "main" } = options;
    const limits = resolveLimits(options.limits);
    const defaultExpiry = checkedExpiry(options.defaultExpiry ?? specifiedExpiry);
    const { defaultDurability } = options;
    if (defaultDurability !== undefined)
      attainableDurability(defaultDurability, store.capabilities.durability);
    const ephemeralGraceMs = checkedDelay(
      "ephemeralGraceMs",
      options.ephemeralGraceMs ?? specifiedGraceMs,
      1,
    );
    const intervalMs = checkedDelay("sweepIntervalMs", options.sweepIntervalMs ?? minuteMs, 0);
    const environments = new Environments({ store, clock, randomBytes, defaultName });
    const dictionaries = new Dictionaries({
      store,
      environments,
      clock,
      randomBytes,
      limits,
      defaultExpiry,
      defaultDurability,
      ephemeralGraceMs,
    });
    const isClosed = (): boolean => this.#closing !== undefined;
    this.limits = limits;
    this.#store = store;
    this.#clock = clock;
    const inFlight = new InFlight();
    this.#context = { store, limits, timers, environments, dictionaries, inFlight, isClosed };
    this.#sweeper = new Sweeper({ store, intervalMs, timers, onError: options.onBackgroundError ?? ignore });
  }

  async start(): Promise<void> {
    await this.#context.environments.default();
    this.#sweeper.start();
  }

  serviceFor(caller: Caller): DictService {
    return this.#guarded(new EngineDictService(this.#context, caller), caller);
  }

  promptServiceFor(caller: Caller): PromptDictService {
    return this.#guarded(new PromptEngineService(this.#context, caller), caller);
  }

  sweep(): Promise<{ removed: number }> {
    return this.#sweeper.sweep();
  }

  stats(): EngineStats {
    return { sweep: this.#sweeper.stats };
  }

  health(): StoreHealth {
    return this.#store.health?.() ?? healthy;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #guarded<Service extends PromptDictService>(service: Service, { access }: Caller): Service {
    return access === undefined
      ? service
      : guarded(service, access, () => new VisibleDicts({ store: this.#store, clock: this.#clock }, access));
  }

  async #close(): Promise<void> {
    await Promise.all([this.#sweeper.stop(), this.#context.inFlight.idle()]);
    await this.#store.close();
  }
}

function checkedDelay(name: string, delayMs: number, atLeastMs: number): number {
  if (Number.isFinite(delayMs) && delayMs >= atLeastMs && delayMs <= timerMaxMs) return delayMs;
  throw createError(
    "invalid_argument",
    `${name} is ${delayMs}, it must be from ${atLeastMs} to ${timerMaxMs}`,
  );
}

// The counters have the failures; without a listener nothing else is told.
function ignore(): void {}
