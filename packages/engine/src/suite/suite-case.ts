import type { DictService, ExpiryPolicy, Limits } from "@everdict/protocol";

/**
 * What a case may need besides a service. An implementation that lacks one says so up front (`without`); its
 * cases are then listed as not applicable instead of vanishing.
 *
 * - `advance`: time can be moved.
 * - `sweep`: a full pass of removing what is due can be asked for.
 * - `otherCaller`: there is a second caller on the same data.
 */
export type Capability = "advance" | "sweep" | "otherCaller";

/** How a case wants its service. Everything not named here is the default of the engine. */
export interface SuiteOpenOptions {
  /** Small, so that both sides of every limit are quick to reach. */
  readonly limits: Partial<Limits>;
  /** Absent: the engine's default, 30 days after the last write. */
  readonly defaultExpiry?: ExpiryPolicy | undefined;
  /** How long an ephemeral dictionary outlives its last heartbeat, in milliseconds. */
  readonly ephemeralGraceMs: number;
}

/**
 * What an opener gives: a service on fresh, empty data of which only the default environment is there, named
 * `main`. Nothing may be swept in the background.
 */
export interface ServiceUnderTest {
  readonly service: DictService;
  /** The same data as another caller. */
  readonly otherCaller?: DictService | undefined;
  /** Moves time forward, for the service and its store alike. */
  readonly advance?: ((ms: number) => void | Promise<void>) | undefined;
  /** Removes everything that is due. */
  readonly sweep?: (() => unknown) | undefined;
  /** Releases everything. */
  destroy(): void | Promise<void>;
}

/** What a case works with: what it needs is there. */
export interface Subject {
  readonly service: DictService;
  readonly otherCaller: DictService;
  readonly advance: (ms: number) => Promise<void>;
  readonly sweep: () => Promise<void>;
}

/** One behaviour that every service must show. */
export interface SuiteCase {
  /** States the behaviour. */
  readonly title: string;
  readonly needs?: readonly Capability[] | undefined;
  /** What differs from {@link suiteDefaults}. */
  readonly open?: Partial<SuiteOpenOptions> | undefined;
  run(subject: Subject): Promise<void>;
}

const KIB = 1024;

/** How a case's service is opened unless it says otherwise. */
export const suiteDefaults = {
  limits: {
    keyMaxBytes: 1 * KIB,
    valueMaxBytes: 1024 * KIB,
    requestMaxEntries: 500,
    requestMaxBytes: 2048 * KIB,
  },
  ephemeralGraceMs: 900_000,
} as const satisfies SuiteOpenOptions;
