// What a program hears from a server that is older than its client.
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { createError, type DictService } from "@everdict/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refusalOf } from "./features.ts";
import { Client, Dict } from "./index.ts";

let engine: Engine;
let older: DictService;
let calls: string[];

/** The methods that the first servers know. */
const known = ["getOrCreateDict", "get", "update", "contents"];

beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  calls = [];
  older = new Proxy(engine.serviceFor({ id: "test", name: "tester" }), {
    get(target, name: keyof DictService) {
      calls.push(name);
      if (known.includes(name)) return target[name].bind(target);
      return () => Promise.reject(createError("unimplemented", "no such call"));
    },
  });
});
afterEach(() => engine.close());

const message = expect.stringMatching(/^(increment|entry|page)\(\) needs a server of version 0\.2 or later/);

describe("a server that is older than the client", () => {
  test("answers unimplemented, and the client says which version is needed", async () => {
    const dict = Dict.fromName("d", { client: Client.fromService(older), createIfMissing: true });
    for (const call of [() => dict.increment("n"), () => dict.entry("n"), () => dict.page()])
      await expect(call()).rejects.toMatchObject({ code: "unimplemented", message });
  });

  test("is not asked if it has said that it is older, and what it knows goes on", async () => {
    const client = Client.fromService(older);
    const refusing = async () => ({
      service: older,
      environment: "",
      refusalOf: (feature: Parameters<typeof refusalOf>[1]) => refusalOf("older", feature),
      role: () => undefined,
    });
    client.session = refusing;
    const dict = Dict.fromName<string, number>("d", { client, createIfMissing: true });
    await dict.put("a", 1);
    calls = [];
    await expect(dict.increment("n")).rejects.toMatchObject({ code: "unimplemented", message });
    expect(await client.supports("increment")).toBe(false);
    expect(calls).toEqual([]);
    await expect(dict.keys({ prefix: "a" }).next()).rejects.toMatchObject({
      code: "unimplemented",
      message: expect.stringMatching(/^option `prefix` needs a server of version/),
    });
    expect((await dict.keys().next()).value).toBe("a");
  });
});
