import { describe, expect, test } from "vitest";
import { fromHex } from "../../testing/hex.ts";
import { DeserializationError, disassemble, encode } from "../index.ts";
import { opcodes } from "../wire/opcodes.ts";

const lines = (hex: string): string[] => disassemble(fromHex(hex)).trimEnd().split("\n");

describe("disassemble()", () => {
  test("lists position, byte, name and argument of each opcode", () => {
    expect(disassemble(encode([1]))).toBe(
      [
        "    0: 80 PROTO            4",
        "    2: 95 FRAME            6",
        "   11: 5d EMPTY_LIST",
        "   12: 94 MEMOIZE          as 0",
        "   13: 4b BININT1          1",
        "   15: 61 APPEND",
        "   16: 2e STOP",
        "ends at byte 17; highest protocol among its opcodes: 4",
        "",
      ].join("\n"),
    );
  });

  test("indents by marks and shows texts, floats and big integers", () => {
    const shown = disassemble(encode({ a: "b\n", c: [1.5, 2n ** 70n], d: Uint8Array.of(1, 255) }));
    expect(shown).toContain('  SHORT_BINUNICODE "a"');
    expect(shown).toContain('"b\\n"');
    expect(shown).toMatch(/ {4}BINFLOAT +1\.5\n/);
    expect(shown).toContain("1180591620717411303424");
    expect(shown).toContain("0x01ff");
  });

  test.each([
    ["an empty input", "", "stopped at byte 0 of 0, 0 left: the pickle is cut off"],
    [
      "a cut-off text",
      "80048c0561",
      "stopped at byte 2 of 5, 3 left: the pickle is cut off within an opcode",
    ],
    ["a byte that is no opcode", "8004ff", "stopped at byte 2 of 3, 1 left: byte 0xff is no opcode"],
    ["a line without an end", "56616263", "stopped at byte 0 of 4, 4 left: a line does not end"],
    ["a length beyond all inputs", "8e00ffffffffffffff", "the pickle is cut off within an opcode"],
    [
      "more bytes than the pickle",
      "4e2e0102",
      "ends at byte 2, 2 bytes follow; highest protocol among its opcodes: 0",
    ],
  ])("says where and why it ends: %s", (_, hex, last) => {
    expect(lines(hex).at(-1)).toContain(last);
  });

  test.each([
    ["a stack that is empty", "85", "TUPLE1           ; the stack is empty"],
    ["a mark that is missing", "75", "; there is no mark"],
    ["a memo number that is not set", "6805", "BINGET           5 ; it is not set"],
    ["values above a mark alone", "4e2861", "APPEND           ; the stack is empty"],
  ])("goes on beyond %s with a note", (_, hex, note) => {
    const shown = lines(`${hex}4e2e`);
    expect(shown.some((line) => line.includes(note))).toBe(true);
    expect(shown.at(-1)).toContain("ends at byte");
  });

  test("is bounded, whatever the bytes hold", () => {
    const long = disassemble(encode("x".repeat(100_000)));
    expect(long).toMatch(/BINUNICODE +"x{59}… \(100000 bytes\)\n/);
    const many = disassemble(new Uint8Array(1_000_000).fill(0x28));
    expect(many.length).toBeLessThan(1_000_000);
    expect(many.trimEnd().split("\n").at(-1)).toContain("990000 left: that many opcodes are shown");
    expect(disassemble(encode([1, 2]), { opcodesMax: 1 }).split("\n")).toHaveLength(3);
    expect(() => disassemble("text" as never)).toThrow(DeserializationError);
  });

  test("knows every opcode", () => {
    for (const { code, name } of opcodes) {
      const input = new Uint8Array(40).fill(0x0a);
      input[0] = code;
      const shown = disassemble(input);
      expect(shown.includes(name) || shown.includes("within an opcode"), name).toBe(true);
    }
  });
});
