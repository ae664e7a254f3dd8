import { describe, expect, test } from "vitest";
import { CliError } from "../cli-error.ts";
import { parseByteSize } from "./parse-byte-size.ts";
import { parseCount } from "./parse-count.ts";
import { parseDurationMs } from "./parse-duration.ts";
import { parseExpiry } from "./parse-expiry.ts";

function usageMessage(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).reason).toBe("usage");
    return (error as CliError).message;
  }
  throw new Error("expected a usage error");
}

describe("parseDurationMs()", () => {
  test.each([
    ["250ms", 250],
    ["90s", 90_000],
    ["15m", 900_000],
    ["12h", 43_200_000],
    ["30d", 2_592_000_000],
    ["2w", 1_209_600_000],
  ])("reads %s", (text, durationMs) => {
    expect(parseDurationMs(text)).toBe(durationMs);
  });

  test.each(["", "30", "-1s", "1.5h", "1y", "1 d", "99999999999999999999w"])("refuses '%s'", (text) => {
    expect(usageMessage(() => parseDurationMs(text))).toContain(`'${text}' is not a duration`);
  });

  test("says the least duration there is", () => {
    expect(usageMessage(() => parseDurationMs("0s"))).toBe("'0s' is too short: a duration is at least 1 ms");
  });
});

describe("parseByteSize()", () => {
  test.each([
    ["1", 1],
    ["512B", 512],
    ["256KiB", 262_144],
    ["100MiB", 104_857_600],
    ["1GiB", 1_073_741_824],
  ])("reads %s", (text, sizeBytes) => {
    expect(parseByteSize(text)).toBe(sizeBytes);
  });

  test.each(["", "0", "-1", "1KB", "1.5MiB", "9007199254740993"])("refuses '%s'", (text) => {
    expect(usageMessage(() => parseByteSize(text))).toContain(`'${text}' is not a size`);
  });
});

describe("parseExpiry()", () => {
  test("reads each policy", () => {
    expect(parseExpiry("never")).toEqual({ policy: "never" });
    expect(parseExpiry("1h")).toEqual({ policy: "afterWrite", ttlMs: 3_600_000 });
    expect(parseExpiry("30d-after-write")).toEqual({ policy: "afterWrite", ttlMs: 2_592_000_000 });
    expect(parseExpiry("90s-after-use")).toEqual({ policy: "afterUse", ttlMs: 90_000 });
  });

  test.each([
    ["", "is not an expiry policy"],
    ["30", "is not a duration"],
    ["1h-", "is not an expiry policy"],
    ["h", "is not an expiry policy"],
    ["forever", "is not an expiry policy"],
    ["30d-after", "is not an expiry policy"],
    ["30d-after-read", "is not an expiry policy"],
    ["after-use", "is not an expiry policy"],
    ["never-after-use", "is not an expiry policy"],
    ["30-after-use", "is not a duration"],
  ])("refuses '%s': it %s", (text, reason) => {
    expect(usageMessage(() => parseExpiry(text))).toContain(reason);
  });
});

describe("parseCount()", () => {
  test("reads whole numbers up to and including both bounds", () => {
    expect(parseCount("0", "port", { min: 0, max: 9 })).toBe(0);
    expect(parseCount("9", "port", { min: 0, max: 9 })).toBe(9);
  });

  test.each(["", "10", "-1", "1.0", "1e1", "x"])("refuses '%s'", (text) => {
    expect(usageMessage(() => parseCount(text, "port", { min: 0, max: 9 }))).toBe(
      `port '${text}' is not a whole number from 0 to 9`,
    );
  });
});
