import { Dict } from "everdict";
import { expect, test } from "vitest";
import { axeFindings } from "./browser.ts";
import { dashboardStage } from "./stage.ts";

const stage = dashboardStage();

test("a dictionary is created, found, changed, and deleted by typing its name", async () => {
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(stage.server.token);
  await page.getByRole("button", { name: "New dictionary" }).click();
  await page.getByLabel("Name").fill("not a name");
  await page.getByText("Invalid Dict name").waitFor();
  expect(await page.getByRole("button", { name: "Create" }).isDisabled()).toBe(true);
  expect(await axeFindings(page)).toEqual([]);
  await page.getByLabel("Name").fill("sessions");
  await page.getByLabel("Entries expire").selectOption("afterUse");
  await page.getByLabel("Time to live").fill("7d");
  await page.getByText("The command for this").last().click();
  await page.getByText("--expiry 7d-after-use").waitFor();
  await page.getByRole("button", { name: "Create" }).click();
  const row = page.getByRole("row", { name: "sessions" });
  await row.getByText("7d after use").waitFor();

  const sessions = Dict.fromName("sessions", { client: stage.client });
  await sessions.update({ ada: 1, bob: 2 });
  await page.reload();
  await row.getByRole("cell", { name: "2", exact: true }).waitFor();
  expect(await axeFindings(page)).toEqual([]);

  await page.getByLabel("Manage sessions").click();
  await page.getByLabel("Writes are acknowledged").selectOption("everysec");
  await page.getByRole("button", { name: "Save" }).click();
  await row.getByText("everysec").waitFor();
  expect((await sessions.info()).durability).toBe("everysec");

  await page.getByLabel("Manage sessions").click();
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByText("2 entries").waitFor();
  const confirm = page.getByRole("button", { name: "Delete for good" });
  await page.getByLabel("to confirm").fill("session");
  expect(await confirm.isDisabled()).toBe(true);
  await page.getByLabel("to confirm").fill("sessions");
  await confirm.click();
  await page.getByText("No dictionaries here yet").waitFor();
  expect(await Dict.objects.list({ client: stage.client })).toEqual([]);
});

test("of a thousand dictionaries only those in sight are shown and asked for, and typing finds one", async () => {
  await stage.client.environments.create("many");
  const names = Array.from({ length: 1_000 }, (_, index) => `jobs-${String(index).padStart(4, "0")}`);
  await Promise.all(
    names.map((name) => Dict.objects.create(name, { client: stage.client, environment: "many" })),
  );
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/#/dicts/many` });
  const { page } = dashboard;
  await dashboard.signIn(stage.server.token);
  await page.getByText("jobs-0000").waitFor();
  expect(await page.getByRole("row").count()).toBeLessThan(100);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.getByText("jobs-0999").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("0500");
  await page.getByText("jobs-0500").waitFor();
  expect(await page.getByRole("row").count()).toBe(2);
});

test("everything is reached by keys: the palette finds a dictionary, and ? shows the keys", async () => {
  await Dict.objects.create("user-jobs", { client: stage.client });
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(stage.server.token);
  await page.getByRole("link", { name: "user-jobs" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await page.getByRole("heading", { name: "New dictionary" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("ujobs");
  await page.getByRole("option", { name: "user-jobs" }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/entries\/main\/user-jobs$/);
});
