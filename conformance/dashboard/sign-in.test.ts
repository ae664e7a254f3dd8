import { expect, test } from "vitest";
import { axeFindings } from "./browser.ts";
import { dashboardStage } from "./stage.ts";

const stage = dashboardStage();

test("a good token signs in for the tab, and signing out forgets it", async () => {
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  expect(await axeFindings(page)).toEqual([]);
  await dashboard.signIn(stage.server.token);
  expect(await page.title()).toBe("Dictionaries · Everdict");
  await page.reload();
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 1]);
  expect(await page.content()).not.toContain(stage.server.token.tokenSecret);
  await page.locator("summary", { hasText: "account and settings" }).click();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token id").waitFor();
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
});

test("a wrong secret is refused with the reason, and the lines of the server are taken as they are", async () => {
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  await page.getByLabel("Token id").fill(`${stage.server.token.tokenId}:as-wrong`);
  expect(await page.getByLabel("Token id").inputValue()).toBe(stage.server.token.tokenId);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("refused the token").waitFor();
  const { tokenId, tokenSecret } = stage.server.token;
  await page
    .getByLabel("Token id")
    .fill(`set -a MODAL_TOKEN_ID=${tokenId} MODAL_TOKEN_SECRET=${tokenSecret} set +a`);
  await page.getByLabel("Remember on this device").check();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  expect(page.url()).not.toContain(tokenSecret);
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([1, 0]);
});
