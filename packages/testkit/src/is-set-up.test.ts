import { afterEach, expect, test, vi } from "vitest";
import { isSetUp } from "./is-set-up.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const missing = { part: "openssl", isThere: false, remedy: "apt-get install openssl" };
const message = "tests need openssl: apt-get install openssl";

test("a part that is missing fails in CI", () => {
  vi.stubEnv("CI", "true");
  expect(() => isSetUp(missing)).toThrow(message);
  expect(isSetUp({ ...missing, isThere: true })).toBe(true);
});

test("a part that is missing is said loudly elsewhere, once, one that is there is not mentioned", () => {
  vi.stubEnv("CI", undefined);
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(isSetUp({ ...missing, isThere: true })).toBe(true);
  expect(warn).not.toHaveBeenCalled();
  expect([isSetUp(missing), isSetUp(missing)]).toEqual([false, false]);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(message));
});
