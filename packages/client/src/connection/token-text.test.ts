// Token ids and secrets that come from files, variables and clipboards: on every transport the same becomes of them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { openMemoryEngine } from "@everdict/embedded";
import { type RunningServer, startServer } from "@everdict/server";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Client, type ConnectOptions } from "../index.ts";

const token = { tokenId: "ak-1", tokenSecret: "as-kqzvw" };
const caller = { id: "ak-1", name: "ada" };
let engine: Awaited<ReturnType<typeof openMemoryEngine>>;
let server: RunningServer;
let directory: string;

beforeAll(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  const authenticator = {
    authenticate: (id: string, secret: string) =>
      id === token.tokenId && secret === token.tokenSecret ? caller : undefined,
    isCurrent: () => true,
    describe: () => undefined,
  };
  server = await startServer({ engine, authenticator, port: 0 });
  directory = mkdtempSync(join(tmpdir(), "everdict-token-"));
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(async () => {
  await server.close();
  await engine.close();
  rmSync(directory, { recursive: true });
});

const transports = ["session", "grpc", "ws"] as const;

/** The ways by which a token gets into a client; each answers what to connect with. */
const ways: Record<string, (id: string, secret: string) => ConnectOptions> = {
  options: (tokenId, tokenSecret) => ({ url: server.url, tokenId, tokenSecret }),
  "EVERDICT_TOKEN_*": (id, secret) => {
    vi.stubEnv("EVERDICT_TOKEN_ID", id);
    vi.stubEnv("EVERDICT_TOKEN_SECRET", secret);
    return { url: server.url };
  },
  "MODAL_TOKEN_*": (id, secret) => {
    vi.stubEnv("MODAL_TOKEN_ID", id);
    vi.stubEnv("MODAL_TOKEN_SECRET", secret);
    vi.stubEnv("MODAL_SERVER_URL", server.url);
    return {};
  },
  "~/.modal.toml": (id, secret) => {
    const path = join(directory, "modal.toml");
    const lines = { token_id: id, token_secret: secret, server_url: server.url };
    const text = Object.entries(lines).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
    writeFileSync(path, `[work]\nactive = true\n${text.join("")}`);
    vi.stubEnv("MODAL_CONFIG_PATH", path);
    return {};
  },
  "the URL": (id, secret) => ({
    url: server.url.replace("//", `//${encodeURIComponent(id)}:${encodeURIComponent(secret)}@`),
  }),
};
const cases = Object.keys(ways).flatMap((way) => transports.map((transport) => [way, transport] as const));

function connect(options: ConnectOptions, transport: (typeof transports)[number]): Client {
  if (transport !== "ws") return Client.connect({ ...options, transport });
  const url = options.url?.replace("http:", "ws:");
  const surroundings = process.env.MODAL_SERVER_URL?.replace("http:", "ws:");
  if (url === undefined && surroundings !== undefined) vi.stubEnv("MODAL_SERVER_URL", surroundings);
  return Client.connect({ ...options, url });
}

describe.each(cases)("a token from %s, over %s", (way, transport) => {
  test.each(["\n", "\r\n", "\r", " ", "\t"])("works with %j around it", async (space) => {
    const options = ways[way]!(`${space}${token.tokenId}${space}`, `${token.tokenSecret}${space}`);
    const client = connect(options, transport);
    expect(await client.environments.list()).toHaveLength(1);
    await client.close();
  });

  test.each<[string, string, RegExp]>([
    ["a line end within", "as-kqz\nvw", /a control character \(U\+000A, character 7\)/],
    ["a control character", "as-kqz\u0001vw", /a control character \(U\+0001/],
    ["a letter outside ASCII", "as-kqzévw", /outside ASCII \(U\+00E9, character 7\)/],
    ["quotation marks", '"as-kqzvw"', /stands in quotation marks/],
    ["nothing", "", /only one is given|only one half|both halves|no MODAL_TOKEN_SECRET/],
  ])("is refused for %s, and its secret is shown nowhere", async (_title, secret, message) => {
    const client = connect(ways[way]!(token.tokenId, secret), transport);
    const error = await client.environments.list().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      code: secret === "" && way !== "the URL" ? "unauthenticated" : "invalid_argument",
      message: expect.stringMatching(message),
    });
    const shown =
      inspect(error, { depth: 20, showHidden: true }) + inspect(client, { depth: 20, showHidden: true });
    for (const part of ["as-k", "kqz", "vw"]) expect(shown).not.toContain(part);
    await client.close();
  });
});

test("an id and a secret that are swapped are told, and neither is shown", async () => {
  const client = Client.connect({ url: server.url, tokenId: "as-kqzvw", tokenSecret: "ak-1" });
  const refusal = await client.service().catch((error: Error) => error);
  expect(refusal).toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining("are swapped"),
  });
  expect(inspect(refusal)).not.toContain("as-kqzvw");
  await client.close();
});
