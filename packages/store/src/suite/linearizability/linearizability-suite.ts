import assert from "node:assert/strict";
import { createSuite, type SuiteOptions } from "../suite.ts";
import type { World } from "../world.ts";
import { checkLinearizable, type SequentialModel } from "./check-linearizable.ts";
import { type DictInput, type DictOutput, dictModel, entryModel, historyByKey } from "./dict-models.ts";
import { explain } from "./explain.ts";
import { generateInputs } from "./generate-inputs.ts";
import { type History, HistoryRecorder } from "./history.ts";
import { perform } from "./perform.ts";

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
        const history = await recordHistory(world, { ...entryHistory, seed });
        for (const [key, operations] of historyByKey(history))
          requireLinearizable(key, operations, entryModel);
      });
      if (!suite.capabilities.atomicUpdate) continue;
      suite.test(`of a whole dictionary, seed ${seed}`, async (world) => {
        const history = await recordHistory(world, { ...wholeHistory, seed });
        requireLinearizable("the dictionary", history, dictModel);
      });
    }
  });
}

interface RecordOptions {
  readonly seed: number;
  readonly clients: number;
  readonly callsPerClient: number;
  readonly keys: number;
  readonly isWhole: boolean;
}

async function recordHistory(world: World, options: RecordOptions): Promise<History<DictInput, DictOutput>> {
  const dict = await world.createDict();
  const recorder = new HistoryRecorder<DictInput, DictOutput>();
  const work = async (_: unknown, index: number) => {
    const inputs = generateInputs({ ...options, client: `c${index}` });
    for (let left = options.callsPerClient; left > 0; left--) {
      const input: DictInput = inputs.next().value;
      await recorder.record(input, () => perform(dict, input));
      // Some are quick and some slow, so that calls overlap in all ways.
      if ((left + index) % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: options.clients }, work));
  return recorder.operations;
}

function requireLinearizable<State, Input, Output>(
  what: string,
  history: History<Input, Output>,
  model: SequentialModel<State, Input, Output>,
): void {
  const verdict = checkLinearizable(history, model);
  if (verdict.isLinearizable !== true) assert.fail(`${what}: ${explain(verdict)}`);
}
