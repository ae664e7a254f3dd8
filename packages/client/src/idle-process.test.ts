// A client that is not closed must not keep its process alive. Checked in real processes.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { type RunningServer, startServer } from "@everdict/server";
import { opensslIsSetUp, writeCertificate } from "@everdict/testkit";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let directory: string;
let engine: Engine;
let server: RunningServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "everdict-idle-"));
  // Bundled, since a process of its own does not run TypeScript.
  const bundle = await rolldown({
    input: fileURLToPath(new URL("./index.ts", import.meta.url)),
    platform: "node",
    resolve: { conditionNames: ["@everdict/source", "node", "import", "default"] },
    onLog: () => {},
  });
  await bundle.write({
    format: "esm",
    dir: directory,
    entryFileNames: "everdict.mjs",
    chunkFileNames: "[name].mjs",
  });
  await bundle.close();
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  server = await serve();
});
afterAll(async () => {
  await server.close();
  await engine.close();
  await rm(directory, { recursive: true });
});

function serve(tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<RunningServer> {
  const caller = { id: "a", name: "a" };
  const authenticator = { authenticate: () => caller, isCurrent: () => true, describe: () => undefined };
  return startServer({ engine, authenticator, port: 0, shutdownGraceMs: 100, tls });
}

/** Runs a program that uses the client and never closes it; resolves when the process ends by itself. */
async function run(program: string, url: string, env: NodeJS.ProcessEnv = {}) {
  const path = join(directory, `${Math.random().toString(36).slice(2)}.mjs`);
  await writeFile(path, `import { Client, Dict } from "./everdict.mjs";\n${program}`);
  const child = spawn(process.execPath, [path], {
    env: { ...env, EVERDICT_URL: url },
    // Longer than any grace, far shorter than a heartbeat or a keepalive.
    timeout: 15_000,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}

const use = `
  const dict = Dict.fromName("d", { createIfMissing: true });
  await dict.put("a", 1);
  for await (const [key, value] of dict) console.log(key, value);`;
const useEphemeral = `
  const dict = await Dict.ephemeral();
  await dict.put("a", 1);
  for await (const [key, value] of dict) console.log(key, value);`;

describe("a process ends by itself after using, and not closing,", () => {
  test.each([
    ["a session of bare frames", "http", "session"],
    ["a session by WebSocket", "ws", "session"],
    ["gRPC", "http", "grpc"],
  ])("a server over %s", async (_what, scheme, transport) => {
    const url = server.url.replace("http://", `${scheme}://ak-1:as-1@`);
    const chosen = `Client.setDefault(Client.connect({ transport: "${transport}" }));${use}`;
    expect(await run(chosen, url)).toEqual({ code: 0, output: "a 1\n" });
  });

  test.runIf(opensslIsSetUp())(
    "a server over TLS, with a certificate that the process was told to trust",
    async () => {
      const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
      writeCertificate({ cert, key });
      const secure = await serve({ cert: await readFile(cert), key: await readFile(key) });
      const url = `https://ak-1:as-1@localhost:${secure.port}`;
      expect(await run(use, url, { NODE_EXTRA_CA_CERTS: cert })).toEqual({ code: 0, output: "a 1\n" });
      const untrusted = await run(use, url);
      expect([untrusted.code, untrusted.output]).toEqual([1, expect.stringContaining("certificate")]);
      await secure.close();
    },
  );

  test("an ephemeral Dict on a server", async () => {
    const url = server.url.replace("://", "://ak-1:as-1@");
    expect(await run(useEphemeral, url)).toEqual({ code: 0, output: "a 1\n" });
  });

  test("an engine in memory", async () => {
    expect(await run(use, "memory:")).toEqual({ code: 0, output: "a 1\n" });
  });

  test("an engine in memory, as in the README", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const program = /```js\n(.*?)```/s.exec(readme)![1]!.replace(/^import .*\n/, "");
    const { code, output } = await run(program, "");
    expect(output.split("\n")).toEqual([
      "{ id: 7, tags: [ 'new' ] }",
      "true",
      "false",
      "next { id: 7, tags: [ 'new' ] }",
      "lock worker-1",
      "{ id: 7, tags: [ 'new' ] } 1",
      "",
    ]);
    expect(code).toBe(0);
  });

  test("an engine on a directory", async () => {
    const url = `file:${join(directory, "data")}`;
    expect(await run(use, url)).toEqual({ code: 0, output: "a 1\n" });
    expect(await run(use, url)).toEqual({ code: 0, output: "a 1\n" });
  });
});
