// Counters and transactions whose replies are lost after the server did them: each is made again under its key, and gets
// the answer of the first attempt. So as many increments as are made are counted, and each has a sum of its own.
import {
  type EverdictProcess,
  type ProxiedCall,
  SilencingProxy,
  seededRandom,
  startEverdict,
  startReplyDroppingProxy,
  waitUntil,
} from "@everdict/testkit";
import { type Client, Dict } from "everdict";
import { describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { parameters } from "../parameters.ts";

const count = parameters.lostReplies;
const atOnce = 100;
const upTo = (most: number) => Array.from({ length: most }, (_, index) => index + 1);

interface Setting extends AsyncDisposable {
  /** Its replies are lost. */
  readonly counters: Dict<string, number>;
  /** Straight to the server. */
  readonly witness: Dict<string, number>;
  /** Makes calls whose replies are lost after the witness has seen as many effects more. */
  readonly lose: <T>(calls: readonly (() => Promise<T>)[]) => Promise<T[]>;
}

/** The sum of what the calls have done. */
const seen = async (witness: Dict<string, number>): Promise<number> => (await witness.get("count")) ?? 0;

async function dictsOf(client: Client, server: EverdictProcess) {
  const direct = connectTo(server);
  const witness = Dict.fromName<string, number>("counters", { client: direct, createIfMissing: true });
  await witness.hydrate();
  const counters = Dict.fromName<string, number>("counters", { client });
  await counters.hydrate();
  return { direct, witness, counters };
}

/** Loses the reply of every first attempt, and of one in five of the second. */
async function overGrpc(): Promise<Setting> {
  const server = await startEverdict({ memory: parameters.memoryStore });
  const random = seededRandom(17);
  const decide = ({ method, attempt }: ProxiedCall) =>
    method === "Commit" && (attempt === 0 || (attempt === 1 && random.chance(0.2))) ? "reset" : "deliver";
  const proxy = await startReplyDroppingProxy(server.serverUrl, decide);
  const client = connectTo(server, { url: proxy.url, transport: "grpc" });
  const { direct, ...dicts } = await dictsOf(client, server);
  return {
    ...dicts,
    lose: async (calls) => {
      const before = proxy.counts.reset;
      const answers = await Promise.all(calls.map((call) => call()));
      expect(proxy.counts.reset).toBeGreaterThanOrEqual(before + calls.length);
      return answers;
    },
    [Symbol.asyncDispose]: () => dispose(client, direct, proxy, server),
  };
}

/** Loses all replies of a connection, and then the connection. */
async function overSessions(): Promise<Setting> {
  const server = await startEverdict({ memory: parameters.memoryStore });
  const proxy = await SilencingProxy.start(server.port);
  const client = connectTo(server, { url: `http://127.0.0.1:${proxy.port}`, transport: "session" });
  const { direct, ...dicts } = await dictsOf(client, server);
  return {
    ...dicts,
    lose: async (calls) => {
      const before = await seen(dicts.witness);
      proxy.silence();
      const answers = Promise.all(calls.map((call) => call()));
      answers.catch(() => {});
      await waitUntil(
        "all calls are done",
        async () => (await seen(dicts.witness)) === before + calls.length,
      );
      proxy.cut();
      return answers;
    },
    [Symbol.asyncDispose]: () => dispose(client, direct, proxy, server),
  };
}

async function dispose(client: Client, direct: Client, ...others: AsyncDisposable[]): Promise<void> {
  await Promise.all([client.close(), direct.close()]);
  for (const each of others) await each[Symbol.asyncDispose]();
}

describe.each([
  ["gRPC", overGrpc],
  ["a session", overSessions],
] as const)("when replies are lost over %s", (_, start) => {
  test(`${count} increments are ${count}, and each has the sum that it made`, async () => {
    await using setting = await start();
    const sums: (number | bigint)[] = [];
    for (let made = 0; made < count; made += atOnce) {
      sums.push(...(await setting.lose(upTo(atOnce).map(() => () => setting.counters.increment("count")))));
    }
    expect(sums.toSorted((a, b) => Number(a) - Number(b))).toEqual(upTo(count));
    expect(await seen(setting.witness)).toBe(count);
  }, 300_000);

  test(`${count} transactions are each told that they were committed, and each is done once`, async () => {
    await using setting = await start();
    for (let made = 0; made < count; made += atOnce) {
      const transactions = upTo(atOnce).map(
        (index) => () =>
          setting.counters
            .transaction()
            .check(`made ${made + index}`, "absent")
            .put(`made ${made + index}`, index)
            .increment("count")
            .commit(),
      );
      const outcomes = await setting.lose(transactions);
      expect(outcomes.filter(({ committed }) => !committed)).toEqual([]);
    }
    expect(await seen(setting.witness)).toBe(count);
    expect(await setting.witness.len()).toBe(count + 1);
  }, 300_000);
});
