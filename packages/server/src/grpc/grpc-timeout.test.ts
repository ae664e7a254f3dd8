import { expect, test } from "vitest";
import { parseGrpcTimeoutMs } from "./grpc-timeout.ts";

test.each([
  ["9999m", 9999],
  ["0S", 0],
  ["1H", 3_600_000],
  ["3M", 180_000],
  ["10S", 10_000],
  ["1u", 1],
  ["1500u", 2],
  ["1n", 1],
  ["99999999n", 100],
])("grpc-timeout %s is %d ms", (header, timeoutMs) => {
  expect(parseGrpcTimeoutMs(header)).toBe(timeoutMs);
});

test("a deadline further away than a timer can hold is none", () => {
  expect(parseGrpcTimeoutMs("99999999H")).toBeUndefined();
  expect(parseGrpcTimeoutMs(undefined)).toBeUndefined();
});

test.each(["", "m", "12", "-1S", "1.5S", "123456789m", "1s", "1 S", " 1S", "1Sx", "0x1S"])(
  "grpc-timeout '%s' is refused",
  (header) => {
    expect(() => parseGrpcTimeoutMs(header)).toThrow("grpc-timeout");
  },
);
