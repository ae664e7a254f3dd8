import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root, runNode } from "../processes/run-script.ts";
import type { Figure, Mode } from "../report/report.ts";
import { pairedRatios } from "../report/statistics.ts";
import type { SectionContext } from "./section-context.ts";

const program = join(root, "packages/store-log/bench/peers.mjs");
const own = "everdict";
const ownInLog = "everdict-log";

/** How much of it, by mode. */
const flags: Readonly<Record<Mode, readonly string[]>> = {
  full: ["--entries", "10000,1000000", "--rounds", "3", "--measure-ms", "500", "--steady-seconds", "5"],
  quick: ["--entries", "10000", "--rounds", "2", "--measure-ms", "200", "--steady-seconds", "3"],
  smoke: ["--smoke"],
};

/** Whose ratios are taken, of those operations; figures of more than one unit have no ratio worth a name. */
const compared = ["get x256", "get x1", "put x1", "put x256", "put x4096", "pop and put x256", "iterate"];
/** What a steady load did to Everdict itself. */
const steady = {
  "write amplification": "x",
  "disk, of key and value bytes": "x",
  "event loop delay p99.9": "ms",
} as const;

/** What peers.mjs writes: for each durability and number of entries, values in the order of the rounds. */
export interface PeerResult {
  readonly durability: string;
  readonly entries: number;
  readonly peers: readonly { readonly name: string; readonly title: string }[];
  readonly figures: readonly PeerFigure[];
}

interface PeerFigure {
  readonly what: string;
  readonly unit: string;
  readonly peer: string;
  readonly value: number;
}

/** The store beside Redis, LMDB, LevelDB and Deno KV, in interleaved rounds, with neither wire nor codec of ours. */
export async function storePeers({ mode, lab, onProgress }: SectionContext) {
  onProgress("beside its peers: some minutes");
  const directory = await lab.newDirectory();
  const json = join(directory, "peers.json");
  await runNode([program, "--directory", directory, "--json", json, ...flags[mode]]);
  return figuresOf(JSON.parse(await readFile(json, "utf8")) as PeerResult[]);
}

/** Ratios round by round, as figures, and who took part: what does not install is left out. */
export function figuresOf(results: readonly PeerResult[]): { figures: Figure[]; notes: string[] } {
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const result of results) {
    const { durability, entries, peers } = result;
    const of = `${entries.toLocaleString("en")} entries, ${durability}`;
    const others = peers.filter((peer) => !peer.name.startsWith(own));
    for (const { name, title } of others) {
      for (const what of compared) {
        // A round in which a peer did nothing at all, on a busy machine, has no ratio.
        const values = pairedRatios(valuesOf(result, what, own), valuesOf(result, what, name)).filter(
          Number.isFinite,
        );
        if (values.length === 0) continue;
        const id = `store ${durability} ${entries} ${what} ratio ${name}`;
        figures.push({ id, title: `${of}: ${what}, against ${title}`, unit: "x", values });
      }
    }
    for (const peer of [own, ownInLog]) figures.push(...steadyFigures(result, peer, of));
    const compacted = valuesOf(result, "segments compacted meanwhile", own);
    notes.push(
      `${of}: beside ${others.map(({ title }) => title).join(", ")} (what else is missing does not install here, or takes no such part); ` +
        `segments compacted under steady load, round by round: ${compacted.join(", ")}.`,
    );
  }
  return { figures, notes };
}

/** Of rounds in which nothing was compacted nothing is told: the figures would flatter. */
function steadyFigures(result: PeerResult, peer: string, of: string): Figure[] {
  const { durability, entries } = result;
  const compacted = valuesOf(result, "segments compacted meanwhile", peer);
  const kept = peer === own ? "values in memory" : "values in the log";
  return Object.entries(steady).flatMap(([what, unit]) => {
    const values = valuesOf(result, what, peer).filter((_, round) => (compacted[round] ?? 0) > 0);
    if (values.length === 0) return [];
    const id = `store ${durability} ${entries} ${what} ${peer}`;
    return [{ id, title: `${of}, compaction running, ${kept}: ${what}`, unit, values }];
  });
}

function valuesOf({ figures }: PeerResult, what: string, peer: string): number[] {
  return figures.filter((each) => each.what === what && each.peer === peer).map(({ value }) => value);
}
