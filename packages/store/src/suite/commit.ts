import assert from "node:assert/strict";
import { assertSameBytes } from "./assert-same-bytes.ts";
import { entry, numberedEntries, patternedBytes } from "./bytes.ts";
import { add, number, put, refusal, remove, results, touch, when } from "./commit-words.ts";
import type { EntryCase } from "./entry-case.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const otherVersion = "fedcba9876543210";

/** Cases for `commit` on one key, which every dictionary can do. */
export const commitCases: readonly EntryCase[] = [
  {
    title: "puts if absent, and if present",
    run: async (dict) => {
      const present = () => dict.commit([put("a", "1")], [when("a", "present")]);
      const absent = () => dict.commit([put("a", "2")], [when("a", "absent")]);
      assert.deepEqual(refusal(await present()), ["condition", 0, undefined]);
      assert.equal(await dict.contains("a"), false);
      const [written] = results(await absent());
      assert.equal(written!.version, await dict.version("a"));
      assert.deepEqual(refusal(await absent()), ["condition", 0, written!.version]);
      results(await present());
      assert.deepEqual(await dict.pairs(), [["a", "1"]]);
    },
  },
  {
    title: "puts under a version, and refuses every other one",
    run: async (dict) => {
      await dict.put("a", "1");
      const version = await dict.version("a");
      const putUnder = (expected: string) => dict.commit([put("a", "2")], [when("a", expected)]);
      assert.deepEqual(refusal(await putUnder(otherVersion)), ["condition", 0, version]);
      const [written] = results(await putUnder(version));
      assert.deepEqual(refusal(await putUnder(version)), ["condition", 0, written!.version]);
      assert.equal(await dict.get("a"), "2");
      await dict.pop("a");
      assert.deepEqual(refusal(await putUnder(written!.version!)), ["condition", 0, undefined]);
    },
  },
  {
    title: "removes under a version and answers it",
    run: async (dict) => {
      await dict.put("a", "1");
      const version = await dict.version("a");
      const removal = () => dict.commit([remove("a")], [when("a", version)]);
      assert.equal(results(await removal())[0]!.version, version);
      assert.deepEqual(refusal(await removal()), ["condition", 0, undefined]);
      assert.equal(results(await dict.commit([remove("a")]))[0]!.version, undefined);
      assert.equal(await dict.len(), 0);
    },
  },
  {
    title: "changes nothing without changes, and checks nothing without conditions",
    run: async (dict) => {
      assert.deepEqual(results(await dict.commit([])), []);
      assert.deepEqual(results(await dict.commit([], [when("a", "absent")])), []);
      assert.deepEqual(refusal(await dict.commit([], [when("a", "present")])), ["condition", 0, undefined]);
      results(await dict.commit([put("a", "1")]));
      assert.deepEqual(results(await dict.commit([], [when("a", await dict.version("a"))])), []);
      assert.deepEqual(await dict.pairs(), [["a", "1"]]);
    },
  },
  {
    title: "writes values of every size",
    run: async (dict) => {
      for (const length of [0, 1, 1_000, 70_000, 700_000]) {
        const value = patternedBytes(length, length);
        results(await dict.commit([put("a", value)]));
        assertSameBytes((await dict.entry("a"))?.value, value);
      }
    },
  },
  {
    title: "of 64 puts under one version one writes",
    run: async (dict) => {
      await dict.put("a", "0");
      const version = await dict.version("a");
      const puts = Array.from({ length: 64 }, (_, index) =>
        dict.commit([put("a", `${index}`)], [when("a", version)]),
      );
      const outcomes = await Promise.all(puts);
      const winners = [...outcomes.keys()].filter((index) => outcomes[index]!.committed);
      assert.equal(winners.length, 1);
      assert.equal(await dict.get("a"), `${winners[0]}`);
    },
  },
  {
    title: "under a key answers a repeat as the first call, a refusal too, and does nothing then",
    run: async (dict) => {
      const [first, second] = [{ idempotencyKey: "first" }, { idempotencyKey: "second" }];
      const addOne = () => dict.commit([add("a", 1)], [], first);
      const outcome = await addOne();
      assert.deepEqual(results(outcome)[0]!.value, number(1));
      assert.deepEqual(await addOne(), outcome);
      const putOther = () => dict.commit([put("a", "x")], [when("a", otherVersion)], second);
      const refused = await putOther();
      assert.deepEqual(refusal(refused), ["condition", 0, await dict.version("a")]);
      await dict.put("a", "2");
      assert.deepEqual(await putOther(), refused);
      assert.deepEqual(await addOne(), outcome);
      assert.equal(await dict.get("a"), "2");
      await dict.remove("a");
      assert.deepEqual(await addOne(), outcome);
      assert.equal(await dict.contains("a"), false);
    },
  },
];

/** Commits of several keys, repeats with other arguments, and what is left when the store is opened again. */
export function commitSuite(suite: Suite): void {
  suite.describe("a commit of several keys", () => {
    suite.test("makes all changes or none", allOrNone);
    suite.test("is refused by the first condition that does not hold, before any addition", firstRefusal);
    suite.test("may name one key in a condition and in a change, and others in one of them", apart);
    suite.test("checks and changes 500 keys together", manyKeys);
    suite.test("keeps a sum for all that read it in one step", sums);
    suite.test(
      suite.capabilities.commitsAnyKeys ? "may be of any keys" : "is refused if they are in several shards",
      anyKeys,
    );
  });
  suite.describe("an idempotency key of a commit", () => {
    suite.test("is refused for every other commit", otherArguments);
    suite.test("makes commits under way at once one commit", async (world) => {
      const dict = await world.createDict();
      const addOne = () => dict.commit([add("a", 1)], [], { idempotencyKey: "t" });
      const outcomes = await Promise.all(Array.from({ length: 20 }, addOne));
      for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
      assertSameBytes(await world.store.get(dict.id, entry("a", "").key), number(1));
    });
  });
  for (const { title, reopen } of suite.reopenings) {
    suite.test(`what was committed is there ${title}`, async (world) => {
      await isThereAgain(world, reopen, suite.capabilities.durableAnswers);
    });
  }
}

async function allOrNone(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 1, data: numberedEntries(3) });
  const version = await dict.version("k0");
  const changes = [put("k0", "other"), remove("k1"), add("n", 5), touch("k2", null), touch("absent", 1)];
  const wrong = await dict.commit(changes, [when("k0", version), when("k9", "present")]);
  assert.deepEqual(refusal(wrong), ["condition", 1, undefined]);
  assert.deepEqual(await dict.pairs(), [
    ["k0", "v0"],
    ["k1", "v1"],
    ["k2", "v2"],
  ]);
  const [removed, touched] = [await dict.version("k1"), await dict.version("k2")];
  const outcome = results(await dict.commit(changes, [when("k0", version), when("k9", "absent")]));
  const versions = outcome.map((each) => each.version);
  assert.deepEqual(versions, [
    await dict.version("k0"),
    removed,
    await dict.version("n"),
    touched,
    undefined,
  ]);
  assert.deepEqual(outcome[2]!.value, number(5));
  assert.deepEqual(await dict.getMany(["k0", "k1", "k2"]), ["other", undefined, "v2"]);
}

async function firstRefusal(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 1, data: numberedEntries(3) });
  const version = await dict.version("k1");
  const additions = [put("x", "1"), add("k0", 1), add("k1", 1)];
  const conditions = [when("k0", "present"), when("k1", otherVersion), when("k2", "absent")];
  assert.deepEqual(refusal(await dict.commit(additions, conditions)), ["condition", 1, version]);
  const notANumber = refusal(await dict.commit(additions, [when("k0", "present")]));
  assert.deepEqual(notANumber, ["not_a_number", 1, await dict.version("k0")]);
  const bounded = [put("x", "1"), add("n", 1), add("m", 3, { initial: number(4), max: number(6) })];
  assert.deepEqual(refusal(await dict.commit(bounded)), ["out_of_bounds", 2, undefined]);
  assert.equal(await dict.len(), 3);
}

async function apart(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 1, data: numberedEntries(2) });
  const [first, second] = [await dict.version("k0"), await dict.version("k1")];
  const conditions = [when("k0", first), when("k1", second), when("k2", "absent")];
  results(await dict.commit([put("k2", "v2"), remove("k0"), put("k3", "v3")], conditions));
  assert.deepEqual(await dict.pairs(), [
    ["k1", "v1"],
    ["k2", "v2"],
    ["k3", "v3"],
  ]);
  assert.deepEqual(refusal(await dict.commit([put("k2", "x")], conditions)), ["condition", 0, undefined]);
}

async function manyKeys(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 1 });
  const entries = numberedEntries(500);
  const puts = entries.map(({ key, value }) => put(key, value));
  const conditions = entries.map(({ key }) => when(key, "absent"));
  const outcome = results(await dict.commit(puts, conditions));
  assert.deepEqual(outcome[499]!.version, await dict.version("k499"));
  assert.equal(await dict.len(), 500);
  const last = [...conditions.slice(0, -1).map(({ key }) => when(key, "present")), conditions.at(-1)!];
  const [reason, index] = refusal(await dict.commit([remove("k0")], last));
  assert.deepEqual([reason, index], ["condition", 499]);
  assert.equal(await dict.contains("k0"), true);
}

/** Accounts of which the sum stays; readers commit the values that they saw, under the versions that they saw. */
async function sums(world: World): Promise<void> {
  const accounts = ["k0", "k1", "k2", "k3"];
  const data = accounts.map((key) => entry(key, number(60)));
  const dict = await world.createDict({ shards: 1, data });
  const balance = (value: Uint8Array) => value[3]!;
  let consistentReads = 0;
  const reader = async () => {
    const found = await Promise.all(accounts.map((key) => dict.entry(key)));
    const conditions = found.map((each, index) => when(accounts[index]!, each!.version));
    if (!(await dict.commit([], conditions)).committed) return;
    consistentReads++;
    assert.equal(
      found.reduce((sum, each) => sum + balance(each!.value), 0),
      240,
    );
  };
  const writer = async (_: unknown, index: number) => {
    const [from, to] = [accounts[index % 4]!, accounts[(index + 1 + (index % 3)) % 4]!];
    await dict.commit([add(from, -1, { min: number(0) }), add(to, 1)]);
  };
  for (let round = 0; round < 10; round++) {
    await Promise.all([...Array.from({ length: 16 }, writer), reader(), reader()]);
    await reader();
  }
  assert.ok(consistentReads >= 10);
}

async function anyKeys(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 16 });
  const puts = numberedEntries(64).map(({ key, value }) => put(key, value));
  if (world.store.capabilities.commitsAnyKeys) {
    assert.equal(results(await dict.commit(puts)).length, 64);
    return;
  }
  await rejectsWith("unsupported", () => dict.commit(puts));
  await rejectsWith("unsupported", () =>
    dict.commit(
      [puts[0]!],
      puts.map(({ key }) => when(key, "absent")),
    ),
  );
  await rejectsWith("unsupported", () => dict.commit(puts, [], { idempotencyKey: "t" }));
  assert.equal(await dict.len(), 0);
  // Nothing was sent, so nothing is known of the key.
  assert.equal(results(await dict.commit(puts.slice(0, 1), [], { idempotencyKey: "t" })).length, 1);
}

async function otherArguments(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 1, data: [entry("a", "1"), entry("b", "2")] });
  const key = { idempotencyKey: "t" };
  const first = await dict.commit([put("a", "x", 1_000)], [when("b", "present")], key);
  const others = [
    () => dict.commit([put("a", "y", 1_000)], [when("b", "present")], key),
    () => dict.commit([put("a", "x", 2_000)], [when("b", "present")], key),
    () => dict.commit([put("a", "x")], [when("b", "present")], key),
    () => dict.commit([put("a", "x", null)], [when("b", "present")], key),
    () => dict.commit([put("b", "x", 1_000)], [when("b", "present")], key),
    () => dict.commit([put("a", "x", 1_000)], [when("b", otherVersion)], key),
    () => dict.commit([put("a", "x", 1_000)], [], key),
    () => dict.commit([put("a", "x", 1_000), remove("b")], [when("b", "present")], key),
    () => dict.commit([touch("a", 1_000)], [when("b", "present")], key),
    () => dict.commit([remove("a")], [when("b", "present")], key),
  ];
  for (const other of others) await rejectsWith("conflict", other);
  assert.deepEqual(await dict.pairs(), [
    ["a", "x"],
    ["b", "2"],
  ]);
  assert.deepEqual(await dict.commit([put("a", "x", 1_000)], [when("b", "present")], key), first);
}

async function isThereAgain(
  world: World,
  reopen: (world: World) => Promise<void>,
  durableAnswers: boolean,
): Promise<void> {
  const dict = await world.createDict({
    shards: 1,
    data: [entry("a", "1"), entry("b", "2"), entry("c", "3")],
  });
  const first = { idempotencyKey: "first" };
  const changes = [put("a", "x"), remove("b"), add("n", 300)];
  const outcome = await dict.commit(changes, [when("c", "present")], first);
  const refused = await dict.commit([put("c", "x")], [when("c", "absent")], { idempotencyKey: "second" });
  await reopen(world);
  assert.deepEqual(await dict.getMany(["a", "b", "c"]), ["x", undefined, "3"]);
  assertSameBytes((await dict.entry("n"))?.value, number(300));
  const versions = [await dict.version("a"), await dict.version("n")];
  assert.deepEqual(versions, [results(outcome)[0]!.version, results(outcome)[2]!.version]);
  if (!durableAnswers) return;
  assert.deepEqual(await dict.commit(changes, [when("c", "present")], first), outcome);
  await dict.remove("c");
  assert.deepEqual(
    await dict.commit([put("c", "x")], [when("c", "absent")], { idempotencyKey: "second" }),
    refused,
  );
  assert.equal(await dict.contains("c"), false);
}
