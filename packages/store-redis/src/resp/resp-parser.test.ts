import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommandWriter } from "./command-writer.ts";
import { type Reply, ReplyError } from "./reply.ts";
import { RespParser } from "./resp-parser.ts";

function parsed(...pieces: readonly (string | Uint8Array)[]): Reply[] {
  const replies: Reply[] = [];
  const parser = new RespParser((reply) => replies.push(reply));
  for (const piece of pieces)
    parser.push(typeof piece === "string" ? Buffer.from(piece, "latin1") : Buffer.from(piece));
  return replies;
}

const samples: readonly (readonly [string, string, Reply[]])[] = [
  ["integers", ":0\r\n:-1\r\n:1234567890123\r\n", [0, -1, 1_234_567_890_123]],
  ["simple strings", "+OK\r\n+\r\n", ["OK", ""]],
  ["bulk strings", "$0\r\n\r\n$3\r\na\r\n\r\n$-1\r\n", [Buffer.alloc(0), Buffer.from("a\r\n"), null]],
  ["arrays", "*0\r\n*-1\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n:9\r\n", [[], null, [1, [Buffer.from("x")]], 9]],
  ["errors as values", "*2\r\n-MOVED 1 h:2\r\n:1\r\n", [[new ReplyError("MOVED 1 h:2"), 1]]],
];

describe("RespParser", () => {
  test.each(samples)("reads %s", (_, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test("reads the same however the bytes are cut", () => {
    const text = samples.map(([, part]) => part).join("");
    const expected = samples.flatMap(([, , replies]) => replies);
    for (let cut = 0; cut <= text.length; cut++) {
      expect(parsed(text.slice(0, cut), text.slice(cut))).toEqual(expected);
    }
    expect(parsed(...text)).toEqual(expected);
  });

  test("refuses what is no RESP2", () => {
    expect(() => parsed("%1\r\n")).toThrow("no type of RESP2");
    expect(() => parsed("$1x\r\n")).toThrow("a digit must be");
  });
});

describe("CommandWriter", () => {
  test("what it writes is read back as it was, whatever the sizes", () => {
    const argument = fc.oneof(
      fc.string(),
      fc.nat(),
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(32_767, 32_768, 40_000).map((length) => new Uint8Array(length).fill(7)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(argument, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
        (commands) => {
          const writer = new CommandWriter();
          for (const command of commands) writer.add(command);
          const expected = commands.map((command) => command.map(bytesOf));
          // Node's comparison, since vitest's looks at every byte of a buffer as a property.
          assert.deepEqual(parsed(...writer.take()), expected);
          assert.deepEqual(writer.take(), []);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("keeps what was taken intact while more is added", () => {
    const writer = new CommandWriter();
    writer.add(["GET", "first"]);
    const first = writer.take();
    writer.add(["GET", "other"]);
    expect(parsed(...first)).toEqual([[Buffer.from("GET"), Buffer.from("first")]]);
  });
});

function bytesOf(argument: string | number | Uint8Array): Buffer {
  return typeof argument === "object" ? Buffer.from(argument) : Buffer.from(String(argument));
}
