import { Dict } from "everdict";
import { connectTokens } from "everdict/tokens";
import { beforeAll, expect, test } from "vitest";
import { dashboardStage } from "./stage.ts";

const stage = dashboardStage();

beforeAll(async () => {
  const { client } = stage;
  await client.environments.create("staging");
  for (const environment of ["main", "staging"]) {
    await Dict.fromName<string, number>(`of-${environment}`, {
      client,
      environment,
      createIfMissing: true,
    }).put("a", 1);
  }
});

test("a token that may only read is not offered any change", async () => {
  await using tokens = await connectTokens({ url: stage.server.url, ...stage.server.token });
  const token = await tokens.create({ name: "reader", role: "read-only" });
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
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
  await using tokens = await connectTokens({ url: stage.server.url, ...stage.server.token });
  const token = await tokens.create({ name: "stage", role: "read-write", environments: ["staging"] });
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
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
