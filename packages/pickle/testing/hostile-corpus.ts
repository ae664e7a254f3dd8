import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { encode } from "../src/index.ts";
import { buildValue, canBuild } from "./build-value.ts";
import { fromBase64, type PythonFacts, PythonOracle } from "./python-oracle.ts";
import { dumpCase, featuresOf, specs } from "./value-specs.ts";

/** Of those of which every prefix is read. */
const lengthMaxBytes = 1_500;
const valuesTogether = 25;

/**
 * Valid pickles of random values, by both languages in every protocol; by TypeScript alone if there is no Python. Short
 * ones, then a tenth as many that hold several values each.
 */
export async function validPickles(
  python: string | undefined,
  count: number,
  seed: number,
): Promise<Uint8Array[]> {
  const written = python === undefined ? [] : await writtenByPython(python, count, seed);
  const spared = fc.sample(specs(withoutPython), { numRuns: count * 2, seed }).filter(canBuild);
  const all = [...written, ...spared.map((spec) => encode(buildValue(spec)))];
  const short = all.filter((pickle) => pickle.length <= lengthMaxBytes).slice(0, count);
  const long = Array.from({ length: Math.floor(count / 10) }, (_, at) => {
    const from = (at * valuesTogether) % (spared.length - valuesTogether);
    return encode(spared.slice(from, from + valuesTogether).map(buildValue));
  });
  return [...short, ...long, ...pandasPickles()];
}

/** What pandas and others wrote, the shorter ones. */
function pandasPickles(): Uint8Array[] {
  const file = fileURLToPath(new URL("pandas-fixtures.json", import.meta.url));
  const versions = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
  const all = Object.values(versions).flatMap((values) => Object.values(values));
  return all
    .map((packed) => new Uint8Array(inflateSync(Buffer.from(packed, "base64"))))
    .filter((pickle) => pickle.length <= lengthMaxBytes);
}

const withoutPython = {
  numpy: true,
  cloudpickle: false,
  zoneinfo: true,
  exceptions: ["ValueError", "OSError"],
};

async function writtenByPython(python: string, count: number, seed: number): Promise<Uint8Array[]> {
  using oracle = new PythonOracle(python);
  const facts = await oracle.ask<PythonFacts>("about");
  const values = fc.sample(specs(featuresOf(facts)), { numRuns: count, seed });
  const dumped = await oracle.ask<(string | null)[]>("dump", { cases: values.map(dumpCase) });
  return dumped.flatMap((pickle) => (pickle === null ? [] : [fromBase64(pickle)]));
}

/** The pickles as one file: each behind its length in four bytes. */
export function corpusFile(pickles: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    pickles.flatMap((pickle) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(pickle.length);
      return [length, pickle];
    }),
  );
}
