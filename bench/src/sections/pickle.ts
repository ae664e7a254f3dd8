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

/** Encoding and decoding alone, beside JSON, msgpackr, cbor-x and v8. */
export async function pickle({ mode, onProgress }: SectionContext): Promise<Section> {
  const section = newSection("pickle");
  const options = { full: { rounds: 9, ms: 100 }, quick: { rounds: 3, ms: 60 }, smoke: { rounds: 1, ms: 1 } }[
    mode
  ];
  onProgress("all codecs");
  const program = `import { benchCodecs } from "./packages/pickle/bench/codec.mjs";
    console.log(JSON.stringify(benchCodecs(${JSON.stringify(options)})));`;
  const output = await runNode(["--input-type=module", "--eval", program]);
  const results = JSON.parse(output) as CodecResult[];
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
