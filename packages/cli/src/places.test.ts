// What the command says of places that cannot be reached or opened, and how it takes a certificate.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryEngine } from "@everdict/embedded";
import { startServer } from "@everdict/server";
import { makeCertificates, opensslIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildEverdict, runEverdict } from "../test-support/run-everdict.ts";

vi.setConfig({ testTimeout: 60_000 });

let directory: string;
const at = (name: string): string => join(directory, name);

beforeAll(async () => {
  await buildEverdict();
  directory = mkdtempSync(join(tmpdir(), "everdict-places-"));
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true }));

test("a host that stays silent is reported after the time of one attempt", async () => {
  let connections = 0;
  const silent = createServer(() => connections++).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const { status, stderr } = await runEverdict(["dict", "list", "--url", url]);
  expect(stderr).toMatch(/^error: .*did not answer within 5000 ms/);
  expect({ status, connections }).toEqual({ status: 3, connections: 1 });
  silent.close();
});

test("a port where nobody listens is reported at once, in one line, with what to do", async () => {
  const { status, stderr } = await runEverdict(["dict", "list", "--url", "http://127.0.0.1:9"]);
  expect(status).toBe(3);
  expect(stderr).toBe(
    "error: the server cannot be reached: nobody listens at http://127.0.0.1:9 (connection refused). " +
      "Is the server running, and is this its port? `everdict serve` starts one\n",
  );
});

test("a directory that cannot be opened is no defect of the program", async () => {
  writeFileSync(at("file"), "x");
  const { status, stderr } = await runEverdict(["dict", "list", "--url", `file:${at("file")}`]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/there is a file of this name, not a directory/);
  expect(stderr).not.toMatch(/unexpected|report/);
});

test("a secret with a line end within is never shown", async () => {
  const token = ["--token-id", "ak-1", "--token-secret", "as-kqz\nvw"];
  for (const url of ["http://127.0.0.1:9", "unix:/nowhere.sock"]) {
    const { status, stderr } = await runEverdict(["dict", "list", "--url", url, ...token, "--debug"]);
    expect({ status, shown: /kqz|vw/.test(stderr) }).toEqual({ status: 2, shown: false });
  }
});

test.runIf(opensslIsSetUp())("--ca names the authority of a private certificate", async () => {
  const { authority, signed, selfSigned } = makeCertificates();
  writeFileSync(at("ca.pem"), authority.cert);
  const engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  const authenticator = {
    authenticate: () => ({ id: "ak-1", name: "ada" }),
    isCurrent: () => true,
    describe: () => undefined,
  };
  const server = await startServer({ engine, authenticator, port: 0, tls: signed });
  const list = (...more: string[]) =>
    runEverdict([
      "dict",
      "list",
      "--url",
      server.url,
      "--token-id",
      "ak-1",
      "--token-secret",
      "as-1",
      ...more,
    ]);
  expect(await list()).toMatchObject({ status: 2, stderr: expect.stringContaining("--ca FILE") });
  expect(await list("--ca", at("ca.pem"))).toMatchObject({ status: 0, stderr: "" });
  expect(await list("--ca", at("none.pem"))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("cannot read"),
  });
  // Tokens are managed over gRPC, whose library would read the second variable alone.
  writeFileSync(at("self.pem"), selfSigned.cert);
  const token = ["--token-id", "ak-1", "--token-secret", "as-1"];
  const tokens = await runEverdict(["token", "list", "--url", server.url, ...token], {
    env: { NODE_EXTRA_CA_CERTS: at("ca.pem"), GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: at("self.pem") },
  });
  expect(tokens.stderr).not.toContain("certificate");
  await server.close();
  await engine.close();
});
