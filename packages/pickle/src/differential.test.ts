// Random values of the whole type table, compared with CPython. `scripts/differential.mjs` runs the long form.
import { expect, test } from "vitest";
import { compareValues } from "../testing/differential.ts";
import { findOtherPythons, findPython, type PythonFacts, PythonOracle } from "../testing/python-oracle.ts";

const seed = Number(process.env.EVERDICT_PICKLE_SEED ?? Date.now() % 2 ** 31);
const count = Number(process.env.EVERDICT_PICKLE_VALUES ?? 200_000);
/** For each further version of Python that is there. */
const otherCount = Number(process.env.EVERDICT_PICKLE_OTHER_VALUES ?? 2_000);
const timeLimitMs = 3_600_000;
const python = findPython();

test.skipIf(python === undefined)(
  `${count} random values are the same for CPython (EVERDICT_PICKLE_SEED=${seed})`,
  async () => {
    using oracle = new PythonOracle(python!);
    const facts = await oracle.ask<PythonFacts>("about");
    const { differences, ...totals } = await compareValues({ oracle, facts, count, seed });
    console.info(`Python ${facts.version}, seed ${seed}: ${JSON.stringify(totals)}`);
    expect(differences).toEqual([]);
    // Only what Python itself cannot write at some protocol is left out.
    expect(totals.skipped).toBeLessThan(count / 100);
    expect(totals.encoded).toBeGreaterThan(count * 0.8);
  },
  timeLimitMs,
);

test.skipIf(python === undefined)(
  `random values are the same for other versions of CPython (EVERDICT_PICKLE_SEED=${seed})`,
  async () => {
    using reader = new PythonOracle(python!);
    const { exceptions } = await reader.ask<PythonFacts>("about");
    for (const other of findOtherPythons(python!)) {
      using oracle = new PythonOracle(other);
      const own = await oracle.ask<PythonFacts>("about");
      const facts = { ...own, exceptions: own.exceptions.filter((name) => exceptions.includes(name)) };
      const result = await compareValues({ oracle, facts, count: otherCount, seed, reader });
      console.info(`Python ${facts.version}: ${JSON.stringify(result)}`);
      expect(result.differences).toEqual([]);
    }
  },
  timeLimitMs,
);
