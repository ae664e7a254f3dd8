// Kills a process at random moments while it works on a store, opens the directory again, and compares it with
// what the process was told: no acknowledged write lost, no removed entry back, nothing done by halves.
//
//   node scripts/crash.mjs [--rounds 200] [--seed N] [--verbose]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openLogStore } from "../dist/index.js";
import {
  apply,
  clientCount,
  difference,
  emptyState,
  environmentId,
  isSame,
  keyOf,
  ownDictName,
  random,
  sharedDictId,
  storeOptions,
} from "./crash-model.mjs";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seed: { type: "string" },
    verbose: { type: "boolean" },
  },
});
const rounds = Number(flags.rounds);
const seed = flags.seed ?? String(Date.now());
const roundsPerDirectory = 20;
const lifeMaxMs = 900;
const child = fileURLToPath(new URL("./crash-child.mjs", import.meta.url));
const next = random(seed);
const totals = {
  rounds: 0,
  acknowledged: 0,
  underWay: 0,
  appliedUnderWay: 0,
  tokensRepeated: 0,
  openings: 0,
};
console.log(`crash: ${rounds} rounds, seed ${seed}`);

for (let left = rounds; left > 0; left -= roundsPerDirectory) {
  await runDirectory(Math.min(left, roundsPerDirectory));
}
console.log(`${totals.rounds} passed, 0 failed`);
console.log(JSON.stringify(totals));

async function runDirectory(count) {
  const base = mkdtempSync(join(tmpdir(), "everdict-crash-"));
  const directory = join(base, "data");
  let states = Array.from({ length: clientCount }, emptyState);
  for (let round = 0; round < count; round++) {
    const journalPath = join(base, `journal-${round}`);
    const victim = spawn(process.execPath, [child, directory, journalPath, `${seed}-${totals.rounds}`], {
      stdio: "inherit",
    });
    const exited = once(victim, "exit");
    // Sometimes while it is still opening the store, mostly under load.
    await sleep(next() < 0.1 ? next() * 120 : 100 + next() * lifeMaxMs);
    victim.kill("SIGKILL");
    const [code] = await exited;
    if (code !== null) fail(base, `the process ended by itself with code ${code}`);
    states = await verify(base, directory, journalPath, states);
    totals.rounds++;
    if (flags.verbose) console.log(`round ${totals.rounds}: ${sizeOf(directory)} bytes`);
  }
  rmSync(base, { recursive: true });
}

/** Compares the store with the journal, and answers what is in it now. */
async function verify(base, directory, journalPath, before) {
  const lines = existsSync(journalPath) ? readJournal(journalPath) : [];
  const outcomes = before.map((state, client) => replay(base, state, client, lines));
  const store = await openLogStore({ directory, ...storeOptions });
  try {
    totals.openings++;
    const found = await readAll(base, store);
    const after = [];
    for (const [client, outcome] of outcomes.entries())
      after.push(await settle(base, store, client, outcome, found[client]));
    return after;
  } finally {
    await store.close();
  }
}

function readJournal(path) {
  const lines = readFileSync(path, "utf8").split("\n");
  // A line is written by one call and so is whole, but for the last if the process died within the call.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** What one client knows: its state, the operation under way, and the last answered call with a token. */
function replay(base, start, client, lines) {
  let state = start;
  let underWay;
  let lastToken;
  for (const line of lines) {
    if (line.client !== client) continue;
    if (line.begin !== undefined) underWay = { operation: line.begin, before: state };
    else if (line.deleted) underWay.before = { ...underWay.before, own: undefined };
    else {
      const { next: after, answer } = apply(underWay.before, client, underWay.operation);
      if (JSON.stringify(line.end) !== JSON.stringify(answer)) {
        fail(
          base,
          `client ${client}: ${JSON.stringify(underWay.operation)} answered ${line.end}, expected ${answer}`,
        );
      }
      // A token is scoped by its dictionary, so only those of the shared one, which stays, can be repeated.
      if (underWay.operation.token !== undefined) {
        lastToken = underWay.operation.shared ? { operation: underWay.operation, answer } : undefined;
      }
      state = after;
      underWay = undefined;
      totals.acknowledged++;
    }
  }
  return { state, underWay, lastToken };
}

/** Checks one client's entries, then repeats its calls with tokens. Answers its state from here on. */
async function settle(base, store, client, { state, underWay, lastToken }, found) {
  const candidates = [underWay?.before ?? state];
  if (underWay !== undefined) {
    totals.underWay++;
    // A dictionary is made again in two calls: both, one or none of them may have happened.
    if (underWay.operation.do === "recreate") candidates.push({ ...underWay.before, own: undefined });
    candidates.push(apply(underWay.before, client, underWay.operation).next);
  }
  const match = candidates.findLastIndex((candidate) => isSame(candidate, found));
  if (match < 0) {
    const what = underWay === undefined ? "nothing" : JSON.stringify(underWay.operation);
    fail(base, `client ${client}, under way: ${what}\n${difference(candidates[0], found)}`);
  }
  if (match > 0) totals.appliedUnderWay++;
  if (lastToken !== undefined) await repeat(base, store, client, lastToken.operation, lastToken.answer);
  if (underWay?.operation.token === undefined || !underWay.operation.shared) return candidates[match];
  // Whether it had happened or not: repeated under its token it is answered as the first time.
  const { next: after, answer } = apply(underWay.before, client, underWay.operation);
  await repeat(base, store, client, underWay.operation, answer);
  return after;
}

async function repeat(base, store, client, operation, expected) {
  totals.tokensRepeated++;
  const key = keyOf(client, operation.index);
  const options = { token: operation.token };
  let answer;
  if (operation.do === "pop") {
    const value = await store.pop(sharedDictId, key, options);
    answer = value === undefined ? null : Buffer.from(value).toString("latin1", 0, 60);
  } else {
    const { stamp, length } = operation.value;
    const value = Buffer.from(`${stamp}/${operation.index}/${length}/${"x".repeat(length)}`);
    answer = await store.putIfAbsent(sharedDictId, key, value, options);
  }
  if (answer !== expected)
    fail(base, `client ${client}: a repeated ${operation.do} answered ${answer}, not ${expected}`);
}

/** Everything in the store, by client. */
async function readAll(base, store) {
  const states = Array.from({ length: clientCount }, emptyState);
  const read = async (dictId, take) => {
    for await (const batch of store.contents(dictId, { keys: true, values: true })) {
      for (const { key, value } of batch) take(Buffer.from(key).toString(), Buffer.from(value).toString());
    }
  };
  if (store.getDict(sharedDictId) !== undefined) {
    await read(sharedDictId, (key, value) => states[Number(key.split("-")[1])].shared.set(key, value));
  }
  for (const [client, state] of states.entries()) {
    const dict = store.findDict(environmentId, ownDictName(client));
    if (dict === undefined) continue;
    state.own = new Map();
    await read(dict.id, (key, value) => state.own.set(key, value));
    const len = store.len(dict.id);
    if (len !== state.own.size)
      fail(base, `${dict.id} has len ${len}, but ${state.own.size} entries were found`);
  }
  return states;
}

function sizeOf(directory) {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

function fail(base, message) {
  console.error(
    `crash: FAILED in round ${totals.rounds + 1}, seed ${seed}; files kept in ${base}\n${message}`,
  );
  process.exit(1);
}
