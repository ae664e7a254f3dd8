import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AlreadyExistsError, Client, Dict, NotFoundError } from "./index.ts";

let engine: Engine;
let client: Client;
beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  client = Client.fromService(engine.serviceFor({ id: "a", name: "a" }));
});
afterEach(() => engine.close());

const names = async () => (await client.environments.list()).map((each) => each.name);

test("are listed by name, one of them the default", async () => {
  await client.environments.create("dev");
  const all = await client.environments.list();
  expect(all).toEqual([
    {
      id: expect.stringMatching(/^en-/),
      name: "dev",
      webSuffix: "",
      createdAt: expect.any(Date),
      isDefault: false,
    },
    expect.objectContaining({ name: "main", isDefault: true }),
  ]);
});

test("are found by name; no name means the default", async () => {
  const dev = await client.environments.create("dev");
  expect(await client.environments.get("dev")).toEqual(dev);
  expect(await client.environments.get("")).toMatchObject({ name: "main", isDefault: true });
  await expect(client.environments.get("none")).rejects.toThrow(NotFoundError);
});

test("are created once", async () => {
  await client.environments.create("dev");
  await expect(client.environments.create("dev")).rejects.toThrow(AlreadyExistsError);
  await expect(client.environments.create("en-x")).rejects.toMatchObject({ code: "invalid_name" });
  expect(await names()).toEqual(["dev", "main"]);
});

test("are renamed with all they hold", async () => {
  const { id } = await client.environments.create("dev");
  await Dict.objects.create("d", { client, environment: "dev" });
  const renamed = await client.environments.update("dev", { name: "test", webSuffix: "t" });
  expect(renamed).toMatchObject({ id, name: "test", webSuffix: "t" });
  expect(await Dict.objects.list({ client, environment: "test" })).toHaveLength(1);
  await expect(client.environments.update("dev", { name: "x1" })).rejects.toMatchObject({
    code: "environment_not_found",
  });
  await expect(client.environments.update("test", { name: "a b" })).rejects.toMatchObject({
    code: "invalid_name",
  });
});

test("are deleted with all they hold, but not the default one", async () => {
  await client.environments.create("dev");
  const dict = await Dict.fromName("d", { client, environment: "dev", createIfMissing: true }).hydrate();
  await client.environments.delete("dev");
  await expect(dict.len()).rejects.toMatchObject({ code: "dict_not_found" });
  await expect(client.environments.delete("main")).rejects.toMatchObject({ code: "conflict" });
  await expect(client.environments.delete("dev")).rejects.toThrow(NotFoundError);
});

test("calls take a timeout and a signal", async () => {
  await expect(client.environments.list({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
  });
  await expect(client.environments.get("main", { timeoutMs: 0 })).rejects.toMatchObject({
    code: "deadline_exceeded",
  });
});
