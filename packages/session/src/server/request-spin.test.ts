import { turns } from "@everdict/testkit";
import { expect, test } from "vitest";
import { fakeService, waiting } from "../../testing/fake-service.ts";
import { bytes, memoryServer, token } from "../../testing/session-setup.ts";
import { SessionClientConnection } from "../client/client-connection.ts";

const dictId = "di-1234567890123456789012";
const key = bytes("k");

/** A loop that counts how often it was kept awake; its time stands still, so that a spin ends only if it is told to. */
function countingLoop() {
  const loop = { turns: 0 };
  const nextTurn = (callback: () => void) => {
    loop.turns++;
    setImmediate(callback);
  };
  return { loop, host: { lowLatency: true, spinPlatform: { nextTurn, now: () => 0 } } };
}

/** A server whose reads are answered at once, whose writes wait for the test, and sessions of it. */
function served() {
  const { loop, host } = countingLoop();
  const { service, calls } = fakeService((method) => (method === "update" ? waiting : bytes("v")));
  const server = memoryServer(service, host);
  const session = (lowLatency: boolean) =>
    new SessionClientConnection(server.connect(), { ...token, lowLatency });
  const spins = async () => {
    await turns();
    const before = loop.turns;
    await turns();
    return loop.turns > before;
  };
  return { server, calls, session, spins };
}

test("a session that did not ask for it is not waited for, also after one that did has left", async () => {
  const { calls, session, spins } = served();
  const quick = session(true);
  await quick.get(dictId, key);
  expect(await spins()).toBe(true);
  const plain = session(false);
  const write = plain.update(dictId, [{ key, value: key }]);
  expect(await spins()).toBe(false);
  await quick.close();
  calls.at(-1)!.answer(true);
  await write;
  expect(await spins()).toBe(false);
  await plain.close();
});

test("nor is one that left while its own write was under way", async () => {
  const { server, calls, session, spins } = served();
  const quick = session(true);
  await quick.get(dictId, key);
  quick.update(dictId, [{ key, value: key }]).catch(() => {});
  await turns();
  server.crash();
  await quick.closed;
  calls.at(-1)!.answer(true);
  expect(await spins()).toBe(false);
});

test("while anybody waits for the store, by a session or otherwise, the server sleeps", async () => {
  const { server, calls, session, spins } = served();
  const [quick, plain] = [session(true), session(false)];
  const write = plain.update(dictId, [{ key, value: key }]);
  await turns();
  await quick.get(dictId, key);
  expect(await spins()).toBe(false);
  calls.find(({ method }) => method === "update")!.answer(true);
  await write;
  await quick.get(dictId, key);
  expect(await spins()).toBe(true);
  server.host.workBegan();
  expect(await spins()).toBe(false);
  await quick.get(dictId, key);
  expect(await spins()).toBe(false);
  server.host.workEnded();
  expect(await spins()).toBe(false);
  await quick.get(dictId, key);
  expect(await spins()).toBe(true);
  await Promise.all([quick.close(), plain.close()]);
  server.crash();
});
