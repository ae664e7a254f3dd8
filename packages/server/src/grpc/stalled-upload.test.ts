import type { ClientHttp2Stream } from "node:http2";
import { Status } from "@everdict/protocol";
import { DictLenRequestSchema, DictUpdateRequestSchema } from "@everdict/protocol/api";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { framed } from "../../testing/messages.ts";
import { collect, RawClient } from "../../testing/raw-client.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { waitFor } from "../../testing/wait-for.ts";

// Uploads without a deadline that stop halfway: they hold memory that belongs to everybody.

const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });
const upload = framed(DictUpdateRequestSchema, {
  dictId: "di-1",
  updates: [{ key: new Uint8Array(1), value: new Uint8Array(80_000) }],
});
const stallMs = 30_000;

let server: TestServer;
let client: RawClient;

beforeEach(async () => {
  // The server's clock stands still; everything else goes on.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  server = await startTestServer(
    { len: async () => 1, update: async () => {} },
    { memory: { tokenMemoryMaxBytes: 100_000 }, clientStallMs: stallMs },
  );
  client = new RawClient(server.url);
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server.close();
  vi.useRealTimers();
});

/** Sends a part, and waits until the server has it: what comes later on the same connection is answered. */
async function arrived(stream: ClientHttp2Stream, part: Uint8Array): Promise<void> {
  await new Promise<unknown>((resolve) => stream.write(part, resolve));
  expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
}

const update = () => client.call("DictUpdate", { chunks: [upload] });

test("an upload that stalls is given up, and others get its room", async () => {
  const stalled = client.open("DictUpdate");
  const answer = collect(stalled);
  await arrived(stalled, upload.subarray(0, 70_000));
  expect(await update()).toMatchObject({ code: "overloaded" });
  await vi.advanceTimersByTimeAsync(2 * stallMs);
  expect(await answer).toMatchObject({ status: Status.DEADLINE_EXCEEDED, code: "deadline_exceeded" });
  expect((await update()).status).toBe(Status.OK);
});

test("so is one that has sent everything but the end, or nothing at all", async () => {
  const silent = collect(client.open("DictUpdate"));
  const endless = client.open("DictUpdate");
  const answers = [silent, collect(endless)];
  await arrived(endless, upload);
  await vi.advanceTimersByTimeAsync(2 * stallMs);
  for (const answer of await Promise.all(answers)) expect(answer.status).toBe(Status.DEADLINE_EXCEEDED);
  expect((await update()).status).toBe(Status.OK);
});

test("one that goes on, however slowly, is completed", async () => {
  const slow = client.open("DictUpdate");
  const answer = collect(slow);
  for (let start = 0; start < upload.length; start += 9000) {
    await arrived(slow, upload.subarray(start, start + 9000));
    await vi.advanceTimersByTimeAsync(stallMs);
  }
  slow.end();
  expect((await answer).status).toBe(Status.OK);
});

test("a call whose answer takes its time is no upload", async () => {
  let finish: (length: number) => void = () => {};
  const len = () =>
    new Promise<number>((resolve) => {
      finish = resolve;
    });
  await using slow = await closing(startTestServer({ len }, { clientStallMs: stallMs }));
  await using asking = new RawClient(slow.server.url);
  const answer = asking.call("DictLen", { chunks: [lenRequest] });
  await waitFor(() => slow.server.calls.length === 1);
  await vi.advanceTimersByTimeAsync(5 * stallMs);
  finish(3);
  expect((await answer).status).toBe(Status.OK);
});

async function closing(starting: Promise<TestServer>) {
  const started = await starting;
  return { server: started, [Symbol.asyncDispose]: () => started.close() };
}
