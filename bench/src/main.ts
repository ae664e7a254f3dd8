// `npm run bench [-- --smoke] [-- --json FILE]`: every peer in interleaved rounds of one run, as a table of
// medians with their spread, and ratios against Redis with the same promise. What it does not measure: a real
// network, several client processes, open-loop latency, TLS.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { closedLoop, type RunResult } from "./closed-loop.ts";
import { type OpenPeer, type Peer, valueFor } from "./peer.ts";
import { everdictEmbedded, everdictGrpc } from "./peers/everdict.ts";
import { redisPeer } from "./peers/redis.ts";

const { values: flags } = parseArgs({
  options: { smoke: { type: "boolean", default: false }, json: { type: "string" } },
});
const rounds = flags.smoke ? 1 : 3;
const timing = flags.smoke ? { warmUpMs: 100, measureMs: 400 } : { warmUpMs: 300, measureMs: 1000 };
const keyCount = 8192;
const peers: readonly Peer[] = [redisPeer("always"), everdictGrpc, everdictEmbedded];
const cases = ["get", "put", "put and pop"] as const;
const outstandings = [1, 256];

type Measured = Map<string, RunResult[]>;

async function measure(open: OpenPeer, name: string, results: Measured): Promise<void> {
  for (let index = 0; index < keyCount; index += 256) {
    await Promise.all(
      Array.from({ length: 256 }, (_, each) => open.put(`key-${index + each}`, valueFor(index + each))),
    );
  }
  const operations = {
    get: (sequence: number) => open.get(`key-${sequence % keyCount}`),
    put: (sequence: number) => open.put(`key-${sequence % keyCount}`, valueFor(sequence)),
    // Every second call pops what the one before it was asked to put.
    "put and pop": (sequence: number) =>
      sequence % 2 === 0 ? open.put(`pop-${sequence}`, valueFor(sequence)) : open.pop(`pop-${sequence - 1}`),
  };
  for (const each of cases) {
    for (const outstanding of outstandings) {
      const result = await closedLoop(operations[each], { outstanding, ...timing });
      const key = `${name} ${each} ${outstanding}`;
      results.set(key, [...(results.get(key) ?? []), result]);
    }
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function report(results: Measured, names: readonly string[]): void {
  const rate = (key: string) => median((results.get(key) ?? []).map((each) => each.operationsPerSecond));
  for (const each of cases) {
    for (const outstanding of outstandings) {
      console.log(`\n${each}, ${outstanding} outstanding`);
      const rows = names.map((name) => {
        const key = `${name} ${each} ${outstanding}`;
        const runs = results.get(key) ?? [];
        const rates = runs.map((run) => run.operationsPerSecond);
        return {
          peer: name,
          "ops/s": Math.round(rate(key)),
          spread: `${Math.round(Math.min(...rates))}-${Math.round(Math.max(...rates))}`,
          "p50 us": Math.round(median(runs.map((run) => run.p50Us))),
          "p99 us": Math.round(median(runs.map((run) => run.p99Us))),
          "ratio to the first": Number((rate(key) / rate(`${names[0]} ${each} ${outstanding}`)).toFixed(2)),
        };
      });
      console.table(rows);
    }
  }
}

const results: Measured = new Map();
const measured = new Set<string>();
for (let round = 0; round < rounds; round++) {
  for (const peer of peers) {
    const open = await peer.open();
    if (open === undefined) continue;
    measured.add(`${peer.name} (${peer.durability})`);
    try {
      await measure(open, `${peer.name} (${peer.durability})`, results);
    } finally {
      await open.close();
    }
  }
}
report(results, [...measured]);
if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(Object.fromEntries(results), null, 2));
