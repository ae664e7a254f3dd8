// Kills a process at random moments while it works on a store, opens the directory again, and compares it with
// what the process was told: all of it is there, in dictionaries of any durability, no removed entry is back, nothing is
// done by halves.
//
//   npm run crash -- [--rounds 200] [--seed N] [--durability sync|everysec|memory|mixed] [--verbose]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openLogStore } from "../dist/index.js";
import { clientCount, emptyState, random, storeOptions } from "./crash-model.mjs";
import { readAll, verifyClients } from "./crash-verify.mjs";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seed: { type: "string" },
    durability: { type: "string", default: "mixed" },
    verbose: { type: "boolean" },
  },
});
const rounds = Number(flags.rounds);
const seed = flags.seed ?? String(Date.now());
const { durability } = flags;
const roundsPerDirectory = 20;
const child = fileURLToPath(new URL("./crash-child.mjs", import.meta.url));
const next = random(seed);
const totals = {
  rounds: 0,
  acknowledged: 0,
  underWay: 0,
  appliedUnderWay: 0,
  callsRepeated: 0,
  segmentsCompacted: 0,
};
console.log(`crash: ${rounds} rounds, seed ${seed}, durability ${durability}`);

for (let left = rounds; left > 0; left -= roundsPerDirectory) {
  await runDirectory(Math.min(left, roundsPerDirectory));
}
if (totals.acknowledged === 0) {
  console.error("no call was acknowledged in any round, so nothing was shown: is the machine too busy?");
  process.exit(1);
}
console.log(`${totals.rounds} passed, 0 failed`);
console.log(JSON.stringify(totals));

async function runDirectory(count) {
  const base = mkdtempSync(join(tmpdir(), "everdict-crash-"));
  const directory = join(base, "data");
  let states = Array.from({ length: clientCount }, emptyState);
  for (let round = 0; round < count; round++) {
    const journalPath = join(base, `journal-${round}`);
    const args = [child, directory, journalPath, `${seed}-${totals.rounds}`, durability];
    const victim = spawn(process.execPath, args, { stdio: "inherit" });
    const exited = once(victim, "exit");
    await live(victim, journalPath);
    victim.kill("SIGKILL");
    const [code] = await exited;
    try {
      if (code !== null) throw new Error(`the process ended by itself with code ${code}`);
      const lines = existsSync(journalPath) ? readJournal(journalPath) : [];
      states = await verify(directory, lines, states);
    } catch (error) {
      fail(base, error);
    }
    rmSync(journalPath, { force: true });
    totals.rounds++;
    if (flags.verbose) console.log(`round ${totals.rounds}: ${sizeOf(directory)} bytes`);
  }
  totals.segmentsCompacted += segmentsCompacted(directory);
  rmSync(base, { recursive: true });
}

/** Waits for the moment to kill: sometimes while the store is opened, mostly under load, now and then past the flush of `everysec`. */
async function live(victim, journalPath) {
  const roll = next();
  if (roll < 0.1) return sleep(next() * 120);
  // Its first line says that it has opened the store, which takes as long as the machine is busy.
  const hasOpened = () => existsSync(journalPath) && statSync(journalPath).size > 0;
  while (!hasOpened() && victim.exitCode === null) await sleep(5);
  return sleep(next() * (roll < 0.2 ? 3500 : 900));
}

/** Compares the store with the journal, and answers what is in it now. */
async function verify(directory, lines, before) {
  const store = await openLogStore({ directory, ...storeOptions });
  try {
    const found = await readAll(store);
    return await verifyClients({ store, lines, before, found, totals });
  } finally {
    await store.close();
  }
}

function readJournal(path) {
  const lines = readFileSync(path, "utf8").split("\n");
  // A line is written by one call and so is whole, but for the last if the process died within the call.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

function sizeOf(directory) {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

/** Segments are numbered, and only compaction removes one. */
function segmentsCompacted(directory) {
  const numbers = readdirSync(directory)
    .filter((name) => name.endsWith(".segment"))
    .map((name) => Number.parseInt(name, 10));
  return Math.max(0, ...numbers) - numbers.length;
}

function fail(base, error) {
  console.error(
    `crash: FAILED in round ${totals.rounds + 1}, seed ${seed}, durability ${durability}; files kept in ${base}\n` +
      `${error.stack}`,
  );
  process.exit(1);
}
