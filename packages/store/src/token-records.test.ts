import { idempotencyGuaranteeMs, idempotencyRetentionMs } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { type RecordedCall, TokenRecords } from "./token-records.ts";

const pop: RecordedCall = { scope: "pop d", digest: () => 1, answer: "value" };
const flag: RecordedCall = { scope: "putIfAbsent d", digest: () => 1, answer: "flag" };

function setUp(budgetBytes: number) {
  const time = { nowMs: 0 };
  return { records: new TokenRecords(() => time.nowMs, budgetBytes), time };
}

describe("TokenRecords", () => {
  test("does an operation without a token each time", () => {
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
    expect(() => records.once(pop, { token: "t" }, failing)).toThrow("refused");
    expect(records.once(pop, { token: "t" }, () => "done")).toBe("done");
  });

  test("takes one record of any size into an empty budget", () => {
    const { records } = setUp(1);
    expect(records.once(pop, { token: "t" }, () => new Uint8Array(1_000_000)).length).toBe(1_000_000);
    expect(() => records.once(pop, { token: "u" }, () => true)).toThrow(/hold \d+ bytes, the limit is 1$/);
  });

  test("refuses pops, and no flags, when values fill a caller's share", () => {
    const { records } = setUp(100_000);
    records.once(pop, { token: "t" }, () => new Uint8Array(1_000_000));
    expect(() => records.once(pop, { token: "u" }, () => true)).toThrow("hold");
    for (let token = 0; token < 100; token++) {
      expect(records.once(flag, { token: `${token}` }, () => true)).toBe(true);
    }
    expect(records.once(pop, { token: "v", caller: "another" }, () => true)).toBe(true);
  });

  test("does not answer a call with other arguments", () => {
    const { records } = setUp(100_000);
    records.once(pop, { token: "t" }, () => "first");
    const other = { ...pop, digest: () => 2 };
    expect(() => records.once(other, { token: "t" }, () => "second")).toThrow("other arguments");
  });

  test("under pressure drops the oldest beyond the guaranteed time, one for one, and none before", () => {
    const { records, time } = setUp(2000);
    let token = 0;
    const fill = () => {
      for (;;) records.once(pop, { token: `${token}` }, () => token++);
    };
    expect(fill).toThrow("the limit is 1000");
    const count = token;
    time.nowMs = idempotencyGuaranteeMs - 1;
    expect(fill).toThrow("the limit is 1000");
    time.nowMs++;
    records.once(pop, { token: "new" }, () => "new");
    expect(records.once(pop, { token: "1" }, () => "forgotten")).toBe(1);
    expect(records.once(pop, { token: "0" }, () => "forgotten")).toBe("forgotten");
    expect(count).toBeGreaterThan(2);
  });

  test("forgets a record when it is told to, and gives back its bytes", () => {
    const { records } = setUp(1);
    for (let token = 0; token < 100; token++) {
      records.once(pop, { token: `${token}` }, () => new Uint8Array(1000));
      records.forget("pop d", `${token}`);
      records.forget("pop d", "never");
    }
    expect(records.once(pop, { token: "5" }, () => "done again")).toBe("done again");
  });

  test("sweeps records past their time, so many at a time", () => {
    const { records, time } = setUp(1_000_000);
    for (let token = 0; token < 5; token++) records.once(pop, { token: `${token}` }, () => token);
    time.nowMs = idempotencyRetentionMs - 1;
    expect(records.sweep(3)).toEqual({ more: false });
    expect(records.once(pop, { token: "0" }, () => "forgotten")).toBe(0);
    time.nowMs = idempotencyRetentionMs;
    expect(records.sweep(3)).toEqual({ more: true });
    expect(records.sweep(3)).toEqual({ more: false });
    expect(records.once(pop, { token: "4" }, () => "forgotten")).toBe("forgotten");
  });
});
