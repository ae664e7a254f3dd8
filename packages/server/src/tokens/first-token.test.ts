import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { temporaryDirectory } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { firstToken } from "./first-token.ts";
import { openTokenFile } from "./token-file.ts";

describe("firstToken()", () => {
  test("makes a token in a new directory and writes its credentials for the owner alone", async () => {
    using directory = temporaryDirectory();
    const first = await firstToken(directory.path, { name: "ada", serverUrl: "http://127.0.0.1:7227" });
    expect(first).toMatchObject({ created: true, credentialsPath: join(directory.path, "credentials") });
    const tokens = await openTokenFile(directory.path);
    expect(tokens.authenticate(first.tokenId, first.tokenSecret!)).toEqual({
      id: first.tokenId,
      name: "ada",
    });
    expect(statSync(first.credentialsPath).mode & 0o777).toBe(0o600);
    expect(readFileSync(first.credentialsPath, "utf8")).toBe(
      [
        "[ada]",
        `token_id = "${first.tokenId}"`,
        `token_secret = "${first.tokenSecret}"`,
        'server_url = "http://127.0.0.1:7227"',
        "active = true",
        "",
      ].join("\n"),
    );
  });

  test("makes none where there is one, and does not know its secret", async () => {
    using directory = temporaryDirectory();
    const first = await firstToken(directory.path);
    const content = readFileSync(first.credentialsPath, "utf8");
    const second = await firstToken(directory.path);
    expect(second).toEqual({
      tokenId: first.tokenId,
      created: false,
      credentialsPath: first.credentialsPath,
    });
    expect(readFileSync(first.credentialsPath, "utf8")).toBe(content);
  });

  test("is called after the user who runs the process, and leaves out what it does not know", async () => {
    using directory = temporaryDirectory();
    const { credentialsPath } = await firstToken(directory.path);
    const [token] = await (await openTokenFile(directory.path)).list();
    expect(token?.name).toBe(userInfo().username);
    expect(readFileSync(credentialsPath, "utf8")).not.toContain("server_url");
  });

  test("makes a new one after the last was revoked", async () => {
    using directory = temporaryDirectory();
    const { tokenId } = await firstToken(directory.path);
    await (await openTokenFile(directory.path)).revoke(tokenId);
    const next = await firstToken(directory.path, { name: 'Zoë "z"' });
    expect(next.created).toBe(true);
    expect(readFileSync(next.credentialsPath, "utf8")).toMatch(/^\["Zoë \\"z\\""\]\n/);
  });
});
