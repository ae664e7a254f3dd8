// Random keys: the very bytes of `pickle.dumps(key, protocol=4)`, in whatever Python is there.
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../../testing/hex.ts";
import { buildKey, type KeySpec, keySpecs } from "../../testing/key-specs.ts";
import { findOtherPythons, findPython, PythonOracle, toBase64 } from "../../testing/python-oracle.ts";
import { decodeKey, encodeKey } from "../index.ts";

const seed = Number(process.env.EVERDICT_PICKLE_SEED ?? Date.now() % 2 ** 31);
const count = Number(process.env.EVERDICT_PICKLE_KEYS ?? 200_000);
/** For each further version of Python that is there. */
const otherCount = Number(process.env.EVERDICT_PICKLE_OTHER_KEYS ?? 10_000);
const batchSize = 5_000;
const timeLimitMs = 3_600_000;
const python = findPython();

async function wrongKeys(
  oracle: PythonOracle,
  batchSeed: number,
  repeats: "reference" | "copy",
): Promise<string[]> {
  const keys: KeySpec[] = fc.sample(keySpecs, { numRuns: batchSize, seed: batchSeed });
  const bytes = keys.map((key) => encodeKey(buildKey(key), { repeats }));
  const wrong = await oracle.ask<[number, string][]>("keys", {
    cases: keys.map((key, index) => [key, toBase64(bytes[index]!)]),
    repeats,
  });
  const reread = bytes.flatMap((each, index) =>
    toHex(encodeKey(decodeKey(each), { repeats })) === toHex(each)
      ? []
      : [`read and written: ${JSON.stringify(keys[index])}`],
  );
  return [
    ...wrong.map(
      ([at, hex]) => `${repeats}: ${JSON.stringify(keys[at])} is ${hex}, not ${toHex(bytes[at]!)}`,
    ),
    ...reread,
  ];
}

// Two batches are under way at a time, so that one process works while the other does.
async function compareKeys(oracle: PythonOracle, keyCount: number): Promise<string[]> {
  const wrong: string[] = [];
  let next = 0;
  const work = async () => {
    while (next * batchSize < keyCount && wrong.length === 0) {
      const batch = next++;
      wrong.push(...(await wrongKeys(oracle, seed + batch, batch % 2 === 0 ? "reference" : "copy")));
    }
  };
  await Promise.all([work(), work()]);
  return wrong.sort((left, right) => left.length - right.length).slice(0, 3);
}

test.skipIf(python === undefined)(
  `${count} random keys have CPython's bytes (EVERDICT_PICKLE_SEED=${seed})`,
  async () => {
    using oracle = new PythonOracle(python!);
    expect(await compareKeys(oracle, count)).toEqual([]);
  },
  timeLimitMs,
);

test.skipIf(python === undefined)(
  `random keys have the bytes of other versions of CPython (EVERDICT_PICKLE_SEED=${seed})`,
  async () => {
    for (const other of findOtherPythons(python!)) {
      using oracle = new PythonOracle(other);
      expect([other, ...(await compareKeys(oracle, otherCount))]).toEqual([other]);
    }
  },
  timeLimitMs,
);
