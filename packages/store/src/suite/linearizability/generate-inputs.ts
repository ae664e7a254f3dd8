import { SeededRandom } from "../model/seeded-random.ts";
import { type DictInput, type KeyOperation, keyOperations } from "./dict-models.ts";

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
}

const entryKinds: readonly (readonly [KeyOperation | "put" | "putIfAbsent", number])[] = [
  ...(Object.entries(keyOperations) as [KeyOperation, number][]),
  ["put", 5],
  ["putIfAbsent", 5],
];
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
    const value = `${client}.${count}`;
    if (kind === "put") yield { do: "update", entries: [[key, value]] };
    else if (kind === "putIfAbsent") yield { do: kind, key, value };
    else if (kind === "clear" || kind === "len") yield { do: kind };
    else if (kind !== "update") yield { do: kind, key };
    else {
      const written = Array.from({ length: keys }, (_, index) => `k${index}`).filter(() => !random.oneIn(3));
      yield { do: kind, entries: written.map((each) => [each, value]) };
    }
  }
}

function weightedKinds({ seed, isWhole, isRepeatable = false }: InputsOptions) {
  const random = new SeededRandom(seed);
  const kinds = isWhole ? [...entryKinds, ...wholeKinds] : entryKinds;
  const skewed = kinds.map(([kind, weight]) => [kind, weight * random.integer(4)] as const);
  // At least something is written, and read.
  const weighted = [...skewed, ["putIfAbsent", 1], ["get", 1]] as const;
  return weighted.filter(([kind]) => !isRepeatable || !["put", "update", "clear"].includes(kind));
}

function hash(text: string): number {
  return [...text].reduce((sum, character) => Math.imul(sum, 31) + character.charCodeAt(0), 7);
}
