import { expect, test } from "vitest";
import { createAuthTokenIssuer } from "./auth-token.ts";

const caller = { id: "ak-0123456789abcdefghijkl", name: "ada" };

test("an auth token has three parts and a payload that the JavaScript client's decoder reads", () => {
  for (let second = 0; second < 500; second++) {
    const nowMs = 1_700_000_000_000 + second * 1000;
    const parts = createAuthTokenIssuer(() => nowMs)(caller).split(".");
    expect(parts).toHaveLength(3);
    expect(parts[1]).not.toMatch(/[-_=]/);
    const payload = JSON.parse(atob(parts[1]!)) as { exp: unknown; sub: unknown };
    expect(payload).toMatchObject({ exp: nowMs / 1000 + 3600, sub: caller.id });
  }
});

test("a caller's id of any characters keeps the payload plain", () => {
  const [, payload] = createAuthTokenIssuer()({ id: "??>>~~üü\u007f", name: "x" }).split(".");
  expect(payload).not.toMatch(/[-_]/);
  expect(() => JSON.parse(atob(payload!))).not.toThrow();
});

test("each issuer signs with a key of its own", () => {
  const [first, second] = [createAuthTokenIssuer(() => 0), createAuthTokenIssuer(() => 0)];
  expect(first(caller)).toBe(first(caller));
  expect(first(caller)).not.toBe(second(caller));
});
