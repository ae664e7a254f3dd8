// Values through both languages, judged by CPython: what TypeScript encodes must load as the value that was meant, and
// what Python dumped must be equal for Python after TypeScript has decoded it and encoded it again.
//
// A run is cut into batches, each with a seed of its own. Two batches are under way at a time, so that one process
// works while the other does. A value that fails is made smaller by fast-check before it is shown.

import fc from "fast-check";
import { decode, encode } from "../src/index.ts";
import { buildValue, canBuild } from "./build-value.ts";
import { fromBase64, type PythonFacts, type PythonOracle, toBase64 } from "./python-oracle.ts";
import { featuresOf, isFullyKnown, needsCloudpickle, protocolMin, type Spec, specs } from "./value-specs.ts";

/** What to compare. */
export interface DifferentialOptions {
  readonly oracle: PythonOracle;
  readonly facts: PythonFacts;
  /** How many values. */
  readonly count: number;
  readonly seed: number;
  /** Another Python that reads what TypeScript makes of this one's pickles. */
  readonly reader?: PythonOracle | undefined;
}

/** What a run has done. */
export interface DifferentialResult {
  /** How many values TypeScript encoded, without those that only Python can make. */
  readonly encoded: number;
  /** How many pickles of Python came back equal. */
  readonly moved: number;
  /** How many values Python itself could not dump and load, or not in that protocol. */
  readonly skipped: number;
  /** The first differences, as small as possible. */
  readonly differences: readonly string[];
}

interface Difference {
  readonly spec: Spec;
  readonly variant: Variant;
  readonly found: string;
  readonly index: number;
  readonly seed: number;
}

/** How Python dumps a value. */
interface Variant {
  readonly protocol: number;
  readonly pickler: "pickle" | "cloudpickle";
}

const batchSize = 1_000;
const shownMax = 3;

/** Compares random values. */
export async function compareValues(options: DifferentialOptions): Promise<DifferentialResult> {
  const totals = { encoded: 0, moved: 0, skipped: 0 };
  const differences: Difference[] = [];
  const batches = Math.ceil(options.count / batchSize);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < batches && differences.length === 0) {
      const batch = next++;
      const count = Math.min(batchSize, options.count - batch * batchSize);
      differences.push(...(await compareBatch(options, options.seed + batch, count, totals)));
    }
  };
  await Promise.all([work(), work()]);
  const shown: string[] = [];
  for (const each of differences.slice(0, shownMax)) shown.push(await describeSmallest(options, each));
  return { ...totals, differences: shown };
}

function variantOf({ facts }: DifferentialOptions, spec: Spec, index: number): Variant {
  const pickler = index % 12 >= 6 && facts.cloudpickle !== false ? "cloudpickle" : "pickle";
  return fitting({ protocol: index % 6, pickler }, spec);
}

function fitting({ protocol, pickler }: Variant, spec: Spec): Variant {
  return {
    protocol: Math.max(protocol, protocolMin(spec)),
    pickler: needsCloudpickle(spec) ? "cloudpickle" : pickler,
  };
}

async function compareBatch(
  options: DifferentialOptions,
  seed: number,
  count: number,
  totals: { encoded: number; moved: number; skipped: number },
): Promise<Difference[]> {
  const { oracle } = options;
  const values = fc.sample(specs(featuresOf(options.facts)), { numRuns: count, seed });
  const variants = values.map((spec, index) => variantOf(options, spec, index));
  const found: Difference[] = [];
  const note = (index: number, why: unknown): void => {
    const spec = values[index] as Spec;
    if (why === null) totals.skipped++;
    else found.push({ spec, variant: variants[index] as Variant, found: String(why), index, seed });
  };
  const dumping = oracle.ask<(string | null)[]>("dump", {
    cases: values.map((spec, index) => [spec, variants[index]?.protocol, variants[index]?.pickler]),
  });
  const encoded = collect(values, note, (spec) => (canBuild(spec) ? [spec, encodeSpec(spec)] : undefined));
  const comparing = compareAll(oracle, encoded, note);
  const dumped = await dumping;
  const moved = collect(values, note, (spec, index) => {
    const pickle = dumped[index];
    return typeof pickle === "string" ? [pickle, move(spec, pickle)] : undefined;
  });
  const inReader = moved.filter(([index]) => (variants[index] as Variant).protocol >= 4);
  await Promise.all([
    comparing,
    compareAll(oracle, moved, note),
    compareInReader(options, inReader, values, note),
  ]);
  totals.encoded += encoded.length;
  totals.moved += moved.length;
  totals.skipped += dumped.filter((pickle) => pickle === null).length;
  return found;
}

type Note = (index: number, why: unknown) => void;
type Case = readonly [index: number, expected: Spec | string, pickle: string];

function collect(
  values: readonly Spec[],
  note: Note,
  make: (spec: Spec, index: number) => readonly [Spec | string, string] | undefined,
): Case[] {
  return values.flatMap((spec, index): Case[] => {
    try {
      const made = make(spec, index);
      return made === undefined ? [] : [[index, ...made]];
    } catch (caught) {
      note(index, caught);
      return [];
    }
  });
}

async function compareAll(oracle: PythonOracle, cases: readonly Case[], note: Note): Promise<void> {
  const wrong = await oracle.ask<[number, string | null][]>("compare", {
    cases: cases.map(([, expected, pickle]) => [expected, pickle]),
  });
  for (const [at, why] of wrong) note((cases[at] as Case)[0], why);
}

// The other Python builds the value on its own, since it may not be able to read the first one's pickles. Before
// protocol 4 a pickle does not tell everything, such as the fold of a time.
async function compareInReader(
  { reader }: DifferentialOptions,
  moved: readonly Case[],
  values: readonly Spec[],
  note: Note,
): Promise<void> {
  if (reader === undefined) return;
  const cases = moved.map(([index, , pickle]): Case => [index, values[index] as Spec, pickle]);
  await compareAll(reader, cases, (index, why) =>
    note(index, why === null ? null : `in the other Python: ${why}`),
  );
}

function encodeSpec(spec: Spec): string {
  return toBase64(encode(buildValue(spec)));
}

function move(spec: Spec, pickle: string): string {
  const value = decode(fromBase64(pickle), {
    unknownClasses: isFullyKnown(spec) ? "refuse" : "keep",
    // On its own an integral float has no container that remembers what it was.
    floats: spec[0]?.[0] === "float" ? "exact" : "number",
  });
  return toBase64(encode(value));
}

async function describeSmallest(options: DifferentialOptions, first: Difference): Promise<string> {
  const { oracle, facts } = options;
  let smallest = { spec: first.spec, found: first.found };
  const property = fc.asyncProperty(specs(featuresOf(facts)), async (spec) => {
    const found = await firstDifference(options, spec, first.variant);
    if (found === undefined) return true;
    smallest = { spec, found };
    return false;
  });
  await fc.check(property, {
    seed: first.seed,
    path: String(first.index),
    numRuns: 1,
    interruptAfterTimeLimit: 20_000,
  });
  const { protocol, pickler } = fitting(first.variant, smallest.spec);
  const [pickle] = await oracle.ask<string[]>("dump", { cases: [[smallest.spec, protocol, pickler]] });
  return [
    smallest.found,
    `seed ${first.seed}, value ${first.index}, protocol ${protocol}, ${pickler}, Python ${facts.version}`,
    `description: ${JSON.stringify(smallest.spec)}`,
    `Python's pickle: ${pickle}`,
  ].join("\n");
}

async function firstDifference(
  options: DifferentialOptions,
  spec: Spec,
  variant: Variant,
): Promise<string | undefined> {
  const { protocol, pickler } = fitting(variant, spec);
  let found: string | undefined;
  const note: Note = (_, why) => {
    if (why !== null) found ??= String(why);
  };
  const { oracle } = options;
  const encoded = collect([spec], note, (each) => (canBuild(each) ? [each, encodeSpec(each)] : undefined));
  await compareAll(oracle, encoded, note);
  const cases = [
    [spec, Math.max(protocol, protocolMin(spec)), needsCloudpickle(spec) ? "cloudpickle" : pickler],
  ];
  const [pickle] = await oracle.ask<(string | null)[]>("dump", { cases });
  if (typeof pickle !== "string") return found;
  const moved = collect([spec], note, (each) => [pickle, move(each, pickle)]);
  await compareAll(oracle, moved, note);
  if (protocol >= 4) await compareInReader(options, moved, [spec], note);
  return found;
}
