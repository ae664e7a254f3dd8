import assert from "node:assert/strict";
import type { CommitOutcome, CommitRequest, DictService } from "@everdict/protocol";
import {
  bytes,
  committed,
  createDict,
  dictWith,
  entry,
  getText,
  int,
  plain,
  popText,
  put,
  refused,
  rejectsWith,
  versionOf,
} from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

const [a, b, c] = [bytes("a"), bytes("b"), bytes("c")];
const first = { idempotencyKey: "5f0c6ad6-7d6a-4f57-9a0b-0a4b2a6f4b01" };
const noVersion = "00000000000000ff";

/** A dictionary in which keys can be changed together on every store. */
async function oneShard(service: DictService, ...data: ReturnType<typeof entry>[]): Promise<string> {
  return (await createDict(service, "subject", { data, shards: 1 })).dictId;
}

/** Changes under conditions. */
export const commitCases: readonly SuiteCase[] = [
  {
    title: "a put under a version writes once, and the version is another one then",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const version = await versionOf(service, dictId, "a");
      const request: CommitRequest = {
        conditions: [{ key: a, expected: version }],
        changes: [{ kind: "put", key: a, value: bytes("2") }],
      };
      const [changed] = committed(await service.commit(dictId, request));
      assert.equal(changed!.version, await versionOf(service, dictId, "a"));
      assert.notEqual(changed!.version, version);
      const refusal = refused(await service.commit(dictId, request));
      assert.equal(refusal.reason, "condition");
      assert.equal(refusal.index, 0);
      assert.equal(refusal.found, changed!.version);
      assert.equal(await getText(service, dictId, "a"), "2");
    },
  },
  {
    title: "every write gives an entry another version, and no read does",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const versions = [await versionOf(service, dictId, "a")];
      await service.get(dictId, a);
      assert.equal(await versionOf(service, dictId, "a"), versions[0]);
      await put(service, dictId, "a", "1");
      versions.push(await versionOf(service, dictId, "a"));
      await service.pop(dictId, a);
      assert.equal(await service.putIfAbsent(dictId, a, bytes("1")), true);
      versions.push(await versionOf(service, dictId, "a"));
      await service.clear(dictId);
      await put(service, dictId, "a", "1");
      versions.push(await versionOf(service, dictId, "a"));
      assert.equal(new Set(versions).size, 4);
    },
  },
  {
    title: "put only if absent, and put only if present",
    async run({ service }) {
      const dictId = await dictWith(service);
      const putIf = (expected: "absent" | "present", value: string) =>
        service.commit(dictId, {
          conditions: [{ key: a, expected }],
          changes: [{ kind: "put", key: a, value: bytes(value) }],
        });
      assert.equal(refused(await putIf("present", "1")).found, undefined);
      committed(await putIf("absent", "2"));
      assert.equal(refused(await putIf("absent", "3")).found, await versionOf(service, dictId, "a"));
      committed(await putIf("present", "4"));
      assert.equal(await getText(service, dictId, "a"), "4");
    },
  },
  {
    title: "a removal under a version answers it; without an entry it answers no version",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const version = await versionOf(service, dictId, "a");
      const removal = { kind: "remove", key: a } as const;
      const wrong = { conditions: [{ key: a, expected: noVersion }], changes: [removal] };
      assert.equal(refused(await service.commit(dictId, wrong)).found, version);
      const right = { conditions: [{ key: a, expected: version }], changes: [removal] };
      assert.equal(committed(await service.commit(dictId, right))[0]!.version, version);
      const nothing = committed(await service.commit(dictId, { conditions: [], changes: [removal] }));
      assert.equal(nothing[0]!.version, undefined);
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "a counter is added to within its bounds, and begins where it is told to",
    async run({ service }) {
      const dictId = await dictWith(service);
      const add = (by: number, more: { initial?: Uint8Array; min?: Uint8Array; max?: Uint8Array } = {}) =>
        service.commit(dictId, {
          conditions: [],
          changes: [{ kind: "add", key: a, by: int(by), ...more }],
        });
      assert.deepEqual(plain(committed(await add(5))[0]!.value), int(5));
      const second = committed(await add(2, { initial: int(100) }))[0]!;
      assert.deepEqual(plain(second.value), int(7));
      assert.equal(second.version, await versionOf(service, dictId, "a"));
      const beyond = refused(await add(2, { max: int(8) }));
      assert.equal(beyond.reason, "out_of_bounds");
      assert.equal(beyond.found, second.version);
      assert.equal(refused(await add(2, { min: int(10) })).reason, "out_of_bounds");
      assert.deepEqual(plain(committed(await add(1, { min: int(8), max: int(8) }))[0]!.value), int(8));
      await service.pop(dictId, a);
      assert.deepEqual(plain(committed(await add(2, { initial: int(100) }))[0]!.value), int(102));
      assert.deepEqual(plain(await service.get(dictId, a)), int(102));
    },
  },
  {
    title: "what is not a number is not added to, and stays",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "text"));
      const outcome = await service.commit(dictId, {
        conditions: [],
        changes: [{ kind: "add", key: a, by: int(1) }],
      });
      assert.equal(refused(outcome).reason, "not_a_number");
      assert.equal(refused(outcome).found, await versionOf(service, dictId, "a"));
      assert.equal(await getText(service, dictId, "a"), "text");
    },
  },
  {
    title: "several keys change together, or none of them",
    async run({ service }) {
      const dictId = await oneShard(
        service,
        { key: a, value: int(10) },
        { key: b, value: int(1) },
        entry("c", "x"),
      );
      const version = await versionOf(service, dictId, "c");
      const transfer = (index: number): CommitRequest => ({
        conditions: [
          { key: a, expected: "present" },
          { key: c, expected: index === 0 ? version : noVersion },
        ],
        changes: [
          { kind: "put", key: a, value: int(4) },
          { kind: "add", key: b, by: int(6) },
          { kind: "remove", key: c },
          { kind: "touch", key: bytes("d") },
        ],
      });
      const refusal = refused(await service.commit(dictId, transfer(1)));
      assert.deepEqual([refusal.reason, refusal.index, refusal.found], ["condition", 1, version]);
      assert.deepEqual(plain(await service.get(dictId, a)), int(10));
      const results = committed(await service.commit(dictId, transfer(0)));
      assert.deepEqual(plain(await service.get(dictId, a)), int(4));
      assert.deepEqual(plain(results[1]!.value), int(7));
      assert.deepEqual(
        results.map((each) => each.version),
        [await versionOf(service, dictId, "a"), await versionOf(service, dictId, "b"), version, undefined],
      );
      assert.equal(await service.len(dictId), 2);
    },
  },
  {
    title: "conditions alone are checked, and nothing at all is done",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const check = (expected: "absent" | "present") =>
        service.commit(dictId, { conditions: [{ key: a, expected }], changes: [] });
      assert.deepEqual(committed(await check("present")), []);
      assert.equal(refused(await check("absent")).index, 0);
      assert.deepEqual(committed(await service.commit(dictId, { conditions: [], changes: [] })), []);
    },
  },
  {
    title: "a repeated commit answers what the first answered, also a refusal",
    async run({ service }) {
      const dictId = await dictWith(service);
      const add: CommitRequest = { conditions: [], changes: [{ kind: "add", key: a, by: int(1) }] };
      const once = await service.commit(dictId, add, first);
      assert.deepEqual(comparable(await service.commit(dictId, add, first)), comparable(once));
      assert.deepEqual(plain(await service.get(dictId, a)), int(1));
      const putIf: CommitRequest = {
        conditions: [{ key: b, expected: "present" }],
        changes: [{ kind: "put", key: b, value: bytes("1") }],
      };
      const second = { idempotencyKey: "5f0c6ad6-7d6a-4f57-9a0b-0a4b2a6f4b02" };
      refused(await service.commit(dictId, putIf, second));
      await put(service, dictId, "b", "0");
      refused(await service.commit(dictId, putIf, second));
      assert.equal(await popText(service, dictId, "b"), "0");
    },
  },
  {
    title: "a commit under the key of another one is a conflict and does nothing",
    async run({ service }) {
      const dictId = await oneShard(service);
      const add = (by: number): CommitRequest => ({
        conditions: [],
        changes: [{ kind: "add", key: a, by: int(by) }],
      });
      await service.commit(dictId, add(1), first);
      await rejectsWith("conflict", () => service.commit(dictId, add(2), first), /other arguments/);
      assert.deepEqual(plain(await service.get(dictId, a)), int(1));
    },
  },
  {
    title: "64 callers add to one counter at once, and each addition counts",
    async run({ service }) {
      const dictId = await dictWith(service);
      const add: CommitRequest = { conditions: [], changes: [{ kind: "add", key: a, by: int(1) }] };
      const outcomes = await Promise.all(Array.from({ length: 64 }, () => service.commit(dictId, add)));
      const sums = new Set(outcomes.map((outcome) => committed(outcome)[0]!.value![3]));
      assert.equal(sums.size, 64);
      assert.deepEqual(plain(await service.get(dictId, a)), int(64));
    },
  },
];

/** Without what is absent, and with bytes of one class: so much may differ between ways to answer. */
function comparable(outcome: CommitOutcome): unknown {
  return committed(outcome).map(({ version, value }) => [version, plain(value)]);
}
