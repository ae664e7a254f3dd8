import assert from "node:assert/strict";
import { type Command, policies } from "./model/command.ts";
import { generateCommands } from "./model/generate-commands.ts";
import { type Answers, ModelRun } from "./model/model-run.ts";
import { shrink } from "./model/shrink.ts";
import { simplerCommands } from "./model/simpler-commands.ts";
import { createSuite, type Suite, type SuiteOptions } from "./suite.ts";
import { openWorld } from "./world.ts";

/** What `modelSuite` can be told besides what `storeSuite` needs. */
export interface ModelSuiteOptions extends SuiteOptions {
  /** How many runs. Default: 40. */
  readonly runs?: number | undefined;
  /** The seed of the first run; each further run adds one. Default: 1. */
  readonly seed?: number | undefined;
  /** How many commands a run has. Default: 200. */
  readonly commandsPerRun?: number | undefined;
}

interface Failure extends Answers {
  /** The command whose answers differ; past the last one, the comparison of everything at the end. */
  readonly index: number;
}

const shrinkLimits = { maxAttempts: 400, maxMs: 8_000 };

/**
 * Random commands of several clients on a store and on the memory store side by side; every answer must be equal.
 *
 * Commands depend on the seed only, so a failure repeats; it is reported with its seed and with the shortest
 * list of commands found that still fails. For a longer search, start elsewhere or ask for more runs.
 *
 * @example modelSuite({ ...options, seed: Date.now() % 1e9, runs: 1000 });
 */
export function modelSuite(options: ModelSuiteOptions): void {
  const { describe, test, name, runs = 40, seed: firstSeed = 1, commandsPerRun = 200 } = options;
  const suite = createSuite(options);
  describe(`model comparison: ${name}`, () => {
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      test(`seed ${seed}`, async () => await runSeed(seed, commandsPerRun, suite, options));
    }
  });
}

async function runSeed(seed: number, count: number, suite: Suite, { open }: SuiteOptions): Promise<void> {
  const commands = generateCommands(seed, count, freedom(seed, suite));
  const failure = await runCommands(commands, suite, open);
  if (failure === undefined) return;
  const failing = commands.slice(0, failure.index + 1);
  const fails = async (candidate: readonly Command[]) =>
    (await runCommands(candidate, suite, open)) !== undefined;
  const shortest = await shrink(failing, fails, shrinkLimits, simplerCommands);
  const last = (await runCommands(shortest, suite, open)) ?? failure;
  assert.fail(
    `seed ${seed}: the store differs from the model at command ${last.index + 1} of these ${shortest.length}:\n` +
      `${shortest.map((command) => `  ${JSON.stringify(command)}`).join("\n")}\n` +
      `expected: ${abridged(last.expected)}\nactual:   ${abridged(last.actual)}`,
  );
}

/**
 * What a run may do. A crash may forget when an entry was last read, so runs with crashes do without the policy
 * that depends on it; every second run is of that kind where crashes can be had.
 */
function freedom(seed: number, { reopenings }: Suite): { reopenings: number[]; policies: number[] } {
  const all = [...policies.keys()];
  const crashes = reopenings.length > 1 && seed % 2 === 0;
  if (!crashes) return { reopenings: reopenings.length > 0 ? [0] : [], policies: all };
  return {
    reopenings: [...reopenings.keys()],
    policies: all.filter((index) => policies[index]!.policy !== "afterUse"),
  };
}

async function runCommands(
  commands: readonly Command[],
  suite: Suite,
  open: SuiteOptions["open"],
): Promise<Failure | undefined> {
  const world = await openWorld(open);
  let index = 0;
  try {
    const run = new ModelRun(world, suite);
    await run.start();
    for (; index < commands.length; index++) {
      const answers = await run.step(commands[index]!);
      if (answers !== undefined) return { index, ...answers };
    }
    const answers = await run.compareAll();
    return answers && { index, ...answers };
  } catch (error) {
    // Whatever is no error of the table is a fault. It is reported, and made shorter, like a wrong answer.
    return { index, expected: "an answer, or an error of the table", actual: String((error as Error).stack) };
  } finally {
    await world.destroy();
  }
}

function abridged(answer: string): string {
  return answer.length <= 1_000 ? answer : `${answer.slice(0, 1_000)}… (${answer.length} characters)`;
}
