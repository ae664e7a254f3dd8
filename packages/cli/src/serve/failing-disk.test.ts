/** A server whose disk fails under it. */

import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { startOwnedProcess, temporaryDirectory, waitUntil } from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { buildEverdict, everdictProgram, runEverdict } from "../../test-support/run-everdict.ts";

// Processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(() => buildEverdict(), 120_000);

// No file may be larger than this; that a write does not fit is no signal but an error, as from a broken disk.
const fileMaxBlocks = 2048;

// From SIGTERM on, no flush succeeds.
const failingLastFlush = `
import fs, { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
let isFailing = false;
process.on("SIGTERM", () => { isFailing = true; });
const failing = (flush) => function (...args) {
  if (isFailing) throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
  return flush.apply(this, args);
};
fs.fdatasyncSync = failing(fs.fdatasyncSync);
syncBuiltinESMExports();
const handle = await promises.open("/dev/null");
const files = Object.getPrototypeOf(handle);
files.datasync = failing(files.datasync);
await handle.close();
`;

interface Serving {
  readonly client: Client;
  readonly url: string;
  readonly stop: () => void;
  readonly ended: Promise<{ readonly code: number | null }>;
  readonly errorOutput: () => string;
}

interface FailingDisk {
  readonly before?: string;
  readonly variables?: Record<string, string>;
  readonly flags?: readonly string[];
}

/** Starts a server with a command of the shell in front and variables of its own. */
async function serveOn(
  directory: string,
  { before = "", variables = {}, flags = [] }: FailingDisk,
): Promise<Serving> {
  const command = `${before} exec "$@"`;
  const program = [
    process.execPath,
    everdictProgram,
    "serve",
    "--port",
    "0",
    "--json",
    "--data-dir",
    directory,
    ...flags,
  ];
  const owned = startOwnedProcess("sh", ["-c", command, "sh", ...program], {
    PATH: process.env.PATH ?? "",
    HOME: directory,
    ...variables,
  });
  onTestFinished(() => void owned.child.kill("SIGKILL"));
  let printed = "";
  owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await waitUntil("the server is ready", () => printed.endsWith("\n"), { timeoutMs: 30_000 });
  const { url, token_id: tokenId, token_secret: tokenSecret } = JSON.parse(printed);
  const client = Client.connect({ url, tokenId, tokenSecret });
  const stop = () => void owned.child.kill("SIGTERM");
  return { client, url, stop, ended: owned.ended, errorOutput: owned.errorOutput };
}

function dataDirectory(): string {
  const base = temporaryDirectory();
  onTestFinished(() => base[Symbol.dispose]());
  return join(base.path, "data");
}

test.runIf(process.platform === "linux")(
  "ends with status 5 and says why; what it acknowledged is there on a disk that works",
  async () => {
    const directory = dataDirectory();
    // The system refuses to let its files grow.
    const server = await serveOn(directory, { before: `trap '' XFSZ; ulimit -f ${fileMaxBlocks};` });
    const dict = Dict.fromName<number, string>("d", { client: server.client, createIfMissing: true });
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        await dict.put(acknowledged, "x".repeat(50_000), { timeoutMs: 10_000 });
        acknowledged++;
      }
    })();
    await expect(writing).rejects.toMatchObject({ name: expect.any(String) });
    expect((await server.ended).code).toBe(5);
    expect(server.errorOutput()).toContain("the store closed itself because its disk failed (EFBIG");
    expect(server.errorOutput()).toMatch(
      /\nhint: see to the disk and start the server again|"hint":"see to the disk/,
    );
    await server.client.close();

    expect(acknowledged).toBeGreaterThan(5);
    expect(await runEverdict(["doctor", directory])).toMatchObject({ status: 0 });
  },
);

test("a stop whose last flush fails ends with status 5 too, and says what may be lost", async () => {
  const directory = dataDirectory();
  const preloaded = `--import=data:text/javascript,${encodeURIComponent(failingLastFlush)}`;
  const server = await serveOn(directory, {
    variables: { NODE_OPTIONS: preloaded },
    flags: ["--durability", "everysec"],
  });
  const dict = Dict.fromName<string, number>("d", { client: server.client, createIfMissing: true });
  await dict.put("k", 1);
  server.stop();
  expect((await server.ended).code).toBe(5);
  expect(server.errorOutput()).toContain("the store closed itself because its disk failed (EIO");
  expect(server.errorOutput()).toContain("nor the latest ones in dictionaries that are everysec or memory");
  await server.client.close();
});

const descriptorsMax = 160;
const silentConnections = 250;
// More than a segment takes: there have to be new ones.
const crowdedBytes = 20 * 1024 * 1024;
const crowdedValue = "x".repeat(500_000);

test.runIf(process.platform === "linux")(
  "a server crowded by silent connections up to its limit of open files goes on writing",
  async () => {
    const directory = dataDirectory();
    const server = await serveOn(directory, { before: `ulimit -n ${descriptorsMax};` });
    const dict = Dict.fromName<number, string>("d", { client: server.client, createIfMissing: true });
    await dict.put(0, crowdedValue);
    const { port } = new URL(server.url);
    const silent: Socket[] = Array.from({ length: silentConnections }, () => {
      const socket = connect(Number(port), "127.0.0.1");
      return socket.on("error", () => {});
    });
    onTestFinished(() => void silent.map((socket) => socket.destroy()));
    await waitUntil("they are there, or closed again", () => silent.every(({ connecting }) => !connecting), {
      timeoutMs: 30_000,
    });
    const startMs = performance.now();
    const count = crowdedBytes / crowdedValue.length;
    for (let key = 0; key < count; key++) await dict.put(key, crowdedValue, { timeoutMs: 30_000 });
    console.log(
      `${crowdedBytes} bytes beside ${silentConnections} silent connections in ${(performance.now() - startMs).toFixed(0)} ms`,
    );
    expect(await dict.len()).toBe(Math.ceil(count));
    await server.client.close();
    server.stop();
    expect((await server.ended).code).toBe(0);
  },
);
