// The account: what one token may take, and in which order large values are read.
import { describe, expect, test } from "vitest";
import { ConnectionMemory } from "./connection-memory.ts";
import { MemoryAccount } from "./memory-account.ts";

const MIB = 1024 * 1024;

function account(limits: ConstructorParameters<typeof MemoryAccount>[0] = {}) {
  return new MemoryAccount({ clientMemoryMaxBytes: 1000 * MIB, ...limits });
}

/** Lets what was given back be granted again. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the share of a token", () => {
  test("is half, and never more than it leaves for others: there is room for one more", () => {
    const all = account();
    const taken = [];
    for (let token = 0; token < 6; token++) {
      const memory = all.token(`t${token}`);
      while (memory.take("requests", MIB));
      taken.push(memory.heldBytes / MIB);
    }
    expect(taken).toEqual([500, 250, 125, 62, 31, 16]);
    expect(all.stats().refused).toBe(6);
  });

  test("does not hold back small requests", () => {
    const memory = account({ tokenSmallRequestsMaxBytes: 2 * MIB }).token("t");
    while (memory.take("requests", MIB));
    expect(memory.take("smallRequests", MIB)).toBe(true);
    expect(memory.take("smallRequests", MIB)).toBe(true);
    expect(memory.take("smallRequests", 1)).toBe(false);
    memory.change("smallRequests", -1);
    expect(memory.take("smallRequests", 1)).toBe(true);
  });

  test("is there again for what was given back", () => {
    const memory = account().token("t");
    expect(memory.take("requests", 500 * MIB)).toBe(true);
    expect(memory.take("requests", 1)).toBe(false);
    memory.change("requests", -1);
    expect(memory.take("requests", 1)).toBe(true);
  });
});

describe("large values", () => {
  test("are read one after the other for a connection that does not take them", async () => {
    const connection = new ConnectionMemory(account().token("t"));
    expect(connection.reserve(100 * MIB)).toBeUndefined();
    let granted = 0;
    for (let index = 0; index < 40; index++) void connection.reserve(100 * MIB)?.then(() => granted++);
    connection.release(100 * MIB);
    connection.change("answers", 100 * MIB);
    await turn();
    await turn();
    expect(granted).toBe(0);
    connection.change("answers", -100 * MIB);
    await turn();
    expect(granted).toBe(1);
  });

  test("that were read count on until the transport counts them: nobody else is let in between", async () => {
    const all = account({ clientMemoryMaxBytes: 300, tokenMemoryMaxBytes: 200 });
    const [one, other] = [new ConnectionMemory(all.token("a")), new ConnectionMemory(all.token("a"))];
    expect(one.reserve(150)).toBeUndefined();
    let granted = false;
    void other.reserve(150)?.then(() => {
      granted = true;
    });
    one.release(150);
    await Promise.resolve();
    one.change("answers", 150);
    await turn();
    expect(granted).toBe(false);
    one.change("answers", -150);
    await turn();
    expect(granted).toBe(true);
  });

  test("are read in turns by bytes: who asks for one does not wait behind forty", async () => {
    const all = account({ clientMemoryMaxBytes: 200, tokenMemoryMaxBytes: 200 });
    const order: string[] = [];
    const ask = (name: string, count: number) => {
      for (let index = 0; index < count; index++) {
        const connection = new ConnectionMemory(all.token(name));
        const granted = () => {
          order.push(name);
          setImmediate(() => connection.release(100));
        };
        const waiting = connection.reserve(100);
        if (waiting === undefined) granted();
        else void waiting.then(granted);
      }
    };
    ask("greedy", 40);
    ask("modest", 2);
    for (let round = 0; round < 200; round++) await turn();
    expect(order).toHaveLength(42);
    expect(order.lastIndexOf("modest")).toBeLessThan(8);
    expect(all.stats().heldBytes.reads).toBe(0);
  });

  test("that are larger than all the room there is are read when nothing else is", async () => {
    const all = account({ clientMemoryMaxBytes: 100, tokenMemoryMaxBytes: 50 });
    const connection = new ConnectionMemory(all.token("t"));
    expect(connection.reserve(1000)).toBeUndefined();
    let granted = false;
    void new ConnectionMemory(all.token("other")).reserve(10)?.then(() => {
      granted = true;
    });
    await turn();
    expect(granted).toBe(false);
    connection.release(1000);
    await turn();
    expect(granted).toBe(true);
  });

  test("that nobody wants any more do not keep others waiting", async () => {
    const all = account({ clientMemoryMaxBytes: 200, tokenMemoryMaxBytes: 100 });
    const [one, other] = [new ConnectionMemory(all.token("t")), new ConnectionMemory(all.token("t"))];
    expect(one.reserve(60)).toBeUndefined();
    const gone = one.reserveFor("reads", 100, one);
    const next = other.reserve(30);
    one.forgetReads(one, new Error("gone"));
    await expect(gone).rejects.toThrow("gone");
    await expect(next).resolves.toBeUndefined();
    expect(all.stats().waitingReads).toBe(0);
  });

  test("of streams wait for the share only: a consumer may ask for others before it takes the next", () => {
    const connection = new ConnectionMemory(account().token("t"));
    expect(connection.streamRoom.reserve(100 * MIB)).toBeUndefined();
    expect(connection.streamRoom.reserve(100 * MIB)).toBeUndefined();
    expect(connection.reserve(100 * MIB)).toBeUndefined();
    expect(connection.isFull).toBe(true);
  });
});

test("streams are counted over all connections of a token", () => {
  const all = account({ tokenStreamsMax: 2 });
  const [memory, other] = [all.token("t"), all.token("u")];
  expect([memory.openStream(), memory.openStream(), memory.openStream()]).toEqual([true, true, false]);
  expect(other.openStream()).toBe(true);
  memory.closeStream();
  expect(memory.openStream()).toBe(true);
});

test("a limit that is not positive is refused by name", () => {
  expect(() => new MemoryAccount({ connectionAnswersMaxBytes: 0 })).toThrow("connectionAnswersMaxBytes is 0");
});
