import { create, type DescField, type DescMessage, toBinary } from "@bufbuild/protobuf";
import type { EverdictError } from "@everdict/protocol";
import { ConnectionMemory, MemoryAccount } from "@everdict/protocol";
import { DictUpdateRequestSchema, ModalClient } from "@everdict/protocol/api";
import { Dicts } from "@everdict/protocol/dicts-api";
import { describe, expect, test } from "vitest";
import { fakeService } from "../../testing/fake-service.ts";
import { testCaller } from "../../testing/test-server.ts";
import { messageCheck } from "./check-message.ts";
import { bindRpcs, rpcTable } from "./rpc-table.ts";

const memory = new ConnectionMemory(new MemoryAccount().token("t"));
const MIB = 1024 * 1024;
const messageBytes = 16 * MIB;
/** What one request may hold the event loop, in milliseconds. */
const holdMaxMs = 50;
const rounds = 3;
const requestMaxEntries = 10_000;

const methods = bindRpcs(rpcTable, {
  serviceFor: () => fakeService({}),
  identity: { workspaceName: "home", describeToken: () => undefined, issueAuthToken: () => "" },
  requestMaxEntries,
  management: { audit: () => {} },
});

const filledWith = (...unit: number[]): Uint8Array => Buffer.alloc(messageBytes, Uint8Array.from(unit));

/** What anybody can send to any method. */
const hostileMessages: readonly [name: string, message: Uint8Array][] = [
  ["fields that nobody knows", filledWith(0x78, 0)],
  ["empty fields that nobody knows", filledWith(0x7a, 0)],
  ["groups in groups", filledWith(0x7b)],
  ["empty groups", filledWith(0x7b, 0x7c)],
  ["a number that does not end", filledWith(0xff)],
  ["numbers of ten bytes", filledWith(0x78, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0)],
  ["numbers of eight bytes", filledWith(0x79, 0, 0, 0, 0, 0, 0, 0, 0)],
  ["zeroes", filledWith(0)],
];

/** For each field of a request: nothing but it, empty; and as one that fills the message. */
function fieldMessages(schema: DescMessage): [name: string, message: Uint8Array][] {
  return schema.fields.flatMap((field) => [
    [
      `${field.name}, empty, again and again`,
      filledWith(...varint((field.number << 3) | wireType(field)), 0),
    ],
    [`one ${field.name} of ${messageBytes} bytes`, largeField(field)],
  ]);
}

function wireType(field: DescField): number {
  const isLength = field.message !== undefined || field.scalar === 9 || field.scalar === 12;
  return isLength ? 2 : 0;
}

function largeField({ number }: DescField): Uint8Array {
  const head = [...varint((number << 3) | 2), ...varint(messageBytes)];
  return Buffer.concat([Uint8Array.from(head), Buffer.alloc(messageBytes, Uint8Array.of(0x12, 0))]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/** How long a method holds the event loop with a request, and how it refuses it. The best of a few rounds. */
function ask(path: string, message: Uint8Array): { tookMs: number; code: string } {
  const method = methods.get(path)!;
  let best = { tookMs: Number.POSITIVE_INFINITY, code: "" };
  for (let round = 0; round < rounds && best.tookMs > holdMaxMs; round++) {
    const startMs = performance.now();
    const code = refusal(() => method.answer({ caller: testCaller, options: {}, memory, message }));
    const tookMs = performance.now() - startMs;
    if (tookMs < best.tookMs) best = { tookMs, code };
  }
  return best;
}

/** A fake service refuses at once, and streams do nothing before their first step. */
function refusal(call: () => unknown): string {
  try {
    const answer = call();
    if (answer instanceof Promise) answer.catch(() => {});
    return "taken";
  } catch (error) {
    return (error as EverdictError).code;
  }
}

const rpcs = [ModalClient, Dicts].flatMap(({ typeName, methods: described }) =>
  described.map((method) => [`${typeName}/${method.name}`, method] as const),
);

describe.each(rpcs)("a large %s of nothing holds the event loop for a moment only:", (name, { input }) => {
  const path = `/${name}`;

  test.each(hostileMessages)("%s", (_, message) => {
    const { tookMs, code } = ask(path, message);
    expect(tookMs, `${messageBytes} bytes`).toBeLessThan(holdMaxMs);
    expect(code).toBe("invalid_argument");
  });

  const own = fieldMessages(input);
  if (own.length === 0) return;
  test.each(own)("%s", (_, message) => {
    expect(ask(path, message).tookMs, `${messageBytes} bytes`).toBeLessThan(holdMaxMs);
  });
});

describe("entries are counted before objects are made of them", () => {
  const check = messageCheck(DictUpdateRequestSchema);
  const updateOf = (entries: number, key = new Uint8Array(200)) => {
    const updates = Array.from({ length: entries }, () => ({ key, value: key }));
    return toBinary(DictUpdateRequestSchema, create(DictUpdateRequestSchema, { dictId: "di-1", updates }));
  };

  test("as many as are allowed pass", () => {
    expect(() => check(updateOf(10), 10)).not.toThrow();
    expect(() => check(updateOf(requestMaxEntries), requestMaxEntries)).not.toThrow();
  });

  test.each([
    ["one more", updateOf(11)],
    ["many empty ones", filledWith(0x12, 0)],
    ["many in front of which others lie", Buffer.concat([updateOf(5), filledWith(0x12, 0)])],
    ["many behind a large one", Buffer.concat([updateOf(1, new Uint8Array(5 * MIB)), updateOf(10)])],
  ])("%s are too many, and the message names the limit", (_, message) => {
    const error = expect.objectContaining({ code: "too_many_entries" });
    expect(() => check(message, 10)).toThrow(error);
    expect(() => check(message, 10)).toThrow("request holds 11 entries or more, limit is 10");
  });

  test("a field within an entry is bounded with all others", () => {
    const entry = Buffer.concat([
      Uint8Array.of(0x12, 0xd0, 0x0f),
      Buffer.alloc(2000, Uint8Array.of(0x0a, 0)),
    ]);
    const message = Buffer.concat(Array(100).fill(entry));
    expect(() => check(message, 100)).toThrow("request holds more than 2200 fields");
    expect(() => check(message, 20_000)).not.toThrow();
  });

  test("a length that leaves its message is refused", () => {
    const entry = Uint8Array.of(0x12, 4, 0x0a, 100, 1, 2);
    const message = Buffer.concat([entry, Buffer.alloc(2000)]);
    expect(() => check(message, 10)).toThrow("the request is not a readable DictUpdateRequest");
  });
});

test("the check costs an update of 10,000 entries a small part of its decoding", () => {
  const update = methods.get("/modal.client.ModalClient/DictUpdate")!;
  const updates = Array.from({ length: requestMaxEntries }, (_, index) => {
    const key = Buffer.from(`key ${index}`);
    return { key, value: new Uint8Array(100) };
  });
  const message = toBinary(DictUpdateRequestSchema, create(DictUpdateRequestSchema, { updates }));
  const check = messageCheck(DictUpdateRequestSchema);
  const timed = (work: () => unknown) => {
    const startMs = performance.now();
    work();
    return performance.now() - startMs;
  };
  // In turns, so that both are as warm and the machine is as busy; the best of many rounds each.
  let checkMs = Number.POSITIVE_INFINITY;
  let wholeMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100; round++) {
    checkMs = Math.min(
      checkMs,
      timed(() => check(message, requestMaxEntries)),
    );
    const call = () => refusal(() => update.answer({ caller: testCaller, options: {}, memory, message }));
    wholeMs = Math.min(wholeMs, timed(call));
  }
  console.log(`the check takes ${checkMs.toFixed(3)} ms of ${wholeMs.toFixed(3)} ms`);
  expect(checkMs / wholeMs, `${checkMs} of ${wholeMs} ms`).toBeLessThan(0.5);
});
