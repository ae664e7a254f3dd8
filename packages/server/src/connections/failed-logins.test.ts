import { Status } from "@everdict/protocol";
import { DictLenRequestSchema } from "@everdict/protocol/api";
import { SessionClient } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { framed } from "../../testing/messages.ts";
import { RawClient } from "../../testing/raw-client.ts";
import { startTestServer, type TestServer, testToken } from "../../testing/test-server.ts";
import { failedLoginLimits as limits } from "./failed-login-limits.ts";
import { FailedLogins } from "./failed-logins.ts";

const key = Uint8Array.of(1);
const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });
const wrong = { tokenId: "ak-test", tokenSecret: "as-not-the-secret" };

describe("a login that fails", () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer({ len: async () => 1, get: async (_dictId, asked) => asked });
  });
  afterEach(() => server.close());

  const failedLines = () =>
    server.logLines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "a login failed");

  /** Every way in which a token can be shown, with this one. */
  const ways = (token: typeof testToken): Record<string, () => Promise<unknown>> => {
    const headers = { "x-modal-token-id": token.tokenId, "x-modal-token-secret": token.tokenSecret };
    const session = async (scheme: string, upgradeHeaders?: Record<string, string>) => {
      const url = server.url.replace("http", scheme);
      const connect = () => connectSession({ url, ...(upgradeHeaders && { headers: upgradeHeaders }) });
      const client = new SessionClient({ ...(upgradeHeaders ? {} : token), connect });
      try {
        return await client.get("di-1", key);
      } finally {
        await client.close();
      }
    };
    return {
      grpc: async () => {
        await using client = new RawClient(server.url);
        const { status } = await client.call("DictLen", { chunks: [lenRequest], headers });
        if (status !== Status.OK) throw new Error(`status ${status}`);
      },
      "the first frame": () => session("http"),
      "the first message of a WebSocket": () => session("ws"),
      "the headers of an upgrade": () => session("http", headers),
      "the headers of an upgrade to WebSocket": () => session("ws", headers),
    };
  };
  const fail = async (way: string): Promise<void> => {
    await expect(ways(wrong)[way]!()).rejects.toThrow(/unauthenticated|status 16|token/);
  };

  test.each(
    Object.keys({
      grpc: 1,
      "the first frame": 1,
      "the first message of a WebSocket": 1,
      "the headers of an upgrade": 1,
      "the headers of an upgrade to WebSocket": 1,
    }),
  )("by %s is logged with the peer's address, slowed, and in nobody's way", async (way) => {
    for (let failures = 0; failures < limits.freeFailures; failures++) await fail(way);
    const [line] = failedLines();
    expect(line).toMatchObject({ level: 40, address: "127.0.0.1", tokenId: "ak-test", failures: 1 });
    // However many fail, one line tells of them.
    expect(failedLines()).toHaveLength(1);
    expect(server.logLines.join("")).not.toContain(wrong.tokenSecret);

    const order: string[] = [];
    const slowed = Array.from({ length: 16 }, () => fail(way).then(() => order.push("refused")));
    // The good token is shown afterwards, from the same address, under the same id.
    await ways(testToken)[way]!();
    order.push("let in");
    await Promise.all(slowed);
    expect(order.indexOf("let in")).toBeLessThan(order.length - 1);
    expect(order).toHaveLength(17);
  });

  test("without a token, or with something else in its place, does not repeat what was sent", async () => {
    await using client = new RawClient(server.url);
    const secretInTheWrongPlace = "as-secret-in-the-wrong-place";
    const headers = { "x-modal-token-id": secretInTheWrongPlace, "x-modal-token-secret": "" };
    expect((await client.call("DictLen", { chunks: [lenRequest], headers })).status).toBe(16);
    expect(failedLines()).toMatchObject([{ tokenId: "malformed" }]);
    expect(server.logLines.join("")).not.toContain(secretInTheWrongPlace);
  });

  test("holds a stream and no more of who cannot wait: others of the connection are refused with it", async () => {
    await using client = new RawClient(server.url);
    const headers = { "x-modal-token-id": "ak-nobody" };
    const calls = Array.from({ length: 500 }, () =>
      client.call("DictLen", { chunks: [lenRequest], headers }),
    );
    const answers = await Promise.all(calls);
    expect(answers.every(({ status }) => status === undefined || status === 16)).toBe(true);
    await using next = new RawClient(server.url);
    expect((await next.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
  });
});

describe("counting", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const lines: string[] = [];
  const failedLogins = () => {
    lines.length = 0;
    return new FailedLogins(pino({}, { write: (line: string) => void lines.push(line) }));
  };

  test("the wait grows with the failures of an address, or of a token id, and is forgotten", () => {
    const failed = failedLogins();
    const { freeFailures, delayStepMs, delayMaxMs, failuresMax, drainPerSecond } = limits;
    const delays = Array.from({ length: 60 }, () => failed.add({ address: "192.0.2.1", tokenId: "ak-one" }));
    expect(delays.slice(0, freeFailures)).toEqual(Array(freeFailures).fill(0));
    expect(delays[freeFailures]).toBe(delayStepMs);
    expect(delays.at(-1)).toBe(delayMaxMs);
    // Another address has the wait of the id that it tries, and none of its own.
    expect(failed.add({ address: "192.0.2.2", tokenId: "ak-one" })).toBe(delayMaxMs);
    expect(failed.add({ address: "192.0.2.2", tokenId: "ak-two" })).toBe(0);
    vi.advanceTimersByTime(((failuresMax - freeFailures + 1) / drainPerSecond) * 1000);
    expect(failed.add({ address: "192.0.2.1", tokenId: "ak-one" })).toBe(0);
  });

  test("takes bounded memory and few lines, however many addresses and ids there are", () => {
    const failed = failedLogins();
    for (let index = 0; index < 20_000; index++) {
      failed.add({ address: `2001:db8:${index.toString(16)}::/64`, tokenId: `ak-${index}` });
    }
    expect(failed.size).toBe(2 * limits.countersMax);
    expect(lines.length).toBe(limits.logLinesPerMinute);
    vi.advanceTimersByTime(60_000);
    failed.add({ address: "192.0.2.1", tokenId: undefined });
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ address: "192.0.2.1", tokenId: "none", failures: 1 });
  });

  test("a line tells how many failures there were since the last", () => {
    const failed = failedLogins();
    for (let index = 0; index < 100; index++) failed.add({ address: "192.0.2.1", tokenId: "ak-one" });
    vi.advanceTimersByTime(limits.logIntervalMs);
    failed.add({ address: "192.0.2.1", tokenId: "ak-one" });
    expect(lines.map((line) => JSON.parse(line).failures)).toEqual([1, 100]);
  });
});
