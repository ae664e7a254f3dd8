/** `everdict serve` as a process: what it prints, how it starts, stops, fails to start, and starts again. */

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { openLogEngine } from "@everdict/embedded/log";
import {
  type OwnedProcess,
  opensslIsSetUp,
  startOwnedProcess,
  type TemporaryDirectory,
  temporaryDirectory,
  waitUntil,
  writeCertificate,
} from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { buildEverdict, everdictProgram, runEverdict } from "../../test-support/run-everdict.ts";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let directory: TemporaryDirectory;
const started: OwnedProcess[] = [];

beforeAll(() => buildEverdict(), 120_000);
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const one of started.splice(0)) {
    one.child.kill("SIGKILL");
    await one.ended;
  }
  directory[Symbol.dispose]();
});

interface Serving extends OwnedProcess {
  readonly text: string;
  /** The value of a printed line `NAME=value`. */
  readonly printed: (name: string) => string;
}

/** Starts a server on the test's directory and waits until it has printed everything. */
async function serve(...args: string[]): Promise<Serving> {
  const all = [everdictProgram, "serve", "--port", "0", ...args];
  const owned = startOwnedProcess(process.execPath, all, {
    HOME: directory.path,
    PATH: process.env.PATH ?? "",
  });
  started.push(owned);
  let text = "";
  owned.child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const isReady = (): boolean =>
    text.includes("npx everdict dict items hello\n\n") || /^\{.*\}\n$/.test(text);
  await Promise.race([
    waitUntil("the server is ready", isReady, { timeoutMs: 20_000 }),
    owned.ended.then(({ code }) => Promise.reject(new Error(`ended with ${code}: ${owned.errorOutput()}`))),
  ]);
  const printed = (name: string): string => {
    const line = new RegExp(`^${name}=(.*)$`, "m").exec(text);
    if (line === null) throw new Error(`no ${name} in:\n${text}`);
    return line[1] ?? "";
  };
  return { ...owned, text, printed };
}

const onDirectory = (): string[] => ["--data-dir", join(directory.path, "data")];

async function stop(server: OwnedProcess, signal: NodeJS.Signals): Promise<number | null> {
  server.child.kill(signal);
  return (await server.ended).code;
}

function connect(server: Serving, token: Serving = server): Client {
  const [tokenId, tokenSecret] = [token.printed("MODAL_TOKEN_ID"), token.printed("MODAL_TOKEN_SECRET")];
  return Client.connect({ url: server.printed("EVERDICT_URL"), tokenId, tokenSecret });
}

/** A call that a graceful stop has to wait for: a stream of entries larger than the window of a reader that never reads. */
async function unreadContents(server: Serving): Promise<ClientHttp2Session> {
  const client = connect(server);
  const dict = Dict.fromName<number, string>("large", { client, createIfMissing: true });
  await dict.update(Array.from({ length: 200 }, (_, index) => [index, "x".repeat(10_000)]));
  const { objectId } = dict;
  await client.close();
  // DictContentsRequest { 1: dict_id, 2: keys, 3: values }, after the prefix of a gRPC message.
  const message = Buffer.concat([
    Buffer.of(0x0a, objectId.length),
    Buffer.from(objectId),
    Buffer.of(0x10, 1, 0x18, 1),
  ]);
  const session = connectHttp2(server.printed("EVERDICT_URL"));
  session.on("error", () => {}); // It is cut off in the end.
  const call = session.request({
    ":method": "POST",
    ":path": "/modal.client.ModalClient/DictContents",
    "content-type": "application/grpc",
    te: "trailers",
    "x-modal-token-id": server.printed("MODAL_TOKEN_ID"),
    "x-modal-token-secret": server.printed("MODAL_TOKEN_SECRET"),
  });
  call.on("error", () => {});
  call.end(Buffer.concat([Buffer.of(0, 0, 0, 0, message.length), message]));
  await once(call, "response");
  return session;
}

describe("everdict serve", () => {
  test("says what runs where, and how to connect, at the first start with the secret", async () => {
    const server = await serve(...onDirectory());
    const url = server.printed("MODAL_SERVER_URL");
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(server.printed("EVERDICT_URL")).toBe(url);
    expect(server.text).toMatch(/^Everdict \d+\.\d+\.\d+ is serving at http:/);
    expect(server.text).toContain(`Data is in ${join(directory.path, "data")}, on disk before`);
    const credentials = join(directory.path, "data", "credentials");
    expect(server.text).toContain(`The secret is shown this once. It is also in ${credentials}`);
    expect(statSync(credentials).mode & 0o777).toBe(0o600);
    expect(readFileSync(credentials, "utf8")).toContain(server.printed("MODAL_TOKEN_SECRET"));
    expect(server.errorOutput()).not.toContain(server.printed("MODAL_TOKEN_SECRET"));
    expect(await (await fetch(`${url}/readyz`)).text()).toBe("ready\n");
  });

  test("keeps data over a graceful stop, and then reads the secret from its file when the line is pasted", async () => {
    const first = await serve(...onDirectory());
    const client = connect(first);
    await Dict.fromName("d", { client, createIfMissing: true }).put("k", 1);
    await client.close();
    expect(await stop(first, "SIGTERM")).toBe(0);

    const second = await serve(...onDirectory());
    expect(second.text).not.toContain(first.printed("MODAL_TOKEN_SECRET"));
    const lines = second.text.slice(second.text.indexOf("set -a\n"), second.text.indexOf("set +a\n"));
    const command = `exec '${process.execPath}' '${everdictProgram}' dict get d k`;
    const env = { PATH: process.env.PATH ?? "", HOME: directory.path };
    expect(execFileSync("sh", ["-c", `${lines}\n${command}`], { encoding: "utf8", env })).toBe("1\n");
    expect(await stop(second, "SIGINT")).toBe(0);
  });

  test("keeps what it acknowledged over kill -9", async () => {
    const first = await serve(...onDirectory());
    const client = connect(first);
    const dict = Dict.fromName<number, number>("d", { client, createIfMissing: true });
    await Promise.all(Array.from({ length: 500 }, (_, index) => dict.put(index, index * index)));
    await stop(first, "SIGKILL");
    await client.close();

    const second = await serve(...onDirectory());
    const again = connect(second, first);
    const found = new Map<number, number>();
    for await (const [key, value] of Dict.fromName<number, number>("d", { client: again }))
      found.set(key, value);
    expect(found).toEqual(new Map(Array.from({ length: 500 }, (_, index) => [index, index * index])));
    await again.close();
  });

  test("offers no secret once its file is gone, and says how to get another", async () => {
    await stop(await serve(...onDirectory()), "SIGTERM");
    writeFileSync(join(directory.path, "data", "credentials"), "");
    const second = await serve(...onDirectory());
    expect(second.text).not.toContain("MODAL_TOKEN_SECRET=");
    expect(second.text).toContain(`everdict token create --data-dir ${join(directory.path, "data")}`);
  });

  test("--json prints one line for programs", async () => {
    const server = await serve(...onDirectory(), "--json");
    expect(JSON.parse(server.text)).toEqual({
      version: expect.any(String),
      url: expect.stringMatching(/^http:/),
      port: expect.any(Number),
      pid: server.child.pid,
      store: null,
      data_directory: join(directory.path, "data"),
      token_id: expect.stringMatching(/^ak-/),
      token_secret: expect.stringMatching(/^as-/),
      credentials_file: join(directory.path, "data", "credentials"),
    });
  });

  test("--memory writes nothing", async () => {
    const server = await serve("--memory", "--workspace", "scratch", "--default-expiry", "never");
    expect(server.text).toContain("Data is in memory only");
    const client = connect(server);
    const dict = Dict.fromName("d", { client, createIfMissing: true });
    await dict.put("k", "v");
    expect(await dict.get("k")).toBe("v");
    await client.close();
    expect(execFileSync("find", [directory.path, "-type", "f"], { encoding: "utf8" })).toBe("");
  });

  test("limits are those it was given", async () => {
    const server = await serve("--memory", "--value-max-bytes", "1KiB", "--key-max-bytes", "16");
    const client = connect(server);
    const dict = Dict.fromName("d", { client, createIfMissing: true });
    await expect(dict.put("k", "x".repeat(2000))).rejects.toMatchObject({ code: "value_too_large" });
    await expect(dict.put("k".repeat(50), 1)).rejects.toMatchObject({ code: "key_too_large" });
    await client.close();
  });

  test("--max-memory refuses writes past it, and nothing else", async () => {
    const server = await serve(
      "--data-dir",
      join(directory.path, "data"),
      "--max-memory",
      "1KiB",
      "--value-cache",
      "0",
    );
    const client = connect(server);
    const dict = Dict.fromName("d", { client, createIfMissing: true });
    await expect(dict.put("k", "v")).rejects.toMatchObject({
      code: "store_full",
      message: expect.stringMatching(/take \d+ bytes of memory, the limit is 1024/),
    });
    expect(await dict.len()).toBe(0);
    await dict.clear();
    await client.close();
  });

  test.runIf(opensslIsSetUp())("serves TLS", async () => {
    const [key, cert] = [join(directory.path, "key.pem"), join(directory.path, "cert.pem")];
    writeCertificate({ cert, key });
    const server = await serve("--memory", "--tls-cert", cert, "--tls-key", key);
    expect(server.printed("MODAL_SERVER_URL")).toMatch(/^https:/);
  });

  test("takes signals that arrive together for one, and stops at once at a later one", async () => {
    const together = await serve("--memory");
    together.child.kill("SIGTERM");
    expect(await stop(together, "SIGINT")).toBe(0);

    const held = await serve("--memory");
    const unread = await unreadContents(held);
    held.child.kill("SIGTERM");
    await waitUntil("it is stopping", () => held.errorOutput().includes('"msg":"stopping"'));
    const again = setInterval(() => held.child.kill("SIGTERM"), 100);
    expect((await held.ended).code).toBe(143);
    clearInterval(again);
    unread.destroy();
  });

  test("logs JSON lines to stderr, without keys, values or secrets", async () => {
    const server = await serve(...onDirectory(), "--log-level", "trace");
    const client = connect(server);
    await Dict.fromName("d", { client, createIfMissing: true }).put("private-key", "private-value");
    await client.close();
    await stop(server, "SIGTERM");
    const lines = server.errorOutput().trimEnd().split("\n");
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
    expect(server.errorOutput()).toContain('"msg":"listening"');
    expect(server.errorOutput()).not.toMatch(/private-key|private-value/);
    expect(server.errorOutput()).not.toContain(server.printed("MODAL_TOKEN_SECRET"));
  });
});

const isLinux = process.platform === "linux";

describe("everdict serve that cannot start", () => {
  const refusal = (status: number, stderr: string) => ({
    status,
    stdout: "",
    stderr: expect.stringContaining(stderr),
  });

  test("names the process that owns the data directory", async () => {
    const owner = await serve(...onDirectory());
    const second = await runEverdict(["serve", "--port", "0", "--log-level", "silent", ...onDirectory()]);
    expect(second).toEqual(refusal(3, String(owner.child.pid)));
    expect(second.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("says that the port is in use", async () => {
    const taken: Server = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const failed = await runEverdict([
      "serve",
      "--port",
      String(port),
      "--log-level",
      "silent",
      ...onDirectory(),
    ]);
    taken.close();
    expect(failed).toEqual({
      status: 3,
      stdout: "",
      stderr:
        `error: port ${port} of 127.0.0.1 is in use\n` +
        "hint: stop what uses it, or choose another with --port (0: any free)\n",
    });
    // It let go of the directory.
    await serve(...onDirectory());
  });

  /** Starts a server that may have so many files open, and waits for its end. */
  async function serveWith(openFilesMax: number, ...args: string[]) {
    const command = [process.execPath, everdictProgram, "serve", "--port", "0", ...onDirectory(), ...args];
    const owned = startOwnedProcess("sh", ["-c", `ulimit -n ${openFilesMax}; exec "$@"`, "sh", ...command], {
      PATH: process.env.PATH ?? "",
      HOME: directory.path,
    });
    started.push(owned);
    return { code: (await owned.ended).code, stderr: owned.errorOutput() };
  }
  const tooFew = (limit: number) => ({
    code: 3,
    stderr:
      `error: this process needs more open files than the ${limit} that it may have open (ulimit -n): a server needs ` +
      "128 at least, and one more for each connection and for each 64 MiB of data\n" +
      "hint: raise the limit: `ulimit -n 4096` in the shell that starts it, LimitNOFILE=4096 for systemd, " +
      "--ulimit nofile=4096 for docker\n",
  });

  test.runIf(isLinux).each([24, 48, 64, 96, 127])(
    "names the limit of open files and what is needed: ulimit -n %i",
    async (limit) => {
      expect(await serveWith(limit)).toEqual(tooFew(limit));
    },
  );

  test.runIf(isLinux)("names the limit of open files if the data has more", async () => {
    const engine = await openLogEngine({
      directory: join(directory.path, "data"),
      log: { segmentMaxBytes: 4096 },
    });
    const service = engine.serviceFor({ id: "test", name: "test" });
    const { dictId } = await service.getOrCreateDict({
      name: "d",
      environment: "main",
      mode: "createIfMissing",
    });
    for (let index = 0; index < 150; index++)
      await service.update(dictId, [{ key: Buffer.from(`${index}`), value: Buffer.alloc(5000) }]);
    await engine.close();
    expect(await serveWith(128, "--log-level", "silent")).toEqual(tooFew(128));
  });

  test("says why the data directory cannot be used", async () => {
    writeFileSync(join(directory.path, "file"), "");
    const args = ["serve", "--port", "0", "--log-level", "silent", "--data-dir"];
    expect(await runEverdict([...args, join(directory.path, "file")])).toEqual(
      refusal(3, `error: cannot use data directory ${join(directory.path, "file")}: `),
    );
    expect(await runEverdict([...args, join(directory.path, "file", "below")])).toEqual(
      refusal(3, "a part of the path is not a directory\nhint: choose another with --data-dir\n"),
    );
  });

  test.concurrent.each([
    [["--port", "70000"], 2, "port '70000' is not a whole number from 0 to 65535"],
    [["--default-expiry", "30"], 2, "'30' is not a duration"],
    [["--value-max-bytes", "lots"], 2, "'lots' is not a size"],
    [["--memory", "--client-memory", "100MiB"], 2, "it must hold two requests of the largest size"],
    [["--max-memory", "lots"], 2, "'lots' is not a size"],
    [["--max-memory", "1GiB"], 2, "--max-memory is for data in a directory"],
    [["--value-cache", "1GiB"], 2, "--value-cache is for data in a directory"],
    [["--log-level", "loud"], 2, "Allowed choices are"],
    [["--tls-cert", "cert.pem"], 2, "--tls-cert and --tls-key go together"],
    [["--tls-cert", "/none", "--tls-key", "/none"], 2, "cannot read /none: no such file or directory"],
    [["--host", "host.invalid"], 3, "'host.invalid' is no address of this machine"],
    [["extra"], 2, "too many arguments"],
  ])("%j", async (args, status, message) => {
    const failed = await runEverdict(["serve", "--memory", "--port", "0", "--log-level", "silent", ...args]);
    expect(failed).toEqual(refusal(status, `error: `));
    expect(failed.stderr).toContain(message);
    expect(failed.stderr).not.toContain("    at ");
  });
});
