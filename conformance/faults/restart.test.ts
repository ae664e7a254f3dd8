// A restart of the real server, in order and by kill -9, under 256 calls from TypeScript: over a session it shows as a
// delay only. Every caller knows what its keys hold, so a call that were lost, or applied twice, would show in an answer.
import { connect } from "node:net";
import {
  type EverdictProcess,
  type SeededRandom,
  seededRandom,
  startEverdict,
  waitUntil,
} from "@everdict/testkit";
import { Dict } from "everdict";
import { expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { parameters } from "../parameters.ts";

const callers = 256;
/** From when the port is back until each of them has an answer. */
const recoveryMaxMs = 2000;
const keysPerCaller = 8;
const jobsPerRound = 400;

test(`${parameters.restartRounds} restarts under ${callers} calls: no error, and everything exactly once`, async () => {
  const random = seededRandom();
  let server = await startEverdict();
  const client = connectTo(server);
  const dict = Dict.fromName<string, number>("load", { client, createIfMissing: true });
  await dict.hydrate();
  const load = startLoad(dict, random);
  const recoveriesMs: { readonly how: string; readonly ms: number }[] = [];
  let jobs = 0;
  const restart = async (how: string): Promise<number> => {
    const shared = sharedJobs(dict, jobs++);
    await load.acknowledge(500 + random.integer(2_000));
    if (how === "kill -9") await server.kill9();
    else expect(await server.stop()).toBe(0);
    const restarting = server.restart();
    const backAtMs = await portIsBack(server);
    await load.everyCallerGoesOn();
    const ms = Math.round(performance.now() - backAtMs);
    server = await restarting;
    expect(await shared).toEqual(Array(jobsPerRound).fill(1));
    return ms;
  };
  try {
    for (let round = 0; round < parameters.restartRounds; round++) {
      const how = round % 2 === 0 ? "kill -9" : "in order";
      const ms = await restart(how);
      recoveriesMs.push({ how, ms });
      if (ms < recoveryMaxMs) continue;
      // Somebody else may have had the machine; twice in a row it is us.
      console.warn(`${how}: ${ms} ms until every caller had an answer; once more`);
      expect(await restart(how)).toBeLessThan(recoveryMaxMs);
    }
    await load.stop();
    console.info(`seed ${random.seed}; all calls went on, after the port was back: ${summary(recoveriesMs)}`);
    expect(load.wrong).toEqual([]);
  } finally {
    await client.close();
    await server[Symbol.asyncDispose]();
  }
}, 900_000);

/** Callers with keys of their own, that go on until they are told to stop. */
function startLoad(dict: Dict<string, number>, random: SeededRandom) {
  const wrong: string[] = [];
  const done = new Array<number>(callers).fill(0);
  let stopping = false;
  const work = Array.from({ length: callers }, async (_, caller) => {
    const held = new Map<string, number>();
    let last = 0;
    while (!stopping) {
      const key = `${caller}-${random.integer(keysPerCaller)}`;
      const kind = random.pick(["put", "conditional put", "pop", "get", "contains", "update"] as const);
      const problem = await step(dict, held, { kind, key, value: ++last }).catch(String);
      if (problem !== undefined) wrong.push(`${kind} of ${key}: ${problem}`);
      done[caller]!++;
    }
  });
  const total = () => done.reduce((sum, count) => sum + count, 0);
  return {
    wrong,
    acknowledge: async (count: number) => {
      const until = total() + count;
      await waitUntil(`${count} calls are answered`, () => total() >= until, {
        timeoutMs: 60_000,
        everyMs: 1,
      });
    },
    everyCallerGoesOn: async () => {
      const before = [...done];
      const all = () => done.every((count, caller) => count > before[caller]!);
      await waitUntil("every caller has an answer", all, { timeoutMs: 60_000, everyMs: 1 });
    },
    stop: async () => {
      stopping = true;
      await Promise.all(work);
    },
  };
}

interface Step {
  readonly kind: "put" | "conditional put" | "pop" | "get" | "contains" | "update";
  readonly key: string;
  readonly value: number;
}

/** Makes one call and compares its answer. Answers what is wrong with it. */
async function step(
  dict: Dict<string, number>,
  held: Map<string, number>,
  { kind, key, value }: Step,
): Promise<string | undefined> {
  const before = held.get(key);
  const compare = (answer: unknown, expected: unknown) =>
    answer === expected ? undefined : `answered ${answer} instead of ${expected}`;
  switch (kind) {
    case "put":
      held.set(key, value);
      return compare(await dict.put(key, value), true);
    case "conditional put":
      held.set(key, before ?? value);
      return compare(await dict.put(key, value, { skipIfExists: true }), before === undefined);
    case "pop":
      held.delete(key);
      return compare(await dict.pop(key, undefined), before);
    case "get":
      return compare(await dict.get(key), before);
    case "contains":
      return compare(await dict.contains(key), before !== undefined);
    case "update":
      held.set(key, value);
      return compare(await dict.update([[key, value]]), undefined);
  }
}

/** Jobs that four callers want each: how many got each of them. */
async function sharedJobs(dict: Dict<string, number>, round: number): Promise<number[]> {
  const winners = Array.from({ length: jobsPerRound }, async (_, job) => {
    const key = `job-${round}-${job}`;
    const puts = await Promise.all([1, 2].map((by) => dict.put(key, by, { skipIfExists: true })));
    const pops = await Promise.all([1, 2].map(() => dict.pop(key, undefined)));
    const written = puts.filter((wrote) => wrote).length;
    const received = pops.filter((value) => value !== undefined).length;
    return written === 1 ? received : Number.NaN;
  });
  return Promise.all(winners);
}

/** When a connection to the server's port could be made again. */
async function portIsBack({ port }: EverdictProcess): Promise<number> {
  const attempt = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
  await waitUntil("the port is back", attempt, { timeoutMs: 60_000, everyMs: 1 });
  return performance.now();
}

function summary(recoveries: readonly { readonly how: string; readonly ms: number }[]): string {
  return ["kill -9", "in order"]
    .map((kind) => {
      const times = recoveries.filter(({ how }) => how === kind).map(({ ms }) => ms);
      return `${kind}: ${times.length} times, at most ${Math.max(...times)} ms`;
    })
    .join("; ");
}
