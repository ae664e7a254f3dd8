import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type EverdictProcess, repositoryRoot, startEverdict } from "@everdict/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser, type TestBrowser } from "./browser.ts";

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
});

const everdict = join(repositoryRoot, "packages", "cli", "bin", "everdict.js");

function everdictToken(server: EverdictProcess, args: readonly string[]): string {
  const place = ["--data-dir", server.dataDirectory, "--json"];
  return execFileSync(process.execPath, [everdict, "token", ...args, ...place], { encoding: "utf8" });
}

test("while the server is gone the page says so, and goes on by itself when it is back", async () => {
  await using server = await startEverdict();
  await using dashboard = await browser.open({ url: `${server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(server.token);
  const banner = page.getByText("The server does not answer");
  await server.kill9();
  await banner.waitFor({ timeout: 20_000 });
  await using _again = await server.restart();
  await banner.waitFor({ state: "hidden", timeout: 20_000 });
  expect(await page.getByRole("heading", { name: "Dictionaries", exact: true }).isVisible()).toBe(true);
}, 60_000);

test("a token that is revoked while it is in use signs out, says why, and is not kept", async () => {
  await using server = await startEverdict();
  const made = JSON.parse(everdictToken(server, ["create"]));
  const token = { tokenId: made.token_id as string, tokenSecret: made.token_secret as string };
  await using dashboard = await browser.open({ url: `${server.serverUrl}/` });
  const { page } = dashboard;
  await page.getByLabel("Remember on this device").check();
  await dashboard.signIn(token);
  everdictToken(server, ["revoke", "--yes", token.tokenId]);
  await page.getByRole("alert").getByText("refused the token").waitFor({ timeout: 20_000 });
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
}, 60_000);
