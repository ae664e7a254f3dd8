// What the store does when the disk is full or a flush fails.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { FileLayer, LogFile } from "../files/files.ts";
import { keySecretName } from "../files/key-secret.ts";
import { nodeFiles } from "../files/node-files.ts";
import { asKilled, dictId, get, openWithDict, put, temporaryDirectory } from "../testing/small-store.ts";
import { openLogStore } from "./open-log-store.ts";

interface Faults {
  /** The code of the error that the next write fails with, after writing half of its bytes. */
  write?: string | undefined;
  /** The code of the error that the next flush fails with. */
  sync?: string | undefined;
  /** The code of the error that reads fail with. */
  read?: string | undefined;
}

const soon = { timeout: 5000, interval: 10 };

function failWith(code: string | undefined): void {
  if (code !== undefined) throw Object.assign(new Error("read failed"), { code });
}

/** Node's files, with faults that a test switches on. */
function failingFiles(faults: Faults): FileLayer {
  const wrap = (file: LogFile): LogFile => ({
    size: () => file.size(),
    async read(target, position) {
      failWith(faults.read);
      return file.read(target, position);
    },
    readSync(target, position) {
      failWith(faults.read);
      return file.readSync(target, position);
    },
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
    async write(parts, position) {
      if (faults.write === undefined) return file.write(parts, position);
      const all = Buffer.concat(parts as Uint8Array[]);
      await file.write([all.subarray(0, all.length / 2)], position);
      throw Object.assign(new Error("write failed"), { code: faults.write });
    },
    async sync() {
      if (faults.sync !== undefined) throw Object.assign(new Error("sync failed"), { code: faults.sync });
      await file.sync();
    },
  });
  return {
    ...nodeFiles,
    create: async (path) => wrap(await nodeFiles.create(path)),
    open: async (path) => wrap(await nodeFiles.open(path)),
  };
}

test.each(["open", "read"] as const)(
  "a secret that the disk refuses to %s is left as it is",
  async (fails) => {
    const directory = temporaryDirectory();
    await put(await openWithDict(directory), "a", "1");
    const killed = asKilled(directory);
    const path = join(killed, keySecretName);
    const before = readFileSync(path);
    const unreadable = failingFiles({ read: "EIO" });
    const open = (name: string): Promise<LogFile> => {
      if (name !== path) return nodeFiles.open(name);
      if (fails === "open") failWith("EIO");
      return unreadable.open(name);
    };
    const warnings: Error[] = [];
    const store = await openWithDict(killed, {
      files: { ...nodeFiles, open: async (name) => open(name) },
      onWarning: (warning) => warnings.push(warning),
    });
    expect(await get(store, "a")).toBe("1");
    expect(await store.page(dictId, { limit: 1, values: false })).toMatchObject({ entries: [{}] });
    expect(warnings).toMatchObject([
      { code: "data_loss", message: expect.stringMatching(/^key-secret cannot/) },
    ]);
    expect(readFileSync(path)).toEqual(before);
  },
);

test("a full disk refuses a commit whose removals take more than is left, and changes nothing", async () => {
  const faults: Faults = {};
  const files = { ...failingFiles(faults), freeBytes: async () => 0 };
  const store = await openWithDict(temporaryDirectory(), { files });
  const keys = Array.from({ length: 60 }, (_, nth) => Buffer.alloc(10_000, nth));
  await store.update(
    dictId,
    keys.map((key) => ({ key, value: Buffer.from("1") })),
  );
  faults.write = "ENOSPC";
  await expect(put(store, "a", "1")).rejects.toMatchObject({ code: "store_full" });
  faults.write = undefined;
  const remove = (removed: Buffer[]) =>
    store.commit(dictId, { conditions: [], changes: removed.map((key) => ({ kind: "remove", key })) });
  await expect(remove(keys)).rejects.toMatchObject({ code: "store_full" });
  expect(store.len(dictId)).toBe(60);
  expect(await remove(keys.slice(0, 1))).toMatchObject({ committed: true });
  expect(store.len(dictId)).toBe(59);
});

test("a full disk refuses writes and changes nothing; reads go on, and writes again once there is room", async () => {
  const directory = temporaryDirectory();
  const faults: Faults = {};
  const store = await openWithDict(directory, { files: failingFiles(faults) });
  await put(store, "a", "1");
  faults.write = "ENOSPC";
  const refused = await Promise.allSettled([
    put(store, "a", "2"),
    put(store, "b", "2"),
    store.pop(dictId, Buffer.from("a"), { idempotencyKey: "t" }),
    store.clear(dictId),
  ]);
  for (const each of refused)
    expect(each).toMatchObject({ status: "rejected", reason: { code: "store_full" } });
  expect([await get(store, "a"), await get(store, "b"), await store.len(dictId)]).toEqual([
    "1",
    undefined,
    1,
  ]);
  faults.write = undefined;
  await vi.waitFor(() => put(store, "b", "3"), soon);
  // The refused pop left no record behind: under the same idempotency key it now happens.
  expect(await store.pop(dictId, Buffer.from("a"), { idempotencyKey: "t" })).toEqual(Buffer.from("1"));
  await store.close();
  const again = await openWithDict(directory);
  expect([await get(again, "a"), await get(again, "b")]).toEqual([undefined, "3"]);
});

test("a disk that is full when a new segment is due is not the end either", async () => {
  const directory = temporaryDirectory();
  const faults: Faults = {};
  const store = await openWithDict(directory, { files: failingFiles(faults), segmentMaxBytes: 4096 });
  await put(store, "a", "x".repeat(5000));
  faults.write = "ENOSPC";
  await expect(put(store, "b", "1")).rejects.toMatchObject({ code: "store_full" });
  faults.write = undefined;
  await vi.waitFor(() => put(store, "c", "2"), soon);
  await store.close();
  const again = await openWithDict(directory);
  expect([await get(again, "b"), await get(again, "c")]).toEqual([undefined, "2"]);
});

test.each<[string, Faults]>([
  ["a failed flush", { sync: "EIO" }],
  ["a flush that finds the disk full", { sync: "ENOSPC" }],
  ["a failed write", { write: "EIO" }],
  ["a disk that became read-only", { write: "EROFS" }],
  ["a permission that was taken away", { write: "EACCES" }],
])(
  "%s closes the store: nothing is acknowledged any more, and a restart reads what is there",
  async (_, fault) => {
    const directory = temporaryDirectory();
    const faults: Faults = {};
    const store = await openWithDict(directory, { files: failingFiles(faults) });
    await put(store, "a", "1");
    Object.assign(faults, fault);
    await expect(put(store, "a", "2")).rejects.toMatchObject({ code: "store_closed" });
    faults.sync = undefined;
    faults.write = undefined;
    await expect(put(store, "b", "1")).rejects.toMatchObject({ code: "store_closed" });
    await expect(async () => await store.get(dictId, Buffer.from("a"))).rejects.toMatchObject({
      code: "store_closed",
    });
    await expect(store.close()).rejects.toMatchObject({ code: "store_closed" });
    const again = await openWithDict(directory);
    // The write whose flush failed may be there or not; what was acknowledged before must be.
    expect(["1", "2"]).toContain(await get(again, "a"));
    expect(await get(again, "b")).toBeUndefined();
  },
);

test.each(["EACCES", "EROFS", "EIO"])(
  "a file that cannot be opened (%s) is the system's error, and leaves the directory as it was, not locked",
  async (code) => {
    const directory = temporaryDirectory();
    const store = await openWithDict(directory);
    await put(store, "a", "1");
    await store.close();
    const open = () => Promise.reject(Object.assign(new Error(`${code}: open`), { code, syscall: "open" }));
    await expect(openLogStore({ directory, files: { ...nodeFiles, open } })).rejects.toMatchObject({ code });
    const again = await openWithDict(directory);
    expect(await get(again, "a")).toBe("1");
  },
);

test("who opens the store is told when it closes itself", async () => {
  const faults: Faults = {};
  const failures: unknown[] = [];
  const onFailure = (error: Error) => failures.push(error);
  const store = await openWithDict(temporaryDirectory(), { files: failingFiles(faults), onFailure });
  faults.sync = "EIO";
  await expect(put(store, "a", "1")).rejects.toMatchObject({ code: "store_closed" });
  expect(failures).toEqual([expect.objectContaining({ code: "store_closed" })]);
});

test.each(["everysec", "memory"] as const)(
  "a full disk refuses writes of %s dictionaries too",
  async (durability) => {
    const directory = temporaryDirectory();
    const faults: Faults = {};
    const store = await openWithDict(directory, { files: failingFiles(faults) });
    const expiry = { policy: "never" } as const;
    const id = "di-relaxed";
    const request = { id, environmentId: "en-test", name: "relaxed", createdBy: "", expiry, durability };
    await store.createDict({ ...request, data: [] });
    const write = (key: string) => store.update(id, [{ key: Buffer.from(key), value: Buffer.from(key) }]);
    await write("a");
    faults.write = "ENOSPC";
    await expect(write("b")).rejects.toMatchObject({ code: "store_full" });
    expect(await store.len(id)).toBe(1);
    faults.write = undefined;
    await vi.waitFor(() => write("c"), soon);
    await store.close();
    const again = await openWithDict(directory);
    expect([await again.len(id), await again.contains(id, Buffer.from("b"))]).toEqual([2, false]);
  },
);

test.each([
  ["small", 100],
  ["large", 100_000],
])(
  "a %s value that the disk refuses to read is data_loss, and the health of the store says so",
  async (_, bytes) => {
    const faults: Faults = {};
    const store = await openWithDict(temporaryDirectory(), {
      files: failingFiles(faults),
      valueCacheMaxBytes: 0,
    });
    await put(store, "a", "1".repeat(bytes));
    faults.read = "EIO";
    await expect(get(store, "a")).rejects.toMatchObject({ code: "data_loss" });
    expect(store.health().readErrors).toBe(1);
    faults.read = undefined;
    // A disk that recovers is believed.
    expect(await get(store, "a")).toBe("1".repeat(bytes));
    await put(store, "b", "2");
  },
);

// What was acknowledged then, nobody could ever find.
const acknowledgedAfterMaxMs = 1000;

test.each(["sync", "everysec", "memory"] as const)(
  "a store whose files are removed under it closes itself at once, not with the next segment (%s)",
  async (durability) => {
    const directory = temporaryDirectory();
    const failures: Error[] = [];
    const store = await openWithDict(directory, { onFailure: (error) => failures.push(error) });
    const id = "di-removed";
    const expiry = { policy: "never" } as const;
    const request = { id, environmentId: "en-test", name: "removed", createdBy: "", expiry, durability };
    await store.createDict({ ...request, data: [] });
    rmSync(directory, { recursive: true });
    const removedAtMs = performance.now();
    let lastMs = removedAtMs;
    let acknowledgedBytes = 0;
    const value = Buffer.alloc(1000);
    while (failures.length === 0 && performance.now() - removedAtMs < 10_000) {
      await store.update(id, [{ key: Buffer.from("k"), value }]).then(
        () => {
          lastMs = performance.now();
          acknowledgedBytes += value.length;
        },
        (error) => expect(error).toMatchObject({ code: "store_closed" }),
      );
    }
    console.log(
      `${durability}: ${acknowledgedBytes} bytes acknowledged in ${(lastMs - removedAtMs).toFixed(0)} ms`,
    );
    // A quick machine comes to the next segment first, and that cannot be made.
    expect(failures[0]?.message).toMatch(/were removed while it was open|ENOENT/);
    expect(lastMs - removedAtMs).toBeLessThan(acknowledgedAfterMaxMs);
  },
);
