import { encode } from "@everdict/pickle";
import { expect, test } from "vitest";
import { forms, valueText } from "./value-text.ts";

const value = encode({ html: "<img src=x onerror=alert(1)>", right: "\u202e" });

test("a value is shown as text in every form", () => {
  expect(valueText(value, "value")).toContain("<img src=x onerror=alert(1)>");
  expect(valueText(value, "json")).toContain('"html": "<img');
  expect(valueText(value, "hex")).toContain("80 04 95");
  expect(valueText(value, "pickle")).toContain("PROTO");
  expect(valueText(value, "value")).not.toContain("\u202e");
});

test("what is no pickle says so, and still has hex and opcodes", () => {
  const broken = new Uint8Array([1, 2, 3]);
  expect(valueText(broken, "value")).toContain("cannot be read");
  expect(valueText(broken, "json")).toContain("JSON cannot say");
  expect(valueText(broken, "hex")).toContain("01 02 03");
  expect(valueText(broken, "pickle")).not.toBe("");
});

test.each(forms.map(([form]) => form))(
  "a long text, many lists and a huge value are cut in the form %s",
  (form) => {
    const opening = new Uint8Array(1_000_000).fill("]".charCodeAt(0));
    for (const long of [encode("x".repeat(1024 * 1024)), opening, encode("x".repeat(5 * 1024 * 1024))]) {
      expect(valueText(long, form).length).toBeLessThan(200_000);
    }
  },
);
