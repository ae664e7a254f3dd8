import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { openTokenFile, type TokenFileOptions } from "./token-file.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** A token file with a clock of the test's. */
async function opened(directory: TemporaryDirectory, options: TokenFileOptions = {}) {
  const time = { nowMs: Date.UTC(2026, 0, 1) };
  const tokens = await openTokenFile(directory.path, { clock: () => time.nowMs, ...options });
  return { time, tokens, path: join(directory.path, "tokens.json") };
}

function versionOf(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8")).version;
}

describe("what a token may do", () => {
  test("goes with its caller and is told of it", async () => {
    using directory = temporaryDirectory();
    const { tokens } = await opened(directory);
    const limits = { role: "read-only", environments: ["main", "dev"], note: "for the dashboard" } as const;
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada", ...limits });
    const { role, environments } = limits;
    expect(tokens.authenticate(tokenId, tokenSecret)?.access).toEqual({ role, environments });
    expect(tokens.describe(tokenId)).toMatchObject(limits);
    expect((await openTokenFile(directory.path)).describe(tokenId)).toMatchObject(limits);
  });

  test.each([
    ["an unknown role", { role: "owner" as "admin" }, "owner"],
    ["an admin token for some environments", { environments: ["main"] }, "admin"],
    ["no environment at all", { role: "read-only", environments: [] }, "0 environments"],
    ["a name that no environment can have", { role: "read-only", environments: ["en-1"] }, "en-1"],
    ["an end in the past", { endsAtSeconds: 1_000_000 }, "1000000"],
    ["an end that is no number", { endsAtSeconds: Number.NaN }, "NaN"],
    ["a note on two lines", { note: "a\nb" }, "200"],
    ["a note that is too long", { note: "x".repeat(201) }, "200"],
  ] as const)("%s is refused, and nothing created", async (_what, limits, named) => {
    using directory = temporaryDirectory();
    const { tokens } = await opened(directory);
    const created = tokens.create({ name: "ada", ...limits });
    const code = named === "en-1" ? "invalid_name" : "invalid_argument";
    await expect(created).rejects.toMatchObject({ code });
    await expect(created).rejects.toThrow(named);
    expect(await tokens.list()).toEqual([]);
  });
});

describe("the format of the file", () => {
  test("stays the first one as long as earlier programs understand every token", async () => {
    using directory = temporaryDirectory();
    const { tokens, path, time } = await opened(directory);
    await tokens.create({ name: "ada", role: "admin", note: "laptop" });
    expect(versionOf(path)).toBe(1);
    const limited = [
      { role: "read-write" },
      { role: "read-only", environments: ["main"] },
      { endsAtSeconds: time.nowMs / 1000 + 1 },
    ] as const;
    for (const limits of limited) {
      const { tokenId } = await tokens.create({ name: "bob", ...limits });
      expect(versionOf(path)).toBe(2);
      await tokens.revoke(tokenId);
      expect(versionOf(path)).toBe(1);
    }
  });

  test("of tokens from before there were roles means admins", async () => {
    using directory = temporaryDirectory();
    const { tokens, path } = await opened(directory);
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")).tokens[0])).toEqual([
      "tokenId",
      "name",
      "secretSha256",
      "createdAtSeconds",
    ]);
    expect(tokens.authenticate(tokenId, tokenSecret)).toEqual({ id: tokenId, name: "ada" });
    expect(tokens.describe(tokenId)?.role).toBe("admin");
  });

  test.each([
    { role: "owner" },
    { role: null },
    { environments: "main" },
    { environments: [1] },
    { endsAtSeconds: "never" },
    { note: 1 },
    { previousSecret: { secretSha256: "ab", endsAtSeconds: 1 } },
    { previousSecret: { secretSha256: "0".repeat(64) } },
  ])("with a limit that cannot be understood, %j, is damaged: it is not taken for none", async (limits) => {
    using directory = temporaryDirectory();
    const { tokens, path } = await opened(directory);
    await tokens.create({ name: "ada" });
    const file = JSON.parse(readFileSync(path, "utf8"));
    Object.assign(file.tokens[0], limits);
    writeFileSync(path, JSON.stringify({ ...file, version: 2 }));
    await expect(openTokenFile(directory.path)).rejects.toMatchObject({ code: "data_loss" });
  });
});

describe("the end of a token", () => {
  test("comes to the millisecond, for calls and for what is under way", async () => {
    using directory = temporaryDirectory();
    const { tokens, time } = await opened(directory);
    const endsAtSeconds = time.nowMs / 1000 + 60;
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada", endsAtSeconds });
    const caller = tokens.authenticate(tokenId, tokenSecret)!;
    time.nowMs += 59_999;
    expect(tokens.authenticate(tokenId, tokenSecret)).toBe(caller);
    expect(tokens.isCurrent(caller)).toBe(true);
    time.nowMs += 1;
    expect(tokens.isCurrent(caller)).toBe(false);
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeUndefined();
    expect(await tokens.list()).toMatchObject([{ tokenId, endsAtSeconds }]);
  });
});

describe("rotating a token", () => {
  test("gives it another secret; the one before is good for a day, for the same caller id", async () => {
    using directory = temporaryDirectory();
    const { tokens, time, path } = await opened(directory);
    const old = await tokens.create({ name: "ada", role: "read-write" });
    const oldCaller = tokens.authenticate(old.tokenId, old.tokenSecret)!;
    const rotated = await tokens.rotate(old.tokenId);
    expect(rotated).toMatchObject({ tokenId: old.tokenId });
    expect(rotated!.tokenSecret).not.toBe(old.tokenSecret);
    expect(readFileSync(path, "utf8")).not.toContain(rotated!.tokenSecret.slice(3));
    const caller = tokens.authenticate(old.tokenId, rotated!.tokenSecret)!;
    expect(caller).toEqual(oldCaller);
    expect(tokens.authenticate(old.tokenId, old.tokenSecret)).toBe(oldCaller);
    time.nowMs += dayMs - 1;
    expect(tokens.isCurrent(oldCaller)).toBe(true);
    time.nowMs += 1;
    expect(tokens.isCurrent(oldCaller)).toBe(false);
    expect(tokens.isCurrent(caller)).toBe(true);
    expect(tokens.authenticate(old.tokenId, old.tokenSecret)).toBeUndefined();
    expect(tokens.authenticate(old.tokenId, rotated!.tokenSecret)).toBe(caller);
  });

  test("with no life for the old secret ends it at once; revoking ends both", async () => {
    using directory = temporaryDirectory();
    const { tokens } = await opened(directory);
    const first = await tokens.create({ name: "ada" });
    const second = await tokens.rotate(first.tokenId, 0);
    expect(tokens.authenticate(first.tokenId, first.tokenSecret)).toBeUndefined();
    const third = await tokens.rotate(first.tokenId);
    await tokens.revoke(first.tokenId);
    for (const { tokenId, tokenSecret } of [second!, third!])
      expect(tokens.authenticate(tokenId, tokenSecret)).toBeUndefined();
  });

  test("that is not there, or for a life out of range, changes nothing", async () => {
    using directory = temporaryDirectory();
    const { tokens, path } = await opened(directory);
    const { tokenId } = await tokens.create({ name: "ada" });
    const before = readFileSync(path, "utf8");
    expect(await tokens.rotate("ak-nobody")).toBeUndefined();
    for (const lifeMs of [-1, Number.NaN, 366 * dayMs])
      await expect(tokens.rotate(tokenId, lifeMs)).rejects.toMatchObject({ code: "invalid_argument" });
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

describe("the last use of a token", () => {
  test("is known at once here, is written once a minute, and is told elsewhere", async () => {
    using directory = temporaryDirectory();
    const { tokens, time } = await opened(directory);
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada" });
    await tokens.create({ name: "bob" });
    tokens.authenticate(tokenId, tokenSecret);
    const usedAtSeconds = time.nowMs / 1000;
    expect((await tokens.list()).map((info) => info.lastUsedAtSeconds)).toEqual([usedAtSeconds, undefined]);
    const elsewhere = async () => (await (await openTokenFile(directory.path)).list())[0]?.lastUsedAtSeconds;
    expect(await elsewhere()).toBeUndefined();
    await tokens.saveUse();
    expect(await elsewhere()).toBe(usedAtSeconds);
    const usePath = join(directory.path, "token-use.json");
    time.nowMs += 30_000;
    tokens.authenticate(tokenId, tokenSecret);
    tokens.refresh?.();
    expect(await elsewhere()).toBe(usedAtSeconds);
    await tokens.revoke(tokenId);
    await tokens.saveUse();
    expect(readFileSync(usePath, "utf8")).not.toContain(tokenId);
  });
});

describe("a file that cannot be read while the server runs", () => {
  test("is reported once per change; the tokens before it stay valid until their own ends", async () => {
    using directory = temporaryDirectory();
    const errors: unknown[] = [];
    let recoveries = 0;
    const { tokens, time, path } = await opened(directory, {
      onError: (error) => errors.push(error),
      onRecovery: () => recoveries++,
    });
    const endsAtSeconds = time.nowMs / 1000 + 60;
    const { tokenId, tokenSecret } = await tokens.create({ name: "ada", endsAtSeconds });
    const good = readFileSync(path, "utf8");
    writeFileSync(path, "garbage");
    for (let look = 0; look < 5; look++) {
      time.nowMs += 1000;
      tokens.refresh?.();
      tokens.authenticate("ak-nobody", "as-nobody");
    }
    expect(errors).toMatchObject([{ code: "data_loss" }]);
    expect(tokens.problem).toEqual({
      state: "degraded",
      reason: "the token file cannot be read: changes of tokens have no effect",
    });
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeDefined();
    writeFileSync(path, "other garbage");
    tokens.refresh?.();
    expect(errors).toHaveLength(2);
    time.nowMs += 60_000;
    expect(tokens.authenticate(tokenId, tokenSecret)).toBeUndefined();
    writeFileSync(path, good);
    tokens.refresh?.();
    expect([tokens.problem, recoveries, errors.length]).toEqual([undefined, 1, 2]);
  });
});
