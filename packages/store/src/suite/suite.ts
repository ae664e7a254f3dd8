import type { Clock, Store, StoreCapabilities } from "../store.ts";
import { openWorld, type World } from "./world.ts";

/** What a store is opened with for a test. */
export interface OpenStoreOptions {
  /** The only source of time. It stands still unless the test moves it. */
  readonly clock: Clock;
  /** How many bytes the answers kept for idempotency keys may take; absent: the store's default. */
  readonly recordedAnswersMaxBytes?: number | undefined;
}

/** An open, empty store and what a test may do to it besides calling it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store if it is open and opens it in the same place. Required of persistent stores. */
  readonly reopen?: (() => Promise<Store>) | undefined;
  /** Abandons the store as a killed process would, and opens it in the same place. Optional. */
  readonly crash?: (() => Promise<Store>) | undefined;
  /** Closes the store if it is open and removes every trace of it. */
  readonly destroy: () => Promise<void>;
}

/** What the suites need to know of a store and of the test runner. */
export interface SuiteOptions {
  /** `describe` of vitest, node:test or alike. */
  readonly describe: (title: string, body: () => void) => unknown;
  /** `test` of vitest, node:test or alike. */
  readonly test: (title: string, body: () => Promise<void>) => unknown;
  /** For titles only. */
  readonly name: string;
  /** What the store claims; decides which cases apply, and is compared with what the store says itself. */
  readonly capabilities: StoreCapabilities;
  /** Whether `open` offers `crash`: then persistence is checked over that as well. */
  readonly canCrash?: boolean | undefined;
  /** Opens an empty store. Called once per test; many may be open at a time. */
  readonly open: (options: OpenStoreOptions) => Promise<StoreUnderTest>;
}

/** A way to end a store and open it in the same place. */
export interface Reopening {
  readonly title: string;
  readonly reopen: (world: World) => Promise<void>;
}

const afterClose: Reopening = { title: "after close() and reopening", reopen: (world) => world.reopen() };
const afterCrash: Reopening = { title: "after a crash and reopening", reopen: (world) => world.crash() };

/** How a case is registered: like the runner's own functions, but with an open world that is cleaned up. */
export interface Suite {
  readonly capabilities: StoreCapabilities;
  /** The ways to open a store again that the store under test has; none if it is not persistent. */
  readonly reopenings: readonly Reopening[];
  describe(title: string, body: () => void): void;
  test(
    title: string,
    body: (world: World) => Promise<void>,
    options?: { readonly recordedAnswersMaxBytes: number },
  ): void;
}

/** Puts a world around each test. */
export function createSuite({ describe, test, capabilities, canCrash, open }: SuiteOptions): Suite {
  const reopenings = canCrash ? [afterClose, afterCrash] : [afterClose];
  return {
    capabilities,
    reopenings: capabilities.persistent ? reopenings : [],
    describe: (title, body) => void describe(title, body),
    test: (title, body, options) =>
      void test(title, async () => {
        const world = await openWorld(open, options?.recordedAnswersMaxBytes);
        try {
          await body(world);
        } finally {
          await world.destroy();
        }
      }),
  };
}
