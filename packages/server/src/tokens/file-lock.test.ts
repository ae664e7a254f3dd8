import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TempDirectory } from "../../testing/temp-directory.ts";
import { withFileLock } from "./file-lock.ts";

describe("a lock left behind", () => {
  test.each([
    ["by a process that is gone", "4194305"],
    ["before its pid was written", ""],
    ["by an earlier process with our pid", String(process.pid)],
  ])("%s is removed", async (_what, content) => {
    using directory = new TempDirectory();
    const path = join(directory.path, "lock");
    writeFileSync(path, content);
    utimesSync(path, 1, 1);
    expect(await withFileLock(path, async () => existsSync(path))).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  test("by a process that lives is respected, with its pid in the error", async () => {
    using directory = new TempDirectory();
    const path = join(directory.path, "lock");
    writeFileSync(path, String(process.ppid));
    let ran = false;
    const work = async () => {
      ran = true;
    };
    const locked = withFileLock(path, work, { waitMs: 50 });
    await expect(locked).rejects.toMatchObject({ code: "conflict" });
    await expect(locked).rejects.toThrow(`process ${process.ppid}`);
    expect(ran).toBe(false);
  });
});

test("work under one lock never overlaps, and a failure lets the next one go on", async () => {
  using directory = new TempDirectory();
  const path = join(directory.path, "lock");
  let running = 0;
  const order: number[] = [];
  const work = async (index: number) => {
    expect(++running).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    order.push(index);
    if (index === 3) throw new Error("failed");
  };
  const all = Array.from({ length: 10 }, (_, index) => withFileLock(path, () => work(index)));
  const outcomes = await Promise.allSettled(all);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(outcomes.map(({ status }) => status).indexOf("rejected")).toBe(3);
  expect(existsSync(path)).toBe(false);
});
