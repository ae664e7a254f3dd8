import { afterEach, expect, test, vi } from "vitest";
import { type PythonVersion, pythonIsSetUp, pythonProcessEnv } from "./python-environment.ts";

const absent = ["v0.0" as PythonVersion];

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test("a missing client is said loudly, with the command that installs it, and skips the tests", () => {
  vi.stubEnv("CI", "");
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(pythonIsSetUp(absent)).toBe(false);
  expect(warn.mock.calls[0]![0]).toMatch(/SKIPPED.*v0\.0.*node scripts\/setup-python\.mjs/);
});

test("a missing client fails in CI", () => {
  vi.stubEnv("CI", "true");
  expect(() => pythonIsSetUp(absent)).toThrow(/Python's modal client \(v0\.0\)/);
});

test("a Python process sees nothing of this machine's Modal settings", () => {
  vi.stubEnv("MODAL_TOKEN_ID", "ak-somebody");
  vi.stubEnv("MODAL_PROFILE", "somebody");
  const env = pythonProcessEnv("/home-of-the-test", { MODAL_SERVER_URL: "http://127.0.0.1:1" });
  const modal = Object.keys(env).filter((name) => name.startsWith("MODAL_"));
  expect(modal.toSorted()).toEqual(["MODAL_CONFIG_PATH", "MODAL_DISABLE_API_PROXY", "MODAL_SERVER_URL"]);
});
