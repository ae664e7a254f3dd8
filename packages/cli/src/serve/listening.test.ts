/** Where `everdict serve` may listen, which address it says, and how its certificate is replaced. */

import { renameSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import {
  opensslIsSetUp,
  startEverdict,
  type TemporaryDirectory,
  temporaryDirectory,
  waitUntil,
  writeCertificate,
} from "@everdict/testkit";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { buildEverdict, runEverdict } from "../../test-support/run-everdict.ts";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let base: TemporaryDirectory;
const at = (name: string): string => join(base.path, name);

beforeAll(() => buildEverdict(), 120_000);
beforeEach(() => {
  base = temporaryDirectory();
});
afterEach(() => base[Symbol.dispose]());

/** The addresses of this machine that others could reach. */
const reachable = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ internal, address }) => !internal && !/^(169\.254|fe80:)/.test(address))
  .map(({ address }) => address);

/** The page as it is shown to a request with a `Host`, over HTTP/2, where a client may set it. */
async function page(port: number, host: string): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({ ":path": "/", ":authority": host });
  let body = "";
  for await (const chunk of stream.setEncoding("utf8")) body += chunk;
  session.close();
  return body;
}

describe("without TLS", () => {
  test.concurrent.each(["0.0.0.0", "::", "0", "", ...reachable.slice(0, 1)])(
    "an address that others can reach is refused: '%s'",
    async (host) => {
      const args = ["serve", "--memory", "--port", "0", "--log-level", "silent", "--host", host];
      expect(await runEverdict(args)).toEqual({
        status: 2,
        stdout: "",
        stderr:
          `error: others can reach '${host}', and tokens and data would travel to it in plain text\n` +
          "hint: add --tls-cert and --tls-key, or --insecure if nobody can listen in on the network (a private one, " +
          "or a proxy with TLS in front)\n",
      });
    },
  );

  test("--insecure lets others in, says what that means, and prints an address that they can use", async () => {
    await using server = await startEverdict({ memory: true, args: ["--insecure", "--host", "0.0.0.0"] });
    const { hostname } = new URL(server.serverUrl);
    expect(reachable.length === 0 ? ["127.0.0.1"] : reachable).toContain(hostname);
    expect(server.url).toBe(server.serverUrl);
    expect(await (await fetch(`${server.serverUrl}/healthz`)).text()).toBe("ok\n");
    expect(server.printed()).toContain("Warning: tokens and data travel in plain text");
    expect(server.log()).toMatch(/"level":40.*tokens and data travel in plain text/);
    expect(server.log()).toContain(`"url":"${server.serverUrl}"`);
  });

  test.each(["127.0.0.1", "localhost"])("%s needs nothing, and is not warned of", async (host) => {
    await using server = await startEverdict({ memory: true, args: ["--host", host] });
    expect(new URL(server.serverUrl).hostname).toBe(host);
    expect(server.printed()).not.toContain("Warning");
    expect(server.log()).not.toContain('"level":40');
  });
});

describe("the page without the dashboard", () => {
  test("never shows the address of a stranger as one to paste", async () => {
    await using server = await startEverdict({ memory: true, args: ["--no-dashboard"] });
    expect(server.printed()).not.toContain("dashboard");
    const { port } = server;
    const foreign = [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
    ];
    for (const host of [...foreign, "evil@127.0.0.1", "8.8.8.8", "[2001:db8::1]"]) {
      expect(await page(port, host)).toContain(`MODAL_SERVER_URL=http://127.0.0.1:${port}\n`);
    }
    for (const own of [
      `localhost:${port}`,
      "localhost",
      "127.0.0.1:8080",
      "[::1]:7227",
      ...reachable.slice(0, 1),
    ]) {
      const host = own.includes(":") && !/[\].]|localhost/.test(own) ? `[${own}]` : own;
      expect(await page(port, host)).toContain(`MODAL_SERVER_URL=http://${host}\n`);
    }
  });

  test("shows the public URL, which is also printed and logged", async () => {
    const publicUrl = "https://dicts.example.com";
    await using server = await startEverdict({
      memory: true,
      args: ["--no-dashboard", "--public-url", `${publicUrl}/`],
    });
    expect(server.serverUrl).toBe(publicUrl);
    expect(server.log()).toContain(`"url":"${publicUrl}"`);
    const port = Number(/"port":(\d+)/.exec(server.log())?.[1]);
    for (const host of ["dicts.example.com", "evil.example"]) {
      expect(await page(port, host)).toContain(`MODAL_SERVER_URL=${publicUrl}\n`);
    }
  });

  test.concurrent.each([
    "dicts.example.com",
    "ftp://a",
    "https://a/path",
    "https://u:p@a",
    "https://a?q",
    "https://a$(b)",
    "",
  ])("'%s' is no public URL", async (url) => {
    const failed = await runEverdict(["serve", "--memory", "--public-url", url]);
    expect(failed).toMatchObject({ status: 2, stdout: "" });
    expect(failed.stderr).toContain("A public URL is http://HOST[:PORT] or https://HOST[:PORT]");
  });
});

describe.runIf(opensslIsSetUp())("with TLS", () => {
  const files = () => ({ cert: at("cert.pem"), key: at("key.pem") });
  const flags = () => ["--tls-cert", files().cert, "--tls-key", files().key];

  test("the printed address is one that the certificate names", async () => {
    writeCertificate(files(), "DNS:*.example.com,DNS:localhost,DNS:dicts.example.com,IP:127.0.0.1");
    await using all = await startEverdict({ memory: true, args: [...flags(), "--host", "0.0.0.0"] });
    expect(all.serverUrl).toBe(`https://dicts.example.com:${all.port}`);
    expect(all.log()).not.toContain('"level":40');
    await using one = await startEverdict({ memory: true, args: flags() });
    expect(one.serverUrl).toBe(`https://127.0.0.1:${one.port}`);
  });

  test("a new certificate is shown without a restart; a broken one is said loudly, and the old one stays", async () => {
    const first = writeCertificate(files(), "IP:127.0.0.1");
    await using server = await startEverdict({ memory: true, args: flags() });
    expect(await shownCertificate(server.port)).toBe(first);

    const next = { cert: at("next-cert.pem"), key: at("next-key.pem") };
    const second = writeCertificate(next, "IP:127.0.0.1");
    // As tools do it that renew certificates: one file after the other.
    renameSync(next.cert, files().cert);
    renameSync(next.key, files().key);
    const shows = async (fingerprint: string) => (await shownCertificate(server.port)) === fingerprint;
    await waitUntil("the second is shown", () => shows(second), { timeoutMs: 20_000 });

    writeFileSync(files().key, "nothing");
    await waitUntil("it is said", () => /"level":50.*the new certificate is not used/.test(server.log()), {
      timeoutMs: 20_000,
    });
    expect(server.log()).toContain(`its key ${files().key} is not usable`);
    expect(await shownCertificate(server.port)).toBe(second);

    const third = writeCertificate(files(), "IP:127.0.0.1");
    await waitUntil("the third is shown", () => shows(third), { timeoutMs: 20_000 });
    // Also at once, when it is asked for, whether anything changed or not.
    const readings = () => server.log().split("the certificate was read again").length;
    const before = readings();
    process.kill(server.pid, "SIGHUP");
    await waitUntil("it is read again", () => readings() > before);
    expect(await shownCertificate(server.port)).toBe(third);
    expect(await server.stop()).toBe(0);
  });
});

/** The fingerprint of the certificate that a server shows to a new connection. */
function shownCertificate(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "none");
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
