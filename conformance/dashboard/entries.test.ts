import { Dict, encodeKey } from "everdict";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { axeFindings } from "./browser.ts";
import { dashboardStage } from "./stage.ts";

const stage = dashboardStage();

async function newDict<V>(name: string): Promise<Dict<string, V>> {
  const dict = Dict.fromName<string, V>(name, { client: stage.client, createIfMissing: true });
  await dict.hydrate();
  return dict;
}

async function openEntries(page: Page, name: string): Promise<void> {
  await page.evaluate((address) => {
    location.hash = address;
  }, `#/entries/main/${name}`);
  await page.getByRole("heading", { name }).waitFor();
}

const keyCell = (page: Page, key: string) => page.getByRole("link", { name: key, exact: true });

test("entries are added, found by key and by prefix, and deleted after their count was shown", async () => {
  const jobs = await newDict<unknown>("jobs");
  await jobs.update({ "job-1": { state: "done" }, "job-2": 2, other: "text" });
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(stage.server.token);
  await openEntries(page, "jobs");
  await page.getByText('{"state": "done"}').waitFor();
  expect(await axeFindings(page)).toEqual([]);

  await page.getByRole("button", { name: "New entry" }).click();
  await page.getByLabel("Key", { exact: true }).last().fill("job-3");
  await page.getByLabel("Value, as JSON").fill("[1, 2");
  await page.getByText("This is no JSON").waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByLabel("Value, as JSON").fill("[1, 2]");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { name: "job-3" }).waitFor();
  expect(await jobs.get("job-3")).toEqual([1, 2]);

  await openEntries(page, "jobs");
  await page.getByRole("button", { name: "New entry" }).click();
  await page.getByLabel("Key", { exact: true }).last().fill("job-1");
  await page.getByLabel("Value, as JSON").fill("0");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("An entry with this key is there.").waitFor();
  expect(await jobs.get("job-1")).toEqual({ state: "done" });
  await page.getByRole("button", { name: "Open it" }).click();
  await page.getByRole("heading", { name: "job-1" }).waitFor();

  await openEntries(page, "jobs");
  await page.getByRole("searchbox", { name: "Key" }).fill("job-");
  await page.getByRole("button", { name: "List what begins so" }).click();
  await keyCell(page, "other").waitFor({ state: "detached" });
  await page.getByLabel("Select job-1").check();
  await page.getByRole("button", { name: "Load again" }).click();
  await page.getByRole("button", { name: "Delete 1 entry…" }).waitFor({ state: "detached" });
  await page.getByLabel("Select job-1").check();
  await page.getByLabel("Select job-2").check();
  await page.getByRole("button", { name: "Delete 2 entries…" }).click();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Delete for good" }).click();
  await keyCell(page, "job-1").waitFor({ state: "detached" });
  expect([await jobs.len(), await jobs.contains("job-3"), await jobs.contains("other")]).toEqual([
    2,
    true,
    true,
  ]);
});

test("a value is shown in every form, edited, and never written over what somebody else wrote", async () => {
  const values = await newDict<unknown>("values");
  await values.put("a", { n: 1 });
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(stage.server.token);
  await openEntries(page, "values");
  await keyCell(page, "a").click();
  const shown = page.getByRole("tabpanel");
  await shown.getByText('{"n": 1}').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  for (const [tab, text] of [
    ["JSON", '"n": 1'],
    ["Hex", "80 04 95"],
    ["Pickle", "PROTO"],
  ] as const) {
    await page.getByRole("tab", { name: tab }).click();
    await shown.getByText(text).waitFor();
  }
  await page.getByRole("tab", { name: "Value" }).click();

  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Value, as JSON").fill('{"n": 2}');
  await page.getByRole("button", { name: "Save" }).click();
  await shown.getByText('{"n": 2}').waitFor();

  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Value, as JSON").fill('{"n": 3}');
  await values.put("a", "theirs");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Somebody else changed this entry" }).waitFor();
  await page.getByRole("dialog").getByText("theirs", { exact: true }).waitFor();
  expect(await values.get("a")).toBe("theirs");
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Overwrite theirs with mine" }).click();
  await shown.getByText('{"n": 3}').waitFor();
  expect(await values.get("a")).toEqual({ n: 3 });

  await page.getByRole("button", { name: "Set end…" }).click();
  await page.getByLabel("Seconds from now").fill("3600");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await page.getByText("The end was moved.").waitFor();
  expect((await values.entry("a"))?.expiresAt?.getTime()).toBeLessThan(Date.now() + 3_700_000);

  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByText("No entries here yet").waitFor();
  expect(await values.contains("a")).toBe(false);
});

test("hostile keys and values are text everywhere", async () => {
  const hostile = await newDict<unknown>("hostile");
  const markup = "<img src=x onerror=alert(1)>";
  const service = await stage.client.service();
  const dictId = (await hostile.hydrate()).objectId;
  const nested = new Uint8Array(1_000_001).fill("]".charCodeAt(0));
  await hostile.put(markup, markup);
  await hostile.put("right\u202eleft", "a\u202eb");
  await hostile.put("long", "x".repeat(1024 * 1024));
  await service.update(dictId, [
    { key: encodeKey("nested"), value: nested },
    { key: encodeKey("none"), value: new Uint8Array([1, 2, 3]) },
    { key: new Uint8Array([7, 7]), value: new Uint8Array() },
  ]);
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(stage.server.token);
  await openEntries(page, "hostile");
  await page.getByRole("link", { name: markup }).waitFor();
  await page.getByRole("row").nth(6).waitFor();
  expect(await page.locator("main img").count()).toBe(0);
  expect(await page.locator("main").textContent()).not.toContain("\u202e");
  for (const row of [0, 1, 2, 3, 4, 5]) {
    await page.locator("tbody a").nth(row).click();
    for (const tab of ["JSON", "Hex", "Pickle", "Value"]) await page.getByRole("tab", { name: tab }).click();
    expect(await page.locator("main img").count()).toBe(0);
    await page.goBack();
    await page.getByRole("row").nth(6).waitFor();
  }
  expect(await page.title()).toBe("hostile · Everdict");
});

test("a long list loads as it is scrolled, and only rows in sight are rendered", async () => {
  const many = await newDict<number>("many");
  await many.update(Array.from({ length: 2_000 }, (_, index) => [`key-${index}`, index] as const));
  await using dashboard = await stage.browser.open({ url: `${stage.server.serverUrl}/` });
  const { page } = dashboard;
  await dashboard.signIn(stage.server.token);
  await openEntries(page, "many");
  await page.getByText("2,000 entries").waitFor();
  const height = () => page.evaluate(() => document.querySelector("tbody")!.getBoundingClientRect().height);
  while ((await height()) < 2_000 * 36) await page.mouse.wheel(0, 20_000);
  expect(await page.getByRole("row").count()).toBeLessThan(100);
});
