import type { Logger } from "pino";
import { expect, test } from "vitest";
import { logStoreHealth } from "./log-store-health.ts";

test("says once that the disk is full and once that it is not, and so with descriptors; of refused reads the first", () => {
  const lines: string[] = [];
  const warn = (_: object, message: string) => void lines.push(message);
  const tell = logStoreHealth({ warn } as unknown as Logger);
  const calm = { isFull: false, isOutOfDescriptors: false, readErrors: 0 };
  tell({ ...calm, isFull: true });
  tell({ ...calm, isFull: true, readErrors: 1 });
  tell({ ...calm, isFull: true, readErrors: 2 });
  tell({ ...calm, isOutOfDescriptors: true, readErrors: 2 });
  tell({ ...calm, readErrors: 2 });
  expect(lines).toEqual([
    expect.stringContaining("the disk is full"),
    expect.stringContaining("refuses to read"),
    expect.stringContaining("has room again"),
    expect.stringContaining("no file descriptor is left"),
    expect.stringContaining("descriptors again"),
  ]);
});
