import { openMemoryEngine } from "@everdict/embedded";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, Dict, InvalidError, noDefault } from "../index.ts";

let dict: Dict;
let close: () => Promise<void>;

beforeEach(async () => {
  const engine = await openMemoryEngine();
  close = () => engine.close();
  const client = Client.fromService(engine.serviceFor({ id: "one", name: "one" }));
  dict = await Dict.fromName("d", { client, createIfMissing: true }).hydrate();
});
afterEach(() => close());

const { signal } = new AbortController();

describe("options in the place of a default", () => {
  test.each([
    [{ timeoutMs: 5 }, "timeoutMs"],
    [{ signal }, "signal"],
    [{ signal, timeoutMs: 5 }, "signal, timeoutMs"],
    [{ signal, timeoutMs: undefined }, "signal, timeoutMs"],
  ])("%o is refused, whether or not the key is there", async (options: object, names) => {
    const stands = `{ ${names} } stands where the default is expected; options come third`;
    for (const key of ["there", "absent"]) {
      await dict.put("there", 1);
      await expect(dict.get(key, options)).rejects.toThrow(InvalidError);
      await expect(dict.get(key, options)).rejects.toThrow(
        `get: ${stands}: get(key, undefined, { ${names} })`,
      );
      await expect(dict.get(key, options, undefined)).rejects.toThrow(stands);
      await expect(dict.pop(key, options)).rejects.toThrow(
        `pop: ${stands}: pop(key, noDefault, { ${names} })`,
      );
    }
    expect(await dict.get("there")).toBe(1);
  });

  test("a program that means it gives options too", async () => {
    expect(await dict.get("absent", { timeoutMs: 5 }, {})).toEqual({ timeoutMs: 5 });
    expect(await dict.pop("absent", { signal }, { timeoutMs: 5000 })).toEqual({ signal });
  });

  test("objects that are something else are defaults", async () => {
    const defaults = [
      {},
      { timeoutMs: 5, retries: 2 },
      { timeoutMs: "5 s" },
      { signal: "SIGTERM" },
      [],
      null,
      new Map(),
      5,
    ];
    for (const each of defaults) {
      expect(await dict.get<unknown>("absent", each)).toBe(each);
      expect(await dict.pop<unknown>("absent", each)).toBe(each);
    }
    await expect(dict.pop("absent", noDefault)).rejects.toMatchObject({ code: "key_not_found" });
  });
});
