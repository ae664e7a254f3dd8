// How a client's dictionaries write keys and read values, through the service alone.
import { encode, encodeKey, PyFloat, PyObject } from "@everdict/pickle";
import type { DictService } from "@everdict/protocol";
import { expect, test } from "vitest";
import { Client, type CodecOptions, Dict } from "./index.ts";

/** A dictionary that answers every get with the same bytes, and the keys that it was asked for. */
function dictOf(value: Uint8Array, codec?: CodecOptions): { dict: Dict; asked: Uint8Array[] } {
  const asked: Uint8Array[] = [];
  const service = {
    getOrCreateDict: async () => ({ dictId: "di-1", name: "d", createdAtSeconds: 0, createdBy: "" }),
    get: async (_dictId: string, key: Uint8Array) => {
      asked.push(key);
      return value;
    },
  } as unknown as DictService;
  return { dict: Dict.fromName("d", { client: Client.fromService(service, { codec }) }), asked };
}

test("floats are told apart where the client asks for it", async () => {
  const bytes = encode([new PyFloat(1), 1]);
  expect(await dictOf(bytes).dict.get("k")).toEqual([1, 1]);
  expect(await dictOf(bytes, { floats: "exact" }).dict.get("k")).toEqual([new PyFloat(1), 1]);
});

test("limits and classes that are not known are refused where the client asks for it", async () => {
  const bytes = encode([new PyObject({ module: "shapes", name: "Point" })]);
  expect(await dictOf(bytes).dict.get("k")).toHaveLength(1);
  for (const codec of [{ unknownClasses: "refuse" }, { depthMax: 1 }] as const)
    await expect(dictOf(bytes, codec).dict.get("k")).rejects.toMatchObject({
      code: "deserialization_failed",
    });
});

test("keys with repeats have the form that the client asks for", async () => {
  for (const repeats of ["reference", "copy", undefined] as const) {
    const { dict, asked } = dictOf(encode(1), { repeats });
    await dict.get(["ab", "ab"]);
    expect(asked).toEqual([encodeKey(["ab", "ab"], { repeats })]);
  }
});
