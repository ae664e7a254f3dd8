// A queue of jobs that any number of processes work on: each job is claimed by one of them, done once, tried again if it
// fails, and taken over if its worker dies.
//
// Run it in several terminals at once, against a server (`npm start`), after pasting the lines that the server prints:
//
//     node examples/run.mjs work-queue 20
//
// A claim is an entry with a time to live. It is written only if there is none, so one worker gets it, and it ends by itself
// if that worker dies. When the work is done, one transaction checks that the claim is still the very one that this worker
// wrote, and removes claim and job and writes the result, all at one instant. A worker that was stopped for longer than its
// claim lives finds another version there: its result does not count, since another worker has the job now.
//
// The work itself may be done twice, by a worker that lost its claim and by the next. What it does to other systems must
// bear that; what it does to the dictionary belongs in the transaction.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Dict, type Version } from "everdict";

const claimMs = 30_000;
const attemptsMax = 3;
const me = randomUUID();

type Key = readonly ["job" | "claim" | "done" | "failed", id: string];
interface Job {
  readonly n: number;
  readonly failures: number;
}

// In one part, so that a cluster, too, can change several entries at one instant.
const queue = Dict.fromName<Key, unknown>("work-queue", { createIfMissing: true, shards: 1 });

/** The version of a claim that is ours now; undefined: another worker has the job, or it is done. */
async function claim(id: string): Promise<Version | undefined> {
  const result = await queue
    .transaction()
    .check(["job", id], "present")
    .check(["claim", id], "absent")
    .put(["claim", id], me, { ttlMs: claimMs })
    .commit();
  return result.committed ? result.changes[0]?.version : undefined;
}

/** Does a job whose claim is ours. Resolves to whether the result counts. */
async function work(id: string, claimed: Version): Promise<boolean> {
  const job = (await queue.get(["job", id])) as Job | undefined;
  if (job === undefined) return false;
  let square: number | undefined;
  try {
    square = await compute(job);
  } catch {
    // Caught here is only what the work throws: a commit that goes wrong is no failure of the job.
  }
  const change = queue.transaction().check(["claim", id], claimed).remove(["claim", id]);
  const failures = job.failures + 1;
  if (square !== undefined) change.remove(["job", id]).put(["done", id], square);
  else if (failures < attemptsMax) change.put(["job", id], { ...job, failures });
  else change.remove(["job", id]).put(["failed", id], job);
  const result = await change.commit();
  return square !== undefined && result.committed;
}

/** Something that fails now and then. */
async function compute({ n, failures }: Job): Promise<number> {
  await sleep(5);
  if (n % 5 === 0 && failures === 0) throw new Error("the first attempt fails");
  if (n % 7 === 0) throw new Error("every attempt fails");
  return n * n;
}

const count = Number(process.argv[2] ?? 10);
for (let n = 1; n <= count; n += 1) {
  // Once: another process may have put it there, and it may be done already.
  await queue
    .transaction()
    .check(["job", `job-${n}`], "absent")
    .check(["done", `job-${n}`], "absent")
    .check(["failed", `job-${n}`], "absent")
    .put(["job", `job-${n}`], { n, failures: 0 })
    .commit();
}

let done = 0;
for (let waiting = true; waiting; ) {
  waiting = false;
  for await (const [, id] of queue.keys({ prefix: ["job"] })) {
    waiting = true;
    const claimed = await claim(id);
    if (claimed !== undefined && (await work(id, claimed))) done += 1;
  }
  // Others have what is left, or it failed and waits for its next attempt.
  if (waiting) await sleep(20);
}
console.log(`did ${done} jobs`);
