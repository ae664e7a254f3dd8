// kill -9 of the real server under load from both languages, again and again on the same data: through the
// network, what was acknowledged is there, what was removed stays removed, and an update is whole or absent.
import {
  type EverdictProcess,
  type Python,
  pythonIsSetUp,
  seededRandom,
  startEverdict,
  startPython,
  waitUntil,
} from "@everdict/testkit";
import { Dict } from "everdict";
import { describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { parameters } from "../parameters.ts";
import { createWriter, type Writer } from "./load.ts";

const random = seededRandom();
const updateSize = 500;

describe.skipIf(!pythonIsSetUp(["newest"]))(`kill -9 under load (seed ${random.seed})`, () => {
  test(`${parameters.killRounds} times: nothing acknowledged is lost, nothing removed comes back`, async () => {
    let server = await startEverdict();
    await using python = startPython("newest", server.env);
    await python.run(pythonLoad);
    const writers = Array.from({ length: 16 }, (_, index) => createWriter(`typescript-${index}`, random));
    let updated = 0;
    try {
      for (let round = 1; round <= parameters.killRounds; round += 1) {
        // Callers wait for a server that is gone until their time is over: not for long, for they are to fail.
        await using client = connectTo(server, { transport: "grpc", timeoutMs: 5_000 });
        const dict = Dict.fromName<string, number>("load", { client, createIfMissing: true });
        await dict.hydrate();
        const attempted = await killUnderLoad(server, dict, { python, writers, updated });

        server = await server.restart();
        await using after = connectTo(server);
        const found = Dict.fromName<string, number>("load", { client: after });
        await expectAcknowledged(found, writers);
        await expectAcknowledgedInPython(python);
        updated = await expectWholeUpdate(found, updated, attempted);
      }
    } finally {
      await server[Symbol.asyncDispose]();
    }
  }, 900_000);
});

interface Load {
  readonly python: Python;
  readonly writers: readonly Writer[];
  readonly updated: number;
}

/** Kills the server in the middle of the load; resolves to the newest update that was attempted. */
async function killUnderLoad(
  server: EverdictProcess,
  dict: Dict<string, number>,
  load: Load,
): Promise<number> {
  let acknowledged = 0;
  const working = load.writers.map((writer) =>
    writer.run(dict, () => {
      acknowledged += 1;
    }),
  );
  const inPython = load.python.run("run(work())");
  let attempted = load.updated;
  const updating = (async () => {
    for (;;) {
      attempted += 1;
      const value = attempted;
      await dict.update(Array.from({ length: updateSize }, (_, n) => [`update-${n}`, value] as const));
    }
  })().catch((error: unknown) => error);

  const enough = 200 + random.integer(1_000);
  await waitUntil(`${enough} operations are acknowledged`, () => acknowledged >= enough, {
    timeoutMs: 60_000,
    everyMs: 1,
  });
  await server.kill9();
  for (const failure of [...(await Promise.all(working)), await updating])
    expect(failure).toMatchObject({ code: "unavailable" });
  expect((await inPython).json).toBeGreaterThan(0);
  return attempted;
}

async function expectAcknowledged(dict: Dict<string, number>, writers: readonly Writer[]): Promise<void> {
  const wrong: string[] = [];
  for (const { histories } of writers) {
    for (const [key, history] of histories) {
      const { acknowledged } = history;
      const read = await dict.get(key);
      if (!history.settle(read)) wrong.push(`${key}: holds ${read}, acknowledged was ${acknowledged}`);
    }
  }
  expect(wrong).toEqual([]);
}

async function expectAcknowledgedInPython(python: Python): Promise<void> {
  expect((await python.run("check()")).json).toEqual([]);
}

async function expectWholeUpdate(
  dict: Dict<string, number>,
  before: number,
  attempted: number,
): Promise<number> {
  const values = new Set(
    await Promise.all(Array.from({ length: updateSize }, (_, n) => dict.get(`update-${n}`))),
  );
  expect(values.size).toBe(1);
  const [value] = values;
  // Every update but the one in flight was acknowledged.
  expect([attempted, Math.max(before, attempted - 1)]).toContain(value ?? 0);
  return value ?? 0;
}

/** The same load in Python: eight writers of ten keys, each noting what it sends and what is acknowledged. */
const pythonLoad = `
import asyncio, random
d = modal.Dict.from_name("load", create_if_missing=True)
d.hydrate()
acknowledged, pending, last = {}, {}, 0

async def write(writer):
    global last
    count = 0
    while True:
        key = f"python-{writer}-{random.randrange(10)}"
        last += 1
        value = None if random.random() < 0.4 else last
        pending[key] = value
        try:
            if value is None:
                popped = await d.pop.aio(key, None)
                assert popped == acknowledged.get(key), (key, popped, acknowledged.get(key))
            else:
                await d.put.aio(key, value)
        except AssertionError:
            raise
        except Exception:
            return count
        acknowledged[key] = pending.pop(key)
        count += 1

async def work():
    return sum(await asyncio.gather(*[write(n) for n in range(8)]))

def check():
    wrong = []
    for key in {*acknowledged, *pending}:
        read = d.get(key)
        possible = [acknowledged.get(key)] + ([pending.pop(key)] if key in pending else [])
        if read not in possible:
            wrong.append([key, read, possible])
        acknowledged[key] = read
    return wrong
`;
