import { create, toBinary } from "@bufbuild/protobuf";
import { Status, type StatusCode } from "@everdict/protocol";
import { RPCRetryPolicySchema, RPCStatusSchema } from "@everdict/protocol/api";
import { describe, expect, test } from "vitest";
import { GrpcFailure } from "./grpc-failure.ts";
import { type RetryHeaders, type RetryOptions, withRetries } from "./retry.ts";

/** A failure by which the server asks to wait. */
function throttled(seconds: number, status: StatusCode = Status.RESOURCE_EXHAUSTED): GrpcFailure {
  const policy = toBinary(RPCRetryPolicySchema, create(RPCRetryPolicySchema, { retryAfterSecs: seconds }));
  const details = [{ typeUrl: "type.modal.com/modal.client.RPCRetryPolicy", value: policy }];
  const statusDetails = toBinary(RPCStatusSchema, create(RPCStatusSchema, { code: status, details }));
  return new GrpcFailure(status, "slow down", { statusDetails });
}

const failed = (status: StatusCode) => new GrpcFailure(status, "failed");

/** Runs a call whose attempts end as listed, on a clock that only sleeping moves. */
async function run(outcomes: readonly unknown[], options: Partial<RetryOptions> = {}) {
  const headers: RetryHeaders[] = [];
  const sleeps: number[] = [];
  let nowMs = 1_000;
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      sleeps.push(ms);
      nowMs += ms;
    },
  };
  const attempt = async (attemptHeaders: RetryHeaders) => {
    const outcome = outcomes[headers.length];
    headers.push(attemptHeaders);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const bounds = {
    idempotencyKey: "key-1",
    repeat: "always",
    subject: "dict",
    deadlineMs: undefined,
    signal: undefined,
    maxThrottleWaitMs: undefined,
    waitForServerMs: 0,
  } as const;
  const result = await withRetries(attempt, { ...bounds, ...options }, clock).then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  return { ...result, headers, sleeps };
}

describe("repeating", () => {
  test("a call that succeeds is made once", async () => {
    const { answer, headers } = (await run(["yes"])) as { answer: string; headers: RetryHeaders[] };
    expect(answer).toBe("yes");
    expect(headers).toEqual([
      { "x-idempotency-key": "key-1", "x-retry-attempt": "0", "x-throttle-retry-attempt": "0" },
    ]);
  });

  test.each([
    Status.CANCELLED,
    Status.UNKNOWN,
    Status.DEADLINE_EXCEEDED,
    Status.INTERNAL,
    Status.UNAVAILABLE,
  ])("status %i is repeated three times, under one idempotency key", async (status) => {
    const { headers, sleeps, ...end } = await run([0, 1, 2, 3, 4].map(() => failed(status)));
    expect(end).toMatchObject({ error: { status } });
    expect(sleeps).toEqual([100, 200, 400]);
    expect(new Set(headers.map((each) => each["x-idempotency-key"]))).toEqual(new Set(["key-1"]));
    expect(headers.map((each) => each["x-retry-attempt"])).toEqual(["0", "1", "2", "3"]);
    expect(headers.map((each) => each["x-retry-delay"])).toEqual([undefined, "0.100", "0.300", "0.700"]);
  });

  test.each([
    Status.INVALID_ARGUMENT,
    Status.NOT_FOUND,
    Status.ALREADY_EXISTS,
    Status.PERMISSION_DENIED,
    Status.RESOURCE_EXHAUSTED,
    Status.FAILED_PRECONDITION,
    Status.ABORTED,
    Status.OUT_OF_RANGE,
    Status.UNIMPLEMENTED,
    Status.DATA_LOSS,
    Status.UNAUTHENTICATED,
  ])("status %i is final", async (status) => {
    const { headers, ...end } = await run([failed(status), "not reached"]);
    expect(end).toMatchObject({ error: { status } });
    expect(headers).toHaveLength(1);
  });

  test("what is no failure of the call is final", async () => {
    expect((await run([new TypeError("a defect"), "not reached"])).headers).toHaveLength(1);
  });

  test("a later success is the answer", async () => {
    expect(await run([failed(Status.UNAVAILABLE), "late"])).toMatchObject({ answer: "late", sleeps: [100] });
  });

  test("stops when the pause would pass the deadline", async () => {
    const outcomes = [0, 1, 2].map(() => failed(Status.UNAVAILABLE));
    const { sleeps, headers } = await run(outcomes, { deadlineMs: 1_000 + 250 });
    expect(sleeps).toEqual([100]);
    expect(headers).toHaveLength(2);
  });

  test("stops when the caller gave up", async () => {
    const { headers } = await run([failed(Status.UNAVAILABLE), "no"], { signal: AbortSignal.abort() });
    expect(headers).toHaveLength(1);
  });
});

describe("waits that the server asks for", () => {
  test("go on without limit and do not count as retries", async () => {
    const outcomes = [
      ...Array.from({ length: 20 }, () => throttled(0.5)),
      failed(Status.UNAVAILABLE),
      "done",
    ];
    const { sleeps, headers, ...end } = await run(outcomes);
    expect(end).toEqual({ answer: "done" });
    expect(sleeps).toEqual([...Array.from({ length: 20 }, () => 500), 100]);
    expect(headers.at(-1)).toEqual({
      "x-idempotency-key": "key-1",
      "x-retry-attempt": "1",
      "x-throttle-retry-attempt": "20",
      "x-retry-delay": "10.100",
      "x-throttle-retry-delay": "10.100",
    });
  });

  test("are at least 100 ms, and may come with any status", async () => {
    expect(await run([throttled(0.01, Status.NOT_FOUND), "ok"])).toMatchObject({
      sleeps: [100],
      answer: "ok",
    });
  });

  test("end at the limit for waits", async () => {
    const { sleeps, ...end } = await run(
      [0, 1, 2].map(() => throttled(1)),
      { maxThrottleWaitMs: 1500 },
    );
    expect(sleeps).toEqual([1000]);
    expect(end).toMatchObject({ error: { retryAfterMs: 1000 } });
  });

  test("a limit of 0 means never", async () => {
    expect((await run([throttled(0.1)], { maxThrottleWaitMs: 0 })).sleeps).toEqual([]);
  });

  test("end at the deadline", async () => {
    expect((await run([throttled(2)], { deadlineMs: 2_000 })).sleeps).toEqual([]);
  });
});

describe("status details", () => {
  test("are read as the reference example has them", () => {
    const base64 = "CAgSCXNsb3cgZG93bhozCip0eXBlLm1vZGFsLmNvbS9tb2RhbC5jbGllbnQuUlBDUmV0cnlQb2xpY3kSBQ0AAAA/";
    const failure = new GrpcFailure(8, "slow down", { statusDetails: Buffer.from(base64, "base64") });
    expect(failure.retryAfterMs).toBe(500);
  });

  test("that cannot be read, or say something else, ask for nothing", () => {
    const other = toBinary(RPCStatusSchema, create(RPCStatusSchema, { details: [{ typeUrl: "x/y.Z" }] }));
    for (const statusDetails of [undefined, Uint8Array.of(0xff, 0xff), other]) {
      expect(new GrpcFailure(8, "slow down", { statusDetails }).retryAfterMs).toBeUndefined();
    }
  });
});
