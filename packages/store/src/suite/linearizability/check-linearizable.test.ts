import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkLinearizable, type SequentialModel } from "./check-linearizable.ts";
import { type DictInput, type DictOutput, dictModel, historyByKey } from "./dict-models.ts";
import { type EntryInput, type EntryOutput, entryModel } from "./entry-model.ts";
import { explain } from "./explain.ts";
import type { History, Operation } from "./history.ts";

type EntryHistory = History<EntryInput, EntryOutput>;

const put = (value: string) => ({ do: "put", value }) as const;
const putIfAbsent = (value: string) => ({ do: "putIfAbsent", value }) as const;
const [get, pop, contains, clear] = [
  { do: "get" },
  { do: "pop" },
  { do: "contains" },
  { do: "clear" },
] as const;

/** An operation called at one moment and answered at another. */
function at<Input>(calledAt: number, returnedAt: number, input: Input, value?: EntryOutput) {
  return { input, calledAt, returnedAt, output: { value } };
}

/** An operation that was never answered. */
function unanswered<Input>(calledAt: number, input: Input) {
  return { input, calledAt };
}

const good: readonly (readonly [string, EntryHistory])[] = [
  ["nothing", []],
  ["calls one after the other", [at(0, 1, put("a")), at(2, 3, get, "a"), at(4, 5, pop, "a"), at(6, 7, get)]],
  ["a get beside a put that sees the old", [at(0, 9, put("a")), at(1, 2, get)]],
  ["a get beside a put that sees the new", [at(0, 9, put("a")), at(1, 2, get, "a")]],
  [
    "puts beside each other, in the order of their answers or not",
    [at(0, 9, put("a")), at(1, 8, put("b")), at(10, 11, get, "a")],
  ],
  [
    "a conditional put that lost against one called later",
    [at(0, 9, putIfAbsent("a"), false), at(1, 8, putIfAbsent("b"), true), at(10, 11, get, "b")],
  ],
  ["calls at the same moment overlap", [at(0, 1, put("a")), at(1, 2, get)]],
  ["an unanswered put that took effect", [unanswered(0, put("a")), at(1, 2, get), at(3, 4, get, "a")]],
  ["an unanswered put that never did", [unanswered(0, put("a")), at(1, 2, get), at(3, 4, contains, false)]],
  [
    "an unanswered pop whose value nobody has",
    [at(0, 1, put("a")), unanswered(2, pop), at(3, 4, get, "a"), at(5, 6, contains, false)],
  ],
  ["a clear between", [at(0, 1, put("a")), at(2, 9, clear), at(3, 4, get, "a"), at(5, 6, get)]],
];

const bad: readonly (readonly [string, EntryHistory])[] = [
  ["a stale read", [at(0, 1, put("a")), at(2, 3, put("b")), at(4, 5, get, "a")]],
  ["a value from nowhere", [at(0, 1, get, "a"), at(2, 3, put("a"))]],
  ["a lost write", [at(0, 1, put("a")), at(2, 3, get)]],
  ["two winners", [at(0, 9, putIfAbsent("a"), true), at(1, 8, putIfAbsent("b"), true)]],
  ["two who popped one value", [at(0, 1, put("a")), at(2, 9, pop, "a"), at(3, 8, pop, "a")]],
  ["a popped value that is back", [at(0, 1, put("a")), at(2, 3, pop, "a"), at(4, 5, get, "a")]],
  ["reads that go back in time", [at(0, 99, put("a")), at(1, 2, get, "a"), at(3, 4, get)]],
  [
    "readers who disagree on an order",
    [at(0, 99, put("a")), at(1, 98, put("b")), at(2, 3, get, "a"), at(4, 5, get, "b"), at(6, 7, get, "a")],
  ],
  [
    "an unanswered put that took effect twice",
    [unanswered(0, put("a")), at(1, 2, pop, "a"), at(3, 4, pop, "a")],
  ],
  ["a put before its call", [at(0, 1, get, "a"), unanswered(2, put("a"))]],
  ["a conditional put that lost against nobody", [at(0, 1, putIfAbsent("a"), false)]],
];

describe("checkLinearizable()", () => {
  test.each(good)("accepts %s", (_, history) => {
    expect(checkLinearizable(history, entryModel)).toEqual({ isLinearizable: true });
  });

  test.each(bad)("refuses %s", (_, history) => {
    expect(checkLinearizable(history, entryModel).isLinearizable).toBe(false);
  });

  test("names the call that no order explains", () => {
    const verdict = checkLinearizable(
      [at(0, 1, put("a")), at(2, 3, put("b")), at(4, 5, get, "a")],
      entryModel,
    );
    expect(explain(verdict)).toBe(
      [
        'no order explains {"do":"get"} = "a", from 4 to 5; the longest that was found, of',
        "2 calls, ends with:",
        '{"do":"put","value":"a"} = undefined, from 0 to 1',
        '{"do":"put","value":"b"} = undefined, from 2 to 3',
      ].join("\n  "),
    );
  });

  test("gives up where it is told to, and says so", () => {
    const history = Array.from({ length: 12 }, (_, index) => at(index, 99, put(`${index}`)));
    const verdict = checkLinearizable([...history, at(100, 101, get, "nowhere")], entryModel, {
      stepsMax: 1000,
    });
    expect(verdict).toEqual({ isLinearizable: undefined });
    expect(explain(verdict)).toBe("the search for an order was given up");
  });

  test("finds what concerns several keys only in the history of the whole dictionary", () => {
    const half: History<DictInput, DictOutput> = [
      at(0, 9, {
        do: "update",
        entries: [
          ["a", "1"],
          ["b", "1"],
        ],
      }),
      at(1, 2, { do: "get", key: "a" }, "1"),
      at(3, 4, { do: "get", key: "b" }, undefined),
    ];
    expect(checkLinearizable(half, dictModel).isLinearizable).toBe(false);
    for (const operations of historyByKey(half).values()) {
      expect(checkLinearizable(operations, entryModel).isLinearizable).toBe(true);
    }
  });

  test("agrees with trying out every order", () => {
    fc.assert(
      fc.property(fc.array(anyOperation, { maxLength: 6 }), (history) => {
        expect(checkLinearizable(history, entryModel).isLinearizable).toBe(
          someOrderExplains(history, entryModel),
        );
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});

const anyInput = fc.constantFrom<EntryInput>(
  put("a"),
  put("b"),
  putIfAbsent("a"),
  putIfAbsent("b"),
  get,
  pop,
  contains,
  clear,
);
const anyOperation = fc
  .record({
    input: anyInput,
    calledAt: fc.integer({ min: 0, max: 12 }),
    took: fc.integer({ min: 0, max: 6 }),
    answer: fc.constantFrom<string | boolean | undefined>(undefined, "a", "b", true, false, "unknown"),
  })
  .map(({ input, calledAt, took, answer }): Operation<EntryInput, EntryOutput> => {
    if (answer === "unknown") return unanswered(calledAt, input);
    const isWrite = input.do === "put" || input.do === "clear";
    return at(calledAt, calledAt + took, input, isWrite ? undefined : answer);
  });

/** The definition, without any cleverness. */
function someOrderExplains<State, Input, Output>(
  history: History<Input, Output>,
  model: SequentialModel<State, Input, Output>,
  state = model.initial,
): boolean {
  if (history.every(({ output }) => output === undefined)) return true;
  return history.some((next) => {
    const others = history.filter((other) => other !== next);
    if (others.some(({ returnedAt = Number.POSITIVE_INFINITY }) => returnedAt < next.calledAt)) return false;
    const after = model.apply(state, next.input);
    if (next.output !== undefined && next.output.value !== after.output) return false;
    return someOrderExplains(others, model, after.state);
  });
}
