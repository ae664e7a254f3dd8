import { describe, expect, test } from "vitest";
import { isVersion, versionBytes, versionFromBytes } from "./version-bytes.ts";

describe("versions as bytes", () => {
  test("are the bytes that the digits stand for, both ways", () => {
    expect([...versionBytes("00010203fcfdfeff")]).toEqual([0, 1, 2, 3, 252, 253, 254, 255]);
    expect(versionFromBytes(Uint8Array.of(0, 1, 2, 3, 252, 253, 254, 255))).toBe("00010203fcfdfeff");
  });

  test("refuse what is no version and name what it has", () => {
    expect(() => versionBytes("00ff")).toThrow("a version of 4 characters, where a version has 16");
    expect(() => versionFromBytes(new Uint8Array(7))).toThrow("a version of 7 bytes, where a version has 8");
    for (const text of ["00010203FCFDFEFF", "g0010203fcfdfeff", "00010203fcfdfeff0", 7, undefined]) {
      expect(isVersion(text)).toBe(false);
    }
  });
});
