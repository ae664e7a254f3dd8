// A reply that is lost after the server did the work is the case that idempotency keys exist for: the official
// client repeats the call under the same key, and must get the answer of the first attempt. The proxy loses the
// answers; nothing else is wrong.
import {
  type Fate,
  type ProxiedCall,
  type PythonVersion,
  pythonIsSetUp,
  type ReplyDroppingProxy,
  seededRandom,
  startEverdict,
  startPython,
  startReplyDroppingProxy,
} from "@everdict/testkit";
import { type Client, Dict } from "everdict";
import { describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { collect } from "../interop/collect.ts";
import { parameters } from "../parameters.ts";

const counts: Readonly<Record<PythonVersion, number>> = {
  newest: parameters.lostReplies,
  "v1.0": parameters.lostRepliesOfOldClients,
  "v0.74": parameters.lostRepliesOfOldClients,
};
const atOnce = 250;

/** Loses the answers of first attempts of the method, and one in five of second attempts too. */
function loseRepliesOf(method: string, seed: number): (call: ProxiedCall) => Fate {
  const random = seededRandom(seed);
  return (call) => {
    if (call.method !== method) return "deliver";
    return call.attempt === 0 || (call.attempt === 1 && random.chance(0.2)) ? "reset" : "deliver";
  };
}

interface Setting extends AsyncDisposable {
  readonly proxy: ReplyDroppingProxy;
  readonly client: Client;
  readonly python: (code: string) => Promise<unknown>;
}

async function startSetting(version: PythonVersion, decide: (call: ProxiedCall) => Fate): Promise<Setting> {
  const server = await startEverdict({ memory: parameters.memoryStore });
  const proxy = await startReplyDroppingProxy(server.serverUrl, decide);
  const client = connectTo(server);
  const python = startPython(version, { ...server.env, MODAL_SERVER_URL: proxy.url });
  await python.run(`
import asyncio
d = modal.Dict.from_name("queue", create_if_missing=True)
async def in_turns(calls, at_once):
    answers = []
    for start in range(0, len(calls), at_once):
        answers += await asyncio.gather(*[call() for call in calls[start : start + at_once]], return_exceptions=True)
    return answers
def tally(answers):
    return {str(each): [repr(a) for a in answers].count(each) for each in {repr(a) for a in answers}}`);
  return {
    proxy,
    client,
    python: async (code) => (await python.run(code, { timeoutMs: 300_000 })).json,
    [Symbol.asyncDispose]: async () => {
      await python.stop();
      await proxy.close();
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(!pythonIsSetUp())("when replies are lost after execution", () => {
  test.each<PythonVersion>(["newest", "v1.0", "v0.74"])(
    `pops of client %s each get their value, exactly once (${counts.newest} of the newest client)`,
    async (version) => {
      const count = counts[version];
      await using setting = await startSetting(version, loseRepliesOf("DictPop", 1));
      const queue = Dict.fromName("queue", { client: setting.client, createIfMissing: true });
      await queue.update(Array.from({ length: count }, (_, index) => [index, `job ${index}`] as const));

      const answers = await setting.python(`
run(in_turns([lambda n=n: d.pop.aio(n) for n in range(${count})], ${atOnce})) == [f"job {n}" for n in range(${count})]`);
      expect(answers).toBe(true);
      expect(setting.proxy.counts.reset).toBeGreaterThanOrEqual(count);
      expect(await queue.len()).toBe(0);
    },
    300_000,
  );

  test.each<PythonVersion>(["newest", "v1.0"])(
    `puts with skip_if_exists of client %s each say that they wrote, exactly once (${counts.newest} of the newest client)`,
    async (version) => {
      const count = counts[version];
      await using setting = await startSetting(version, loseRepliesOf("DictUpdate", 2));
      const puts = (value: string) =>
        `tally(run(in_turns([lambda n=n: d.put.aio(n, "${value}", skip_if_exists=True) for n in range(${count})], ${atOnce})))`;
      expect(await setting.python(puts("first"))).toEqual({ True: count });
      expect(await setting.python(puts("second"))).toEqual({ False: count });
      expect(setting.proxy.counts.reset).toBeGreaterThanOrEqual(2 * count);

      const locks = Dict.fromName("queue", { client: setting.client });
      expect(await locks.len()).toBe(count);
      expect(new Set(await collect(locks.values()))).toEqual(new Set(["first"]));
    },
    300_000,
  );

  test("two Pythons that pop the same keys share them out, each key once", async () => {
    await using setting = await startSetting("newest", loseRepliesOf("DictPop", 3));
    const queue = Dict.fromName("queue", { client: setting.client, createIfMissing: true });
    await queue.update(Array.from({ length: 300 }, (_, index) => [index, index] as const));
    // Each key twice among the calls in flight: one gets the value, the other the default.
    const answers = (await setting.python(
      `run(in_turns([lambda n=n: d.pop.aio(n // 2, None) for n in range(600)], ${atOnce}))`,
    )) as (number | null)[];
    const values = answers.filter((each) => each !== null);
    expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, index) => index));
    expect(answers).toHaveLength(600);
  }, 120_000);

  test("a connection that is cut instead of answering loses nothing either", async () => {
    const cutFirst = (call: ProxiedCall): Fate =>
      (call.method === "DictPop" || call.method === "DictUpdate") && call.attempt === 0 ? "cut" : "deliver";
    await using setting = await startSetting("newest", cutFirst);
    const answers = await setting.python(`
answers = []
for n in range(15):
    answers.append((d.put(n, n, skip_if_exists=True), d.pop(n)))
tally(answers) == {f"(True, {n})": 1 for n in range(15)}`);
    expect(answers).toBe(true);
    expect(setting.proxy.counts.cut).toBe(30);
    expect(await Dict.fromName("queue", { client: setting.client }).len()).toBe(0);
  }, 120_000);

  test("creating a dict whose answer is lost does not say that it exists already", async () => {
    await using setting = await startSetting("newest", loseRepliesOf("DictGetOrCreate", 4));
    const created = await setting.python(`
[modal.Dict.objects.create(f"made-{n}") for n in range(10)]
with modal.Dict.ephemeral() as e:
    e["a"] = 1
sorted(each.name for each in modal.Dict.objects.list())`);
    expect(created).toEqual(Array.from({ length: 10 }, (_, index) => `made-${index}`));
  }, 120_000);
});
