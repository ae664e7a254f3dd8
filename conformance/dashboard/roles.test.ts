import { type EverdictProcess, startEverdict } from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { connectTokens } from "everdict/tokens";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser, type TestBrowser } from "./browser.ts";

let server: EverdictProcess;
let browser: TestBrowser;
let client: Client;

beforeAll(async () => {
  [server, browser] = await Promise.all([startEverdict(), startBrowser()]);
  client = Client.connect({ url: server.url, ...server.token });
  await client.environments.create("staging");
  for (const environment of ["main", "staging"]) {
    await Dict.fromName<string, number>(`of-${environment}`, {
      client,
      environment,
      createIfMissing: true,
    }).put("a", 1);
  }
});

afterAll(async () => {
  await client?.close();
  await browser?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

test("a token that may only read is not offered any change", async () => {
  await using tokens = await connectTokens({ url: server.url, ...server.token });
  const token = await tokens.create({ name: "reader", role: "read-only" });
  await using dashboard = await browser.open({ url: `${server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(token);
  await page.getByText("read only").waitFor();
  await page.getByRole("link", { name: "of-main" }).waitFor();
  expect(await page.getByRole("button", { name: "New dictionary" }).count()).toBe(0);
  expect(await page.getByRole("button", { name: "Environments" }).count()).toBe(0);
  await page.getByRole("link", { name: "of-main" }).click();
  await page.getByRole("link", { name: "a", exact: true }).waitFor();
  expect(await page.getByRole("button", { name: "New entry" }).count()).toBe(0);
  expect(await page.getByRole("checkbox", { name: /Select/ }).count()).toBe(0);
  await page.getByRole("link", { name: "a", exact: true }).click();
  await page.getByRole("tabpanel").getByText("1", { exact: true }).waitFor();
  for (const name of ["Edit", "Set end…", "Delete…"]) {
    expect(await page.getByRole("button", { name }).count()).toBe(0);
  }
});

test("a token of one environment sees no other, and a writer no environments to manage", async () => {
  await using tokens = await connectTokens({ url: server.url, ...server.token });
  const token = await tokens.create({ name: "stage", role: "read-write", environments: ["staging"] });
  await using dashboard = await browser.open({ url: `${server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(token);
  await page.getByRole("link", { name: "of-staging" }).waitFor();
  const names = await page.getByLabel("Environment").locator("option").allTextContents();
  expect(names).toEqual(["staging"]);
  await page.getByRole("button", { name: "New dictionary" }).waitFor();
  expect(await page.getByRole("button", { name: "Environments" }).count()).toBe(0);
  await page.evaluate(() => {
    location.hash = "#/entries/main/of-main";
  });
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("link", { name: "a", exact: true }).count()).toBe(0);
});
