// The reading half of the job board: TypeScript shows what worker.py (Python) writes, until all jobs are done.
//
// Run it against a server (`npm start`), after pasting the lines that the server prints:
//
//     node examples/run.mjs job-board/board
//
// and, in another terminal, examples/job-board/worker.py.

import { setTimeout as sleep } from "node:timers/promises";
import { Dict } from "everdict";

/** What the worker writes. Python's dicts arrive as objects, its aware datetimes as Dates. */
interface Job {
  readonly state: "queued" | "running" | "done";
  readonly done: number;
  readonly steps: number;
  readonly updated_at: Date;
}

const giveUpAfterMs = 60_000;

const board = Dict.fromName<string, Job>("job-board", { createIfMissing: true });
const startedAtMs = Date.now();
let shown = "";

for (;;) {
  const jobs: [string, Job][] = [];
  for await (const entry of board) jobs.push(entry);
  jobs.sort(([one], [other]) => one.localeCompare(other));

  const lines = jobs.map(([name, job]) => {
    const bar = "#".repeat(job.done).padEnd(job.steps, ".");
    return `${name.padEnd(14)} ${job.state.padEnd(8)} [${bar}] ${job.updated_at.toISOString()}`;
  });
  if (lines.join("\n") !== shown) {
    shown = lines.join("\n");
    console.log(`${shown}\n`);
  }
  if (jobs.length > 0 && jobs.every(([, job]) => job.state === "done")) break;
  if (Date.now() - startedAtMs > giveUpAfterMs)
    throw new Error("the jobs were not done in time; is worker.py running?");
  await sleep(100);
}
console.log("all jobs are done");
