/** The command without any setting: it finds the server of its user on this machine, and says so. */

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startOwnedProcess, type TemporaryDirectory, temporaryDirectory, waitUntil } from "@everdict/testkit";
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { buildEverdict, everdictProgram, type Finished, runEverdict } from "../test-support/run-everdict.ts";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let home: TemporaryDirectory;
beforeAll(() => buildEverdict(), 120_000);
beforeEach(() => {
  home = temporaryDirectory();
});
afterEach(() => home[Symbol.dispose]());

const run = (...args: string[]): Promise<Finished> => runEverdict(args, { env: { HOME: home.path } });
const dataDirectory = (): string => join(home.path, ".local", "share", "everdict");

/** A server on the usual data directory of the user whose home this is, or on another. */
async function serve(...flags: string[]) {
  const command = [everdictProgram, "serve", "--port", "0", ...flags];
  const server = startOwnedProcess(process.execPath, command, {
    PATH: process.env.PATH ?? "",
    HOME: home.path,
  });
  onTestFinished(() => void server.child.kill("SIGKILL"));
  let printed = "";
  server.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await waitUntil("it is ready", () => printed.endsWith("dict items hello\n\n"), { timeoutMs: 30_000 });
  return { ...server, printed, url: /serving at (\S+)/.exec(printed)![1]! };
}

test("finds the server of the usual data directory, says so, and never shows the secret", async () => {
  const server = await serve();
  expect(server.printed).toContain("Shell, which needs no lines on this machine:\n");
  const using = `using the server at ${server.url}, of ${dataDirectory()}\n`;
  expect(await run("dict", "put", "d", "k", "v", "--create")).toEqual({
    status: 0,
    stdout: "Written.\n",
    stderr: using,
  });
  expect(await run("dict", "get", "d", "k", "--json")).toEqual({ status: 0, stdout: '"v"\n', stderr: "" });
  expect(await run("environment", "list")).toMatchObject({ status: 0, stderr: using });
  server.child.kill("SIGTERM");
  await server.ended;
  expect(await run("dict", "get", "d", "k")).toEqual({
    status: 2,
    stdout: "",
    stderr:
      `error: nothing says where to connect, and no server of yours runs on ${dataDirectory()}\n` +
      "hint: `everdict serve` starts one; --url or EVERDICT_URL names another, or a directory: --url file:DIRECTORY\n",
  });
});

test("finds no server that was killed, none on another directory, and none that a setting leads away from", async () => {
  const other = await serve("--data-dir", join(home.path, "other"));
  expect(other.printed).toContain("Shell:\n");
  expect(await run("dict", "list", "--json")).toMatchObject({ status: 2 });
  const server = await serve();
  expect(await run("dict", "list", "--url", "http://127.0.0.1:1", "--timeout", "1s")).toMatchObject({
    status: 3,
  });
  server.child.kill("SIGKILL");
  await server.ended;
  expect(readFileSync(join(dataDirectory(), "server.json"), "utf8")).toContain(server.url);
  expect(await run("dict", "list", "--json")).toMatchObject({ status: 2 });
});

test("says what to set where no token is kept", async () => {
  const server = await serve();
  rmSync(join(dataDirectory(), "credentials"));
  expect(await run("dict", "list")).toEqual({
    status: 2,
    stdout: "",
    stderr:
      `error: the server at ${server.url} needs a token, and ${dataDirectory()} keeps none\n` +
      `hint: \`everdict token create\` makes one: set EVERDICT_URL=${server.url} and the lines that it prints\n`,
  });
});
