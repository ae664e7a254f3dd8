import assert from "node:assert/strict";
import { type DictService, defaultLimits, type Entry, type ErrorCode } from "@everdict/protocol";
import {
  bytes,
  createDict,
  createEphemeral,
  dictWith,
  entry,
  numberedEntries,
  rejectsWith,
} from "./subject-helpers.ts";
import { type SuiteCase, suiteDefaults } from "./suite-case.ts";

const { keyMaxBytes, valueMaxBytes, requestMaxEntries, requestMaxBytes } = suiteDefaults.limits;

interface LimitRow {
  readonly limit: string;
  readonly code: ErrorCode;
  readonly within: readonly Entry[];
  readonly beyond: readonly Entry[];
  /** Both numbers: what was met and the limit. */
  readonly message: RegExp;
}

const sized = (keyBytes: number, valueBytes: number): Entry => ({
  key: new Uint8Array(keyBytes).fill(0x6b),
  value: new Uint8Array(valueBytes),
});

// A transport's message is a little larger than the bytes in it, so the request's limit is not met exactly here.
const large = (index: number): Entry => ({ key: Uint8Array.of(index), value: new Uint8Array(1_000_000) });

const rows: readonly LimitRow[] = [
  {
    limit: "a key of keyMaxBytes",
    code: "key_too_large",
    within: [sized(keyMaxBytes, 1)],
    beyond: [entry("a", "1"), sized(keyMaxBytes + 1, 1)],
    message: new RegExp(`${keyMaxBytes + 1}.*${keyMaxBytes}`),
  },
  {
    limit: "a value of valueMaxBytes",
    code: "value_too_large",
    within: [sized(1, valueMaxBytes)],
    beyond: [entry("a", "1"), sized(1, valueMaxBytes + 1)],
    message: new RegExp(`${valueMaxBytes + 1}.*${valueMaxBytes}`),
  },
  {
    limit: "requestMaxEntries entries",
    code: "too_many_entries",
    within: numberedEntries(requestMaxEntries),
    beyond: numberedEntries(requestMaxEntries + 1),
    message: new RegExp(`${requestMaxEntries + 1}.*${requestMaxEntries}`),
  },
  {
    limit: "requestMaxBytes in all",
    code: "request_too_large",
    within: [large(0), large(1)],
    beyond: [large(0), large(1), large(2)],
    message: new RegExp(`${requestMaxBytes}`),
  },
];

function creations(service: DictService, data: readonly Entry[]) {
  return {
    named: () => createDict(service, "initial", { data }),
    ifMissing: () =>
      service.getOrCreateDict({ mode: "createIfMissing", environment: "", name: "initial", data }),
    ephemeral: () => createEphemeral(service, { data }),
  };
}

/** Both sides of every limit. */
export const limitCases: readonly SuiteCase[] = [
  ...rows.flatMap(({ limit, code, within, beyond, message }): SuiteCase[] => [
    {
      title: `update takes ${limit}; beyond it is ${code} and changes nothing`,
      async run({ service }) {
        const dictId = await dictWith(service);
        await rejectsWith(code, () => service.update(dictId, beyond), message);
        assert.equal(await service.len(dictId), 0);
        await service.update(dictId, within);
        assert.equal(await service.len(dictId), within.length);
        await rejectsWith(code, () => service.update(dictId, beyond));
        assert.equal(await service.len(dictId), within.length);
      },
    },
    {
      title: `initial data takes ${limit}; beyond it is ${code} and creates nothing`,
      async run({ service }) {
        for (const call of Object.values(creations(service, beyond))) await rejectsWith(code, call, message);
        assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), []);
        for (const create of [creations(service, within).named, creations(service, within).ephemeral]) {
          assert.equal(await service.len((await create()).dictId), within.length);
        }
      },
    },
  ]),
  {
    title: "a conditional put is held to the same limits",
    async run({ service }) {
      const dictId = await dictWith(service);
      const beyondKey = sized(keyMaxBytes + 1, 1);
      await rejectsWith("key_too_large", () => service.putIfAbsent(dictId, beyondKey.key, beyondKey.value));
      const beyondValue = sized(1, valueMaxBytes + 1);
      const largest = sized(keyMaxBytes, valueMaxBytes);
      await rejectsWith("value_too_large", () =>
        service.putIfAbsent(dictId, beyondValue.key, beyondValue.value),
      );
      assert.equal(await service.putIfAbsent(dictId, largest.key, largest.value), true);
    },
  },
  {
    title: "get, contains and pop take a key of keyMaxBytes; beyond it is key_too_large",
    async run({ service }) {
      const { key, value } = sized(keyMaxBytes, 3);
      const dictId = await dictWith(service, { key, value });
      assert.equal((await service.get(dictId, key))?.length, 3);
      assert.equal(await service.contains(dictId, key), true);
      assert.equal((await service.pop(dictId, key))?.length, 3);
      const beyond = new Uint8Array(keyMaxBytes + 1);
      await rejectsWith("key_too_large", () => service.get(dictId, beyond));
      await rejectsWith("key_too_large", () => service.contains(dictId, beyond));
      await rejectsWith("key_too_large", () => service.pop(dictId, beyond));
    },
  },
  {
    title: "by default one update takes 10,000 entries and no more",
    open: { limits: {} },
    async run({ service }) {
      assert.equal(defaultLimits.requestMaxEntries, 10_000);
      const dictId = await dictWith(service);
      await rejectsWith("too_many_entries", () => service.update(dictId, numberedEntries(10_001)));
      assert.equal(await service.len(dictId), 0);
      await service.update(dictId, numberedEntries(10_000));
      assert.equal(await service.len(dictId), 10_000);
      assert.equal(await service.contains(dictId, bytes("key-9999")), true);
    },
  },
];
