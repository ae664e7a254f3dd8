import type { DictInfo } from "@everdict/protocol";
import { DictExpiry_Policy, ObjectCreationType } from "@everdict/protocol/api";
import { describe, expect, test } from "vitest";
import { askRpc } from "../../testing/ask-rpc.ts";

const info: DictInfo = {
  dictId: "di-1",
  name: "jobs",
  createdAtSeconds: 1_700_000_000.123456,
  createdBy: "ada",
};
const metadata = { name: "jobs", creationInfo: { createdAt: 1_700_000_000.123456, createdBy: "ada" } };
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("DictGetOrCreate", () => {
  const getOrCreateDict = async () => info;

  test.each([
    [ObjectCreationType.UNSPECIFIED, "lookup"],
    [ObjectCreationType.CREATE_IF_MISSING, "createIfMissing"],
    [ObjectCreationType.CREATE_FAIL_IF_EXISTS, "createFailIfExists"],
  ])("of type %d means %s", async (objectCreationType, mode) => {
    const request = { deploymentName: "jobs", environmentName: "main", objectCreationType };
    const { response, calls } = await askRpc("dictGetOrCreate", request, { getOrCreateDict });
    expect(response).toMatchObject({ dictId: "di-1", metadata });
    expect(calls[0]?.args).toEqual([
      { mode, environment: "main", name: "jobs", data: [], expiry: undefined },
    ]);
    expect(calls[0]?.options?.idempotencyKey).toBe("key-1");
  });

  test("of type ephemeral has no name, also in the answer's metadata", async () => {
    const request = { objectCreationType: ObjectCreationType.EPHEMERAL };
    const ephemeral = async () => ({ ...info, name: "" });
    const { response, calls } = await askRpc("dictGetOrCreate", request, { getOrCreateDict: ephemeral });
    expect(response.metadata?.name).toBe("");
    expect(response.metadata?.creationInfo?.createdBy).toBe("ada");
    expect(calls[0]?.args).toEqual([{ mode: "ephemeral", environment: "", data: [], expiry: undefined }]);
  });

  test("passes initial content on", async () => {
    const data = [{ key: bytes(1), value: bytes(2, 3) }];
    const request = {
      deploymentName: "jobs",
      objectCreationType: ObjectCreationType.CREATE_IF_MISSING,
      data,
    };
    const { calls } = await askRpc("dictGetOrCreate", request, { getOrCreateDict });
    const [passed] = calls[0]!.args as [{ data: { key: Uint8Array; value: Uint8Array }[] }];
    expect(passed.data.map(({ key, value }) => [[...key], [...value]])).toEqual([[[1], [2, 3]]]);
  });

  test.each([3, 4, 6, 99, -1])("of type %d is refused", async (objectCreationType) => {
    const asked = askRpc(
      "dictGetOrCreate",
      { deploymentName: "jobs", objectCreationType },
      { getOrCreateDict },
    );
    await expect(asked).rejects.toMatchObject({ code: "invalid_argument" });
  });

  const day = 24 * 60 * 60;
  test.each([
    [DictExpiry_Policy.UNSPECIFIED, 0, undefined],
    [DictExpiry_Policy.AFTER_WRITE, 0, { policy: "afterWrite", ttlMs: 30 * day * 1000 }],
    [DictExpiry_Policy.AFTER_WRITE, 1.5, { policy: "afterWrite", ttlMs: 1500 }],
    [DictExpiry_Policy.AFTER_USE, 0, { policy: "afterUse", ttlMs: 7 * day * 1000 }],
    [DictExpiry_Policy.AFTER_USE, 60, { policy: "afterUse", ttlMs: 60_000 }],
    [DictExpiry_Policy.NEVER, 5, { policy: "never" }],
  ])("takes expiry policy %d of %d s", async (policy, ttlSeconds, expiry) => {
    const request = { deploymentName: "jobs", objectCreationType: 1, everdictExpiry: { policy, ttlSeconds } };
    const { calls } = await askRpc("dictGetOrCreate", request, { getOrCreateDict });
    expect(calls[0]?.args).toMatchObject([{ expiry }]);
  });

  test.each([
    [DictExpiry_Policy.AFTER_WRITE, -1],
    [DictExpiry_Policy.AFTER_USE, Number.NaN],
    [DictExpiry_Policy.AFTER_WRITE, Number.POSITIVE_INFINITY],
    [4, 0],
  ])("refuses expiry policy %d of %d s", async (policy, ttlSeconds) => {
    const request = { deploymentName: "jobs", objectCreationType: 1, everdictExpiry: { policy, ttlSeconds } };
    const asked = askRpc("dictGetOrCreate", request, { getOrCreateDict });
    await expect(asked).rejects.toMatchObject({ code: "invalid_argument" });
  });
});

test("DictGetById answers the id and always metadata", async () => {
  const { response, calls } = await askRpc(
    "dictGetById",
    { dictId: "di-1" },
    { getDictById: async () => info },
  );
  expect(response).toMatchObject({ dictId: "di-1", metadata });
  expect(calls[0]?.args).toEqual(["di-1"]);
});

describe.each([
  ["dictGet", "get"],
  ["dictPop", "pop"],
] as const)("%s", (rpc, method) => {
  test.each([
    ["a value", bytes(1, 2), { found: true, value: bytes(1, 2) }],
    ["an empty value", bytes(), { found: true, value: bytes() }],
    ["nothing", undefined, { found: false, value: undefined }],
  ])("finds %s", async (_what, value, expected) => {
    const request = { dictId: "di-1", key: bytes(9) };
    const { response, calls } = await askRpc(rpc, request, { [method]: async () => value });
    expect({ found: response.found, value: response.value && Uint8Array.from(response.value) }).toEqual(
      expected,
    );
    expect(calls[0]?.args[0]).toBe("di-1");
    expect(calls[0]?.args[1]).toEqual(bytes(9));
    expect(calls[0]?.options?.idempotencyKey).toBe("key-1");
  });
});

test.each([true, false])("DictContains answers %s", async (found) => {
  const { response } = await askRpc(
    "dictContains",
    { dictId: "di-1", key: bytes(9) },
    { contains: async () => found },
  );
  expect(response.found).toBe(found);
});

test.each([
  [0, 0],
  [123_456, 123_456],
  [2 ** 31 - 1, 2 ** 31 - 1],
  [2 ** 31, 2 ** 31 - 1],
  [1e15, 2 ** 31 - 1],
])("DictLen of %d entries answers %d", async (len, answered) => {
  const { response } = await askRpc("dictLen", { dictId: "di-1" }, { len: async () => len });
  expect(response.len).toBe(answered);
});

describe("DictUpdate", () => {
  const service = (created: boolean) => ({ update: async () => {}, putIfAbsent: async () => created });

  test.each([
    [false, true],
    [true, true],
    [true, false],
  ])("with if_not_exists %s answers created %s", async (ifNotExists, created) => {
    const request = { dictId: "di-1", updates: [{ key: bytes(1), value: bytes(2) }], ifNotExists };
    const { response, calls } = await askRpc("dictUpdate", request, service(created));
    expect(response.created).toBe(created);
    const { method, args } = calls[0]!;
    if (ifNotExists) expect([method, ...args]).toEqual(["putIfAbsent", "di-1", bytes(1), bytes(2)]);
    else expect([method, ...args]).toMatchObject(["update", "di-1", [{ key: bytes(1), value: bytes(2) }]]);
  });

  test.each([0, 2])("with if_not_exists and %i entries is refused and does nothing", async (count) => {
    const updates = Array.from({ length: count }, () => ({ key: bytes(1), value: bytes(2) }));
    const request = { dictId: "di-1", updates, ifNotExists: true };
    await expect(askRpc("dictUpdate", request, service(true))).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(`exactly one entry, not ${count}`),
    });
  });

  test("takes no entries at all", async () => {
    const { response, calls } = await askRpc("dictUpdate", { dictId: "di-1" }, service(true));
    expect(response.created).toBe(true);
    expect(calls[0]?.args).toEqual(["di-1", []]);
  });
});

test.each([
  ["dictClear", "clear"],
  ["dictDelete", "deleteDict"],
  ["dictHeartbeat", "heartbeat"],
] as const)("%s asks the service for %s", async (rpc, method) => {
  const { calls } = await askRpc(rpc, { dictId: "di-1" }, { [method]: async () => {} });
  expect(calls.map((call) => [call.method, call.args])).toEqual([[method, ["di-1"]]]);
});

describe("DictList", () => {
  const listDicts = async () => [info, { ...info, dictId: "di-2", createdAtSeconds: 5 }];

  test("fills the fields of old and new clients", async () => {
    const { response } = await askRpc("dictList", { environmentName: "main" }, { listDicts });
    expect(response.environmentName).toBe("main");
    expect(response.dicts).toHaveLength(2);
    expect(response.dicts[0]).toMatchObject({
      name: "jobs",
      createdAt: 1_700_000_000.123456,
      dictId: "di-1",
      metadata,
    });
    expect(response.dicts[1]?.metadata?.creationInfo?.createdAt).toBe(5);
  });

  test.each([
    [undefined, { maxObjects: 0 }],
    [{}, { maxObjects: 0, createdBeforeSeconds: undefined }],
    [
      { maxObjects: 100, createdBefore: 12.5 },
      { maxObjects: 100, createdBeforeSeconds: 12.5 },
    ],
  ])("with pagination %o asks for %o", async (pagination, asked) => {
    const { calls } = await askRpc(
      "dictList",
      { environmentName: "main", ...(pagination && { pagination }) },
      { listDicts },
    );
    expect(calls[0]?.args).toEqual([{ environment: "main", ...asked }]);
  });

  test.each([{ maxObjects: -1 }, { createdBefore: Number.NaN }])(
    "refuses pagination %o",
    async (pagination) => {
      const asked = askRpc("dictList", { pagination }, { listDicts });
      await expect(asked).rejects.toMatchObject({ code: "invalid_argument" });
    },
  );
});
