// What the router does with every answer a server can give, and with none. The servers are fakes that do exactly
// what a test says; the real ones are in the suites and in the chaos tests.
import { waitUntil } from "@everdict/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { Script } from "../scripts/script.ts";
import { type FakeHandler, FakeServer, openRouter } from "../testing/fake-server.ts";
import type { Command } from "./call.ts";
import type { Router } from "./router.ts";

const opened: { close?(): void; stop?(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) {
    one.close?.();
    await one.stop?.();
  }
});

async function start(handler: FakeHandler): Promise<FakeServer> {
  const server = await FakeServer.start(handler);
  opened.push(server);
  return server;
}

async function open(...args: Parameters<typeof openRouter>): Promise<Router> {
  const router = await openRouter(...args);
  opened.push(router);
  return router;
}

const reading = (...command: string[]): Command => ({ slot: 1, command, writes: false, durable: false });
const writing = (...command: string[]): Command => ({ slot: 1, command, writes: true, durable: true });

/** A handler that answers `first` to the first commands and `+OK` to the rest. */
function answering(...first: string[]): FakeHandler {
  const rest = [...first];
  return () => rest.shift() ?? "+OK\r\n";
}

describe("Router", () => {
  test("follows MOVED and remembers it", async () => {
    const target = await start(answering());
    const source = await start(() => `-MOVED 1 ${target.address}\r\n`);
    const router = await open([source.address]);
    source.owner = target;
    expect(await router.call(reading("GET", "a"))).toBe("OK");
    expect(await router.call(reading("GET", "b"))).toBe("OK");
    expect([source.seen, target.seen]).toEqual([["GET a"], ["GET a", "GET b"]]);
    expect(router.stats().retries).toEqual({ moved: 1 });
  });

  test("takes the sender's host where MOVED names none", async () => {
    const target = await start(answering());
    const source = await start(() => `-MOVED 1 :${target.port}\r\n`);
    const router = await open([source.address]);
    source.owner = target;
    expect(await router.call(reading("GET", "a"))).toBe("OK");
  });

  test("follows ASK once, with ASKING, and does not remember it", async () => {
    const target = await start(answering());
    const source = await start((command) =>
      command[1] === "a" ? `-ASK 1 ${target.address}\r\n` : "+OK\r\n",
    );
    const router = await open([source.address]);
    await router.call(writing("SET", "a", "1"));
    await router.call(writing("SET", "b", "1"));
    expect(target.seen).toEqual(["ASKING", "SET a 1"]);
    expect(source.seen).toEqual(["SET a 1", "SET b 1"]);
  });

  test.each([
    "TRYAGAIN",
    "LOADING",
    "CLUSTERDOWN",
    "READONLY",
    "MASTERDOWN",
    "NOREPLICAS",
    "BUSY",
    "MISCONF",
  ])("tries again after %s, by itself", async (code) => {
    const server = await start(answering(`-${code} not now\r\n`, `-${code} not now\r\n`));
    const router = await open([server.address]);
    expect(await router.call(writing("SET", "a", "1"))).toBe("OK");
    expect(server.seen).toHaveLength(3);
    expect(router.stats().retries).toEqual({ [code.toLowerCase()]: 2 });
    expect(router.stats().retriesByServer).toEqual({ [server.address]: 2 });
  });

  test("sends the text of a script that the server does not know, to it alone", async () => {
    const script = new Script("return 1");
    const server = await start(([name]) => (name === "EVALSHA" ? "-NOSCRIPT no such script\r\n" : ":1\r\n"));
    const router = await open([server.address]);
    const answers = await Promise.all([
      router.call({ ...writing("1", "key"), script }),
      router.call(reading("GET", "a")),
    ]);
    expect(answers).toEqual([1, 1]);
    expect(server.seen.filter((line) => line !== "GET a")).toEqual([
      `EVALSHA ${script.sha} 1 key`,
      "EVAL return 1 1 key",
    ]);
  });

  test.each([
    ["-OOM command not allowed\r\n", "store_full"],
    ["-NOPERM no\r\n", "permission_denied"],
    ["-WRONGTYPE of key secret-key-of-somebody and so on and on and on\r\n", "data_loss"],
    ["-FOREIGN an entry\r\n", "data_loss"],
    ["-ERR of key secret-key-of-somebody and so on and on and on\r\n", "internal"],
  ])("gives up at once at %j", async (reply, code) => {
    const server = await start(() => reply);
    const router = await open([server.address]);
    await expect(router.call(writing("SET", "a", "1"))).rejects.toMatchObject({ code });
    expect(server.seen).toHaveLength(1);
  });

  test("says of a full server only what it knows: of an update of several parts others may be done", async () => {
    const server = await start(([, key]) => (key === "full" ? "-OOM command not allowed\r\n" : "+OK\r\n"));
    const router = await open([server.address]);
    const parts = ["a", "full"].map((key) => router.call(writing("SET", key, "1")));
    await expect(Promise.all(parts)).rejects.toMatchObject({
      code: "store_full",
      message: expect.stringContaining("refused what it had of the write"),
    });
  });

  test("one command's error is no other's", async () => {
    const server = await start(([, key]) => (key === "bad" ? "-ERR bad\r\n" : "+OK\r\n"));
    const router = await open([server.address]);
    const outcomes = await Promise.allSettled(
      ["a", "bad", "b"].map((key) => router.call(reading("GET", key))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("repeats what was under way when the connection was cut, on a new one", async () => {
    const server = await start(answering("cut"));
    const router = await open([server.address]);
    const answers = await Promise.all([
      router.call(writing("SET", "a", "1")),
      router.call(writing("SET", "b", "1")),
    ]);
    expect(answers).toEqual(["OK", "OK"]);
    expect(router.stats().retries).toEqual({ lost: 2 });
    expect(router.stats().retriesByServer).toEqual({ [server.address]: 2 });
  });

  test("gives up a server that owes a reply and is silent, and repeats", async () => {
    const server = await start(answering("silence"));
    const router = await open([server.address]);
    expect(await router.call(writing("SET", "a", "1"))).toBe("OK");
    expect(server.seen).toEqual(["SET a 1", "SET a 1"]);
  });

  test("finds the new owner of a slot whose server is gone", async () => {
    const next = await start(answering());
    const gone = await start(answering());
    const router = await open([gone.address, next.address].slice(0, 1));
    next.owner = next;
    await router.call(reading("GET", "a"));
    const seedsToo = await open([gone.address, next.address]);
    await gone.stop();
    expect(await seedsToo.call(reading("GET", "b"))).toBe("OK");
    const { retries, retriesByServer } = seedsToo.stats();
    expect(retriesByServer).toEqual({ [gone.address]: retries.refused });
  });

  test("sends one ahead while the server is not able, and the others once it is, in order", async () => {
    let able = false;
    const server = await start(() => (able ? "+OK\r\n" : "-CLUSTERDOWN\r\n"));
    const router = await open([server.address]);
    const calls = Array.from({ length: 100 }, (_, number) => router.call(writing("SET", "a", `${number}`)));
    await expect.poll(() => server.seen.length).toBeGreaterThan(104);
    expect(server.seen.slice(100).every((line) => line === "SET a 0")).toBe(true);
    able = true;
    const inVain = server.seen.length;
    await Promise.all(calls);
    expect(server.seen.slice(inVain)).toEqual(Array.from({ length: 100 }, (_, number) => `SET a ${number}`));
  });

  test("counts what is held towards the bound of pending bytes", async () => {
    const server = await start(() => "-CLUSTERDOWN\r\n");
    const router = await open([server.address], { pendingMaxBytes: 2_000, deadlineMs: 500 });
    const calls = Array.from({ length: 100 }, () => router.call(writing("SET", "a", "1")));
    const outcomes = await Promise.allSettled(calls);
    const codes = outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "done"));
    expect(new Set(codes)).toEqual(new Set(["unavailable", "overloaded"]));
    expect(router.stats().refusedOverloaded).toBeGreaterThan(50);
  });

  test("says unavailable after the deadline, and that the outcome is unknown", async () => {
    const server = await start(() => "-CLUSTERDOWN\r\n");
    const router = await open([server.address], { deadlineMs: 300 });
    await expect(router.call(writing("SET", "a", "1"))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/within 300 ms.*may have been done/),
    });
    expect(router.stats().deadlinesExceeded).toBe(1);
  });

  test("fails a call within its deadline although its server has more time to answer, and forgets it", async () => {
    const server = await start(() => "silence");
    const router = await open([server.address], { deadlineMs: 300, commandTimeoutMs: 30_000 });
    const beganAtMs = performance.now();
    const calls = [router.call(reading("GET", "a")), router.call(writing("SET", "a", "1"))];
    const outcomes = await Promise.allSettled(calls);
    expect(performance.now() - beganAtMs).toBeLessThan(600);
    expect(outcomes.map((one) => one.status === "rejected" && one.reason.code)).toEqual([
      "unavailable",
      "unavailable",
    ]);
    expect(router.isIdle).toBe(true);
  });

  test("refuses beyond the bound of pending bytes, but never a single call", async () => {
    const server = await start(() => "silence");
    const router = await open([server.address], { pendingMaxBytes: 1_000, deadlineMs: 600 });
    const large = router.call(writing("SET", "a", "x".repeat(5_000)));
    await expect(router.call(writing("SET", "b", "1"))).rejects.toMatchObject({ code: "overloaded" });
    await expect(large).rejects.toMatchObject({ code: "unavailable" });
    const next = router.call(writing("SET", "c", "1"));
    await expect(next).rejects.toMatchObject({ code: "unavailable" });
    expect(router.stats().refusedOverloaded).toBe(1);
  });

  test("a close fails what is under way", async () => {
    const server = await start(() => "silence");
    const router = await open([server.address]);
    const call = router.call(reading("GET", "a"));
    await waitUntil("the server was asked", () => server.seen.includes("GET a"));
    router.close();
    await expect(call).rejects.toMatchObject({ code: "store_closed" });
  });

  test("rejects to open when nobody answers", async () => {
    const server = await start(answering());
    await server.stop();
    await expect(openRouter([server.address])).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("writes on one slot", () => {
  test("keep their order through a redirect in the middle of many", async () => {
    const target = await start(answering());
    let answers = 0;
    const source = await start(() => (answers++ < 5 ? "+OK\r\n" : `-MOVED 1 ${target.address}\r\n`));
    const router = await open([source.address]);
    source.owner = target;
    const calls: Promise<unknown>[] = [];
    for (let number = 0; number < 40; number++) {
      calls.push(router.call(writing("SET", "a", `${number}`)));
      if (number % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(calls);
    const done = [...source.seen.slice(0, 5), ...target.seen].map((line) => Number(line.split(" ")[2]));
    expect(done).toEqual(Array.from({ length: 40 }, (_, number) => number));
  });

  test("keep their order through lost connections", async () => {
    let answers = 0;
    const server = await start(() => ([3, 9, 40].includes(++answers) ? "cut" : "+OK\r\n"));
    const router = await open([server.address], { deadlineMs: 10_000 });
    await Promise.all(
      Array.from({ length: 20 }, (_, number) => router.call(writing("SET", "a", `${number}`))),
    );
    const lastSeen = new Map(server.seen.map((line, index) => [Number(line.split(" ")[2]), index]));
    const order = [...lastSeen].sort((a, b) => a[1] - b[1]).map(([number]) => number);
    expect(order).toEqual(Array.from({ length: 20 }, (_, number) => number));
  });
});

describe("WAIT", () => {
  const withReplicas = { waitReplicas: 1 };

  test("one at the end of a batch answers for all its durable calls", async () => {
    const server = await start(([name]) => (name === "WAIT" ? ":1\r\n" : "+OK\r\n"));
    const router = await open([server.address], withReplicas);
    await Promise.all(["a", "b", "c"].map((key) => router.call(writing("SET", key, "1"))));
    await router.call(reading("GET", "a"));
    expect(server.seen).toEqual(["SET a 1", "SET b 1", "SET c 1", "WAIT 1 150", "GET a"]);
  });

  test("holds back what is issued while it is under way, for one batch behind it", async () => {
    let begun = () => {};
    const waiting = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const server = await start(([name], self) => {
      if (name !== "WAIT") return "+OK\r\n";
      begun();
      return self.seen.filter((line) => line.startsWith("WAIT")).length === 1 ? "silence" : ":1\r\n";
    });
    const router = await open([server.address], withReplicas);
    const calls = [router.call(writing("SET", "a", "1"))];
    await waiting;
    for (const value of ["2", "3", "4"]) {
      calls.push(router.call(writing("SET", "b", value)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.seen).toEqual(["SET a 1", "WAIT 1 150"]);
    await Promise.all(calls);
    // The lost one goes ahead.
    const again = ["SET a 1", "WAIT 1 150", "SET b 2", "SET b 3", "SET b 4", "WAIT 1 150"];
    expect(server.seen.slice(2)).toEqual(again);
  });

  test("is repeated on the same connection until enough replicas have it", async () => {
    let waits = 0;
    const server = await start(([name]) => (name === "WAIT" ? `:${waits++ < 3 ? 0 : 1}\r\n` : "+OK\r\n"));
    const router = await open([server.address], withReplicas);
    await router.call(writing("SET", "a", "1"));
    expect(server.seen).toEqual(["SET a 1", ...Array(4).fill("WAIT 1 150")]);
    expect(router.stats().waitShortfalls).toBe(3);
  });

  test("that never suffices ends as unavailable: nobody may build on the write", async () => {
    const server = await start(([name]) => (name === "WAIT" ? ":0\r\n" : "+OK\r\n"));
    const router = await open([server.address], { ...withReplicas, deadlineMs: 200 });
    await expect(router.call(writing("SET", "a", "1"))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("fewer than 1 replicas"),
    });
    expect(router.stats().notReplicated).toBe(1);
  });

  test("that a change of roles cuts off makes the writes be done again", async () => {
    let waits = 0;
    const server = await start(([name]) => {
      if (name !== "WAIT") return "+OK\r\n";
      return waits++ === 0 ? "-UNBLOCKED force unblock\r\n" : ":1\r\n";
    });
    const router = await open([server.address], withReplicas);
    expect(await router.call(writing("SET", "a", "1"))).toBe("OK");
    expect(server.seen).toEqual(["SET a 1", "WAIT 1 150", "SET a 1", "WAIT 1 150"]);
  });

  test("whose reply is lost makes the writes be done again", async () => {
    let waits = 0;
    const server = await start(([name]) => {
      if (name !== "WAIT") return "+OK\r\n";
      return waits++ === 0 ? "cut" : ":1\r\n";
    });
    const router = await open([server.address], withReplicas);
    await router.call(writing("SET", "a", "1"));
    expect(server.seen.filter((line) => line === "SET a 1")).toHaveLength(2);
  });

  test("answers for a call that was put off only in its own batch", async () => {
    const first = answering("-TRYAGAIN\r\n");
    const server = await start((command, self) => (command[0] === "WAIT" ? ":1\r\n" : first(command, self)));
    const router = await open([server.address], withReplicas);
    const call = router.call(writing("SET", "a", "1"));
    await router.call(writing("SET", "b", "1"));
    expect(await call).toBe("OK");
    expect(server.seen.at(-1)).toBe("WAIT 1 150");
    expect(server.seen.lastIndexOf("SET a 1")).toBe(server.seen.length - 2);
  });
});
