import type { CommitOutcome } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { answeredCall, decodeAnswer, encodeAnswer, type RecordedAnswer } from "./recorded-answer.ts";

const value = Buffer.from("a value");
const dict = {
  ...{ id: "di-1", environmentId: "en-1", name: "jobs", createdAtSeconds: 1.5, createdBy: "somebody" },
  expiry: { policy: "never" },
} as const;
const place = { kind: "place", segment: 7, offset: 4_000_000_000, length: 300 } as const;

// As versions without a digest wrote them: one byte for the kind, then the content.
const older: readonly (readonly [Buffer, RecordedAnswer])[] = [
  [Buffer.from([0]), { kind: "nothing" }],
  [Buffer.from([1]), { kind: "yes" }],
  [Buffer.from([2]), { kind: "no" }],
  [Buffer.from("0307000000" + "00286bee" + "2c010000", "hex"), place],
  [Buffer.from([4, ...value]), { kind: "value", value }],
  [
    Buffer.from(`\u0005${JSON.stringify({ dict, created: true })}`),
    { kind: "created", created: { dict, created: true } },
  ],
];

describe.each(older.map(([bytes, answer]) => [answer.kind, bytes, answer] as const))(
  "%s",
  (_, bytes, answer) => {
    test("is read as older versions wrote it, and says nothing of its call", () => {
      expect(decodeAnswer(bytes)).toEqual(answer);
      expect(answeredCall(bytes)).toBeUndefined();
      expect(encodeAnswer(answer, undefined)).toEqual(bytes);
    });

    test("is read as it was written, with its call", () => {
      const call = { callerTag: 0xfedcba98, digest: 0x89abcdef };
      const written = encodeAnswer(answer, call);
      expect(decodeAnswer(written)).toEqual(answer);
      expect(answeredCall(written)).toEqual(call);
      expect(written.length).toBe(bytes.length + 8);
    });
  },
);

const version = "0123456789abcdef";
const outcomes: readonly CommitOutcome[] = [
  { committed: true, results: [] },
  {
    committed: true,
    results: [
      { version },
      { version: undefined },
      { version: "00000000000000ff", value: new Uint8Array([128, 4, 75, 1, 46]) },
      { version, value: new Uint8Array(272).fill(7) },
    ],
  },
  ...(["condition", "not_a_number", "out_of_bounds"] as const).flatMap((reason) => [
    { committed: false as const, reason, index: 0, found: undefined },
    { committed: false as const, reason, index: 70_000, found: version },
  ]),
];

test.each(outcomes)("the outcome %j is read as it was written", (outcome) => {
  const call = { callerTag: 1, digest: 2 };
  const written = encodeAnswer({ kind: "outcome", outcome }, call);
  expect(decodeAnswer(written)).toEqual({ kind: "outcome", outcome });
  expect(answeredCall(written)).toEqual(call);
  expect(() => decodeAnswer(Buffer.from([6, 9]))).toThrowError(
    expect.objectContaining({ code: "data_loss" }),
  );
});

test("an unknown kind is data_loss", () => {
  expect(() => decodeAnswer(Buffer.from([9]))).toThrowError(expect.objectContaining({ code: "data_loss" }));
  expect(() => decodeAnswer(Buffer.alloc(0))).toThrowError(expect.objectContaining({ code: "data_loss" }));
});
