import { ConnectionMemory, type EverdictError, MemoryAccount } from "@everdict/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frame } from "../../testing/raw-client.ts";
import { UnaryRequestReader } from "./unary-request-reader.ts";

const maxBytes = 2_000_000;

function reader(options: { encoding?: string; budgetBytes?: number } = {}) {
  const tokenMemoryMaxBytes = options.budgetBytes ?? 10 * maxBytes;
  const limits = { clientMemoryMaxBytes: 2 * tokenMemoryMaxBytes, tokenSmallRequestsMaxBytes: 100_000 };
  const account = new MemoryAccount(limits);
  const memory = new ConnectionMemory(account.token("t"));
  const heldBytes = () => account.stats().heldBytes.requests + account.stats().heldBytes.smallRequests;
  return {
    memory,
    heldBytes,
    reader: new UnaryRequestReader({ maxBytes, memory, encoding: options.encoding }),
  };
}

function codeOf(action: () => void): string {
  try {
    action();
  } catch (caught) {
    return (caught as EverdictError).code;
  }
  return "none";
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

describe("a request message", () => {
  test("is read the same however it is cut into chunks", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.array(fc.nat({ max: 4000 }), { maxLength: 8 }),
        (message, places) => {
          const { reader: read, heldBytes } = reader();
          for (const chunk of cut(frame(message), places)) read.push(chunk);
          expect(Buffer.from(read.finish()).equals(message)).toBe(true);
          expect(heldBytes()).toBe(message.length);
          read.release();
          read.release();
          expect(heldBytes()).toBe(0);
        },
      ),
    );
  });

  test("of many parts is gathered whole", () => {
    const message = Buffer.alloc(1_900_001, 1).fill(2, 1_000_000);
    const { reader: read } = reader();
    const bytes = frame(message);
    for (let offset = 0; offset < bytes.length; offset += 16_384)
      read.push(bytes.subarray(offset, offset + 16_384));
    expect(Buffer.from(read.finish()).equals(message)).toBe(true);
  });

  test("of no bytes is a message", () => {
    const { reader: read } = reader();
    read.push(frame(Buffer.alloc(0)));
    expect(read.finish()).toHaveLength(0);
  });

  test("of exactly the largest size is taken, one byte more is refused by its prefix alone", () => {
    const { reader: read } = reader();
    read.push(frame(Buffer.alloc(maxBytes)));
    expect(read.finish()).toHaveLength(maxBytes);
    const prefix = frame(Buffer.alloc(maxBytes + 1)).subarray(0, 5);
    expect(codeOf(() => reader().reader.push(prefix))).toBe("request_too_large");
  });

  test("that declares four gigabytes costs nothing", () => {
    const { reader: read, heldBytes } = reader();
    expect(codeOf(() => read.push(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])))).toBe(
      "request_too_large",
    );
    expect(heldBytes()).toBe(0);
  });

  test("holds memory for what arrived, not for what it declares", () => {
    const prefix = Buffer.from([0, 0, 0x10, 0, 0]);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 1000 }, () => reader().reader);
    for (const read of readers) read.push(prefix);
    for (const read of readers) read.push(Buffer.from([1]));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1000 * 20 * 1024);
    expect(codeOf(() => readers[0]?.finish())).toBe("invalid_argument");
  });
});

describe("a broken request", () => {
  test.each([
    ["nothing at all", [], "unimplemented"],
    ["part of a prefix", [0, 0, 0], "invalid_argument"],
    ["part of a message", [0, 0, 0, 0, 2, 1], "invalid_argument"],
    ["two messages", [...frame(Buffer.from([1])), ...frame(Buffer.from([2]))], "unimplemented"],
    ["an empty message and another", [...frame(Buffer.alloc(0)), ...frame(Buffer.alloc(0))], "unimplemented"],
    ["a compressed message without an encoding", [1, 0, 0, 0, 0], "internal"],
    ["an unknown flag", [2, 0, 0, 0, 0], "invalid_argument"],
  ])("of %s is refused", (_what, bytes, code) => {
    const whole = reader().reader;
    const action = (read: UnaryRequestReader, chunks: readonly Buffer[]) => () => {
      for (const chunk of chunks) read.push(chunk);
      read.finish();
    };
    expect(codeOf(action(whole, [Buffer.from(bytes)]))).toBe(code);
    const byteByByte = bytes.map((byte) => Buffer.from([byte]));
    expect(codeOf(action(reader().reader, byteByByte))).toBe(code);
  });

  test("compressed with an algorithm that is not supported is refused as such", () => {
    expect(codeOf(() => reader({ encoding: "gzip" }).reader.push(Buffer.from([1, 0, 0, 0, 0])))).toBe(
      "unimplemented",
    );
    expect(codeOf(() => reader({ encoding: "identity" }).reader.push(Buffer.from([1, 0, 0, 0, 0])))).toBe(
      "internal",
    );
  });

  test("that only announces an encoding is read", () => {
    const { reader: read } = reader({ encoding: "gzip" });
    read.push(frame(Buffer.from([7])));
    expect([...read.finish()]).toEqual([7]);
  });
});

test("requests beyond the share are refused as overload, count no more once released, and small ones pass", () => {
  const { reader: first, heldBytes, memory } = reader({ budgetBytes: 100_000 });
  first.push(frame(Buffer.alloc(70_000)));
  const second = new UnaryRequestReader({ maxBytes, memory, encoding: undefined });
  expect(codeOf(() => second.push(frame(Buffer.alloc(70_000))))).toBe("overloaded");
  second.release();
  const small = new UnaryRequestReader({ maxBytes, memory, encoding: undefined });
  small.push(frame(Buffer.alloc(65_536)));
  expect(heldBytes()).toBe(135_536);
  small.release();
  expect(heldBytes()).toBe(70_000);
  first.release();
  const third = new UnaryRequestReader({ maxBytes, memory, encoding: undefined });
  third.push(frame(Buffer.alloc(100_000)));
  expect(third.finish()).toHaveLength(100_000);
});
