// That the random values of the differential tests leave out no row of the type table, no class of a row, and no name
// under which Python writes one. The table is wrapped for this, so that it counts.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildValue, canBuild } from "../../testing/build-value.ts";
import { findPython, fromBase64, type PythonFacts, PythonOracle } from "../../testing/python-oracle.ts";
import { dumpCase, featuresOf, type Spec, specs } from "../../testing/value-specs.ts";
import { decode, encode } from "../index.ts";
import type { TypeRule } from "./type-rule.ts";
import { typeTable } from "./type-table.ts";

const seen = vi.hoisted(() => new Set<string>());

vi.mock("./type-table.ts", async (importOriginal) => {
  const { typeTable: rules } = await importOriginal<{ typeTable: readonly TypeRule[] }>();
  type Read = (...args: never[]) => unknown;
  const counted = (of: Readonly<Record<string, Read>> = {}) =>
    Object.fromEntries(
      Object.entries(of).map(([name, read]) => [
        name,
        (...args: never[]) => {
          const value = read(...args);
          if (value !== undefined) seen.add(name);
          return value;
        },
      ]),
    );
  const wrap = (rule: TypeRule): TypeRule => ({
    ...rule,
    calls: counted(rule.calls) as TypeRule["calls"],
    completed: counted(rule.completed) as TypeRule["completed"],
    reduce: (value: object) => {
      seen.add(`class ${value.constructor.name}`);
      return rule.reduce!(value as never);
    },
  });
  return { typeTable: rules.map(wrap) };
});

/** Of rows that the encoder and the decoder handle themselves: the kinds of values that are such. */
const kindsOfRows: Record<string, readonly string[]> = {
  "`null`, `boolean`": ["none", "bool"],
  "`string`": ["str", "longstr"],
  "`number`, integral and safe, not -0": ["int"],
  "other `number`, with NaN, infinities, -0": ["float"],
  "`PyFloat`": ["float"],
  "`bigint`": ["bigint"],
  "`undefined`": ["holes"],
  array: ["list", "keyed", "biglist", "deep"],
  "frozen array": ["tuple", "bigtuple"],
  "plain object": ["dict", "bigdict"],
  "`Map` with other keys": ["map", "bigmap"],
  "`Set` / frozen `Set`": ["set", "frozenset", "bigset"],
  "`Uint8Array`, `Buffer`": ["bytes", "buffer", "longbytes"],
  "`Map` with text keys only": ["odict"],
  "shared and circular references": ["list"],
  "registered class": ["point"],
  // Not every platform has them; zones.test.ts writes each.
  "`Temporal` values": [],
  "`PyObject`": [
    ..."box plain inner slotted slottedmore stack registry withstate keyworded jobfailed enum namedtuple npother".split(
      " ",
    ),
    ..."lambda function class instance dynamic".split(" "),
  ],
  "`PyGlobal`": ["global"],
  "`PyPersistentId`": ["handle"],
  "functions, symbols, other class instances": [],
};

/** Names that are not written where the tests run, by what writes them. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^pathlib\._local\./, "Python 3.13 alone"],
  [/Windows(Path)$/, "Windows"],
  [/^numpy\.core\.numeric/, "numpy 1 at protocol 5"],
  [/^(pandas|pyarrow)\./, "pandas, of which there are fixtures"],
  [/^builtins\.(bytes|frozenset)$/, "the empty ones of protocols 0 to 2"],
];

const python = findPython();

describe.skipIf(python === undefined)("the random values of the differential tests", () => {
  let oracle: PythonOracle;
  let facts: PythonFacts;
  let values: Spec[];
  beforeAll(async () => {
    oracle = new PythonOracle(python!);
    facts = await oracle.ask<PythonFacts>("about");
    values = fc.sample(specs(featuresOf(facts)), { numRuns: 18_000, seed: 1 });
    const dumped = await oracle.ask<(string | null)[]>("dump", { cases: values.map(dumpCase) });
    for (const pickle of dumped) if (pickle !== null) decode(fromBase64(pickle));
    for (const spec of values) if (canBuild(spec)) decode(encode(buildValue(spec)));
  }, 120_000);
  afterAll(() => oracle.close());

  test("are of every kind that stands for a row", () => {
    const kinds = new Set(values.flatMap((spec) => spec.map(([kind]) => kind)));
    const rows = typeTable
      .filter((rule) => rule.typescript !== "" && !hasRules(rule))
      .map((rule) => rule.typescript);
    expect(rows.filter((row) => kindsOfRows[row] === undefined)).toEqual([]);
    expect(
      Object.keys(kindsOfRows).filter((row) => !typeTable.some((rule) => rule.typescript === row)),
    ).toEqual([]);
    const missing = Object.values(kindsOfRows)
      .flat()
      .filter((kind) => !kinds.has(kind));
    expect(missing.filter((kind) => isAvailable(kind, facts))).toEqual([]);
  });

  test("hold instances of every class that has a rule", () => {
    const classes = typeTable.flatMap((rule) => rule.classes ?? []) as unknown as { name: string }[];
    const missing = classes.filter(({ name }) => !seen.has(`class ${name}`)).map(({ name }) => name);
    expect(missing.filter((name) => isAvailable(name, facts))).toEqual([]);
  });

  test("are written by Python under every name that is read", () => {
    const names = typeTable.flatMap((rule) => [
      ...Object.keys(rule.calls ?? {}),
      ...Object.keys(rule.completed ?? {}),
    ]);
    const missing = names.filter((name) => !seen.has(name) && isWrittenHere(name, facts));
    expect(missing).toEqual([]);
  });
});

function hasRules({ classes = [], globals = {} }: TypeRule): boolean {
  return classes.length > 0 || Object.keys(globals).length > 0;
}

/** What pandas wrote is tested by fixtures (types/pandas/pandas.test.ts). */
const ofPandas = /^Py(Timestamp|NanoTimeDelta|Period|Interval|Column|Index|Series|DataFrame|PandasArray)$/;

function isAvailable(kind: string, { numpy, cloudpickle, zoneinfo }: PythonFacts): boolean {
  if (ofPandas.test(kind)) return false;
  if (/^(np|PyNdArray|PyNumpy)/.test(kind)) return numpy !== false;
  if (/^(lambda|function|class|instance|dynamic)$/.test(kind)) return cloudpickle !== false;
  return kind !== "PyZoneInfo" || zoneinfo;
}

function isWrittenHere(name: string, facts: PythonFacts): boolean {
  if (elsewhere.some(([pattern]) => pattern.test(name))) return false;
  if (name.startsWith("numpy")) return facts.numpy !== false;
  if (name.startsWith("zoneinfo")) return facts.zoneinfo;
  const isException = /^builtins\.[A-Z]/.test(name);
  return !isException || facts.exceptions.includes(name.replace("builtins.", ""));
}
