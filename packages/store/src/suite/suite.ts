import type { StoreCapabilities } from "../store.ts";
import type { OpenStore } from "./store-under-test.ts";
import { openWorld, type World } from "./world.ts";

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
  readonly open: OpenStore;
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
