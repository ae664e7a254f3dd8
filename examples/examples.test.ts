/** Every example as its reader runs it: a process, against a server, connected by nothing but its environment. */

import { join } from "node:path";
import {
  type EverdictProcess,
  pythonIsSetUp,
  pythonProcessEnv,
  pythonProgram,
  repositoryRoot,
  startEverdict,
  startOwnedProcess,
} from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let server: EverdictProcess;
let client: Client;

beforeAll(async () => {
  server = await startEverdict();
  client = Client.connect({ url: server.url, ...server.token });
});
afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Runs a program to its end and answers what it printed; fails if it did. */
async function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const owned = startOwnedProcess(program, args, env);
  let printed = "";
  owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const { code } = await owned.ended;
  expect({ code, errors: owned.errorOutput() }).toEqual({ code: 0, errors: "" });
  return printed;
}

function example(name: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH ?? "", ...server.env, EVERDICT_URL: server.url };
  return output(process.execPath, [join(repositoryRoot, "examples", "run.mjs"), name, ...args], env);
}

const isSetUp = process.env.EVERDICT_PYTHON !== undefined || pythonIsSetUp(["newest"]);

test.skipIf(!isSetUp)("job board: TypeScript shows what Python writes, until all is done", async () => {
  const python = process.env.EVERDICT_PYTHON ?? pythonProgram("newest");
  const worker = join(repositoryRoot, "examples", "job-board", "worker.py");
  const home = server.dataDirectory;
  const [shown, written] = await Promise.all([
    example("job-board/board"),
    output(python, [worker], pythonProcessEnv(home, server.env)),
  ]);
  expect(written).toBe("3 jobs done\n");
  expect(shown).toMatch(/train-model +done +\[######\] \d{4}-\d\d-\d\dT/);
  expect(shown).toMatch(/running|queued/);
  expect(shown.endsWith("all jobs are done\n")).toBe(true);
  const job = await Dict.fromName<string, { updated_at: unknown }>("job-board", { client }).get(
    "send-report",
  );
  expect(job).toEqual({ state: "done", done: 2, steps: 2, updated_at: expect.any(Date) });
});

test.skipIf(!pythonIsSetUp(["grpc"]))(
  "grpc: Python counts without any client, and TypeScript reads it",
  async () => {
    const program = join(repositoryRoot, "examples", "grpc", "counter.py");
    const run = () =>
      output(pythonProgram("grpc"), [program], pythonProcessEnv(server.dataDirectory, server.env));
    expect(await run()).toBe("home, about, nowhere: 2 1 None\nlongest: about\n");
    expect(await run()).toBe("home, about, nowhere: 4 2 None\nlongest: about\n");
    const visits = Dict.fromName("visits", { client });
    expect(await visits.increment("home")).toBe(5);
    expect(await visits.get("longest")).toBe("about");
  },
);

test("lock: of the additions of four processes none is lost", async () => {
  const printed = await Promise.all(Array.from({ length: 4 }, () => example("lock", "15")));
  for (const text of printed) expect(text).toMatch(/^added 15;/);
  expect(await Dict.fromName("shared", { client }).get("counter")).toBe(60);
  expect(await Dict.fromName("locks", { client }).len()).toBe(0);
});

test("cache: the second run computes nothing", async () => {
  const first = await example("cache");
  expect(first).toMatch(/^360 = 2 x 2 x 2 x 3 x 3 x 5 {2}\(\d+ ms\)$/m);
  expect(first).toContain("computed 3 of 3");
  const second = await example("cache");
  expect(second).toMatch(/^1001 = 7 x 11 x 13 {2}\(\d+ ms\)$/m);
  expect(second).toContain("computed 0 of 3");
});

test("rate limiter: four processes together get what one caller may do, and no call more", async () => {
  // One window for a year, so that no test meets the end of one.
  const windowMs = String(365 * 24 * 60 * 60 * 1000);
  const printed = await Promise.all(
    Array.from({ length: 4 }, () => example("rate-limiter", "ann", "20", "30", windowMs)),
  );
  const allowed = printed.map((text) => Number(/^(\d+) of 20 calls were allowed$/m.exec(text)![1]));
  expect(allowed.reduce((sum, each) => sum + each)).toBe(30);
  expect(await example("rate-limiter", "bob", "5", "30", windowMs)).toBe("5 of 5 calls were allowed\n");
});

test("work queue: of the jobs of four processes each is done once, or has failed three times", async () => {
  const printed = await Promise.all(Array.from({ length: 4 }, () => example("work-queue", "20")));
  const done = printed.map((text) => Number(/^did (\d+) jobs$/m.exec(text)![1]));
  // All but the multiples of 7.
  expect(done.reduce((sum, each) => sum + each)).toBe(18);
  const queue = Dict.fromName<readonly string[], unknown>("work-queue", { client });
  const results = [];
  for await (const [[, id], square] of queue.items({ prefix: ["done"] })) results.push([id, square]);
  expect(results).toHaveLength(18);
  expect(results).toContainEqual(["job-15", 225]);
  expect(await queue.removeMany({ prefix: ["failed"] })).toBe(2);
  expect(await queue.removeMany({ prefix: ["job"] }, { dryRun: true })).toBe(0);
});

test("leaderboard: the best of one game, with the points of all runs", async () => {
  await Promise.all([example("leaderboard", "go"), example("leaderboard", "go")]);
  expect(await example("leaderboard", "go")).toBe("1. cem: 24\n2. ann: 15\n3. bob: 9\n");
});
