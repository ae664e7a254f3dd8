// The examples of docs/modal-protocol.md are what the codec reads and writes.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../testing/hex.ts";
import { decode, decodeKey, encode, encodeKey } from "./index.ts";

const document = readFileSync(new URL("../../../docs/modal-protocol.md", import.meta.url), "utf8");

/** The rows of protocol section 4.5: what it is in Python, and its pickle. */
function examples(column: "key" | "value"): [python: string, hex: string][] {
  const table = document.split("\n\n").find((block) => block.startsWith(`| ${column} | pickle |`)) ?? "";
  return [...table.matchAll(/^\| (.+) \| `([0-9a-f]+)` \|$/gm)].map(([, python, hex]) => [python!, hex!]);
}

test("the document shows keys and values", () => {
  expect(examples("key").length).toBeGreaterThan(20);
  expect(examples("value").length).toBeGreaterThan(10);
});

test.each(examples("key"))("the key %s is read and written again as the document shows it", (_, hex) => {
  expect(toHex(encodeKey(decodeKey(fromHex(hex))))).toBe(hex);
});

test.each(examples("value"))("the value %s is read and written again as the document shows it", (_, hex) => {
  expect(toHex(encode(decode(fromHex(hex), { floats: "exact" })))).toBe(hex);
});
