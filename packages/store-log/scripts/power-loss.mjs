// Loss of power by seed, on a simulated disk (src/testing/simulation.ts), in as many processes as asked for: prints
// how many seeds a second, and every violation with the seed that shows it again.
//
//   npm run power-loss -- [--seeds 200000] [--first 1] [--processes 2] [--violations 5]
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleSimulation } from "./simulation-bundle.mjs";
import { runSimulation } from "./simulation-run.mjs";

const { values: flags } = parseArgs({
  options: {
    seeds: { type: "string", default: "5000" },
    first: { type: "string", default: "1" },
    processes: { type: "string", default: String(availableParallelism()) },
    violations: { type: "string", default: "5" },
  },
});
const seeds = Number(flags.seeds);
const first = Number(flags.first);
const processes = Math.min(seeds, Number(flags.processes));
const base = mkdtempSync(join(tmpdir(), "everdict-power-loss-"));
const bundle = join(base, "simulation.mjs");
const startedMs = performance.now();
let done = 0;
let violations = 0;

process.on("exit", () => rmSync(base, { recursive: true, force: true }));
await bundleSimulation(bundle);
console.log(`power loss: seeds ${first} to ${first + seeds - 1}, ${processes} processes`);
// Interleaved, so that all processes come to an end together.
await Promise.all(
  Array.from({ length: processes }, (_, index) =>
    runSimulation(
      {
        bundle,
        first: first + index,
        count: Math.ceil((seeds - index) / processes),
        step: processes,
        violationsMax: Number(flags.violations),
      },
      onLine,
    ),
  ),
);
const seconds = (performance.now() - startedMs) / 1000;
console.log(
  `${done} seeds, ${violations} violations, ${seconds.toFixed(1)} s, ${(done / seconds).toFixed(1)} seeds/s`,
);
if (violations > 0 || done !== seeds) process.exitCode = 1;

function onLine(line) {
  if (line.violation !== undefined) {
    violations++;
    console.log(`seed ${line.seed}: ${line.violation}\n`);
  }
  if (line.done !== undefined) done += line.done;
  if (line.reached !== undefined) {
    const minutes = (performance.now() - startedMs) / 60_000;
    console.log(`${line.reached} seeds of a process, ${minutes.toFixed(1)} min`);
  }
}
