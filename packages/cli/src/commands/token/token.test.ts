/** `everdict token` on a data directory and through a server, and what the tokens that it makes may do. */

import { type EverdictProcess, startEverdict, type Token, waitUntil } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildEverdict, type Finished, runEverdict } from "../../../test-support/run-everdict.ts";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let server: EverdictProcess;

beforeAll(async () => {
  await buildEverdict();
  server = await startEverdict();
}, 120_000);

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** Runs a command with a token, the server's own unless another is given. */
function everdict(args: readonly string[], token: Token = server.token): Promise<Finished> {
  const credentials = { MODAL_TOKEN_ID: token.tokenId, MODAL_TOKEN_SECRET: token.tokenSecret };
  return runEverdict(args, { env: { EVERDICT_URL: server.url, ...credentials } });
}

async function jsonOf<T>(args: readonly string[], token?: Token): Promise<T> {
  const { status, stdout, stderr } = await everdict([...args, "--json"], token);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as T;
}

async function created(...args: readonly string[]): Promise<Token> {
  const made = await jsonOf<{ token_id: string; token_secret: string }>(["token", "create", ...args]);
  return { tokenId: made.token_id, tokenSecret: made.token_secret };
}

interface ListedToken {
  readonly token_id: string;
  readonly [field: string]: unknown;
}

const places = {
  "through the server": (): string[] => [],
  "on the data directory": () => ["--data-dir", server.dataDirectory],
};

describe.each(Object.entries(places))("%s", (_where, place) => {
  test("a token is made with its limits, listed with them, rotated and revoked", async () => {
    const limits = ["--role", "read-only", "--environment", "main", "--environment", "dev"];
    const token = await created(
      "wall",
      ...limits,
      "--expires",
      "30d",
      "--note",
      "the wall display",
      ...place(),
    );
    const [listed] = (await jsonOf<ListedToken[]>(["token", "list", ...place()])).filter(
      ({ token_id: id }) => id === token.tokenId,
    );
    expect(listed).toMatchObject({
      name: "wall",
      role: "read-only",
      environments: ["main", "dev"],
      note: "the wall display",
      last_used_at: null,
    });
    const daysLeft = (Date.parse(String(listed!.ends_at)) - Date.now()) / 86_400_000;
    expect(daysLeft).toBeGreaterThan(29.9);
    expect(daysLeft).toBeLessThan(30.1);
    const table = (await everdict(["token", "list", ...place()])).stdout;
    expect(table).toMatch(new RegExp(`${token.tokenId} +wall +read-only +main, dev +.* the wall display\n`));
    expect(table).not.toContain(token.tokenSecret);

    expect(await everdict(["dict", "list"], token)).toMatchObject({ status: 0 });
    const rotated = await jsonOf<{ token_secret: string }>(["token", "rotate", token.tokenId, ...place()]);
    const next = { ...token, tokenSecret: rotated.token_secret };
    for (const each of [token, next])
      expect(await everdict(["dict", "list"], each)).toMatchObject({ status: 0 });

    expect(await everdict(["token", "revoke", token.tokenId, "--yes", ...place()])).toMatchObject({
      status: 0,
    });
    for (const each of [token, next]) {
      const isRefused = async () => (await everdict(["dict", "list"], each)).status === 4;
      await waitUntil("the token is refused", isRefused);
    }
    for (const command of [["rotate"], ["revoke", "--yes"]]) {
      const missing = await everdict(["token", ...command, token.tokenId, ...place()]);
      expect(missing).toMatchObject({ status: 1, stdout: "" });
      expect(missing.stderr).toContain(`there is no token '${token.tokenId}'`);
    }
  });

  test("what cannot be a token is refused", async () => {
    for (const [args, said] of [
      [["--role", "owner"], "Allowed choices are admin, read-write, read-only"],
      [["--environment", "main"], "an admin token cannot be limited to environments"],
      [["--role", "read-only", "--environment", "en-1"], "Invalid environment name: 'en-1'"],
      [["--expires", "soon"], "'soon' is not a duration"],
    ] as const) {
      const refused = await everdict(["token", "create", "x", ...args, ...place()]);
      expect(refused).toMatchObject({ status: 2, stdout: "" });
      expect(refused.stderr).toContain(said);
    }
  });
});

test("a token that only reads is told so, and one for an environment finds no others", async () => {
  await everdict(["environment", "create", "secret"]);
  await everdict(["dict", "put", "jobs", "a", "1", "--create"]);
  await everdict(["dict", "put", "jobs", "a", "1", "--create", "--env", "secret"]);
  const reader = await created("reader", "--role", "read-only", "--environment", "main");
  expect(await everdict(["dict", "get", "jobs", "a"], reader)).toMatchObject({ status: 0, stdout: "1\n" });
  const put = await everdict(["dict", "put", "jobs", "a", "2"], reader);
  expect(put).toMatchObject({ status: 4, stdout: "" });
  expect(put.stderr).toContain("this token only reads");
  const answers = await Promise.all(
    ["secret", "nothing"].map(async (name) => {
      const { status, stderr } = await everdict(["dict", "get", "jobs", "a", "--env", name], reader);
      return { status, said: stderr.replaceAll(name, "NAME") };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toMatchObject({ status: 1, said: expect.stringContaining("'NAME' not found") });
  expect((await everdict(["environment", "list"], reader)).stdout).not.toContain("secret");

  const managing = await everdict(["token", "list"], reader);
  expect(managing).toMatchObject({ status: 4, stdout: "" });
  expect(managing.stderr).toMatch(/managing tokens needs an admin token\nhint: .*--data-dir/);
});

test("the server's log names who made and revoked tokens, and no secret", async () => {
  const token = await created("logged");
  await everdict(["token", "revoke", token.tokenId, "--yes"]);
  for (const what of ["a token was created", "a token was revoked"]) {
    const lines = server.log().split("\n");
    const line = lines.find((each) => each.includes(what) && each.includes(token.tokenId));
    expect(line).toContain(server.token.tokenId);
  }
  expect(server.log()).not.toContain(token.tokenSecret);
});
