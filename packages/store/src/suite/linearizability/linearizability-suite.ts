import { createSuite, type SuiteOptions } from "../suite.ts";
import { checkKeys, checkWhole, recordHistory } from "./recorded-history.ts";

/** What `linearizabilitySuite` can be told besides what `storeSuite` needs. */
export interface LinearizabilitySuiteOptions extends SuiteOptions {
  /** How many histories of each kind. Default: 20. */
  readonly runs?: number | undefined;
  /** The seed of the first; each further one adds one. Default: 1. */
  readonly seed?: number | undefined;
}

const entryHistory = { clients: 8, callsPerClient: 60, keys: 3, isWhole: false };
// Short: all keys are one object, and the search grows with what overlaps.
const wholeHistory = { clients: 4, callsPerClient: 30, keys: 3, isWhole: true };

/**
 * Records what concurrent clients of a store are answered, and checks that some order of all calls explains it: key
 * by key; and for stores whose updates are atomic, for the dictionary as a whole, `update`, `clear` and `len`
 * included.
 */
export function linearizabilitySuite(options: LinearizabilitySuiteOptions): void {
  const { runs = 20, seed: firstSeed = 1 } = options;
  const suite = createSuite(options);
  suite.describe(`linearizability: ${options.name}`, () => {
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      suite.test(`of each key, seed ${seed}`, async (world) => {
        checkKeys(await recordHistory(world, { ...entryHistory, seed }));
      });
      if (!suite.capabilities.atomicUpdate) continue;
      suite.test(`of a whole dictionary, seed ${seed}`, async (world) => {
        checkWhole(await recordHistory(world, { ...wholeHistory, seed }));
      });
    }
  });
}
