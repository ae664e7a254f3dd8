import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { isSetUp } from "@everdict/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { openLogStore } from "../store/open-log-store.ts";
import { openWithDict, put, temporaryDirectory } from "../testing/small-store.ts";

const isLinux = process.platform === "linux";
const holder = fileURLToPath(new URL("../../scripts/hold-directory.mjs", import.meta.url));

// Without rights of its own a process may still make namespaces, on most systems, in a user namespace.
const unshare = ["unshare", ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"])];
const namespaced = [...unshare, "--pid", "--fork", "--kill-child"];
const canUnshare =
  isLinux &&
  isSetUp({
    part: "the right to make namespaces",
    isThere: spawnSync(namespaced[0]!, [...namespaced.slice(1), "true"]).status === 0,
    remedy: "run them as root, and in a container with `--cap-add SYS_ADMIN`",
  });

/** Another process that owns a directory. */
async function startHolder(directory: string, within: readonly string[] = []) {
  const [program, ...args] = [...within, process.execPath, holder, directory];
  const child = spawn(program!, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
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

test.runIf(isLinux)("an owner that was killed and not yet waited for is dead", async () => {
  const directory = temporaryDirectory();
  // The shell starts the owner and then becomes a program that never waits for its children.
  const script = `"${process.execPath}" "${holder}" "${directory}" & exec sleep 60`;
  const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  const [lock] = readdirSync(directory).filter((name) => name.endsWith(".lock"));
  process.kill(Number(lock!.split(".")[1]), "SIGKILL");
  await vi.waitFor(async () => put(await openWithDict(directory), "a", "1"), { timeout: 5000 });
  parent.kill("SIGKILL");
});

const inThread = fileURLToPath(new URL("../../scripts/open-in-thread.mjs", import.meta.url));

const failure = "the thread fails";

/** A thread that opens a directory, and ends as it is told to, without closing it. */
async function openAndEnd(directory: string, end: string): Promise<void> {
  const thread = new Worker(inThread, { workerData: { directory, end }, execArgv: [] });
  const ended = new Promise((resolve) => thread.once("exit", resolve));
  const opened = new Promise((resolve, reject) => {
    thread.once("message", resolve);
    // What is thrown on purpose may be told of first.
    thread.on("error", (error) => (error.message === failure ? resolve(undefined) : reject(error)));
  });
  await opened;
  if (end === "terminate") await thread.terminate();
  await ended;
}

test.runIf(isLinux).each(["terminate", "exit", "error", "finish"])(
  "a thread that ended without close() leaves the directory free, for its process and for others: %s",
  async (end) => {
    const directory = temporaryDirectory();
    await openAndEnd(directory, end);
    const child = await startHolder(directory);
    child.kill("SIGKILL");
    await once(child, "exit");
    await openAndEnd(directory, end);
    await put(await openWithDict(directory), "a", "1");
  },
);

test.runIf(isLinux)(
  "a directory that was renamed, or whose link leads elsewhere, is free after close",
  async () => {
    const base = temporaryDirectory();
    const [link, first, second] = [join(base, "link"), join(base, "first"), join(base, "second")];
    const renamed = await openLogStore({ directory: first });
    renameSync(first, second);
    await renamed.close();
    expect(readdirSync(second).filter((name) => name.startsWith("owner."))).toEqual([]);
    symlinkSync(second, link);
    const linked = await openLogStore({ directory: link });
    await expect(openLogStore({ directory: second })).rejects.toMatchObject({ code: "store_locked" });
    unlinkSync(link);
    mkdirSync(first, { mode: 0o700 });
    symlinkSync(first, link);
    await linked.close();
    await (await openLogStore({ directory: second })).close();
  },
);

const onFullDisk = fileURLToPath(new URL("../../scripts/open-on-full-disk.mjs", import.meta.url));
const mounting = [...unshare, "--mount", "sh", "-c"];
const mount = 'mount -t tmpfs -o size=4m none "$0"';
const canMount =
  canUnshare &&
  isSetUp({
    part: "the right to mount a file system in a namespace",
    isThere: spawnSync(mounting[0]!, [...mounting.slice(1), mount, tmpdir()]).status === 0,
    remedy: "run them as root, and in a container with `--cap-add SYS_ADMIN`",
  });

test.runIf(canMount)(
  "opening on a full disk leaves no lock, and the directory is free when there is room",
  () => {
    const disk = temporaryDirectory();
    const script = `${mount} && mkdir "$0/data" && exec "$@"`;
    const ran = spawnSync(
      mounting[0]!,
      [...mounting.slice(1), script, disk, process.execPath, onFullDisk, join(disk, "data")],
      { encoding: "utf8" },
    );
    expect(ran.stdout).toMatch(/^full: \w+, 0 files of locks\nwith room: opened, 0 files of locks\n$/);
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
  expect(readdirSync(directory).filter((name) => name.startsWith("owner."))).toEqual([]);
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

test.runIf(canUnshare)(
  "an owner in another pid namespace is respected, although its pid means nothing here",
  async () => {
    const directory = temporaryDirectory();
    await startHolder(directory, namespaced);
    await expect(openLogStore({ directory })).rejects.toMatchObject({
      code: "store_locked",
      message: expect.stringMatching(
        /process 1 in another container .*if it is certainly gone, remove .*lock\)$/,
      ),
    });
  },
);

const asOther = [
  ...namespaced,
  "--uts",
  "sh",
  "-c",
  'echo elsewhere > /proc/sys/kernel/hostname; exec "$@"',
  "sh",
];
test.runIf(canUnshare).each([
  ["of this host name", namespaced],
  ["of another host name", asOther],
])("an owner in a container %s that was killed is dead", async (_, within) => {
  const directory = join(temporaryDirectory(), "a name that is too long for a socket".repeat(5));
  const container = await startHolder(directory, within);
  await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "store_locked" });
  container.kill("SIGKILL");
  await once(container, "exit");
  await vi.waitFor(async () => put(await openWithDict(directory), "a", "1"), { timeout: 5000 });
  // What the dead left is gone; what is there is this process' own.
  const left = readdirSync(directory).filter((name) => name.startsWith("owner."));
  expect(left.map((name) => name.split(".")[1])).toEqual([String(process.pid), String(process.pid)]);
});

test.runIf(canUnshare)("a process in another pid namespace respects the owner here", async () => {
  const directory = temporaryDirectory();
  await put(await openWithDict(directory), "a", "1");
  const other = spawnSync(namespaced[0]!, [...namespaced.slice(1), process.execPath, holder, directory], {
    encoding: "utf8",
  });
  expect(other.stderr).toContain(`owned by process ${process.pid} in another container`);
  expect(other.status).not.toBe(0);
});

test("of many openers at once exactly one gets the directory", async () => {
  const directory = temporaryDirectory();
  const opened = await Promise.allSettled(Array.from({ length: 8 }, () => openLogStore({ directory })));
  const stores = opened.filter((each) => each.status === "fulfilled");
  expect(stores.length).toBe(1);
  for (const each of opened) {
    if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "store_locked" });
  }
  for (const { value } of stores) await value.close();
});
