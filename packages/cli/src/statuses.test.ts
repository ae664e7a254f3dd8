/** Exit statuses are those of the answer, whatever happens to the streams that tell of it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { encodeKey } from "@everdict/pickle";
import {
  type EverdictProcess,
  startEverdict,
  type TemporaryDirectory,
  temporaryDirectory,
} from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildEverdict, everdictProgram } from "../test-support/run-everdict.ts";
import { exitCodeTable } from "./exit-codes.ts";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let server: EverdictProcess;
let directory: TemporaryDirectory;

beforeAll(async () => {
  await buildEverdict();
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, "empty"));
  server = await startEverdict();
  await using client = Client.connect({ url: server.url, ...server.token });
  const dict = Dict.fromName<string, string>("d", { client, createIfMissing: true });
  await dict.put("held", "by somebody");
  await dict.put("long", "x".repeat(10_000_000));
  const broken = Uint8Array.of(0x80, 0x04, 0xff);
  await (await client.service()).update(dict.objectId, [{ key: encodeKey("broken"), value: broken }]);
}, 120_000);

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  directory?.[Symbol.dispose]();
});

/** A command for each status. */
const commands: Record<keyof typeof exitCodeTable, readonly string[]> = {
  ok: ["dict", "get", "d", "held"],
  no: ["dict", "put", "d", "held", "me", "--if-absent"],
  usage: ["dict", "get", "d", "{", "--key-json"],
  unreachable: ["dict", "len", "d", "--url", "http://127.0.0.1:1", "--timeout", "1s"],
  refused: ["dict", "len", "d", "--token-id", "ak-wrong", "--token-secret", "as-wrong"],
  failed: ["dict", "get", "d", "broken"],
};
const reasons = Object.keys(commands) as (keyof typeof exitCodeTable)[];

/** Runs a command by a line of a shell, `"$@"` with something around it; `gone` are streams whose readers are gone. */
async function statusOf(
  args: readonly string[],
  shell = 'exec "$@"',
  gone: readonly ("stdout" | "stderr")[] = [],
): Promise<number | null> {
  const env = { PATH: process.env.PATH ?? "", HOME: directory.path, ...server.env, EVERDICT_URL: server.url };
  const child = spawn("sh", ["-c", shell, "sh", process.execPath, everdictProgram, ...args], { env });
  for (const stream of ["stdout", "stderr"] as const) {
    if (gone.includes(stream)) child[stream].destroy();
    else child[stream].resume();
  }
  child.stdin.end();
  const [status] = await once(child, "exit");
  return status as number | null;
}

const ways: readonly (readonly [string, string, readonly ("stdout" | "stderr")[]])[] = [
  ["standard error is closed", 'exec "$@" 2>&-', []],
  ["the reader of standard error is gone", 'exec "$@"', ["stderr"]],
  ["standard output is closed", 'exec "$@" >&-', []],
  ["the reader of standard output is gone", 'exec "$@"', ["stdout"]],
  ["the readers of both are gone", 'exec "$@"', ["stdout", "stderr"]],
  ...(process.platform === "linux"
    ? ([["standard error is on a full disk", 'exec "$@" 2>/dev/full', []]] as const)
    : []),
];

describe.concurrent.each(ways)("when %s", (_, shell, gone) => {
  test.each(reasons)("the status of '%s' stays", async (reason) => {
    expect(await statusOf(commands[reason], shell, gone)).toBe(exitCodeTable[reason].status);
  });

  test("the status of 'no' stays with --json", async () => {
    expect(await statusOf([...commands.no, "--json"], shell, gone)).toBe(exitCodeTable.no.status);
  });
});

test
  .runIf(process.platform === "linux")
  .each([["get", "held"], ["get", "long"], ["items"], ["contains", "none"]])(
  "a result of 'dict %s' that cannot be written for want of room is a failure",
  async (command, ...more) => {
    for (const shell of ['exec "$@" >/dev/full', 'exec "$@" >/dev/full 2>/dev/full'])
      expect(await statusOf(["dict", command, "d", ...more], shell)).toBe(exitCodeTable.failed.status);
  },
);

test.each([
  ["get", "d", "long"],
  ["items", "d"],
  ["items", "d", "--json"],
  ["keys", "d", "--json"],
])("'dict %s %s %s' ends when its reader is gone", async (...args) => {
  expect(await statusOf(["dict", ...args], 'exec "$@"', ["stdout"])).toBe(exitCodeTable.ok.status);
});
