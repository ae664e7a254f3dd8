import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DictService } from "@everdict/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Client, Dict } from "./index.ts";

beforeEach(() => {
  // A developer's own settings must not reach the tests.
  for (const name of Object.keys(process.env)) {
    if (/^(EVERDICT|MODAL)_/.test(name)) vi.stubEnv(name, undefined);
  }
  vi.stubEnv("MODAL_CONFIG_PATH", "/nonexistent/modal.toml");
});
afterEach(async () => {
  await Client.default().close();
  Client.setDefault(undefined);
  vi.unstubAllEnvs();
});

describe("Client.connect", () => {
  test("does nothing before its first use, and then says what is missing", async () => {
    const client = Client.connect();
    await expect(client.service()).rejects.toMatchObject({ code: "not_configured" });
    vi.stubEnv("EVERDICT_URL", "memory:");
    expect(await client.service()).toBeDefined();
    await client.close();
  });

  test("connects once for many first uses", async () => {
    const client = Client.connect({ url: "memory:" });
    const [one, other] = await Promise.all([client.service(), client.service()]);
    expect(one).toBe(other);
    await client.close();
  });

  test("clients of one memory share it, of another name not; it goes with the last of them", async () => {
    const open = (url: string) => Client.connect({ url });
    const [one, other, apart] = [open("memory:"), open("memory:"), open("memory:apart")];
    await Dict.fromName<string, number>("d", { createIfMissing: true, client: one }).put("a", 1);
    expect(await Dict.fromName("d", { client: other }).get("a")).toBe(1);
    await expect(Dict.fromName("d", { client: apart }).get("a")).rejects.toMatchObject({
      code: "dict_not_found",
    });
    await one.close();
    expect(await Dict.fromName("d", { client: other }).get("a")).toBe(1);
    await Promise.all([other.close(), apart.close()]);
    await using fresh = open("memory:");
    await expect(Dict.fromName("d", { client: fresh }).len()).rejects.toMatchObject({
      code: "dict_not_found",
    });
  });

  test("clients of one directory share an engine, and what they write stays", async () => {
    const directory = await mkdtemp(join(tmpdir(), "everdict-client-"));
    const link = `${directory}-link`;
    await symlink(directory, link);
    const spellings = [directory, `//${directory}`, `${directory}/x/..`, link].map((path) => `file:${path}`);
    const clients = spellings.map((url) => Client.connect({ url }));
    await Dict.fromName<string, number>("d", { createIfMissing: true, client: clients[0]! }).put("a", 1);
    for (const client of clients) expect(await Dict.fromName("d", { client }).get("a")).toBe(1);
    await Promise.all(clients.map((client) => client.close()));
    await using again = Client.connect({ url: spellings[0] });
    expect(await Dict.fromName("d", { client: again }).get("a")).toBe(1);
    await again.close();
    await rm(link);
    await rm(directory, { recursive: true });
  });

  test("signs what it creates in this process with the user's name", async () => {
    await using client = Client.connect({ url: "memory:" });
    const dict = Dict.fromName("d", { createIfMissing: true, client });
    expect((await dict.info()).createdBy).not.toBe("");
  });

  test("names of environments come from the settings", async () => {
    vi.stubEnv("EVERDICT_ENVIRONMENT", "dev");
    await using client = Client.connect({ url: "memory:" });
    await expect(Dict.fromName("d", { client }).len()).rejects.toMatchObject({
      code: "environment_not_found",
    });
    await client.environments.create("dev");
    await Dict.objects.create("d", { client });
    expect(await Dict.objects.list({ client, environment: "main" })).toEqual([]);
    expect(await Dict.objects.list({ client })).toHaveLength(1);
  });

  test("the profile file is read from where MODAL_CONFIG_PATH says, and its errors show no content", async () => {
    const directory = await mkdtemp(join(tmpdir(), "everdict-profile-"));
    const path = join(directory, "modal.toml");
    vi.stubEnv("MODAL_CONFIG_PATH", path);
    await writeFile(path, `[work]\ntoken_id = "ak-1"\ntoken_secret = "as-secret\nactive = true\n`);
    const broken = Client.connect().service();
    await expect(broken).rejects.toMatchObject({
      code: "not_configured",
      message: expect.stringMatching(/modal\.toml.*line 3/),
    });
    await expect(broken).rejects.not.toThrow("as-secret");
    await writeFile(
      path,
      `[work]\ntoken_id = "ak-1"\ntoken_secret = "as-1"\nserver_url = "http://127.0.0.1:9"\nactive = true\n`,
    );
    await using client = Client.connect({ waitForServerMs: 0 });
    await expect(client.service()).rejects.toMatchObject({ code: "unavailable" });
    await rm(directory, { recursive: true });
  });
});

describe("closing", () => {
  test("refuses later calls and may be repeated", async () => {
    const client = Client.connect({ url: "memory:" });
    const dict = Dict.fromName("d", { createIfMissing: true, client });
    await dict.hydrate();
    await Promise.all([client.close(), client.close()]);
    await expect(client.service()).rejects.toMatchObject({ code: "unavailable" });
    await expect(Dict.fromName("d", { client }).len()).rejects.toMatchObject({ code: "unavailable" });
    await expect(dict.len()).rejects.toMatchObject({ code: "store_closed" });
  });

  test("before the first use is fine", async () => {
    await Client.connect({ url: "memory:" }).close();
  });

  test("leaves a service that the program made alone", async () => {
    const close = vi.fn();
    const client = Client.fromService({ close } as unknown as DictService);
    await client.service();
    await client.close();
    expect(close).not.toHaveBeenCalled();
  });
});

describe("the default client", () => {
  test("is used where none is given, and is one for the process", async () => {
    vi.stubEnv("EVERDICT_URL", "memory:");
    await Dict.fromName<string, number>("d", { createIfMissing: true }).put("a", 1);
    expect(await Dict.fromName("d").get("a")).toBe(1);
    expect(Client.default()).toBe(Client.default());
    expect((await Dict.objects.list()).map((dict) => dict.name)).toEqual(["d"]);
    await Dict.objects.create("e");
    await Dict.delete("e");
    expect((await Client.default().environments.list()).map((each) => each.name)).toEqual(["main"]);
  });

  test("is chosen at first use, not when the handle is made", async () => {
    const dict = Dict.fromName<string, number>("d", { createIfMissing: true });
    const client = Client.connect({ url: "memory:chosen" });
    Client.setDefault(client);
    await dict.put("a", 1);
    expect(await Dict.fromName("d", { client }).get("a")).toBe(1);
  });

  test("is made anew after it was closed", async () => {
    const first = Client.default();
    await first.close();
    expect(Client.default()).not.toBe(first);
  });
});

describe("timeouts", () => {
  const silent = Client.fromService({
    getOrCreateDict: async () => ({ dictId: "di-1" }),
  } as unknown as DictService);

  test("the client's applies where the call has none, and covers all requests of a call", async () => {
    const seen: unknown[] = [];
    const service = {
      getOrCreateDict: async () => ({ dictId: "di-1", name: "d", createdAtSeconds: 1, createdBy: "" }),
      len: async (_id: string, options: unknown) => {
        seen.push(options);
        return 0;
      },
    };
    const client = Client.fromService(service as unknown as DictService, { timeoutMs: 5000 });
    const dict = await Dict.fromName("d", { client }).hydrate();
    await dict.len();
    await dict.len({ timeoutMs: 100 });
    const { signal } = new AbortController();
    await dict.len({ signal });
    expect(seen).toEqual([
      { signal: undefined, timeoutMs: 5000 },
      { signal: undefined, timeoutMs: 100 },
      { signal, timeoutMs: 5000 },
    ]);
    expect(silent.timeoutMs).toBeUndefined();
  });
});
