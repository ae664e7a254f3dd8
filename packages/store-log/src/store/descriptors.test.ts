// What the store does when a file that it has to open cannot be opened, for want of descriptors.
import type { StoreHealth } from "@everdict/store";
import { expect, test, vi } from "vitest";
import type { FileLayer } from "../files/files.ts";
import { nodeFiles } from "../files/node-files.ts";
import { get, openWithDict, put, temporaryDirectory } from "../testing/small-store.ts";
import { openLogStore } from "./open-log-store.ts";

const opening = ["create", "open", "list", "syncDirectory"] as const;
const segmentMaxBytes = 4096;
const soon = { timeout: 10_000, interval: 20 };

interface Shortage {
  /** Which of the operations fail that need a descriptor. */
  of: readonly (typeof opening)[number][];
  code: string;
}

/** Node's files, without descriptors as long as a test says so. */
function shortFiles(shortage: Shortage): FileLayer {
  const failing = (operation: (typeof opening)[number]) => (path: string) => {
    if (!shortage.of.includes(operation)) return nodeFiles[operation](path) as Promise<never>;
    return Promise.reject(
      Object.assign(new Error(`${shortage.code}: ${operation}`), { code: shortage.code }),
    );
  };
  return { ...nodeFiles, ...Object.fromEntries(opening.map((each) => [each, failing(each)])) };
}

test.each(opening.flatMap((operation) => ["EMFILE", "ENFILE"].map((code) => [operation, code] as const)))(
  "a write that needs a new segment waits while `%s` finds no descriptor (%s)",
  async (operation, code) => {
    const directory = temporaryDirectory();
    const shortage: Shortage = { of: [], code };
    const told: boolean[] = [];
    const onHealth = ({ isOutOfDescriptors }: StoreHealth) => told.push(isOutOfDescriptors);
    const store = await openWithDict(directory, { segmentMaxBytes, files: shortFiles(shortage), onHealth });
    await put(store, "a", "x".repeat(5000));
    shortage.of = [operation];
    let isWritten = false;
    const written = put(store, "b", "1").then(() => {
      isWritten = true;
    });
    await vi.waitFor(() => expect(told).toEqual([true]), soon);
    if (operation === "create" || operation === "syncDirectory") expect(isWritten).toBe(false);
    shortage.of = [];
    await written;
    await vi.waitFor(() => expect(told).toEqual([true, false]), soon);
    expect(store.health().isOutOfDescriptors).toBe(false);
    await store.close();
    const again = await openWithDict(directory);
    expect(await get(again, "b")).toBe("1");
  },
);

test("a write that waited for a descriptor in vain is refused as something to try again; the store goes on", async () => {
  const directory = temporaryDirectory();
  const shortage: Shortage = { of: [], code: "EMFILE" };
  const failures: Error[] = [];
  const onFailure = (error: Error) => failures.push(error);
  const store = await openWithDict(directory, { segmentMaxBytes, files: shortFiles(shortage), onFailure });
  await put(store, "a", "x".repeat(5000));
  shortage.of = opening;
  await expect(put(store, "b", "1")).rejects.toMatchObject({ code: "overloaded" });
  expect(await get(store, "a")).toBe("x".repeat(5000));
  shortage.of = [];
  await put(store, "c", "2");
  await store.close();
  expect(failures).toEqual([]);
  const again = await openWithDict(directory);
  expect([await get(again, "b"), await get(again, "c")]).toEqual([undefined, "2"]);
}, 20_000);

test("a directory that cannot be opened for want of descriptors is left as it was", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  await put(store, "a", "1");
  await store.close();
  const files = shortFiles({ of: ["open"], code: "EMFILE" });
  await expect(openLogStore({ directory, files })).rejects.toMatchObject({ code: "EMFILE" });
  const again = await openWithDict(directory);
  expect(await get(again, "a")).toBe("1");
}, 20_000);
