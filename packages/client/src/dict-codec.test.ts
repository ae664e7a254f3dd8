// Dict handles inside values, against the bytes that Modal's Python client writes (protocol section 4.4).
import { decode, encode, PyObject, PyPersistentId } from "@everdict/pickle";
import type { DictInfo, DictService } from "@everdict/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { Client, Dict } from "./index.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const unhex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));

const info: DictInfo = {
  dictId: "di-0123456789abcdefghijkl",
  name: "my-dict",
  createdAtSeconds: 1700000000.5,
  createdBy: "alice",
};

/** The reference bytes of that handle, with the flag of the class that wrote it. */
const handlePickle = (flag: string) => {
  const flagHex = hex(new TextEncoder().encode(flag));
  const body = `
    8c19 64692d303132333435363738396162636465666768696a6b6c 94
    8c0${flag.length} ${flagHex} 94
    8c13 6d6f64616c5f70726f746f2e6170695f706232 94
    8c0c 446963744d65746164617461 94 93 94 29 52 94
    7d 94 8c0a 73657269616c697a6564 94
    431b 0a076d792d6469637412100900002040fc54d9411205616c696365 94
    73 62 87 94 51 2e`;
  const length = unhex(body).length.toString(16).padStart(2, "0");
  return unhex(`8004 95 ${length}00000000000000 ${body}`);
};

/** A service that knows the dictionaries "my-dict" and "holder", keeps one value, and counts requests. */
class FakeService {
  stored: Uint8Array = new Uint8Array();
  requests: string[] = [];
  get client(): Client {
    return Client.fromService(this as unknown as DictService);
  }
  async getOrCreateDict({ name }: { name: string }): Promise<DictInfo> {
    this.requests.push(`find ${name}`);
    return name === "my-dict" ? info : { ...info, dictId: "di-holder", name };
  }
  async getDictById(dictId: string): Promise<DictInfo> {
    this.requests.push(`describe ${dictId}`);
    return { ...info, dictId };
  }
  async update(_dictId: string, entries: readonly { value: Uint8Array }[]): Promise<boolean> {
    this.stored = entries[0]!.value;
    return true;
  }
  async get(dictId: string): Promise<Uint8Array> {
    this.requests.push(`get from ${dictId}`);
    return this.stored;
  }
  async len(dictId: string): Promise<number> {
    this.requests.push(`len of ${dictId}`);
    return 7;
  }
}

let fake: FakeService;
let holder: Dict<string, unknown>;
beforeEach(async () => {
  fake = new FakeService();
  holder = await Dict.fromName<string, unknown>("holder", { client: fake.client }).hydrate();
  fake.requests = [];
});

describe("a handle is written", () => {
  test("exactly as Python writes it", async () => {
    const dict = await Dict.fromName("my-dict", { client: fake.client }).hydrate();
    await holder.put("h", dict);
    expect(hex(fake.stored)).toBe(hex(handlePickle("o")));
    expect(fake.stored).toHaveLength(136);
  });

  test("after finding it, if that was not done yet: once for many", async () => {
    const dict = Dict.fromName("my-dict", { client: fake.client });
    await holder.put("h", [dict, { again: dict }, Dict.fromName("my-dict", { client: fake.client })]);
    expect(fake.requests).toEqual(["find my-dict", "find my-dict"]);
    const [first, { again }] = (await holder.get("h")) as [Dict, { again: Dict }];
    expect([first.objectId, again.objectId]).toEqual([info.dictId, info.dictId]);
  });

  test("in initial content and in update too", async () => {
    const dict = Dict.fromName("my-dict", { client: fake.client });
    await holder.update({ h: dict });
    expect(hex(fake.stored)).toBe(hex(handlePickle("o")));
  });

  test("not at all if it cannot be found", async () => {
    const lost = Dict.fromId("di-lost", {
      client: Client.fromService({
        getDictById: async () => {
          throw new Error("not there");
        },
      } as unknown as DictService),
    });
    await expect(holder.put("h", lost)).rejects.toThrow("not there");
    expect(fake.stored).toHaveLength(0);
  });

  test("a Dict inside itself is fine", async () => {
    await holder.put("self", { self: holder });
    const { self } = (await holder.get("self")) as { self: Dict };
    expect(self.objectId).toBe("di-holder");
  });
});

describe("a handle is read", () => {
  test.each(["o", "_o", "p", "_p", "h", "_h"])(
    "with the flag %s, and works, without any request but for what a value does not tell",
    async (flag) => {
      fake.stored = handlePickle(flag);
      const dict = (await holder.get("h")) as Dict;
      expect(dict).toBeInstanceOf(Dict);
      expect([dict.name, dict.objectId]).toEqual(["my-dict", info.dictId]);
      expect(await dict.info()).toEqual({
        name: "my-dict",
        createdAt: new Date(1700000000500),
        createdBy: "alice",
      });
      const requests = ["get from di-holder", "describe di-0123456789abcdefghijkl"];
      expect(fake.requests).toEqual(requests);
      expect(await dict.len()).toBe(7);
      expect(fake.requests).toEqual([...requests, "len of di-0123456789abcdefghijkl"]);
    },
  );

  test("of before there was metadata; information is then asked for, and writing it back changes nothing", async () => {
    const old = encode(new PyPersistentId(Object.freeze([info.dictId, "o", null])));
    fake.stored = old;
    const dict = (await holder.get("h")) as Dict;
    expect([dict.name, dict.objectId]).toEqual(["", info.dictId]);
    await holder.put("h", dict);
    expect(hex(fake.stored)).toBe(hex(old));
    expect(await dict.info()).toMatchObject({ name: "my-dict" });
    expect(fake.requests).toEqual(["get from di-holder", `describe ${info.dictId}`]);
    expect(dict.name).toBe("my-dict");
  });

  test("and written back unchanged", async () => {
    fake.stored = handlePickle("o");
    const dict = await holder.get("h");
    fake.stored = new Uint8Array();
    await holder.put("h", dict);
    expect(hex(fake.stored)).toBe(hex(handlePickle("o")));
  });

  test.each<[string, readonly unknown[]]>([
    ["another kind of object", ["qu-0123456789abcdefghijkl", "o", null]],
    ["an id of three parts", ["di-a-b", "o", null]],
    ["an unknown flag", [info.dictId, "z", null]],
    ["a pair", ["sync", ["a", "b"]]],
  ])("%s stays an inert reference that can be written back", async (_title, id) => {
    const bytes = encode(new PyPersistentId(Object.freeze([...id])));
    fake.stored = bytes;
    const value = await holder.get("h");
    expect(value).toBeInstanceOf(PyPersistentId);
    await holder.put("h", value);
    expect(decode(fake.stored)).toEqual(decode(bytes));
  });

  test("with metadata that cannot be read, by its id", async () => {
    const metadata = (state: unknown) =>
      new PyObject({ module: "modal_proto.api_pb2", name: "DictMetadata", state });
    for (const state of [{ serialized: Uint8Array.of(0xff) }, { serialized: "text" }, {}, undefined]) {
      fake.stored = encode(new PyPersistentId(Object.freeze([info.dictId, "o", metadata(state)])));
      expect(((await holder.get("h")) as Dict).objectId).toBe(info.dictId);
    }
  });
});
