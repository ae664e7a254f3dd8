// A process that runs a simulation for many seeds: the entry of the bundle that `scripts/power-loss.mjs` makes.
//
//   node BUNDLE FIRST COUNT STEP MAX_VIOLATIONS     seeds FIRST, FIRST + STEP, …
//
// Writes a line of JSON for each violation, one for every 5,000 seeds, and one with the figures at the end.
import { simulate } from "./simulation.ts";
import { VirtualTime } from "./virtual-time.ts";

const [first = 1, count = 1, step = 1, maxViolations = 1] = process.argv.slice(2).map(Number);
const time = new VirtualTime();
time.install();
let seed = first;
let violations = 0;

function report(error: unknown): void {
  violations++;
  const text = error instanceof Error ? `${error.stack}` : String(error);
  process.stdout.write(`${JSON.stringify({ seed, violation: text })}\n`);
}

process.on("unhandledRejection", report);
process.on("uncaughtException", report);

let done = 0;
for (; done < count && violations < maxViolations; done++) {
  seed = first + done * step;
  await simulate(seed, { time }).catch(report);
  if ((done + 1) % 5000 === 0) process.stdout.write(`${JSON.stringify({ reached: done + 1 })}\n`);
}
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ done, violations, cpuSeconds: (user + system) / 1e6 })}\n`);
process.exit(0);
