import { idempotencyGuaranteeMs, idempotencyRetentionMs } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { AnswerRecords, type RecordedCall } from "./answer-records.ts";

const pop: RecordedCall = { scope: "pop d", digest: () => 1, answer: "value" };
const flag: RecordedCall = { scope: "putIfAbsent d", digest: () => 1, answer: "flag" };

function setUp(budgetBytes: number) {
  const time = { nowMs: 0 };
  return { records: new AnswerRecords(() => time.nowMs, budgetBytes), time };
}

describe("AnswerRecords", () => {
  test("does an operation without an idempotency key each time", () => {
    const { records } = setUp(0);
    let done = 0;
    for (let call = 0; call < 3; call++) records.once(pop, {}, () => done++);
    expect(done).toBe(3);
  });

  test("an operation that fails leaves no record", () => {
    const { records } = setUp(1_000_000);
    const failing = () => {
      throw new Error("refused");
    };
    expect(() => records.once(pop, { idempotencyKey: "t" }, failing)).toThrow("refused");
    expect(records.once(pop, { idempotencyKey: "t" }, () => "done")).toBe("done");
  });

  test("takes one record of any size into an empty budget", () => {
    const { records } = setUp(1);
    expect(records.once(pop, { idempotencyKey: "t" }, () => new Uint8Array(1_000_000)).length).toBe(
      1_000_000,
    );
    expect(() => records.once(pop, { idempotencyKey: "u" }, () => true)).toThrow(
      /hold \d+ bytes, the limit is 1$/,
    );
  });

  test("refuses pops, and no flags, when values fill a caller's share", () => {
    const { records } = setUp(100_000);
    records.once(pop, { idempotencyKey: "t" }, () => new Uint8Array(1_000_000));
    expect(() => records.once(pop, { idempotencyKey: "u" }, () => true)).toThrow("hold");
    for (let idempotencyKey = 0; idempotencyKey < 100; idempotencyKey++) {
      expect(records.once(flag, { idempotencyKey: `${idempotencyKey}` }, () => true)).toBe(true);
    }
    expect(records.once(pop, { idempotencyKey: "v", caller: "another" }, () => true)).toBe(true);
  });

  test("counts what became of each change of a commit, with its sums", () => {
    const { records } = setUp(100_000);
    const results = Array.from({ length: 100 }, () => ({
      version: "0".repeat(16),
      value: new Uint8Array(600),
    }));
    records.once(flag, { idempotencyKey: "t" }, () => ({ committed: true, results }));
    expect(() => records.once(flag, { idempotencyKey: "u" }, () => true)).toThrow("hold");
    expect(records.once(flag, { idempotencyKey: "u", caller: "another" }, () => true)).toBe(true);
  });

  test("does not answer a call with other arguments", () => {
    const { records } = setUp(100_000);
    records.once(pop, { idempotencyKey: "t" }, () => "first");
    const other = { ...pop, digest: () => 2 };
    expect(() => records.once(other, { idempotencyKey: "t" }, () => "second")).toThrow("other arguments");
  });

  test("under pressure drops the oldest beyond the guaranteed time, one for one, and none before", () => {
    const { records, time } = setUp(2000);
    let idempotencyKey = 0;
    const fill = () => {
      for (;;) records.once(pop, { idempotencyKey: `${idempotencyKey}` }, () => idempotencyKey++);
    };
    expect(fill).toThrow("the limit is 1000");
    const count = idempotencyKey;
    time.nowMs = idempotencyGuaranteeMs - 1;
    expect(fill).toThrow("the limit is 1000");
    time.nowMs++;
    records.once(pop, { idempotencyKey: "new" }, () => "new");
    expect(records.once(pop, { idempotencyKey: "1" }, () => "forgotten")).toBe(1);
    expect(records.once(pop, { idempotencyKey: "0" }, () => "forgotten")).toBe("forgotten");
    expect(count).toBeGreaterThan(2);
  });

  test("forgets a record when it is told to, and gives back its bytes", () => {
    const { records } = setUp(1);
    for (let idempotencyKey = 0; idempotencyKey < 100; idempotencyKey++) {
      records.once(pop, { idempotencyKey: `${idempotencyKey}` }, () => new Uint8Array(1000));
      records.forget("pop d", `${idempotencyKey}`);
      records.forget("pop d", "never");
    }
    expect(records.once(pop, { idempotencyKey: "5" }, () => "done again")).toBe("done again");
  });

  test("sweeps records past their time, so many at a time", () => {
    const { records, time } = setUp(1_000_000);
    for (let idempotencyKey = 0; idempotencyKey < 5; idempotencyKey++)
      records.once(pop, { idempotencyKey: `${idempotencyKey}` }, () => idempotencyKey);
    time.nowMs = idempotencyRetentionMs - 1;
    expect(records.sweep(3)).toEqual({ more: false });
    expect(records.once(pop, { idempotencyKey: "0" }, () => "forgotten")).toBe(0);
    time.nowMs = idempotencyRetentionMs;
    expect(records.sweep(3)).toEqual({ more: true });
    expect(records.sweep(3)).toEqual({ more: false });
    expect(records.once(pop, { idempotencyKey: "4" }, () => "forgotten")).toBe("forgotten");
  });
});
