/** A server whose disk fails under it: the system refuses to let its files grow. */

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

interface Serving {
  readonly client: Client;
  readonly ended: Promise<{ readonly code: number | null }>;
  readonly errorOutput: () => string;
}

async function serveOnFailingDisk(directory: string): Promise<Serving> {
  const command = `trap '' XFSZ; ulimit -f ${fileMaxBlocks}; exec "$@"`;
  const program = [
    process.execPath,
    everdictProgram,
    "serve",
    "--port",
    "0",
    "--json",
    "--data-dir",
    directory,
  ];
  const owned = startOwnedProcess("sh", ["-c", command, "sh", ...program], {
    PATH: process.env.PATH ?? "",
    HOME: directory,
  });
  onTestFinished(() => void owned.child.kill("SIGKILL"));
  let printed = "";
  owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await waitUntil("the server is ready", () => printed.endsWith("\n"), { timeoutMs: 30_000 });
  const { url, token_id: tokenId, token_secret: tokenSecret } = JSON.parse(printed);
  const client = Client.connect({ url, tokenId, tokenSecret });
  return { client, ended: owned.ended, errorOutput: owned.errorOutput };
}

test.runIf(process.platform === "linux")(
  "ends with status 5 and says why; what it acknowledged is there on a disk that works",
  async () => {
    const base = temporaryDirectory();
    onTestFinished(() => base[Symbol.dispose]());
    const directory = join(base.path, "data");
    const server = await serveOnFailingDisk(directory);
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
