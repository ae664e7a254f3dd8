import assert from "node:assert/strict";
import type { World } from "../world.ts";
import { checkLinearizable, type SequentialModel } from "./check-linearizable.ts";
import { type DictInput, type DictOutput, dictModel, historyByKey, wholeHistoryOf } from "./dict-models.ts";
import { entryModel } from "./entry-model.ts";
import { explain } from "./explain.ts";
import { generateInputs } from "./generate-inputs.ts";
import { type History, HistoryRecorder } from "./history.ts";
import { KnownVersions } from "./known-versions.ts";
import { numberDict } from "./number-dict.ts";
import { perform } from "./perform.ts";

/** What clients do whose calls are recorded. */
export interface RecordOptions {
  readonly seed: number;
  readonly clients: number;
  readonly callsPerClient: number;
  readonly keys: number;
  readonly isWhole: boolean;
}

/** Records what concurrent clients of a new dictionary are answered. */
export async function recordHistory(
  world: World,
  options: RecordOptions,
): Promise<History<DictInput, DictOutput>> {
  const dict = numberDict(await world.createDict());
  const recorder = new HistoryRecorder<DictInput, DictOutput>();
  const work = async (_: unknown, client: number) => {
    const inputs = generateInputs({
      ...options,
      client: `c${client}`,
      commits: { client, clients: options.clients },
    });
    const versions = new KnownVersions();
    for (let left = options.callsPerClient; left > 0; left--) {
      const input = versions.fill(inputs.next().value as DictInput);
      versions.learn(input, await recorder.record(input, () => perform(dict, input)));
      // Some are quick and some slow, so that calls overlap in all ways.
      if ((left + client) % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: options.clients }, work));
  return recorder.operations;
}

/** Asserts that some order of all calls explains what each key showed. */
export function checkKeys(history: History<DictInput, DictOutput>): void {
  for (const [key, operations] of historyByKey(history)) requireLinearizable(key, operations, entryModel);
}

/** Asserts that some order of all calls explains what the dictionary as a whole showed. */
export function checkWhole(history: History<DictInput, DictOutput>): void {
  requireLinearizable("the dictionary", wholeHistoryOf(history), dictModel);
}

/** How many calls were under way together with another call on the same key. */
export function overlapping(history: History<DictInput, DictOutput>): number {
  let overlaps = 0;
  for (const operations of historyByKey(history).values()) {
    const sorted = [...operations].sort((a, b) => a.calledAt - b.calledAt);
    let latestEnd = Number.NEGATIVE_INFINITY;
    for (const [index, { calledAt, returnedAt = Number.POSITIVE_INFINITY }] of sorted.entries()) {
      const next = sorted[index + 1];
      if (calledAt < latestEnd || (next !== undefined && next.calledAt < returnedAt)) overlaps++;
      latestEnd = Math.max(latestEnd, returnedAt);
    }
  }
  return overlaps;
}

function requireLinearizable<State, Input, Output>(
  what: string,
  history: History<Input, Output>,
  model: SequentialModel<State, Input, Output>,
): void {
  const verdict = checkLinearizable(history, model);
  if (verdict.isLinearizable !== true) assert.fail(`${what}: ${explain(verdict)}`);
}
