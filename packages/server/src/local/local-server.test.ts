import { chmod, mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { takeLock } from "@everdict/directory";
import { type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstToken } from "../tokens/first-token.ts";
import { announceLocalServer, findLocalServer, localServerName } from "./local-server.ts";

const url = "http://127.0.0.1:7227";

let base: TemporaryDirectory;
let directory: string;
beforeEach(async () => {
  base = temporaryDirectory();
  directory = join(base.path, "data");
  await mkdir(directory, { mode: 0o700 });
});
afterEach(() => base[Symbol.dispose]());

/** A directory as a running server has it. */
async function running() {
  const lock = await takeLock(directory, { kind: "owner", waitMs: 0, refusal: () => new Error("held") });
  const { tokenId, tokenSecret } = await firstToken(directory);
  return { lock, withdraw: await announceLocalServer(directory, url), credentials: { tokenId, tokenSecret } };
}

test("a server is found while it runs, with the first token", async () => {
  const { lock, withdraw, credentials } = await running();
  expect(await findLocalServer(directory)).toEqual({ url, credentials });
  await withdraw();
  expect(await findLocalServer(directory)).toBeUndefined();
  expect(await readdir(directory)).not.toContain(localServerName);
  await lock.release();
});

test("an address that a dead server left is none", async () => {
  const { lock } = await running();
  await lock.release();
  expect(await findLocalServer(directory)).toBeUndefined();
});

test("a directory that is not there, and one without a server, have none", async () => {
  expect(await findLocalServer(join(base.path, "nowhere"))).toBeUndefined();
  expect(await findLocalServer(directory)).toBeUndefined();
});

describe("what is not surely this user's own is not looked at:", () => {
  const address = (): string => join(directory, localServerName);
  test.each<[string, () => Promise<unknown>]>([
    ["an address that others may read", () => chmod(address(), 0o640)],
    ["a directory that others may enter", () => chmod(directory, 0o755)],
    [
      "an address that is a link",
      async () => {
        await rename(address(), join(base.path, "elsewhere"));
        await symlink(join(base.path, "elsewhere"), address());
      },
    ],
    ["an address of another process", () => writeFile(address(), `{"url":"${url}","pid":${process.ppid}}\n`)],
    ["an address of another form", () => writeFile(address(), "http://127.0.0.1:7227\n")],
    ["an address cut in the middle", () => writeFile(address(), '{"url":"http://127')],
  ])("%s", async (_, change) => {
    const { lock } = await running();
    await change();
    expect(await findLocalServer(directory)).toBeUndefined();
    await lock.release();
  });

  test.each<[string, (path: string) => Promise<unknown>]>([
    ["credentials that others may read", (path) => chmod(path, 0o644)],
    ["credentials that were moved away", (path) => rename(path, join(base.path, "mine"))],
    ["credentials that are emptied", (path) => writeFile(path, "")],
  ])("%s", async (_, change) => {
    const { lock } = await running();
    await change(join(directory, "credentials"));
    expect(await findLocalServer(directory)).toEqual({ url, credentials: undefined });
    await lock.release();
  });
});
