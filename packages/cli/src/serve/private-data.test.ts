/** Who may read and write what a server keeps: modes of real files, under every usual umask. */

import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEverdict, type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildEverdict, runEverdict } from "../../test-support/run-everdict.ts";

// Processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let base: TemporaryDirectory;
const at = (name: string): string => join(base.path, name);
const umaskBefore = process.umask();
const hasModes = process.platform !== "win32";

beforeAll(() => buildEverdict(), 120_000);
beforeEach(() => {
  base = temporaryDirectory();
});
afterEach(() => {
  process.umask(umaskBefore);
  base[Symbol.dispose]();
});

/** The modes of a path and of everything in it, octal, each with the names that have it. */
function modesIn(...paths: string[]): Record<string, string[]> {
  const modes: Record<string, string[]> = {};
  for (const path of paths) {
    const stats = statSync(path);
    const names = stats.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    for (const each of [path, ...names]) {
      const mode = (statSync(each).mode & 0o777).toString(8);
      modes[mode] = [...(modes[mode] ?? []), each];
    }
  }
  return modes;
}

async function putOne(server: {
  url: string;
  token: { tokenId: string; tokenSecret: string };
}): Promise<void> {
  const client = Client.connect({ url: server.url, ...server.token });
  await Dict.fromName("d", { client, createIfMissing: true }).put("a", "the value");
  await client.close();
}

test.runIf(hasModes).each(["000", "022", "077"])(
  "everything that is kept can be read and written by its user alone, umask %s",
  async (umask) => {
    process.umask(umask);
    await using server = await startEverdict({ dataDirectory: at("data") });
    await putOne(server);
    const commands = [
      ["token", "create", "ci", "--data-dir", at("data")],
      ["backup", at("data"), at("backup")],
      ["restore", at("backup"), at("restored")],
    ];
    const whileOpen = modesIn(at("data"));
    for (const command of commands) expect(await runEverdict(command)).toMatchObject({ status: 0 });
    await server.stop();
    expect(readdirSync(at("data")).some((name) => name.endsWith(".hint"))).toBe(true);
    const afterwards = modesIn(at("data"), at("backup"), at("restored"));
    expect(whileOpen).toEqual({ 700: [at("data")], 600: expect.any(Array) });
    expect(whileOpen[600]!.filter((path) => /\.(lock|sock)$/.test(path)).length).toBeGreaterThan(0);
    expect(afterwards).toEqual({ 700: [at("data"), at("restored")], 600: expect.any(Array) });
  },
);

test.runIf(hasModes)(
  "a directory that others may read is closed to them at the start, and logged",
  async () => {
    await using server = await startEverdict({ dataDirectory: at("data") });
    await putOne(server);
    await server.stop();
    for (const name of readdirSync(at("data"))) chmodSync(join(at("data"), name), 0o644);
    chmodSync(at("data"), 0o755);
    await using again = await server.restart();
    expect(modesIn(at("data"))).toEqual({ 700: [at("data")], 600: expect.any(Array) });
    expect(again.log()).toMatch(
      /"level":40.*it had mode 0755, rights of others to \d+ paths were taken away/,
    );
  },
);

test.runIf(hasModes)("what only looks at a directory leaves its modes as they are", async () => {
  await using server = await startEverdict({ dataDirectory: at("data") });
  await putOne(server);
  await server.stop();
  for (const name of readdirSync(at("data"))) chmodSync(join(at("data"), name), 0o644);
  chmodSync(at("data"), 0o755);
  const before = modesIn(at("data"));
  expect(await runEverdict(["doctor", at("data")])).toMatchObject({ status: 0, stderr: "" });
  expect(await runEverdict(["backup", at("data"), at("backup")])).toMatchObject({ status: 0, stderr: "" });
  expect(modesIn(at("data"))).toEqual(before);
});

test.runIf(hasModes).each([
  ["serve", () => ["serve", "--port", "0", "--log-level", "silent", "--data-dir", at("data")]],
  ["token create", () => ["token", "create", "ci", "--data-dir", at("data")]],
  ["dict create", () => ["dict", "create", "d", "--url", `file:${at("data")}`]],
])(
  "a directory that others may write is refused with what to type, and left as it is: %s",
  async (_, command) => {
    mkdirSync(at("data"));
    writeFileSync(join(at("data"), "theirs"), "");
    chmodSync(at("data"), 0o777);
    expect(await runEverdict(command())).toEqual({
      status: 2,
      stdout: "",
      stderr:
        `error: others may write to the data directory ${at("data")}, which has mode 0777: see that what is there is ` +
        `yours, then run: chmod -R go= '${at("data")}' (or use a directory of its own)\n`,
    });
    expect(readdirSync(at("data"))).toEqual(["theirs"]);
  },
);
