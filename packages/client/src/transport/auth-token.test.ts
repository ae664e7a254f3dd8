import { Status, type StatusCode } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { AuthTokens } from "./auth-token.ts";
import { GrpcFailure } from "./grpc-failure.ts";

const base64url = (text: string) => Buffer.from(text).toString("base64url");
const jwt = (payload: unknown, mark = "") => `h.${base64url(JSON.stringify(payload))}.s${mark}`;

/** Tokens on a clock of the test's own, from a server that answers as listed. */
function setUp(answers: (string | StatusCode)[], { random = 0 } = {}) {
  const world = { nowMs: 1_000_000, fetches: 0, sleeps: [] as number[] };
  const tokens = new AuthTokens({
    fetch: async () => {
      const answer = answers[Math.min(world.fetches, answers.length - 1)]!;
      world.fetches += 1;
      if (typeof answer === "number") throw new GrpcFailure(answer, "refused");
      return answer;
    },
    clock: { now: () => world.nowMs, sleep: async (ms) => void world.sleeps.push(ms) },
    wallClock: () => world.nowMs,
    random: () => random,
  });
  return { tokens, world };
}

const hour = 3600;
const expiringIn = (seconds: number, mark = "") => jwt({ exp: 1000 + seconds }, mark);

describe("AuthTokens", () => {
  test("asks once for any number of callers, and keeps the token", async () => {
    const { tokens, world } = setUp([expiringIn(hour)]);
    const all = await Promise.all([tokens.token(), tokens.token(), tokens.token()]);
    expect(new Set(all)).toEqual(new Set([expiringIn(hour)]));
    world.nowMs += 29 * 60_000;
    await tokens.token();
    expect(world.fetches).toBe(1);
  });

  test.each([
    [0, 0.5],
    [0.999, 0.5999],
  ])("renews in the background from a random point on (random %f)", async (random, fraction) => {
    const { tokens, world } = setUp([expiringIn(hour, "1"), expiringIn(2 * hour, "2")], { random });
    await tokens.token();
    world.nowMs = 1_000_000 + hour * 1000 * fraction - 1000;
    await tokens.token();
    expect(world.fetches).toBe(1);
    world.nowMs += 2000;
    expect(await tokens.token()).toBe(expiringIn(hour, "1"));
    expect(world.fetches).toBe(2);
    await settled();
    expect(await tokens.token()).toBe(expiringIn(2 * hour, "2"));
  });

  test("uses the token at hand on while renewing fails, with growing pauses", async () => {
    const { tokens, world } = setUp([expiringIn(hour), Status.UNAVAILABLE]);
    await tokens.token();
    world.nowMs += 40 * 60_000;
    const fetchedAfter = async (ms: number) => {
      world.nowMs += ms;
      expect(await tokens.token()).toBe(expiringIn(hour));
      await settled();
      return world.fetches;
    };
    expect(await fetchedAfter(0)).toBe(2);
    expect(await fetchedAfter(499)).toBe(2);
    expect(await fetchedAfter(1)).toBe(3);
    expect(await fetchedAfter(999)).toBe(3);
    expect(await fetchedAfter(1)).toBe(4);
  });

  test("waits for a new one when the token at hand has expired", async () => {
    const { tokens, world } = setUp([expiringIn(60), expiringIn(hour)]);
    await tokens.token();
    world.nowMs += 60_000;
    expect(await tokens.token()).toBe(expiringIn(hour));
  });

  test("without a token, repeats three times", async () => {
    const { tokens, world } = setUp([
      Status.UNAVAILABLE,
      Status.UNAVAILABLE,
      Status.UNAVAILABLE,
      expiringIn(60),
    ]);
    expect(await tokens.token()).toBe(expiringIn(60));
    expect(world.sleeps).toEqual([100, 200, 400]);
    const failing = setUp([Status.UNAVAILABLE]);
    await expect(failing.tokens.token()).rejects.toMatchObject({ status: Status.UNAVAILABLE });
    expect(failing.world.fetches).toBe(4);
  });

  test.each([Status.UNAUTHENTICATED, Status.PERMISSION_DENIED])("status %i is final", async (status) => {
    const { tokens, world } = setUp([status]);
    await expect(tokens.token()).rejects.toMatchObject({ status });
    expect(world.fetches).toBe(1);
  });

  test("an empty token is refused", async () => {
    await expect(setUp([""]).tokens.token()).rejects.toThrow("empty auth token");
  });

  test.each([
    ["no exp", jwt({ sub: "x" })],
    ["an exp that is no number", jwt({ exp: "soon" })],
    ["no JWT at all", "opaque"],
    ["a payload that is no JSON", `h.${base64url("nonsense")}.s`],
  ])("%s: 20 minutes are assumed", async (_title, token) => {
    const { tokens, world } = setUp([token]);
    await tokens.token();
    world.nowMs += 10 * 60_000 - 1;
    await tokens.token();
    expect(world.fetches).toBe(1);
    world.nowMs += 1;
    await tokens.token();
    expect(world.fetches).toBe(2);
  });

  test("reads payloads in the URL-safe alphabet", async () => {
    const token = jwt({ note: "~~~???>>>", exp: 1000 + 60 });
    expect(token).toMatch(/[-_]/);
    const { tokens, world } = setUp([token]);
    await tokens.token();
    world.nowMs += 30_000;
    await tokens.token();
    expect(world.fetches).toBe(2);
  });
});

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
