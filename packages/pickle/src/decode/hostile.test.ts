// Bytes that nobody sane wrote: a value or the one error, within bounds. They are read in processes of their own, so
// that memory can be measured. `scripts/hostile.mjs` runs the long form, which also holds reading to its time.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bombs, floods } from "../../testing/hostile-bombs.mjs";
import { corpusFile, validPickles } from "../../testing/hostile-corpus.ts";
import { findPython } from "../../testing/python-oracle.ts";
import { MEMORY_PER_BYTE } from "../wire/limits.ts";

const seed = Number(process.env.EVERDICT_PICKLE_SEED ?? Date.now() % 2 ** 31);
const mutations = Number(process.env.EVERDICT_PICKLE_MUTATIONS ?? 100_000);
const shown = Math.ceil(mutations / 5);
/** Set by the long form. */
const isTimed = process.env.EVERDICT_PICKLE_TIMED === "1";
const pickles = 1_000;
const growthMaxMiB = 64;
// A machine that others use as well counts more processor time for the same: the short form only tells what is out of
// all proportion.
const timeMaxMs = isTimed ? 1_000 : 4_000;
const timeLimitMs = 3_600_000;
const directory = mkdtempSync(join(tmpdir(), "everdict-hostile-"));
const codec = join(directory, "codec.mjs");
const corpus = join(directory, "corpus");
const child = fileURLToPath(new URL("../../testing/hostile-child.mjs", import.meta.url));
const run = promisify(execFile);

interface Outcome {
  readonly inputs: number;
  readonly values: number;
  readonly refused: number;
  readonly unwritable: number;
  readonly wrong: readonly string[];
  readonly slowestMs: number;
  readonly slowest: string;
  readonly growthMiB: number;
  /** The length of the longest input. */
  readonly inputMiB: number;
}

async function inChild(job: string, ...given: string[]): Promise<Outcome> {
  const args = [job, ...given];
  const perByte = job === "bomb" && floods.has(given[0] ?? "") ? MEMORY_PER_BYTE : 2;
  // A small young generation, so that growth is what reading takes and not what the collector has not yet looked at.
  const all = ["--expose-gc", "--max-semi-space-size=4", child, pathToFileURL(codec).href, ...args];
  const outcome = JSON.parse((await run(process.execPath, all, { timeout: timeLimitMs })).stdout) as Outcome;
  expect(outcome.wrong).toEqual([]);
  // What is read may be as long as the input, and is put together from parts; many objects take more.
  expect(outcome.growthMiB).toBeLessThanOrEqual(growthMaxMiB + perByte * outcome.inputMiB);
  // Processor time, which depends less on what else the machine does.
  expect(outcome.slowestMs, outcome.slowest).toBeLessThan(timeMaxMs);
  return outcome;
}

beforeAll(async () => {
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../index.ts", import.meta.url)),
    logLevel: "silent",
  });
  await bundle.write({ file: codec, format: "esm" });
  writeFileSync(corpus, corpusFile(await validPickles(findPython(), pickles * 2, seed)));
}, timeLimitMs);
afterAll(() => rmSync(directory, { recursive: true }));

describe(`hostile bytes (EVERDICT_PICKLE_SEED=${seed})`, () => {
  test(
    `every prefix of ${pickles} pickles is refused, or a value`,
    async () => {
      const outcome = await inChild("prefixes", corpus, String(pickles));
      console.info(`prefixes: ${JSON.stringify(outcome)}`);
      expect(outcome.values).toBeGreaterThanOrEqual(pickles);
      expect(outcome.refused).toBeGreaterThan(pickles * 10);
    },
    timeLimitMs,
  );

  test(
    `${mutations} mutated pickles are refused, or values that can be written`,
    async () => {
      const outcome = await inChild("mutations", corpus, String(mutations), String(seed));
      console.info(`mutations: ${JSON.stringify(outcome)}`);
      expect(outcome.values).toBeGreaterThan(mutations / 100);
      expect(outcome.refused).toBeGreaterThan(mutations / 100);
    },
    timeLimitMs,
  );

  test(
    `values of ${shown} mutated pickles can be shown on a console and as JSON`,
    async () => {
      const outcome = await inChild("shown", corpus, String(shown), String(seed));
      console.info(`shown: ${JSON.stringify(outcome)}`);
      expect(outcome.values).toBeGreaterThan(shown / 100);
    },
    timeLimitMs,
  );

  test.each(Object.keys(bombs))(
    "a bomb is refused or harmless: %s",
    async (name) => {
      const outcome = await inChild("bomb", name);
      if (isTimed) console.info(`${name}: ${JSON.stringify(outcome)}`);
      expect(outcome.values + outcome.refused).toBe(1);
    },
    timeLimitMs,
  );
});
