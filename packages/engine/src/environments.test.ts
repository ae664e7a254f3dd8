import { createMemoryStore } from "@everdict/store";
import { describe, expect, test } from "vitest";
import { defaultEnvironmentId, Environments, webSuffixMaxLength } from "./environments.ts";
import { systemRandomBytes } from "./ids.ts";

function setUp(defaultName = "main", store = createMemoryStore()) {
  const options = { store, clock: Date.now, randomBytes: systemRandomBytes, defaultName };
  return { store, environments: new Environments(options) };
}

describe("the default environment", () => {
  test("is created once, under the configured name", async () => {
    const { environments, store } = setUp("production");
    const first = await environments.default();
    expect(first).toMatchObject({ id: defaultEnvironmentId, name: "production" });
    expect(await environments.default()).toEqual(first);
    expect(await store.listEnvironments()).toEqual([first]);
  });

  test("keeps its name when the store is opened with another one", async () => {
    const { environments, store } = setUp("main");
    await environments.default();
    await environments.update({ currentName: "", name: "renamed" });
    const again = setUp("main", store).environments;
    expect((await again.default()).name).toBe("renamed");
    expect(await again.list()).toMatchObject([{ name: "renamed", isDefault: true }]);
  });

  test("is one and the same for engines that open a store at the same time", async () => {
    const { store } = setUp();
    const several = Array.from({ length: 8 }, () => setUp("main", store).environments);
    const found = await Promise.all(several.map((each) => each.default()));
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set([defaultEnvironmentId]));
    expect((await store.listEnvironments()).length).toBe(1);
  });

  test("is the one that has the name already in a store filled by something else", async () => {
    const { environments, store } = setUp();
    await store.createEnvironment("en-0123456789012345678901", "main");
    await environments.default();
    expect(await environments.list()).toMatchObject([
      { environmentId: "en-0123456789012345678901", isDefault: true },
    ]);
    await expect(environments.delete("main")).rejects.toMatchObject({ code: "conflict" });
  });

  test("must have a valid name", () => {
    expect(() => setUp("en-main")).toThrowError(/Invalid environment name/);
  });
});

describe("a creation under an idempotency key", () => {
  // Each `setUp` on the same store is another process, or the same one after the answers it kept are gone.
  const idempotencyKey = "createEnvironment 1 K ak-one";

  test("under which another name was created makes an environment of its own", async () => {
    const { environments, store } = setUp();
    const dev = await environments.getOrCreate("dev", "createFailIfExists", { idempotencyKey });
    const later = setUp("main", store).environments;
    const prod = await later.getOrCreate("prod", "createFailIfExists", { idempotencyKey });
    expect(prod.environmentId).not.toBe(dev.environmentId);
    expect((await store.listEnvironments()).map(({ name }) => name)).toEqual(["dev", "prod"]);
  });

  test("takes nothing from the environment that it once made and that has another name by now", async () => {
    const { environments, store } = setUp();
    await environments.getOrCreate("dev", "createFailIfExists", { idempotencyKey });
    await environments.update({ currentName: "dev", name: "renamed" });
    const later = setUp("main", store).environments;
    await expect(later.getOrCreate("dev", "createFailIfExists", { idempotencyKey })).rejects.toMatchObject({
      code: "environment_exists",
    });
    expect((await store.listEnvironments()).map(({ name }) => name)).toEqual(["renamed"]);
  });
});

describe("environments", () => {
  test("a web suffix is held to its limit", async () => {
    const { environments } = setUp();
    await environments.default();
    const longest = "s".repeat(webSuffixMaxLength);
    const updated = await environments.update({ currentName: "", webSuffix: longest });
    expect(updated.webSuffix).toBe(longest);
    await expect(environments.update({ currentName: "", webSuffix: `${longest}s` })).rejects.toMatchObject({
      code: "invalid_argument",
      message: "web suffix is 65 characters, limit is 64",
    });
  });

  test("an unknown creation mode is refused", async () => {
    const { environments } = setUp();
    await expect(environments.getOrCreate("dev", "overwrite" as "lookup")).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });

  test("a long unknown name is not repeated at length", async () => {
    const { environments } = setUp();
    const message = `Environment '${"x".repeat(100)}…' not found`;
    await expect(environments.resolve("x".repeat(5000))).rejects.toMatchObject({ message });
  });
});
