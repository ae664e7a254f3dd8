import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isLockName } from "@everdict/directory";
import type { Store } from "@everdict/store";
import { onTestFinished } from "vitest";
import type { LogStore } from "../store/log-store.ts";
import { openLogStore } from "../store/open-log-store.ts";
import type { LogStoreOptions } from "../store/options.ts";

/** The dictionary of these tests. */
export const dictId = "di-test";

/** A directory that goes when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "everdict-store-log-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** What the directory of an open store would be, were its process killed now. */
export function asKilled(directory: string): string {
  const copy = temporaryDirectory();
  for (const name of readdirSync(directory)) {
    if (!isLockName(name)) copyFileSync(join(directory, name), join(copy, name));
  }
  return copy;
}

/** Opens the store of a directory, with one dictionary in it; closed when the test is over. */
export async function openWithDict(
  directory: string,
  options: Partial<LogStoreOptions> = {},
): Promise<LogStore> {
  const store = await openLogStore({ directory, ...options });
  // It also says what failed before, which is the test's to look at.
  onTestFinished(() => store.close().catch(() => {}));
  if (store.findEnvironment("main") === undefined) await store.createEnvironment("en-test", "main");
  if ((await store.getDict(dictId)) === undefined) {
    const expiry = { policy: "never" } as const;
    await store.createDict({
      id: dictId,
      environmentId: "en-test",
      name: "test",
      createdBy: "test",
      expiry,
      data: [],
    });
  }
  return store;
}

/** Writes a text under a text. */
export function put(store: Store, key: string, value: string): Promise<void> {
  return store.update(dictId, [{ key: Buffer.from(key), value: Buffer.from(value) }]);
}

/** Reads a text. */
export async function get(store: Store, key: string): Promise<string | undefined> {
  const value = await store.get(dictId, Buffer.from(key));
  return value && Buffer.from(value).toString();
}

/** The paths of the segments, oldest first. */
export function segmentPaths(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".segment"));
  return names.sort().map((name) => join(directory, name));
}

/** The bytes of all segments. */
export function segmentBytes(directory: string): number {
  return segmentPaths(directory).reduce((sum, path) => sum + statSync(path).size, 0);
}

/** Whether more than half of all segments that there ever were are gone: only compaction takes any away. */
export function isMostlyCompacted(directory: string): boolean {
  const numbers = segmentPaths(directory).map((path) => Number.parseInt(basename(path), 10));
  return numbers.length < numbers.at(-1)! / 2;
}
