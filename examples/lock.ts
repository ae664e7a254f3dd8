// A lock between processes, from two operations: `put` with `skipIfExists`, which of any number of callers exactly one
// wins, and `pop`, which gives the lock back.
//
// Run it in several terminals at once, against a server (`npm start`), after pasting the lines that the server
// prints. Each adds 1 to a shared number a few times; without the lock, additions would be lost:
//
//     node examples/run.mjs lock
//
// What this lock does not do, so that you know when you need more:
//
// - It has no lease. If its holder dies, the lock stays until somebody removes it (`everdict dict pop locks counter`) or
//   the entry expires. The value says who holds it since when, so that a person can decide.
// - It does not protect against a holder that was stopped for long and goes on after its lock was removed by hand: what
//   it guards does not check the lock (there is no fencing token). - It is not fair: the caller that asks at the right
//   moment gets it.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Dict } from "everdict";

/** Who holds a lock. `id` is different for each attempt, so that an owner recognises its own lock. */
interface Holder {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly since: Date;
}

const locks = Dict.fromName<string, Holder>("locks", { createIfMissing: true });

/** Runs `work` while no other process holds the lock `name`; waits for it at most `waitMs`. */
async function withLock<Result>(name: string, waitMs: number, work: () => Promise<Result>): Promise<Result> {
  const me: Holder = { id: randomUUID(), host: hostname(), pid: process.pid, since: new Date() };
  const giveUpAtMs = Date.now() + waitMs;
  while (!(await acquire(name, me))) {
    if (Date.now() > giveUpAtMs) throw new Error(`lock '${name}' was not free within ${waitMs} ms`);
    // A random pause: callers that wake together would only meet again.
    await sleep(5 + Math.random() * 20);
  }
  try {
    return await work();
  } finally {
    await locks.pop(name, undefined);
  }
}

async function acquire(name: string, me: Holder): Promise<boolean> {
  try {
    return await locks.put(name, me, { skipIfExists: true });
  } catch (error) {
    // The answer was lost, so the lock may be ours: keeping it without knowing would lock everybody out.
    if ((await locks.get(name))?.id === me.id) return true;
    throw error;
  }
}

const shared = Dict.fromName<string, number>("shared", { createIfMissing: true });
const rounds = Number(process.argv[2] ?? 20);

for (let round = 0; round < rounds; round += 1) {
  await withLock("counter", 60_000, async () => {
    // Reading and writing are two operations: between them another process could write.
    const count = await shared.get("counter", 0);
    await shared.put("counter", count + 1);
  });
}
console.log(`added ${rounds}; the counter is now at least that: ${await shared.get("counter", 0)}`);
