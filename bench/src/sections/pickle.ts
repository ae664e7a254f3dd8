import { runNode } from "../processes/run-script.ts";
import { newSection, type Section } from "../report/report.ts";
import type { SectionContext } from "./section-context.ts";

/** One line of what `packages/pickle/bench/codec.mjs` measures. */
interface CodecResult {
  readonly row: string;
  readonly codec: string;
  readonly perSecond: number;
  /** Times as fast as JSON + Buffer. */
  readonly ratio: number;
  /** How many times as fast as this codec ours is. */
  readonly pickleRatio: number;
}

/** The row in which ours is compared with the fastest of all. */
const comparedWithAll = "small-object";

// Records leave the names of properties out of the bytes, which nobody else can read then.
function standsAlone(codec: string): boolean {
  return codec !== "pickle" && !codec.endsWith("records");
}

/**
 * Encoding and decoding alone, beside JSON, msgpackr, cbor-x and v8. Each row has a process of its own: within one, the
 * engine makes the code of every codec but the native ones fit for what the rows before were.
 */
export async function pickle({ mode, onProgress }: SectionContext): Promise<Section> {
  const section = newSection("pickle");
  const timing = { full: { rounds: 25, ms: 40 }, quick: { rounds: 9, ms: 20 }, smoke: { rounds: 1, ms: 1 } }[
    mode
  ];
  const results: CodecResult[] = [];
  for (const row of await evaluate<string[]>("Object.keys(fixtures)")) {
    onProgress(`all codecs: ${row}`);
    const options = JSON.stringify({ ...timing, rows: [row] });
    results.push(...(await evaluate<CodecResult[]>(`benchCodecs(${options})`)));
  }
  for (const { row, codec, perSecond, ratio } of results) {
    section.figures.push(
      { id: `pickle ${row} ${codec}`, title: `${row}, ${codec}`, unit: "round trips/s", values: [perSecond] },
      {
        id: `pickle ratio ${row} ${codec}`,
        title: `${row}, ${codec}, of JSON + Buffer`,
        unit: "x",
        values: [ratio],
      },
    );
  }
  const others = results.filter(({ row, codec }) => row === comparedWithAll && standsAlone(codec));
  const behind = Math.max(...others.map(({ pickleRatio }) => 1 / pickleRatio));
  section.figures.push({
    id: "pickle behind the fastest",
    title: `${comparedWithAll}, the fastest, of pickle`,
    unit: "x",
    values: [behind],
  });
  return section;
}

/** What an expression over the benchmark's module is, in a process of its own. */
async function evaluate<Result>(expression: string): Promise<Result> {
  const program = `import { benchCodecs } from "./packages/pickle/bench/codec.mjs";
    import { fixtures } from "./packages/pickle/bench/fixtures.mjs";
    console.log(JSON.stringify(${expression}));`;
  return JSON.parse(await runNode(["--input-type=module", "--eval", program])) as Result;
}
