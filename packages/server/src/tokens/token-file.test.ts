import { execFile } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CreatedToken } from "@everdict/protocol";
import { temporaryDirectory } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { openTokenFile } from "./token-file.ts";

const run = promisify(execFile);
const tokenProcess = fileURLToPath(new URL("../../testing/token-process.mjs", import.meta.url));

/** Makes tokens in a process of their own. */
async function createElsewhere(directory: string, name: string, count: number): Promise<CreatedToken[]> {
  const { stdout } = await run(process.execPath, [tokenProcess, directory, name, String(count)]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CreatedToken);
}

describe("a token", () => {
  test("authenticates its name, and nothing else does", async () => {
    using directory = temporaryDirectory();
    const tokens = await openTokenFile(directory.path);
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    const other = await tokens.create({ name: "bob" });
    expect(tokens.authenticate(tokenId, tokenSecret)).toEqual({ id: tokenId, name: "ada" });
    for (const [id, secret] of [
      [tokenId, other.tokenSecret],
      [tokenId, ""],
      ["", tokenSecret],
      [tokenId, `${tokenSecret}x`],
      [tokenId.toUpperCase(), tokenSecret],
      ["__proto__", tokenSecret],
      [tokenId, "s".repeat(1_000_000)],
    ] as const) {
      expect(tokens.authenticate(id, secret)).toBeUndefined();
    }
  });

  test("is letters and digits behind its prefix, and never the same twice", async () => {
    using directory = temporaryDirectory();
    const tokens = await openTokenFile(directory.path);
    const created = [await tokens.create({ name: "a" }), await tokens.create({ name: "a" })];
    for (const { tokenId, tokenSecret } of created) {
      expect(tokenId).toMatch(/^ak-[A-Za-z0-9]{22}$/);
      expect(tokenSecret).toMatch(/^as-[A-Za-z0-9]{43}$/);
    }
    expect(created[0]).not.toEqual(created[1]);
  });

  test("answers the same caller object each time, also after others were created", async () => {
    using directory = temporaryDirectory();
    const tokens = await openTokenFile(directory.path);
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    const caller = tokens.authenticate(tokenId, tokenSecret);
    await tokens.create({ name: "bob" });
    expect(tokens.authenticate(tokenId, tokenSecret)).toBe(caller);
  });

  test("is listed and described without its secret", async () => {
    using directory = temporaryDirectory();
    const tokens = await openTokenFile(directory.path, { clock: () => 1_700_000_000_250 });
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    await tokens.create({ name: "bob" });
    const info = { tokenId, name: "ada", createdAtSeconds: 1_700_000_000.25, role: "admin" };
    expect(tokens.describe(tokenId)).toEqual(info);
    expect(tokens.describe("ak-nobody")).toBeUndefined();
    const listed = await tokens.list();
    expect(listed[0]).toEqual(info);
    expect(listed.map(({ name }) => name)).toEqual(["ada", "bob"]);
    expect(JSON.stringify(listed)).not.toContain(tokenSecret);
  });

  test("that was revoked is refused at once; revoking it again is no error", async () => {
    using directory = temporaryDirectory();
    const tokens = await openTokenFile(directory.path);
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    expect(await tokens.revoke(tokenId)).toBe(true);
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeUndefined();
    expect(await tokens.revoke(tokenId)).toBe(false);
    expect(await tokens.list()).toEqual([]);
  });

  test.each(["", " ada", "a\nb", "a\u0000", "x".repeat(65), "\ud800"])(
    "cannot be called %j",
    async (name) => {
      using directory = temporaryDirectory();
      const tokens = await openTokenFile(directory.path);
      await expect(tokens.create({ name })).rejects.toMatchObject({ code: "invalid_argument" });
    },
  );

  test.each(["ada", "Ada Lovelace", "ci/deploy@host", "Zoë", "x".repeat(64)])(
    "can be called %j",
    async (name) => {
      using directory = temporaryDirectory();
      const tokens = await openTokenFile(directory.path);
      await tokens.create({ name });
      expect((await tokens.list())[0]?.name).toBe(name);
    },
  );
});

describe("the file", () => {
  test("is the owner's alone, holds hashes only, and leaves nothing else behind", async () => {
    using directory = temporaryDirectory();
    const tokens = await openTokenFile(directory.path);
    const { tokenSecret } = await tokens.create({ name: "ada" });
    const path = join(directory.path, "tokens.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).not.toContain(tokenSecret);
    expect(readFileSync(path, "utf8")).not.toContain(tokenSecret.slice(3));
    expect(readdirSync(directory.path)).toEqual(["tokens.json"]);
  });

  test("keeps tokens for the next process", async () => {
    using directory = temporaryDirectory();
    const { tokenId, tokenSecret } = await (await openTokenFile(directory.path)).create({ name: "ada" });
    const again = await openTokenFile(directory.path);
    expect(again.authenticate(tokenId, tokenSecret)?.name).toBe("ada");
  });

  test("is made with its directory, which is the owner's alone", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "new", "data");
    await (await openTokenFile(path)).create({ name: "ada" });
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test.each([
    ["empty", ""],
    ["no JSON", "{"],
    ["another thing", "[1]"],
    ["null", "null"],
    ["without tokens", '{"version":1}'],
    ["of tokens without ids", '{"version":1,"tokens":[{}]}'],
    ["of tokens that are none", '{"version":1,"tokens":[null]}'],
    [
      "with a short hash",
      '{"version":1,"tokens":[{"tokenId":"ak-1","name":"a","secretSha256":"ab","createdAtSeconds":1}]}',
    ],
  ])("that is %s is reported as damaged, with its path and what to do", async (_what, content) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "tokens.json");
    writeFileSync(path, content, { mode: 0o600 });
    const opened = openTokenFile(directory.path);
    await expect(opened).rejects.toMatchObject({ code: "data_loss" });
    await expect(opened).rejects.toThrow(path);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  test("with a flipped bit anywhere in its tokens is damaged, and one without a checksum is read", async () => {
    using directory = temporaryDirectory();
    const { tokenId, tokenSecret } = await (await openTokenFile(directory.path)).create({ name: "ada" });
    const path = join(directory.path, "tokens.json");
    const content = readFileSync(path);
    const { sha256, ...rest } = JSON.parse(content.toString()) as { sha256: string };
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const text of [tokenId, "ada", "secretSha256"]) {
      const damaged = Buffer.from(content);
      damaged[content.indexOf(text) + 2]! ^= 1;
      writeFileSync(path, damaged);
      await expect(openTokenFile(directory.path)).rejects.toMatchObject({ code: "data_loss" });
    }
    writeFileSync(path, JSON.stringify(rest));
    expect((await openTokenFile(directory.path)).authenticate(tokenId, tokenSecret)).toBeDefined();
  });

  test("with an id twice is damaged", async () => {
    using directory = temporaryDirectory();
    await (await openTokenFile(directory.path)).create({ name: "ada" });
    const path = join(directory.path, "tokens.json");
    const file = JSON.parse(readFileSync(path, "utf8"));
    file.tokens.push(file.tokens[0]);
    writeFileSync(path, JSON.stringify(file));
    await expect(openTokenFile(directory.path)).rejects.toMatchObject({ code: "data_loss" });
  });

  test("of a later version is left alone", async () => {
    using directory = temporaryDirectory();
    writeFileSync(join(directory.path, "tokens.json"), '{"version":3}', { mode: 0o600 });
    await expect(openTokenFile(directory.path)).rejects.toMatchObject({ code: "conflict" });
  });

  test("that others may write to is refused", async () => {
    using directory = temporaryDirectory();
    const errors: unknown[] = [];
    let nowMs = 0;
    const options = { clock: () => nowMs, onError: (error: unknown) => void errors.push(error) };
    const tokens = await openTokenFile(directory.path, options);
    await tokens.create({ name: "ada" });
    chmodSync(join(directory.path, "tokens.json"), 0o622);
    await expect(openTokenFile(directory.path)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`chmod -R go= '${directory.path}'`),
    });
    // Also by who has it open already.
    nowMs = 2000;
    expect(tokens.authenticate("ak-1", "as-1")).toBeUndefined();
    expect(errors[0]).toEqual(expect.objectContaining({ message: expect.stringContaining("chmod 600") }));
  });

  test("of another user is refused", async () => {
    using directory = temporaryDirectory();
    await (await openTokenFile(directory.path)).create({ name: "ada" });
    const { getuid } = process;
    process.getuid = () => 12_345;
    try {
      await expect(openTokenFile(directory.path)).rejects.toMatchObject({ code: "conflict" });
      await expect(openTokenFile(directory.path)).rejects.toThrow("12345");
    } finally {
      process.getuid = getuid as () => number;
    }
  });
});

describe("across processes", () => {
  test("a token created elsewhere is accepted at once", async () => {
    using directory = temporaryDirectory();
    const tokens = await openTokenFile(directory.path);
    expect(tokens.authenticate("ak-x", "as-x")).toBeUndefined();
    const [created] = await createElsewhere(directory.path, "ci", 1);
    expect(tokens.authenticate(created!.tokenId, created!.tokenSecret)?.name).toBe("ci-0");
  });

  test("a token revoked elsewhere is refused within a second", async () => {
    using directory = temporaryDirectory();
    let nowMs = 1_000_000;
    const tokens = await openTokenFile(directory.path, { clock: () => nowMs });
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeDefined();
    await (await openTokenFile(directory.path)).revoke(tokenId);
    nowMs += 999;
    // Not looked at again yet: this is what keeps a call cheap.
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeDefined();
    nowMs += 1;
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeUndefined();
  });

  test("a clock that is set back does not stop the looks", async () => {
    using directory = temporaryDirectory();
    let nowMs = 1_000_000;
    const tokens = await openTokenFile(directory.path, { clock: () => nowMs });
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    tokens.authenticate(tokenId, tokenSecret);
    await (await openTokenFile(directory.path)).revoke(tokenId);
    nowMs -= 500_000;
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeUndefined();
  });

  test("several that create at the same time lose nothing", async () => {
    using directory = temporaryDirectory();
    const here = await openTokenFile(directory.path);
    const elsewhere = ["a", "b", "c"].map((name) => createElsewhere(directory.path, name, 15));
    const mine = Array.from({ length: 15 }, (_, index) => here.create({ name: `here-${index}` }));
    const created = [...(await Promise.all(mine)), ...(await Promise.all(elsewhere)).flat()];
    expect(created).toHaveLength(60);
    expect((await here.list()).map(({ tokenId }) => tokenId).sort()).toEqual(
      created.map(({ tokenId }) => tokenId).sort(),
    );
    for (const { tokenId, tokenSecret } of created)
      expect(here.authenticate(tokenId, tokenSecret)).toBeDefined();
  });

  test("a file that gets damaged leaves the tokens before it in force, and is reported", async () => {
    using directory = temporaryDirectory();
    const errors: unknown[] = [];
    let nowMs = 1_000_000;
    const tokens = await openTokenFile(directory.path, {
      clock: () => nowMs,
      onError: (error) => errors.push(error),
    });
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    writeFileSync(join(directory.path, "tokens.json"), "garbage");
    nowMs += 1000;
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeDefined();
    expect(errors).toMatchObject([{ code: "data_loss" }]);
    await expect(tokens.create({ name: "bob" })).rejects.toMatchObject({ code: "data_loss" });
  });

  test("a file that is removed takes its tokens with it, and that is reported", async () => {
    using directory = temporaryDirectory();
    const errors: unknown[] = [];
    let nowMs = 1_000_000;
    const tokens = await openTokenFile(directory.path, {
      clock: () => nowMs,
      onError: (error) => errors.push(error),
    });
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    rmSync(join(directory.path, "tokens.json"));
    nowMs += 1000;
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeUndefined();
    tokens.refresh?.();
    expect(errors).toHaveLength(1);
    expect(String(errors[0])).toContain("was removed");
    expect(tokens.problem).toMatchObject({ state: "failed", reason: expect.stringContaining("removed") });
  });
});
