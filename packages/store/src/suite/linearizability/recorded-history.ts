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
      // Some are quick and some slow, on the way there and on the way back, so that calls overlap in all ways.
      const output = await recorder.record(input, async () => {
        if ((left + client) % 3 === 0) await laterTurn();
        const answer = await perform(dict, input);
        if ((left * 7 + client) % 5 === 0) await laterTurn();
        return answer;
      });
      versions.learn(input, output);
      if ((left + client) % 4 === 0) await laterTurn();
    }
  };
  await Promise.all(Array.from({ length: options.clients }, work));
  return recorder.operations;
}

function laterTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Asserts that some order of all calls explains what each key showed. */
export function checkKeys(history: History<DictInput, DictOutput>): void {
  for (const [key, operations] of historyByKey(history)) requireLinearizable(key, operations, entryModel);
}

/** Asserts that some order of all calls explains what the dictionary as a whole showed. */
export function checkWhole(history: History<DictInput, DictOutput>): void {
  requireLinearizable("the dictionary", wholeHistoryOf(history), dictModel);
}

/** How many calls were under way together with another call on one of their keys. */
export function overlapping(history: History<DictInput, DictOutput>): number {
  // By the moments of their calls, of which no two are equal.
  const overlapped = new Set<number>();
  for (const operations of historyByKey(history).values()) {
    const sorted = [...operations].sort((a, b) => a.calledAt - b.calledAt);
    let latestEnd = Number.NEGATIVE_INFINITY;
    for (const [index, { calledAt, returnedAt = Number.POSITIVE_INFINITY }] of sorted.entries()) {
      const next = sorted[index + 1];
      if (calledAt < latestEnd || (next !== undefined && next.calledAt < returnedAt))
        overlapped.add(calledAt);
      latestEnd = Math.max(latestEnd, returnedAt);
    }
  }
  return overlapped.size;
}

function requireLinearizable<State, Input, Output>(
  what: string,
  history: History<Input, Output>,
  model: SequentialModel<State, Input, Output>,
): void {
  const verdict = checkLinearizable(history, model);
  if (verdict.isLinearizable !== true) assert.fail(`${what}: ${explain(verdict)}`);
}
