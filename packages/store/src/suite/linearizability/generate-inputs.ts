import { SeededRandom } from "../model/seeded-random.ts";
import type { DictInput } from "./dict-models.ts";
import { type CommitInput, type KeyOperation, keyOperations } from "./entry-model.ts";
import { knownVersion } from "./known-versions.ts";

/** What clients of a history ask, and of how many keys. */
export interface InputsOptions {
  readonly seed: number;
  /** Makes the client's values differ from everybody else's. */
  readonly client: string;
  readonly keys: number;
  /** Whether operations on the whole dictionary are among them: `update` of several keys, `clear`, `len`. */
  readonly isWhole: boolean;
  /** Whether only calls are made whose repetition, after a lost answer, has no effect of its own. Default: false. */
  readonly isRepeatable?: boolean | undefined;
  /**
   * Whether commits, entries and values of many keys are asked for too; values are then numbers, which clients tell apart by
   * their own number. Absent: they are not.
   */
  readonly commits?: { readonly client: number; readonly clients: number } | undefined;
}

const entryKinds: readonly (readonly [KeyOperation | "put" | "putIfAbsent", number])[] = [
  ...(Object.entries(keyOperations) as [KeyOperation, number][]),
  ["put", 5],
  ["putIfAbsent", 5],
];
const commitKinds = [
  ["entry", 5],
  ["commit", 12],
] as const;
const additionsMax = 1_000;
const wholeKinds = [
  ["update", 4],
  ["clear", 1],
  ["len", 3],
] as const;

/** Inputs without end that depend on the options only; each seed leaves some kinds out and skews the others. */
export function* generateInputs(options: InputsOptions): Generator<DictInput> {
  const { seed, client, keys } = options;
  const weighted = weightedKinds(options);
  const random = new SeededRandom(seed ^ Math.imul(hash(client), 0x9e3779b1));
  for (let count = 0; ; count++) {
    const kind = random.weighted(weighted);
    const key = `k${random.integer(keys)}`;
    const value = valueText(options, count);
    if (kind === "commit") yield { ...commitInput(random, `${client}.${count}`, value), key };
    else if (kind === "getMany") yield { do: kind, keys: keyNames(keys).filter(() => random.oneIn(2)) };
    else if (kind === "put") yield { do: "update", entries: [[key, value]] };
    else if (kind === "putIfAbsent") yield { do: kind, key, value };
    else if (kind === "clear" || kind === "len") yield { do: kind };
    else if (kind !== "update") yield { do: kind, key };
    else {
      const written = keyNames(keys).filter(() => !random.oneIn(3));
      yield { do: kind, entries: written.map((each) => [each, value]) };
    }
  }
}

function keyNames(keys: number): string[] {
  return Array.from({ length: keys }, (_, index) => `k${index}`);
}

/** A text, or a number that leaves room for what is added to it. */
function valueText({ client, commits }: InputsOptions, count: number): string {
  if (commits === undefined) return `${client}.${count}`;
  return String((1 + count * commits.clients + commits.client) * additionsMax);
}

function commitInput(random: SeededRandom, write: string, value: string): CommitInput {
  const expected = random.pick([undefined, "absent", "present", knownVersion, knownVersion]);
  const kind = random.pick(["put", "add", "add", "remove", "touch"] as const);
  switch (kind) {
    case "put":
      return { do: "commit", expected, change: { kind, value }, write };
    case "add": {
      const max = random.oneIn(4) ? Number(value) : undefined;
      return { do: "commit", expected, change: { kind, by: 1 + random.integer(9), max }, write };
    }
    default:
      return { do: "commit", expected, change: { kind }, write };
  }
}

function weightedKinds({ seed, isWhole, isRepeatable = false, commits }: InputsOptions) {
  const random = new SeededRandom(seed);
  const kinds = [
    ...entryKinds,
    ...(isWhole ? wholeKinds : []),
    ...(commits === undefined ? [] : commitKinds),
    // Not at one instant, so not for a whole dictionary.
    ...(commits === undefined || isWhole ? [] : [["getMany", 3] as const]),
  ];
  const skewed = kinds.map(([kind, weight]) => [kind, weight * random.integer(4)] as const);
  // At least something is written, and read.
  const least = [
    ["putIfAbsent", 1],
    ["get", 1],
    ...(commits === undefined ? [] : [["commit", 1] as const]),
  ] as const;
  const weighted = [...skewed, ...least];
  return weighted.filter(([kind]) => !isRepeatable || !["put", "update", "clear"].includes(kind));
}

function hash(text: string): number {
  return [...text].reduce((sum, character) => Math.imul(sum, 31) + character.charCodeAt(0), 7);
}
