// An entry that nobody can read is one entry: the rest of the dictionary can be had.
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, Dict, EverdictError, encode, encodeKey, type OnUndecodable } from "./index.ts";

let engine: Engine;
let client: Client;
let dict: Dict;
const garbage = Uint8Array.of(0x80, 4, 0xff);
const large = encode(Array.from({ length: 2_000 }, () => ({})));

beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  const service = engine.serviceFor({ id: "test", name: "tester" });
  client = Client.fromService(service, { codec: { memoryMaxBytes: 50_000 } });
  dict = await Dict.fromName("mixed", { createIfMissing: true, client }).hydrate();
  const entries = [
    { key: encodeKey("a"), value: encode(1) },
    { key: encodeKey("bad"), value: garbage },
    { key: garbage, value: encode(2) },
    { key: encodeKey("large"), value: large },
    { key: encodeKey("z"), value: encode(3) },
  ];
  await service.update(dict.objectId as string, entries);
});
afterEach(() => engine.close());

const ways = ["keys", "values", "items"] as const;
const readable = {
  keys: ["a", "bad", "large", "z"],
  values: [1, 2, 3],
  items: [
    ["a", 1],
    ["z", 3],
  ],
};

async function all(way: (typeof ways)[number], onUndecodable?: OnUndecodable): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const each of dict[way]({ onUndecodable })) found.push(each);
  return found.sort((left, right) => String(left).localeCompare(String(right)));
}

describe.each(ways)("%s() of a dictionary with entries that cannot be read", (way) => {
  test("ends there with an error that names the way past them", async () => {
    for (const given of [undefined, "throw"] as const) {
      const caught: unknown = await all(way, given).catch((error: unknown) => error);
      expect(caught).toMatchObject({ code: "deserialization_failed", name: "DeserializationError" });
      expect(String(caught)).toMatch(/The option onUndecodable of the iteration/);
    }
  });

  test("goes on past them with skip", async () => {
    expect(await all(way, "skip")).toEqual(readable[way]);
  });

  test("tells a function of each, with key, error and bytes", async () => {
    const told: [unknown, string, Uint8Array][] = [];
    const found = await all(way, (key, error, bytes) => {
      expect(error).toBeInstanceOf(EverdictError);
      told.push([key, error.code, bytes]);
    });
    expect(found).toEqual(readable[way]);
    const ofKey = [undefined, "deserialization_failed", garbage];
    const ofValues = [
      ["bad", "deserialization_failed", garbage],
      ["large", "deserialization_failed", large],
    ];
    const expected = { keys: [ofKey], values: ofValues, items: [...ofValues, ofKey] }[way];
    expect(told.sort(([left], [right]) => String(left).localeCompare(String(right)))).toEqual(expected);
  });

  test("ends with what the function throws", async () => {
    const stop = (): never => {
      throw new RangeError("enough");
    };
    await expect(all(way, stop)).rejects.toThrow(new RangeError("enough"));
  });

  test("takes nothing else for it", async () => {
    await expect(all(way, "ignore" as never)).rejects.toThrow(
      `${way}: \`onUndecodable\` must be "throw" or "skip" or a function, not "ignore"`,
    );
    await expect(dict[way]({ onUndecodeable: "skip" } as never).next()).rejects.toThrow(
      /did you mean `onUndecodable`/,
    );
  });
});

test("the error names the key, the limit and where it is set", async () => {
  const caught: unknown = await dict.get("large").catch((error: unknown) => error);
  expect(String(caught)).toMatch(
    /the value of key "large" .* memoryMaxBytes = 50000; the option memoryMaxBytes allows more.* Client\.connect\({ codec/,
  );
  expect(String(await all("items").catch((error: unknown) => error))).toMatch(
    /the value of key "(bad|large)"|a key/,
  );
});
