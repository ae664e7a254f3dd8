// What Modal's unmodified Python client raises for tokens that may not do something, or not any more.
import {
  type EverdictProcess,
  type Python,
  PythonError,
  pythonIsSetUp,
  startEverdict,
  startPython,
  type Token,
  waitUntil,
} from "@everdict/testkit";
import { connectTokens, type RemoteTokens } from "everdict/tokens";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe.skipIf(!pythonIsSetUp(["newest"]))("Modal's Python client", () => {
  let server: EverdictProcess;
  let tokens: RemoteTokens;
  const started: Python[] = [];

  beforeAll(async () => {
    server = await startEverdict();
    tokens = await connectTokens({ url: server.serverUrl, ...server.token });
    const admin = python(server.token);
    await admin.run('modal.Dict.from_name("jobs", create_if_missing=True)["a"] = 1');
    await admin.run('modal.environments.create_environment("secret")');
    await admin.run(
      'modal.Dict.from_name("jobs", environment_name="secret", create_if_missing=True)["a"] = 1',
    );
  }, 60_000);

  afterAll(async () => {
    for (const each of started) await each.stop();
    await tokens?.close();
    await server?.[Symbol.asyncDispose]();
  });

  function python({ tokenId, tokenSecret }: Token): Python {
    const credentials = { MODAL_TOKEN_ID: tokenId, MODAL_TOKEN_SECRET: tokenSecret };
    const one = startPython("newest", { ...server.env, ...credentials });
    started.push(one);
    return one;
  }

  async function raised(
    by: Python,
    code: string,
  ): Promise<{ readonly name: string; readonly message: string }> {
    const error = await by.run(code).catch((caught: unknown) => caught);
    if (!(error instanceof PythonError)) throw new Error(`nothing was raised: ${JSON.stringify(error)}`);
    return { name: error.name, message: error.message };
  }

  const jobs = 'modal.Dict.from_name("jobs")';

  test("a token that only reads gets PermissionDeniedError for every write, and reads on", async () => {
    const reader = python(await tokens.create({ name: "reader", role: "read-only" }));
    for (const write of [
      `${jobs}["b"] = 2`,
      `${jobs}.pop("a")`,
      `${jobs}.clear()`,
      `${jobs}.put("b", 2, skip_if_exists=True)`,
      'modal.Dict.from_name("new", create_if_missing=True).hydrate()',
      'modal.Dict.objects.delete("jobs")',
      'modal.environments.create_environment("new")',
    ]) {
      const { name, message } = await raised(reader, write);
      expect([write, name]).toEqual([write, "PermissionDeniedError"]);
      expect(message).toContain("this token only reads");
    }
    expect((await reader.run(`list(${jobs}.items())`)).json).toEqual([["a", 1]]);
  });

  test("a token for one environment gets NotFoundError elsewhere, as for names that nobody used", async () => {
    const environments = ["main"];
    const limited = python(await tokens.create({ name: "limited", role: "read-write", environments }));
    const open = (environment: string) =>
      `modal.Dict.from_name("jobs", environment_name="${environment}").hydrate()`;
    const hidden = await raised(limited, open("secret"));
    const missing = await raised(limited, open("nowhere"));
    expect(hidden.name).toBe("NotFoundError");
    expect(hidden.message.replaceAll("secret", "E")).toBe(missing.message.replaceAll("nowhere", "E"));
    expect((await limited.run(`${jobs}["c"] = 3; ${jobs}["c"]`)).json).toBe(3);
    expect((await limited.run("[e.name for e in modal.environments.list_environments()]")).json).toEqual([
      "main",
    ]);
  });

  test("a token that is revoked, or ends, gets AuthError, also in the middle of a stream", async () => {
    const { tokenId, tokenSecret } = await tokens.create({ name: "revoked" });
    const revoked = python({ tokenId, tokenSecret });
    await revoked.run(`d = modal.Dict.from_name("many", create_if_missing=True)
for part in range(10): d.update({(part, i): b"x" * 10000 for i in range(100)})`);
    const reading = raised(revoked, "while True: list(d.items())");
    await tokens.revoke(tokenId);
    expect(await reading).toMatchObject({ name: "AuthError" });
    expect(await raised(revoked, `${jobs}.len()`)).toMatchObject({ name: "AuthError" });

    const endsAtSeconds = Date.now() / 1000 + 5;
    const ending = python(await tokens.create({ name: "ending", endsAtSeconds }));
    expect((await ending.run(`${jobs}.len()`)).json).toBeGreaterThan(0);
    await waitUntil("the token has ended", async () => {
      const outcome = await ending.run(`${jobs}.len()`).catch((caught: PythonError) => caught);
      return outcome instanceof PythonError && outcome.name === "AuthError";
    });
    expect(Date.now() / 1000 - endsAtSeconds).toBeGreaterThanOrEqual(0);
  });
});
