// Popped values lie on disk until nobody asks for them again. They are in nobody's way: a client that takes locks beside a
// client that puts and pops large values gets each of them.
import { pythonIsSetUp } from "@everdict/testkit";
import { Dict } from "everdict";
import { expect, test } from "vitest";
import { startInteropServer } from "../interop/interop-server.ts";
import { parameters } from "../parameters.ts";

const threads = 8;
const valueBytes = 4 * 1024 * 1024;
// Past the 256 MiB that popped values once had together; half of it is the share of one caller.
const popsPerThread = parameters.popsOfLargeValues / threads;

const putAndPop = `
import concurrent.futures
queue = modal.Dict.from_name("queue", create_if_missing=True)
value = bytes(${valueBytes})
def worker(number):
    for round in range(${popsPerThread}):
        queue[number] = value
        assert queue.pop(number) == value
    return ${popsPerThread}
with concurrent.futures.ThreadPoolExecutor(${threads}) as pool:
    done = sum(pool.map(worker, range(${threads})))
done`;

test.skipIf(!pythonIsSetUp(["newest"]))(
  "8 Python threads that put and pop 4 MiB at full speed deny nobody a lock",
  async () => {
    await using all = await startInteropServer("newest", []);
    await all.python.run(`modal.Dict.from_name("queue", create_if_missing=True).hydrate()`);
    const locks = Dict.fromName("locks", { client: all.client, createIfMissing: true });
    await locks.hydrate();
    let arePopping = true;
    const pops = all.python.run(putAndPop, { timeoutMs: 240_000 }).finally(() => {
      arePopping = false;
    });
    let taken = 0;
    let slowestMs = 0;
    const refused: unknown[] = [];
    while (arePopping) {
      const startedMs = performance.now();
      await locks.put(`lock ${taken}`, "mine", { skipIfExists: true, timeoutMs: 5_000 }).then(
        () => taken++,
        (error) => refused.push(error),
      );
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    }
    const popped = (await pops).json;
    console.log(
      `${popped} pops of 4 MiB; ${taken} locks taken, ${refused.length} refused, slowest ${slowestMs | 0} ms`,
    );
    expect(refused).toEqual([]);
    expect(popped).toBe(threads * popsPerThread);
    expect(taken).toBeGreaterThan(50);
  },
  300_000,
);
