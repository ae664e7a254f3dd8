/** What ends a server, and what must not: signals, and a standard error or output that cannot be written. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import {
  isSetUp,
  opensslIsSetUp,
  startOwnedProcess,
  type TemporaryDirectory,
  temporaryDirectory,
  waitUntil,
  writeCertificate,
} from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { buildEverdict, everdictProgram } from "../../test-support/run-everdict.ts";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let base: TemporaryDirectory;
const at = (name: string): string => join(base.path, name);
const hangUp = constants.signals.SIGHUP;
const isLinux = process.platform === "linux";
const python3IsSetUp = (): boolean =>
  isSetUp({
    part: "python3",
    isThere: spawnSync("python3", ["--version"]).status === 0,
    remedy: "apt-get install python3",
  });

beforeAll(() => buildEverdict(), 120_000);
beforeEach(() => {
  base = temporaryDirectory();
});
afterEach(() => base[Symbol.dispose]());

/** A server that was started by a command of the shell, `exec "$@"` with something around it. */
async function serveBy(shell: string, ...flags: string[]) {
  const args = ["serve", "--port", "0", "--json", "--data-dir", at("data"), ...flags];
  const owned = startOwnedProcess("sh", ["-c", shell, "sh", process.execPath, everdictProgram, ...args], {
    PATH: process.env.PATH ?? "",
    HOME: base.path,
  });
  onTestFinished(() => void owned.child.kill("SIGKILL"));
  let printed = "";
  owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const ready = waitUntil("the server is ready", () => printed.endsWith("\n"), { timeoutMs: 30_000 });
  const failed = owned.ended.then(({ code }) => Promise.reject(new Error(`${code}: ${owned.errorOutput()}`)));
  failed.catch(() => {});
  await Promise.race([ready, failed]);
  const { url, token_id: tokenId, token_secret: tokenSecret } = JSON.parse(printed);
  const works = async (): Promise<void> => {
    const client = Client.connect({ url, tokenId, tokenSecret });
    const dict = Dict.fromName<string, number>("d", { client, createIfMissing: true });
    await dict.put("a", 1);
    expect(await dict.get("a")).toBe(1);
    await client.close();
  };
  return { ...owned, works };
}

test("SIGHUP stops gracefully, as the closing of a terminal sends it", async () => {
  const server = await serveBy('exec "$@"');
  await server.works();
  server.child.kill("SIGHUP");
  expect((await server.ended).code).toBe(0);
  expect(server.errorOutput()).toContain('"msg":"stopped"');
});

test.runIf(isLinux && python3IsSetUp() && opensslIsSetUp())(
  "SIGHUP from a terminal that was closed stops gracefully, also where there is a certificate to reload",
  async () => {
    const files = { cert: at("cert.pem"), key: at("key.pem") };
    writeCertificate(files, "IP:127.0.0.1");
    const log = at("log");
    const command = [
      process.execPath,
      everdictProgram,
      ...["serve", "--memory", "--port", "0", "--log-level", "info"],
      ...["--tls-cert", files.cert, "--tls-key", files.key],
    ];
    const ran = spawnSync("python3", ["-c", onClosingTerminal, log, ...command], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(ran).toMatchObject({ stdout: `reloaded\nstatus ${-hangUp}\n`, stderr: "" });
    expect(readFileSync(log, "utf8")).toContain('"msg":"stopped"');
  },
);

test("--log-format text makes lines for people of the log", async () => {
  const server = await serveBy('exec "$@"', "--log-format", "text");
  server.child.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
  expect(server.errorOutput()).toMatch(
    new RegExp(`^${time} info  listening  url=http://\\S+  host=.+\n(${time} .+\n)+$`, "m"),
  );
});

describe.runIf(isLinux)("a server goes on, answers and stops with status 0", () => {
  test("while its standard error is on a full disk", async () => {
    const server = await serveBy('exec "$@" 2>/dev/full');
    await server.works();
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
  });

  test("when the reader of its standard error is gone", async () => {
    const server = await serveBy('exec "$@"', "--log-level", "trace");
    server.child.stderr.destroy();
    await server.works();
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
  });

  test.each([
    ["is on a full disk", 'exec "$@" >/dev/full'],
    ["has no reader", 'exec "$@"'],
  ])("when its standard output %s", async (_, shell) => {
    const args = ["serve", "--port", "0", "--data-dir", at("data")];
    const owned = startOwnedProcess("sh", ["-c", shell, "sh", process.execPath, everdictProgram, ...args], {
      PATH: process.env.PATH ?? "",
      HOME: base.path,
    });
    owned.child.stdout.destroy();
    onTestFinished(() => void owned.child.kill("SIGKILL"));
    await waitUntil("it said so", () => owned.errorOutput().includes("how to connect cannot be written"), {
      timeoutMs: 30_000,
    });
    const [, url] = /"url":"([^"]+)"/.exec(owned.errorOutput())!;
    expect(await (await fetch(`${url}/readyz`)).text()).toBe("ready\n");
    owned.child.kill("SIGTERM");
    expect((await owned.ended).code).toBe(0);
  });
});

/** Starts a server on a terminal, with its log in a file, sends it SIGHUP, and closes the terminal. */
const onClosingTerminal = `
import os, pty, signal, sys, time
log = sys.argv[1]
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.execv(sys.argv[2], sys.argv[2:])
def wait_for(text):
    until = time.monotonic() + 30
    while not os.path.exists(log) or text not in open(log).read():
        if time.monotonic() > until:
            sys.exit("no " + text + " in: " + open(log).read())
        time.sleep(0.02)
shown = b""
while b"npx everdict dict items hello" not in shown:
    shown += os.read(terminal, 65536)
os.kill(pid, signal.SIGHUP)
wait_for("the certificate was read again")
print("reloaded", flush=True)
os.close(terminal)
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
