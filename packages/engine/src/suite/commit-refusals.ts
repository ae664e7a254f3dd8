import assert from "node:assert/strict";
import { type Change, type Condition, ttlMaxMs } from "@everdict/protocol";
import { bytes, createDict, dictWith, entry, getText, int, rejectsWith } from "./subject-helpers.ts";
import { type SuiteCase, suiteDefaults } from "./suite-case.ts";

const { keyMaxBytes, valueMaxBytes, requestMaxEntries } = suiteDefaults.limits;
const key = bytes("a");
const value = bytes("2");
const longKey = new Uint8Array(keyMaxBytes + 1);
const [noNumber, notANumber] = [
  bytes("1"),
  // A float pickle that is NaN.
  Uint8Array.of(0x80, 4, 0x95, 10, 0, 0, 0, 0, 0, 0, 0, 0x47, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0x2e),
];

/** Changes that are refused whatever is there, with what the message says. */
const badChanges: readonly (readonly [string, Change, RegExp])[] = [
  ["a put with a time to live of 0", { kind: "put", key, value, ttlMs: 0 }, /ttlMs is 0.*from 1 to/],
  ["a put with a time to live of half a millisecond", { kind: "put", key, value, ttlMs: 1.5 }, /1\.5/],
  ["a put with too long a time to live", { kind: "put", key, value, ttlMs: ttlMaxMs + 1 }, /from 1 to/],
  ["a touch with a negative time to live", { kind: "touch", key, ttlMs: -1 }, /-1/],
  [
    "an addition with a bad time to live",
    { kind: "add", key, by: int(1), ttlOnCreateMs: 0 },
    /ttlOnCreateMs/,
  ],
  ["an addition of no number", { kind: "add", key, by: noNumber }, /`by`/],
  ["an addition of NaN", { kind: "add", key, by: notANumber }, /`by`/],
  ["a beginning that is no number", { kind: "add", key, by: int(1), initial: noNumber }, /`initial`/],
  ["a lower bound that is no number", { kind: "add", key, by: int(1), min: noNumber }, /`min`/],
  ["an upper bound that is no number", { kind: "add", key, by: int(1), max: new Uint8Array(0) }, /`max`/],
];

/** What is refused before anything is looked at. */
export const commitRefusalCases: readonly SuiteCase[] = [
  ...badChanges.map(
    ([what, change, message]): SuiteCase => ({
      title: `${what} is invalid_argument and changes nothing`,
      async run({ service }) {
        const dictId = await dictWith(service, entry("a", "1"));
        const request = { conditions: [], changes: [change] };
        await rejectsWith("invalid_argument", () => service.commit(dictId, request), message);
        assert.equal(await getText(service, dictId, "a"), "1");
      },
    }),
  ),
  {
    title: "a key with two conditions or two changes is invalid_argument; with one of each it is not",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const put: Change = { kind: "put", key, value };
      const present: Condition = { key, expected: "present" };
      const commit = (conditions: Condition[], changes: Change[]) =>
        service.commit(dictId, { conditions, changes });
      await rejectsWith("invalid_argument", () => commit([present, present], [put]), /condition.*limit is 1/);
      await rejectsWith(
        "invalid_argument",
        () => commit([], [put, { kind: "remove", key: bytes("a") }]),
        /change.*limit is 1/,
      );
      assert.equal(await getText(service, dictId, "a"), "1");
      assert.equal((await commit([present], [put])).committed, true);
    },
  },
  {
    title: "keys and values of a commit are held to the limits of all keys and values",
    async run({ service }) {
      const dictId = await dictWith(service);
      const commit = (conditions: Condition[], changes: Change[]) =>
        service.commit(dictId, { conditions, changes });
      await rejectsWith("key_too_large", () => commit([{ key: longKey, expected: "absent" }], []));
      await rejectsWith("key_too_large", () => commit([], [{ kind: "remove", key: longKey }]));
      const large = new Uint8Array(valueMaxBytes + 1);
      await rejectsWith("value_too_large", () => commit([], [{ kind: "put", key, value: large }]));
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "a commit changes and checks requestMaxEntries keys; more are too_many_entries",
    async run({ service }) {
      const { dictId } = await createDict(service, "subject", { shards: 1 });
      const keys = Array.from({ length: requestMaxEntries + 1 }, (_, index) => bytes(`key-${index}`));
      const changes = keys.map((each): Change => ({ kind: "put", key: each, value }));
      const conditions = keys.map((each): Condition => ({ key: each, expected: "absent" }));
      await rejectsWith(
        "too_many_entries",
        () => service.commit(dictId, { conditions: [], changes }),
        /501.*500/,
      );
      await rejectsWith("too_many_entries", () => service.commit(dictId, { conditions, changes: [] }));
      assert.equal(await service.len(dictId), 0);
      const most = { conditions: conditions.slice(1), changes: changes.slice(1) };
      assert.equal((await service.commit(dictId, most)).committed, true);
      assert.equal(await service.len(dictId), requestMaxEntries);
    },
  },
];
