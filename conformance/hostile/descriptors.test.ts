// More connections than the server may have descriptors: the store must go on, and who has a token must get in.
import {
  type EverdictProcess,
  http2Start,
  openDescriptors,
  startEverdict,
  waitUntil,
} from "@everdict/testkit";
import { type ConnectOptions, Dict, ServiceError } from "everdict";
import { describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { attack } from "./attack.ts";

const mib = 1024 * 1024;
/** How long a client with a token tries to get in. */
const letInMs = 5000;

/** A new client writes so many MiB. A segment ends after 8 MiB. */
async function write(server: EverdictProcess, count: number, options?: ConnectOptions): Promise<number> {
  const client = connectTo(server, options);
  try {
    const dict = Dict.fromName<string, Uint8Array>("filled", { client, createIfMissing: true });
    for (let index = 0; index < count; index++) await dict.put(`k${index}`, new Uint8Array(mib).fill(index));
    return await dict.len();
  } finally {
    await client.close();
  }
}

/**
 * As a client that tries again: while strangers come faster than they can be told from others, a new connection may be
 * refused.
 */
async function writeWhenLetIn(
  ...request: Parameters<typeof write>
): Promise<{ len: number; refused: number }> {
  let [len, refused] = [0, 0];
  const isLetIn = async (): Promise<boolean> => {
    try {
      len = await write(...request);
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== "unavailable") throw error;
      refused++;
      return false;
    }
  };
  await waitUntil("who has a token is let in", isLetIn, { timeoutMs: letInMs, everyMs: 20 });
  return { len, refused };
}

describe.each([
  { what: "silent", connections: 512, descriptorsMax: 256, bytes: new Uint8Array(0) },
  { what: "HTTP/2", connections: 250, descriptorsMax: 128, bytes: http2Start() },
])(
  "$connections connections, $what, against $descriptorsMax descriptors",
  ({ connections, descriptorsMax, bytes }) => {
    test("leave the store able to open its next segments, and let in who has a token", async () => {
      await using server = await startEverdict({ descriptorsMax });
      await using attacking = await attack(server, { connections, bytes, again: true });
      const open = openDescriptors(server.pid);
      const startedAtMs = performance.now();
      const first = await writeWhenLetIn(server, 10);
      const second = await writeWhenLetIn(server, 2, { transport: "grpc" });
      expect([first.len, second.len]).toEqual([10, 10]);
      const tookMs = performance.now() - startedAtMs;
      const { closed } = await attacking.tally();
      console.info(
        `${open} of ${descriptorsMax} descriptors open, ${closed} closed, written in ${tookMs.toFixed(0)} ms, ` +
          `refused before ${first.refused} and ${second.refused} times`,
      );
      // Once for each change, however many were refused.
      const lines = server.log().match(/the limit of connections is reached/g) ?? [];
      expect(lines.length).toBe(1);
      expect(await server.stop()).toBe(0);
    }, 60_000);
  },
);

test("idle connections without a token are closed again, and none is left", async () => {
  await using server = await startEverdict({ memory: true });
  const before = openDescriptors(server.pid);
  await using attacking = await attack(server, { connections: 50, bytes: http2Start() });
  await waitUntil("they are open", () => openDescriptors(server.pid) >= before + 50, { timeoutMs: 10_000 });
  const everyone = async () => (await attacking.tally()).closed === 50;
  await waitUntil("all are closed", everyone, { timeoutMs: 30_000 });
  await waitUntil("none is left", () => openDescriptors(server.pid) <= before, { timeoutMs: 10_000 });
}, 60_000);
