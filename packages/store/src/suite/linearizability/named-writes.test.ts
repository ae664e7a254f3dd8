import { expect, test } from "vitest";
import { checkLinearizable } from "./check-linearizable.ts";
import { type DictInput, type DictOutput, dictModel, historyByKey, wholeHistoryOf } from "./dict-models.ts";
import { type CommitInput, entryModel, type VersionedOutput } from "./entry-model.ts";
import type { History } from "./history.ts";

const [oneVersion, otherVersion, thirdVersion] = ["0a", "0b", "0c"];

type Call = readonly [DictInput, DictOutput?];

/** Calls one after the other, on the key `k`. */
function inTurn(...calls: readonly Call[]): History<DictInput, DictOutput> {
  return calls.map(([input, value], turn) => ({
    input,
    output: { value },
    calledAt: 2 * turn,
    returnedAt: 2 * turn + 1,
  }));
}

const key = "k";
const put = (value: string): Call => [{ do: "update", entries: [[key, value]] }];
const entry = (value: string, version: string): Call => [
  { do: "entry", key },
  { value, version },
];
const commit = (
  change: CommitInput["change"],
  expected: string | undefined,
  output: VersionedOutput,
  write = "w",
): Call => [{ do: "commit", key, change, expected, write }, output];
const done = (version: string, value?: string): VersionedOutput => ({ committed: true, version, value });
const add = (by: number) => ({ kind: "add", by }) as const;

const histories: readonly (readonly [string, boolean, History<DictInput, DictOutput>])[] = [
  [
    "a put under the version that was read",
    true,
    inTurn(
      put("1000"),
      entry("1000", oneVersion),
      commit({ kind: "put", value: "2000" }, oneVersion, done(otherVersion)),
    ),
  ],
  [
    "a put under a version that is no more",
    false,
    inTurn(
      put("1000"),
      entry("1000", oneVersion),
      put("2000"),
      commit({ kind: "put", value: "3000" }, oneVersion, done(otherVersion)),
    ),
  ],
  [
    "a refusal that names the version of a write that nobody was told of",
    true,
    inTurn(
      put("1000"),
      entry("1000", oneVersion),
      put("2000"),
      commit({ kind: "remove" }, oneVersion, { committed: false, reason: "condition", found: otherVersion }),
    ),
  ],
  [
    "a refusal although the version is right",
    false,
    inTurn(
      put("1000"),
      entry("1000", oneVersion),
      commit({ kind: "remove" }, oneVersion, { committed: false, reason: "condition", found: oneVersion }),
    ),
  ],
  [
    "a version that comes again",
    false,
    inTurn(
      commit(add(1), undefined, done(oneVersion, "1"), "w1"),
      commit(add(1), undefined, done(oneVersion, "2"), "w2"),
    ),
  ],
  [
    "a read that changes the version",
    false,
    inTurn(
      commit(add(1), undefined, done(oneVersion, "1"), "w1"),
      entry("1", otherVersion),
      entry("1", thirdVersion),
    ),
  ],
  [
    "additions that both count",
    true,
    inTurn(
      commit(add(2), "absent", done(oneVersion, "2"), "w1"),
      commit(add(3), oneVersion, done(otherVersion, "5"), "w2"),
    ),
  ],
  [
    "an addition that is lost",
    false,
    inTurn(
      commit(add(2), undefined, done(oneVersion, "2"), "w1"),
      commit(add(3), undefined, done(otherVersion, "3"), "w2"),
    ),
  ],
  [
    "many keys that are read with what a commit left",
    true,
    inTurn(commit(add(2), undefined, done(oneVersion, "2"), "w1"), [
      { do: "getMany", keys: [key, "x"] },
      ["2", undefined],
    ]),
  ],
  [
    "many keys of which one is stale",
    false,
    inTurn(commit(add(2), undefined, done(oneVersion, "2"), "w1"), [
      { do: "getMany", keys: ["x", key] },
      [undefined, undefined],
    ]),
  ],
];

test.each(histories)("%s is linearizable: %s", (_, isLinearizable, history) => {
  const operations = historyByKey(history).get(key)!;
  expect(checkLinearizable(operations, entryModel).isLinearizable).toBe(isLinearizable);
  if (history.some(({ input }) => input.do === "getMany")) return;
  expect(checkLinearizable(wholeHistoryOf(history), dictModel).isLinearizable).toBe(isLinearizable);
});

test("versions of different keys may be equal", () => {
  const history = inTurn(
    [{ do: "commit", key: "a", change: add(1), write: "w1" }, done(oneVersion, "1")],
    [{ do: "commit", key: "b", change: add(1), write: "w2" }, done(oneVersion, "1")],
    [
      { do: "entry", key: "a" },
      { value: "1", version: oneVersion },
    ],
  );
  for (const operations of historyByKey(history).values()) {
    expect(checkLinearizable(operations, entryModel)).toEqual({ isLinearizable: true });
  }
  expect(checkLinearizable(wholeHistoryOf(history), dictModel)).toEqual({ isLinearizable: true });
});
