// The loop's cases are literals, since only those make the engine build a jump table. This holds them against the table.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Op, opcodes } from "../wire/opcodes.ts";
import { loopOpcodes, opcodeHandlers } from "./opcode-handlers.ts";

const loop = readFileSync(new URL("decode-loop.ts", import.meta.url), "utf8");

/** The names and bytes of the loop's cases; a name stands in the comment behind or below its case. */
const cases = Array.from(loop.matchAll(/case (0x[0-9a-f]{2}):(?: \{)?\s*\/\/ ([A-Z0-9_]+)$/gm), (found) => ({
  name: found[2]!,
  code: Number(found[1]),
}));

describe("the decoder's loop", () => {
  test("names every literal case", () => {
    expect(cases).toHaveLength(loop.match(/case 0x/g)!.length);
  });

  test("has the bytes of the table", () => {
    expect(cases).toEqual(cases.map(({ name }) => ({ name, code: Op[name as keyof typeof Op] })));
  });

  test("handles the opcodes that have no handler, and no other", () => {
    expect(cases.map(({ name }) => name).sort()).toEqual([...loopOpcodes].sort());
    const unhandled = opcodes.filter(({ code }) => opcodeHandlers[code] === undefined);
    expect(unhandled.map(({ name }) => name).sort()).toEqual([...loopOpcodes].sort());
  });
});
