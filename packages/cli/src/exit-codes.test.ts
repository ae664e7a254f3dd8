import { readFileSync } from "node:fs";
import { createError, type ErrorCode, errorTable } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { exitCodeTable, exitReasonFor } from "./exit-codes.ts";

describe("exit statuses", () => {
  test.each([
    ["dict_not_found", "no"],
    ["dict_exists", "no"],
    ["environment_not_found", "no"],
    ["key_not_found", "no"],
    ["invalid_name", "usage"],
    ["invalid_key", "usage"],
    ["not_configured", "usage"],
    ["value_too_large", "usage"],
    ["serialization_failed", "usage"],
    ["conflict", "usage"],
    ["unauthenticated", "refused"],
    ["permission_denied", "refused"],
    ["unavailable", "unreachable"],
    ["deadline_exceeded", "unreachable"],
    ["overloaded", "unreachable"],
    ["store_closed", "unreachable"],
    ["store_locked", "unreachable"],
    ["store_full", "failed"],
    ["data_loss", "failed"],
    ["deserialization_failed", "failed"],
    ["internal", "failed"],
    ["unimplemented", "failed"],
  ] as const)("%s exits as '%s'", (code, reason) => {
    expect(exitReasonFor(createError(code, "message"))).toBe(reason);
  });

  test("every code of the error table exits as a failure of some kind", () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      expect(exitReasonFor(createError(code, "message"))).not.toBe("ok");
    }
  });

  test("are distinct and stay below those of shells and signals", () => {
    const statuses = Object.values(exitCodeTable).map(({ status }) => status);
    expect(new Set(statuses).size).toBe(statuses.length);
    expect(Math.max(...statuses)).toBeLessThan(64);
  });

  test("are documented in the README with the same words", () => {
    // The formatter pads the cells of tables.
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8").replace(/ +/g, " ");
    for (const { status, meaning } of Object.values(exitCodeTable)) {
      expect(readme).toContain(`| ${status} | ${meaning} |`);
    }
  });
});
