// The promise that makes a lock: of any number of callers that put one key with skipIfExists at once, exactly
// one is told that it wrote, and its value is what everybody then reads.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  type EverdictProcess,
  type Python,
  pythonIsSetUp,
  startEverdict,
  startPython,
} from "@everdict/testkit";
import { type Client, Dict } from "everdict";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { parameters } from "../parameters.ts";

const processCount = 4;
const callersPerProcess = 16;

let server: EverdictProcess;
let client: Client;
beforeAll(async () => {
  server = await startEverdict({ memory: parameters.memoryStore });
  client = connectTo(server);
});
afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

test(`of 64 callers in 4 processes one wins, ${parameters.contentionRounds} times`, async () => {
  const locks = Dict.fromName("locks", { client, createIfMissing: true });
  await locks.hydrate();
  const contenders = await Promise.all(
    Array.from({ length: processCount }, (_, index) => startContender(`p${index}`)),
  );
  try {
    for (let round = 0; round < parameters.contentionRounds; round += 1) {
      const winners = (await Promise.all(contenders.map((each) => contend(each, `lock ${round}`)))).flat();
      expect(winners).toHaveLength(1);
      expect(await locks.get(`lock ${round}`)).toBe(winners[0]);
    }
  } finally {
    for (const each of contenders) each.kill("SIGKILL");
  }
  expect(await locks.len()).toBe(parameters.contentionRounds);
}, 300_000);

test.skipIf(!pythonIsSetUp(["newest"]))(
  `of 64 callers in 4 Python processes one wins, ${parameters.pythonContentionRounds} times`,
  async () => {
    const locks = Dict.fromName("python-locks", { client, createIfMissing: true });
    await locks.hydrate();
    const pythons = Array.from({ length: processCount }, () => startPython("newest", server.env));
    try {
      await Promise.all(pythons.map(prepareCallers));
      for (let round = 0; round < parameters.pythonContentionRounds; round += 1) {
        const key = `lock ${round}`;
        const winners = (
          await Promise.all(pythons.map((each, index) => contendInPython(each, key, `p${index}`)))
        ).flat();
        expect(winners).toHaveLength(1);
        expect(await locks.get(key)).toBe(winners[0]);
      }
    } finally {
      await Promise.all(pythons.map((each) => each.stop()));
    }
  },
  300_000,
);

async function startContender(name: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("contender.mjs", import.meta.url));
  const { tokenId, tokenSecret } = server.token;
  const args = [
    JSON.stringify({ url: server.url, tokenId, tokenSecret }),
    "locks",
    String(callersPerProcess),
    name,
  ];
  const child = fork(program, args, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await once(child, "message");
  return child;
}

async function contend(child: ChildProcess, key: string): Promise<string[]> {
  const answer = once(child, "message");
  child.send(key);
  const [winners] = (await answer) as [string[]];
  return winners;
}

async function prepareCallers(python: Python): Promise<void> {
  await python.run(`
import asyncio
locks = modal.Dict.from_name("python-locks")
locks.hydrate()
async def contend(key, process):
    callers = [f"{process}-{n}" for n in range(${callersPerProcess})]
    wrote = await asyncio.gather(*[locks.put.aio(key, each, skip_if_exists=True) for each in callers])
    return [caller for caller, won in zip(callers, wrote) if won]`);
}

async function contendInPython(python: Python, key: string, name: string): Promise<string[]> {
  return (await python.run(`run(contend("${key}", "${name}"))`)).json as string[];
}
