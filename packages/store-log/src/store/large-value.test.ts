// A large value is in memory once for its holder and at most once more for the store, whatever is done with it.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/small-store.ts";

const script = fileURLToPath(new URL("../../scripts/large-value.mjs", import.meta.url));
const valueMib = 100;
// What a step takes beside the value: windows on the log, and what the collector has not yet looked at.
const restMib = 60;
const compactionRestMib = 120;

/** What a step adds to the peak of a process, which holds the value already if it is to be written. */
async function growthMib(step: string, directory: string): Promise<number> {
  const args = ["--expose-gc", script, step, directory];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { before, after } = JSON.parse(stdout);
  return after - before;
}

test("writing, reading and compacting a value of 100 MiB", async () => {
  const directory = join(temporaryDirectory(), "data");
  expect(await growthMib("write", directory)).toBeLessThan(valueMib + restMib);
  expect(await growthMib("read", directory)).toBeLessThan(valueMib + restMib);
  await growthMib("litter", directory);
  expect(await growthMib("compact", directory)).toBeLessThan(valueMib + compactionRestMib);
}, 120_000);
