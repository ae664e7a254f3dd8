import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { openLogStore } from "./open-log-store.ts";
import { openWithDict, put, temporaryDirectory } from "./testing/small-store.ts";

const holder = fileURLToPath(new URL("../scripts/hold-directory.mjs", import.meta.url));

/** Another process that owns a directory. */
async function startHolder(directory: string) {
  const child = spawn(process.execPath, [holder, directory], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

test("a directory that another process owns is refused, naming its pid; when it was killed, it is free", async () => {
  const directory = temporaryDirectory();
  const child = await startHolder(directory);
  await expect(openLogStore({ directory })).rejects.toMatchObject({
    code: "store_locked",
    message: expect.stringContaining(`process ${child.pid}`),
  });
  child.kill("SIGKILL");
  await once(child, "exit");
  await put(await openWithDict(directory), "a", "1");
});

test.runIf(process.platform === "linux")(
  "an owner that was killed and not yet waited for is dead",
  async () => {
    const directory = temporaryDirectory();
    // The shell starts the owner and then becomes a program that never waits for its children.
    const script = `"${process.execPath}" "${holder}" "${directory}" & exec sleep 60`;
    const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(parent.stdout, "data");
    const [lock] = readdirSync(directory).filter((name) => name.endsWith(".lock"));
    process.kill(Number(lock!.split(".")[1]), "SIGKILL");
    await vi.waitFor(async () => put(await openWithDict(directory), "a", "1"), { timeout: 5000 });
    parent.kill("SIGKILL");
  },
);

test("a directory that this process owns is refused, and free after close", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  await expect(openLogStore({ directory })).rejects.toMatchObject({
    code: "store_locked",
    message: expect.stringContaining("(this process)"),
  });
  await store.close();
  await (await openLogStore({ directory })).close();
  expect(readdirSync(directory).filter((name) => name.endsWith(".lock"))).toEqual([]);
});

test("a lock whose pid now belongs to another process is taken over", async () => {
  const directory = temporaryDirectory();
  const details = { host: hostname(), bootId: "another boot" };
  writeFileSync(join(directory, `owner.${process.ppid}.1.${"0".repeat(36)}.lock`), JSON.stringify(details));
  await put(await openWithDict(directory), "a", "1");
});

test("a lock of another host is respected", async () => {
  const directory = temporaryDirectory();
  const details = { host: "elsewhere", bootId: "another boot" };
  writeFileSync(join(directory, `owner.1.1.${"0".repeat(36)}.lock`), JSON.stringify(details));
  await expect(openLogStore({ directory })).rejects.toMatchObject({
    code: "store_locked",
    message: expect.stringContaining("on host elsewhere"),
  });
});

test("of many openers at once exactly one gets the directory", async () => {
  const directory = temporaryDirectory();
  const opened = await Promise.allSettled(Array.from({ length: 8 }, () => openLogStore({ directory })));
  const stores = opened.filter((each) => each.status === "fulfilled");
  expect(stores.length).toBeLessThanOrEqual(1);
  for (const { value } of stores) await value.close();
});
