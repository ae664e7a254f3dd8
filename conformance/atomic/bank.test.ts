// A bank: whatever is transferred, by whom, and whatever fails meanwhile, the sum of all accounts stays the same.
import { redisIsSetUp, waitUntil } from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { describe, expect, test } from "vitest";
import { parameters } from "../parameters.ts";
import { type DisturbedServer, withCluster, withLog } from "./disturbed-server.ts";
import { startWorking } from "./processes.ts";

const dictName = "bank";
const accountCount = 100;
const balance = 1_000;
const processCount = 4;
const workersPerProcess = 16;
const rounds = parameters.disturbances;
const names = Array.from({ length: accountCount }, (_, index) => `account ${index}`);

describe(`${accountCount} accounts, ${processCount * workersPerProcess} workers`, () => {
  test(`keep their sum on the log, through ${rounds} kills`, () => withLog(keepTheSum), 1_500_000);

  test.skipIf(!redisIsSetUp())(
    `keep their sum on a cluster in a dictionary of one shard, through ${rounds} failovers`,
    () => withCluster(keepTheSum),
    1_500_000,
  );
});

async function keepTheSum(server: DisturbedServer): Promise<void> {
  await using client = Client.connect({ url: server.url, ...server.token, timeoutMs: 120_000 });
  const accounts = Dict.fromName<string, number>(dictName, { client, createIfMissing: true, shards: 1 });
  await accounts.update(names.map((name) => [name, balance] as const));
  const args = [dictName, workersPerProcess, accountCount];
  const working = await Promise.all(
    Array.from({ length: processCount }, () => startWorking("transferring.mjs", server, args)),
  );
  try {
    for (let round = 0; round < rounds; round++) {
      await movedMoney(accounts);
      await server.disturb();
    }
    await movedMoney(accounts);
    for (const process of working) process.stop();
    const said = (await Promise.all(working.map(({ done }) => done))) as { readonly done: number }[];
    const transfers = said.reduce((sum, each) => sum + each.done, 0);
    expect(transfers).toBeGreaterThan(accountCount / 2);
    console.info(`${transfers} transfers`);
    const balances = (await accounts.getMany(names)) as number[];
    expect(balances.reduce((sum, each) => sum + each, 0)).toBe(accountCount * balance);
    expect(Math.min(...balances)).toBeGreaterThanOrEqual(0);
    expect(new Set(balances).size).toBeGreaterThan(1);
  } finally {
    for (const process of working) process.kill();
  }
}

/** Waits until transfers were made on half of the accounts after this call. */
async function movedMoney(accounts: Dict<string, number>): Promise<void> {
  const before = await accounts.getMany(names);
  await waitUntil(
    "money moves",
    async () => {
      const now = await accounts.getMany(names);
      return now.filter((each, index) => each !== before[index]).length >= accountCount / 2;
    },
    { timeoutMs: 120_000, everyMs: 20 },
  );
}
